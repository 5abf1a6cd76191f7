#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Turn the output of `nm -n` into the assembly of the kernel's table of function names.

usage: kallsyms.py NM-OUTPUT | kallsyms.py --empty

Only code has names. Of several names for one address the global one is kept. kernel/kallsyms.c
reads the table and explains its form.
"""

import sys

STRIDE = 16  # kernel/kallsyms.c has the same number


def functions(lines):
    """(offset from _text, name), sorted; and without names of other things than functions."""
    base, best = None, {}
    for line in lines:
        fields = line.split()
        if len(fields) != 3:
            continue
        address, kind, name = int(fields[0], 16), fields[1], fields[2]
        if name == "_text":
            base = address
        if kind not in "TtWw" or name[0] == "$" or name.startswith(".L"):
            continue
        # Marks of the linker script are addresses, not functions.
        if name.startswith(("__start_", "__stop_", "__init_", "__vectors_text")) or \
                name in ("_text", "_stext", "_etext"):
            continue
        rank = (kind.islower(), name)
        if address not in best or rank < best[address]:
            best[address] = rank
    if base is None:
        sys.exit("kallsyms: there is no _text in the kernel")
    return [(address - base, best[address][1]) for address in sorted(best)]


def emit(table):
    out = ['.section .kallsyms, "a"', ".global kallsyms_count, kallsyms_offsets",
           ".global kallsyms_positions, kallsyms_names", ".balign 8"]
    positions, position = [], 0
    for index, (_, name) in enumerate(table):
        if index % STRIDE == 0:
            positions.append(position)
        position += len(name) + 1
    out += ["kallsyms_count:", f".long {len(table)}", "kallsyms_offsets:"]
    out += [f".long {offset:#x}" for offset, _ in table]
    out += ["kallsyms_positions:"] + [f".long {p}" for p in positions]
    out += ["kallsyms_names:"] + [f'.asciz "{name}"' for _, name in table]
    print("\n".join(out + [".balign 8"]))


def main(argv):
    if len(argv) != 2:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    if argv[1] == "--empty":
        emit([])
        return 0
    with open(argv[1], encoding="utf-8") as lines:
        emit(functions(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
