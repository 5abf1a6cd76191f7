# SPDX-License-Identifier: BSD-2-Clause
"""The reference kernel with a network device, which Debian's has as modules."""
import glob
import os

import pytest

import variants
from targets import LINUX

# In the order they need each other.
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


def with_modules(path, image="initramfs"):
    """An initramfs of ours with the modules in /, written to `path`; skips the test without them."""
    if not LINUX.kernel:
        pytest.skip("no reference kernel (scripts/setup --reference)")
    files = {}
    for name in MODULES:
        found = glob.glob(os.path.join(os.path.dirname(LINUX.kernel), "lib/modules/**",
                                       name + ".ko"), recursive=True)
        if not found:
            pytest.skip("the reference kernel has no modules beside it")
        with open(found[0], "rb") as file:
            files[name + ".ko"] = file.read()
    with open(variants.initramfs(image), "rb") as base:
        path.write_bytes(base.read() + newc(files))
    return str(path)


def load_modules(guest):
    for name in MODULES:
        guest.check(f"insmod /{name}.ko")
    guest.check("for i in 1 2 3 4 5; do ip link show eth0 && break; sleep 1; done", 60)
