#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Writes small valid inputs for a fuzzer to start from: fuzz_seeds.py cpio|elf|inflate|cbpf DIR"""
import gzip
import os
import struct
import sys
import zlib


def pad4(data):
    return data + b"\0" * (-len(data) % 4)


def cpio_entry(name, data=b"", mode=0o100644, magic=b"070701", nlink=1):
    check = sum(data) if magic == b"070702" else 0
    numbers = [7, mode, 0, 0, nlink, 0, len(data), 0, 0, 0, 0, len(name) + 1, check]
    header = magic + b"".join(b"%08x" % n for n in numbers)
    return pad4(header + name + b"\0") + pad4(data)


def cpio_seeds():
    end = cpio_entry(b"TRAILER!!!", mode=0)
    one = cpio_entry(b"etc", mode=0o40755) + cpio_entry(b"etc/motd", b"hello\n") + end
    links = cpio_entry(b"a", nlink=2) + cpio_entry(b"b", b"data", nlink=2) + end
    sums = cpio_entry(b"sum", b"abc", magic=b"070702") + end
    return [end, one, links, sums, one + b"\0" * 64 + links, one + b"\x01" * 4 + sums]


def elf(segments, kind=3):
    ident = b"\x7fELF\2\1\1" + b"\0" * 9
    head = ident + struct.pack("<HHIQQQIHHHHHH", kind, 183, 1, 0x1000, 64, 0, 0, 64, 56,
                               len(segments), 0, 0, 0)
    table = b"".join(struct.pack("<IIQQQQQQ", *s) for s in segments)
    return (head + table).ljust(0x1200, b"\0")


def elf_seeds():
    text = (1, 5, 0, 0, 0, 0x1000, 0x1000, 0x1000)
    data = (1, 6, 0x1000, 0x11000, 0x11000, 0x100, 0x2000, 0x10000)
    interp = (3, 4, 0x100, 0x100, 0x100, 20, 20, 1)
    stack = (0x6474E551, 6, 0, 0, 0, 0, 0, 16)
    prop = (0x6474E553, 4, 0x200, 0x200, 0x200, 32, 32, 8)
    return [elf([text]), elf([text, data, interp, stack, prop]), elf([text, data, stack], 2)]


def inflate_seeds():
    texts = [b"", b"a" * 500, b"the quick brown fox jumps over the lazy dog " * 9, os.urandom(99)]
    raw = []
    for text in texts:
        for level in (0, 1, 9):
            coder = zlib.compressobj(level, zlib.DEFLATED, -15)
            raw.append(coder.compress(text) + coder.flush())
    return raw + [gzip.compress(text, mtime=0) for text in texts]


def cbpf_seeds():
    def program(*insns):
        return b"".join(struct.pack("<HBBI", *insn) for insn in insns)
    end = (0x16, 0, 0, 0)
    return [program(end), program((0x20, 0, 0, 4), (0x15, 1, 0, 9), (0x04, 0, 0, 1), end),
            program((0x02, 0, 0, 3), (0x61, 0, 0, 3), (0x40, 0, 0, 1), (0x3c, 0, 0, 0), end),
            program((0x05, 0, 0, 1), end, (0xB1, 0, 0, 1), (0x87, 0, 0, 0), (0x94, 0, 0, 5), end)]


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("cpio", "elf", "inflate", "cbpf"):
        sys.exit(__doc__)
    os.makedirs(sys.argv[2], exist_ok=True)
    for i, seed in enumerate(globals()[sys.argv[1] + "_seeds"]()):
        with open(os.path.join(sys.argv[2], "seed%d" % i), "wb") as f:
            f.write(seed)


main()
