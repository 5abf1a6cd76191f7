# SPDX-License-Identifier: BSD-2-Clause
"""The ABI differential: every system call with good, odd and bad arguments, here and on Linux.

Linux's answers are in tests/abi/linux.txt. TEST_ABI_GOLDEN=1 makes them anew on the reference
kernel, and Documentation/abi.md from ours.
"""
import os

import pytest

import abi
import variants
from machine import Outcome
from targets import LINUX, tessera

GOLDEN_WANTED = bool(os.environ.get("TEST_ABI_GOLDEN"))
DOCUMENT = os.path.join(abi.TOP, "Documentation/abi.md")


def run(boot, machine, deadline):
    guest = boot(machine, silence=120)
    _, match = guest.expect(r"RUN_EXIT (\d+)", deadline)
    assert guest.finish(60) is Outcome.OFF
    assert match[1] == "0"
    return abi.parse(guest.text)


@pytest.mark.skipif(not GOLDEN_WANTED or not LINUX.kernel, reason="TEST_ABI_GOLDEN is not set")
def test_golden(boot):
    machine = LINUX.machine(initrd=variants.initramfs("tests"), append="RUN=abi")
    abi.write_golden(abi.calls(), run(boot, machine, 3600))


def test_every_call_is_in_the_tables():
    known = {call.name for call in abi.calls()}
    assert not [name for name in abi.call_numbers() if name not in known
                and not name.endswith(("time64", "64_64", "arch_specific_syscall", "syscalls"))
                and f"{name.rstrip('0123456789')}" not in known
                and name not in ("fstatat", "llseek", "lstat", "stat", "mmap2",
                                 "sync_file_range2")]


def test_differential(boot, case_log):
    table = abi.calls()
    ours = run(boot, tessera(initrd=variants.initramfs("tests"), append="quiet RUN=abi"), 1500)
    golden = abi.read_golden()
    differences, problems = abi.compare(table, golden, ours)
    meant = abi.read_meant()
    left = abi.unexplained(differences, meant)
    with open(case_log, "a", encoding="utf-8") as log:
        for difference in differences:
            log.write(f"{'UNEXPLAINED' if difference in left else 'meant'}\t{difference}\n")
        for line in meant:
            if not line.used:
                log.write(f"differs.txt: nothing is like this any more: {line.call} {line.case}\n")
    if GOLDEN_WANTED:
        with open(DOCUMENT, "w", encoding="utf-8") as file:
            file.write(abi.document(table, golden, ours, abi.call_numbers()))
    assert not problems
    assert not [str(difference) for difference in left]
