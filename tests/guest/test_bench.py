# SPDX-License-Identifier: BSD-2-Clause
"""Instruction counts against the budgets of tests/budgets.tsv; writes build/bench.tsv.

Under -icount shift=0 an instruction is a virtual nanosecond, so the guest's own clock counts
instructions, and two runs give the same numbers however busy this machine is.
"""
import os
import re
import subprocess

import bench
import variants
from machine import GuestError
from targets import tessera

SIZES = (4, 6, 8, 10, 12, 14, 16, 20, 24, 32, 48, 64)


def reaches_shell(boot, variant, initrd, mem):
    guest = boot(tessera(variant, initrd=initrd, mem=f"{mem}M"), silence=10)
    try:
        guest.expect(r"[#$>] (?:\x1b\[6n)?$", 20)
        guest.sendline("echo al''ive")
        guest.expect("alive", 10)
        return True
    except GuestError:
        return False
    finally:
        guest.close()


def least_memory(boot, variant, initrd):
    """The smallest of SIZES, in MiB, that gives a shell that works; None if none does."""
    low, high = 0, len(SIZES)
    while low < high:
        middle = (low + high) // 2
        if reaches_shell(boot, variant, initrd, SIZES[middle]):
            high = middle
        else:
            low = middle + 1
    return SIZES[low] if low < len(SIZES) else None


def attempt(measured, name, measure, *arguments):
    """Put a measurement in the table; one that fails leaves its row unmeasured."""
    try:
        value = measure(*arguments)
    except (GuestError, bench.Fault, OSError, TypeError) as error:
        print(f"{name}: {error}")
        return
    if value is not None:
        measured[name] = value


def measure_loopback(row):
    return bench.measure(tessera("loopback_defconfig"), [row])[row]


def test_budgets(boot, request, case_log):
    measured = bench.measure(tessera())
    attempt(measured, "boot", bench.measure_boot, tessera())
    attempt(measured, "image", os.path.getsize, variants.image())
    attempt(measured, "ram", least_memory, boot, "defconfig", variants.initramfs())
    if "tiny_defconfig" in variants.defconfigs():
        attempt(measured, "image_tiny", os.path.getsize, variants.image("tiny_defconfig"))
        attempt(measured, "ram_tiny", least_memory, boot, "tiny_defconfig",
                variants.initramfs("tiny"))
    for row in ("udp", "tcp"):
        attempt(measured, f"{row}_loopback", measure_loopback, row)
    budgets = bench.read_budgets()
    report = bench.table(budgets, measured)
    with open(bench.REPORT, "w", encoding="utf-8") as file:
        file.write(report)
    print(report.expandtabs(16))
    cases = []
    for budget in budgets:
        outcome, text = bench.judge(budget, measured.get(budget.name))
        cases.append({"name": f"bench.{budget.name}", "outcome": outcome, "seconds": 0,
                      "message": text, "log": case_log, "rerun": "scripts/test -k test_budgets"})
    request.node.user_properties.append(("cases", cases))
    assert measured, "nothing could be measured"
    assert not [case["name"] for case in cases if case["outcome"] == "failed"]


def test_no_row_got_worse():
    """The gate on every change; scripts/bench --accept, in the commit that has a reason for it."""
    measured = bench.measure(tessera())     # all: a row finds the memory as the ones before left it
    base = bench.read_baseline()
    assert set(base) <= set(measured)
    assert not bench.worse(measured, base)


def test_luck_of_the_layout_is_not_measured():
    """One boot in ten has a heap that costs fork a page table more."""
    assert len({round(bench.measure(tessera(seed=seed), ["fork"])["fork"])
                for seed in (3, 8)}) == 1


def test_two_boots_draw_the_same():
    """Under -icount nothing differs from boot to boot: a failure is there again."""
    machine = bench.running(tessera(), "cat /proc/sys/kernel/random/uuid /proc/self/maps")
    first, second = (bench.console(machine, 120) for _ in range(2))
    assert "[heap]" in first or "[stack]" in first
    assert first == second


def test_profile_finds_each_instruction():
    """scripts/profile adds up to what the bench itself measures, and names where it went."""
    measured = bench.measure(tessera(), ["getppid"])["getppid"]
    done = subprocess.run([os.path.join(variants.TOP, "scripts/profile"), "getppid",
                           f"O={variants.folder('defconfig')}", f"INITRD={variants.initramfs()}"],
                          capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    rows = {name: float(count) for count, name in re.findall(r"^ *([\d.]+)  (.+)$", done.stdout, re.M)}
    assert abs(rows["getppid, instructions an operation"] - measured) < 5
    assert rows["el0_sync"] > 10 and rows["ret_to_user"] > 10
