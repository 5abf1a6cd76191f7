# SPDX-License-Identifier: BSD-2-Clause
"""From the guest to this host through QEMU's user network: no slower than Linux in the same machine."""
import re
import shutil
import socket
import subprocess
import threading
import time

import pytest

import debian
import modules
import variants
from targets import LINUX, tessera

MEGABYTES = 16
SET_UP = ("ip link set lo up; ip link set eth0 up; ip addr add 10.0.2.15/24 dev eth0; "
          "ip route add default via 10.0.2.2")


def rate(guest):
    """Bytes a second that arrive, from the first to the last."""
    listener = socket.create_server(("127.0.0.1", 0))
    result = []

    def receive():
        connection, _ = listener.accept()
        start, got = 0, 0
        while got < MEGABYTES << 20:
            data = connection.recv(1 << 18)
            if not data:
                break
            start = start or time.monotonic()
            got += len(data)
        result.append(got / (time.monotonic() - start))
        connection.close()
        listener.close()

    thread = threading.Thread(target=receive, daemon=True)
    thread.start()
    guest.run(f"dd if=/dev/zero bs=64k count={MEGABYTES * 16} 2>/dev/null | "
              f"nc 10.0.2.2 {listener.getsockname()[1]}", 300)
    thread.join(60)
    assert result, "the bytes did not arrive"
    return result[0]


def start(boot, tmp_path, initrd, **changes):
    """Two guests of the same machine, Tessera's and Linux's, on the user network."""
    if not LINUX.kernel:
        pytest.skip("no reference kernel (scripts/setup --reference)")
    for_linux = modules.add_to(initrd, modules.NET, tmp_path / "initramfs")
    if not for_linux:
        pytest.skip("the reference kernel has no modules beside it")
    ours = boot(tessera("defconfig", net="user", initrd=initrd, append="quiet net.ip=off", **changes))
    ours.login()
    theirs = boot(LINUX.machine(net="user", initrd=for_linux, **changes))
    theirs.login()
    modules.load(theirs, modules.NET)
    theirs.check("sleep 1")
    for guest in ours, theirs:
        guest.check(f"{SET_UP}; sleep 1", 60)
    return ours, theirs


def test_as_fast_as_linux(boot, tmp_path):
    ours, theirs = start(boot, tmp_path, variants.initramfs())
    here, there = rate(ours), rate(theirs)
    print(f"{here / 1e6:.1f} MB/s, Linux {there / 1e6:.1f} MB/s, ratio {here / there:.2f}")
    assert here >= there


# --- iperf3 ---------------------------------------------------------------------------------

ROUNDS, SECONDS = 4, 3


@pytest.fixture
def iperf3():
    """The port of an iperf3 server on this machine."""
    if not shutil.which("iperf3"):
        pytest.skip("no iperf3 (scripts/setup --tests)")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with subprocess.Popen(["iperf3", "-s", "-B", "127.0.0.1", "-p", str(port)], stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        yield port
        server.terminate()


def iperf3_rate(guest, port, options):
    """Bits a second, as the receiving side has it."""
    printed = guest.check(f"iperf3 -c 10.0.2.2 -p {port} -t {SECONDS} -f k {options}", 120)
    return float(re.search(r"([\d.]+) Kbits/sec +receiver", printed)[1]) * 1000


@pytest.mark.long
@pytest.mark.xdist_group("iperf3")      # one after the other
@pytest.mark.parametrize("options", ["", "-R"], ids=["out", "in"])
def test_iperf3_as_fast_as_linux(boot, tmp_path, iperf3, options):
    """In turn, several times: what else this machine does meets both, and each is known by its best."""
    guests = start(boot, tmp_path, debian.image("net"), mem="1G")
    rounds = [[iperf3_rate(guest, iperf3, options) for guest in guests] for _ in range(ROUNDS)]
    for here, there in rounds:
        print(f"{here / 1e6:.0f} Mbit/s, Linux {there / 1e6:.0f} Mbit/s, ratio {here / there:.2f}")
    here, there = map(max, zip(*rounds))
    print(f"best: {here / 1e6:.0f} Mbit/s, Linux {there / 1e6:.0f} Mbit/s, ratio {here / there:.2f}")
    assert here >= there
