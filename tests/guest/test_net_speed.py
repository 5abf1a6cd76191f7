# SPDX-License-Identifier: BSD-2-Clause
"""From the guest to this host through QEMU's user network: no slower than Linux in the same machine."""
import glob
import os
import socket
import threading
import time

import pytest

import variants
from targets import LINUX, tessera

MEGABYTES = 16
# Debian's kernel has the device as modules; in the order they need each other.
MODULES = "virtio_ring virtio virtio_mmio failover net_failover virtio_net".split()
SET_UP = ("ip link set lo up; ip link set eth0 up; ip addr add 10.0.2.15/24 dev eth0; "
          "ip route add default via 10.0.2.2")


def newc(files):
    """{name: bytes} as an archive that may follow another in an initramfs."""
    out = b""
    for number, (name, data) in enumerate(list(files.items()) + [("TRAILER!!!", b"")], 1):
        head = [number, 0o100644, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
        entry = b"070701" + b"".join(b"%08x" % field for field in head) + name.encode() + b"\0"
        out += entry.ljust(-(-len(entry) // 4) * 4, b"\0")
        out += data.ljust(-(-len(data) // 4) * 4, b"\0")
    return out.ljust(-(-len(out) // 512) * 512, b"\0")


def with_modules(tmp_path):
    """The default initramfs with Linux's modules in /; None when they are not there."""
    files = {}
    for name in MODULES:
        found = glob.glob(os.path.join(os.path.dirname(LINUX.kernel), "lib/modules/**",
                                       name + ".ko"), recursive=True)
        if not found:
            return None
        with open(found[0], "rb") as file:
            files[name + ".ko"] = file.read()
    path = tmp_path / "initramfs"
    with open(variants.initramfs(), "rb") as base:
        path.write_bytes(base.read() + newc(files))
    return str(path)


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
    initrd = with_modules(tmp_path)
    if not initrd:
        pytest.skip("the reference kernel has no modules beside it")
    ours = boot(tessera("defconfig", net="user", append="quiet net.ip=off"))
    ours.login()
    ours.check(SET_UP)
    here = rate(ours)
    ours.close()
    theirs = boot(LINUX.machine(net="user", initrd=initrd))
    theirs.login()
    for name in MODULES:
        theirs.check(f"insmod /{name}.ko")
    theirs.check(f"sleep 1; {SET_UP}; sleep 1", 60)
    there = rate(theirs)
    print(f"{here / 1e6:.1f} MB/s, Linux {there / 1e6:.1f} MB/s, ratio {here / there:.2f}")
    assert here >= there
