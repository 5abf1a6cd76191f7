# SPDX-License-Identifier: BSD-2-Clause
"""Every place that emits an event takes at most 40 instructions more while the event is on.

From the disassembly of the default build: what its jump table says the nop becomes a branch to, the
longest way from there through the emit function, and the branch back; of an entry in assembly, the
detour too. tests/guest/test_trace_cost.py measures some of them as they run.
"""
import os
import re
import subprocess

import pytest

import disasm
import variants

VMLINUX = os.path.join(variants.folder("defconfig"), "vmlinux")
MOST_EVENT = 40
EMIT = re.compile(r"trace_emit[1-4]$")
LONG_WAY = "emit_slow"      # once a lap, or with a filter
LIMIT = 400


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


class Kernel:
    def __init__(self, path):
        self.functions = disasm.disassemble(path)
        self.code = {i.address: i for f in self.functions.values() for i in f.code}
        self.symbols = {}
        for address, _, name in re.findall(r"^([0-9a-f]+) (\w) (\S+)$", run("llvm-nm-19", path), re.M):
            self.symbols[name] = int(address, 16)
        self.names = {address: name for name, address in self.symbols.items()
                      if name.startswith("trace_key_")}
        self.table = self.read_table(path)

    def read_table(self, path):
        """[(key's name, where it is asked, what it becomes a branch to, is it a branch anyway)]"""
        start, stop = self.symbols["__start___jump_table"], self.symbols["__stop___jump_table"]
        sections = re.findall(r"\] \S+ +PROGBITS +([0-9a-f]+) ([0-9a-f]+) ([0-9a-f]+) ",
                              run("llvm-readelf-19", "-SW", path))
        address, offset = next((int(address, 16), int(offset, 16)) for address, offset, size in sections
                               if 0 <= start - int(address, 16) < int(size, 16))
        with open(path, "rb") as file:
            file.seek(offset + start - address)
            data = file.read(stop - start)
        found = []
        for at in range(0, len(data), 16):
            code, target, off, key = (start + at + i + int.from_bytes(data[at + i:at + i + 4], "little",
                                                                   signed=True) for i in (0, 4, 8, 12))
            if key in self.names:
                found.append((self.names[key].removeprefix("trace_key_"), code, target,
                              off != start + at + 8))
        return found

    def longest(self, at, ends, seen=()):
        """Instructions of the longest way from `at` to one of which ends() is true, and that one."""
        count = 0
        while len(seen) < LIMIT:
            here = self.code.get(at)
            if here is None or at in seen or here.symbol == LONG_WAY:
                return None
            seen = (*seen, at)
            count += 1
            if ends(here):
                return count, here
            if here.name == "ret":
                return None
            target = re.search(r"0x([0-9a-f]+)", here.operands.rsplit(",", 1)[-1])
            if here.name == "b":
                at = int(target[1], 16)
                continue
            if disasm.is_branch(here.name) and here.name != "bl":
                ways = [self.longest(next_at, ends, seen) for next_at in (int(target[1], 16), at + 4)]
                ways = [way for way in ways if way]
                best = max(ways, key=lambda way: way[0], default=None)
                return best and (count + best[0], best[1])
            at += 4
        return None


@pytest.fixture(scope="module", name="kernel")
def default_kernel():
    if not os.path.exists(VMLINUX):
        pytest.skip("needs the default build")
    return Kernel(VMLINUX)


def costs(kernel):
    """[(event, address, instructions)] of each place."""
    inside = {}
    for name in ("trace_emit1", "trace_emit2", "trace_emit3", "trace_emit4"):
        if name in kernel.functions:
            inside[name] = kernel.longest(kernel.symbols[name], lambda i: i.name == "ret")[0]
    found = []
    for event, code, target, chosen in kernel.table:
        # Assembly goes to a function that asks by a nop of its own.
        ask = 0
        if chosen:
            ask, call = kernel.longest(target, lambda i: i.name == "bl" and
                                       i.symbol.startswith("trace_"))
            begin = kernel.symbols[call.symbol]
            code, target = next((nop, to) for name, nop, to, _ in kernel.table
                                if name == event and begin <= nop < begin + 16)
            ask += (code - begin) // 4 + 2      # and its return, and the branch back
        way = kernel.longest(target, lambda i: bool(EMIT.match(i.symbol)))
        assert way, f"{event} at {code:x}: no way to an emit function"
        count, last = way
        back = kernel.code.get(last.address + 4)
        found.append((event, code, ask + 1 + count + inside[last.symbol] +
                      (last.name == "bl" and back is not None and back.name == "b")))
    return found


def test_each_place_is_within_the_budget(kernel):
    found = costs(kernel)
    for event, code, count in sorted(found, key=lambda place: -place[2]):
        print(f"{event} at {code:x}: {count}")
    assert len(found) > 40
    assert [place for place in found if place[2] > MOST_EVENT] == []
