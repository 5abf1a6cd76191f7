# SPDX-License-Identifier: BSD-2-Clause
"""Drivers that Debian's kernel has as modules, and ours built in: an initramfs that brings them."""
import glob
import os

from targets import LINUX

# In the order they need each other.
VIRTIO = ("virtio_ring", "virtio", "virtio_mmio")
NET = (*VIRTIO, "failover", "net_failover", "virtio_net")
BLOCK = (*VIRTIO, "virtio_blk")


def newc(files):
    """{name: bytes} as an archive that may follow another in an initramfs."""
    out = b""
    for number, (name, data) in enumerate(list(files.items()) + [("TRAILER!!!", b"")], 1):
        head = [number, 0o100644, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
        entry = b"070701" + b"".join(b"%08x" % field for field in head) + name.encode() + b"\0"
        out += entry.ljust(-(-len(entry) // 4) * 4, b"\0")
        out += data.ljust(-(-len(data) // 4) * 4, b"\0")
    return out.ljust(-(-len(out) // 512) * 512, b"\0")


def add_to(initramfs, names, path):
    """The path of a copy of an initramfs with the modules in /; None when they are not there."""
    files = {}
    for name in names:
        found = glob.glob(os.path.join(os.path.dirname(LINUX.kernel), "lib/modules/**", name + ".ko"),
                          recursive=True) if LINUX.kernel else []
        if not found:
            return None
        with open(found[0], "rb") as file:
            files[name + ".ko"] = file.read()
    with open(initramfs, "rb") as base, open(path, "wb") as copy:
        copy.write(base.read() + newc(files))
    return str(path)


def load(guest, names):
    """At the guest's shell."""
    for name in names:
        guest.check(f"insmod /{name}.ko")
