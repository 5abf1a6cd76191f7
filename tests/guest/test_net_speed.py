# SPDX-License-Identifier: BSD-2-Clause
"""From the guest to this host through QEMU's user network: no slower than Linux in the same machine."""
import socket
import threading
import time

import pytest

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


def test_as_fast_as_linux(boot, tmp_path):
    if not LINUX.kernel:
        pytest.skip("no reference kernel (scripts/setup --reference)")
    initrd = modules.add_to(variants.initramfs(), modules.NET, tmp_path / "initramfs")
    if not initrd:
        pytest.skip("the reference kernel has no modules beside it")
    ours = boot(tessera("defconfig", net="user", append="quiet net.ip=off"))
    ours.login()
    ours.check(SET_UP)
    here = rate(ours)
    ours.close()
    theirs = boot(LINUX.machine(net="user", initrd=initrd))
    theirs.login()
    modules.load(theirs, modules.NET)
    theirs.check(f"sleep 1; {SET_UP}; sleep 1", 60)
    there = rate(theirs)
    print(f"{here / 1e6:.1f} MB/s, Linux {there / 1e6:.1f} MB/s, ratio {here / there:.2f}")
    assert here >= there
