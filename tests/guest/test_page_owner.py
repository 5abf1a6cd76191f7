# SPDX-License-Identifier: BSD-2-Clause
"""/proc/page_owner: who has the memory, in the form that Linux's tools read."""
import re

import pytest

from targets import tessera

BLOCK = re.compile(r"Page allocated via order (\d+), mask (0x[0-9a-f]+|0)\(([\w|]+)\), pid (\d+), tgid (\d+) "
                   r"\((.*)\), ts (\d+) ns, free_ts (\d+) ns\nPFN (0x[0-9a-f]+) Flags (?:0x[0-9a-f]+|0)"
                   r"\([\w|]*\)\n((?: [\w.]+\+0x[0-9a-f]+/0x[0-9a-f]+\n)+)")


@pytest.fixture(name="guest")
def machine_that_knows(boot):
    guest = boot(tessera("selftest", append="quiet", mem="64M"))
    guest.login()
    return guest


def pages_of(guest, program):
    """Pages that a program of that name allocated and somebody has."""
    return sum(count << order for count, order in (
        map(int, line.split()) for line in guest.check(
            f"sed -n 's/^Page allocated via order \\([0-9]*\\),.*({program}), ts.*/\\1/p' /proc/page_owner |"
            " sort | uniq -c", 120).splitlines()))


def test_form(guest):
    """The first blocks, whole; none of the frames is in two."""
    text = guest.check("head -n 400 /proc/page_owner", 60)
    blocks = text.split("\n\n")[:-1]
    assert len(blocks) > 20
    frames = set()
    for block in blocks:
        match = BLOCK.fullmatch(block + "\n")
        assert match, block
        mine = range(int(match[9], 16), int(match[9], 16) + (1 << int(match[1])))
        assert not frames & set(mine)
        frames |= set(mine)
        assert match[10].startswith(" page_alloc"), block


def test_all_memory_in_use_has_an_owner(guest):
    total = pages_of(guest, ".*")
    free, all_ = (int(guest.check(f"sed -n 's/^{name}: *\\([0-9]*\\) kB/\\1/p' /proc/meminfo")) // 4
                  for name in ("MemFree", "MemTotal"))
    # What the init sections and the initramfs' file occupied was given back: it counts as total.
    assert abs(total - (all_ - free)) < all_ // 50, f"{total} pages owned, {all_ - free} of {all_} in use"


def test_a_file_in_memory_belongs_to_who_wrote_it(guest):
    before = pages_of(guest, "dd")
    guest.check("dd if=/dev/zero of=/tmp/kept bs=1M count=4 2>/dev/null")
    assert 1024 <= pages_of(guest, "dd") - before < 1100
    assert "page_cache" in guest.check("grep -A12 '(dd), ts' /proc/page_owner | head -n 12", 60)
    guest.check("rm /tmp/kept")
    assert pages_of(guest, "dd") - before < 76


def test_for_root_only_and_in_small_reads(guest):
    assert guest.check("stat -c %a /proc/page_owner") == "400\n"
    small = guest.check("dd if=/proc/page_owner bs=7 count=100 2>/dev/null")
    assert small.startswith("Page allocated via order ") and len(small) == 700
