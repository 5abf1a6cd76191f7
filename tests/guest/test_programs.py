# SPDX-License-Identifier: BSD-2-Clause
"""The programs of usr/tests, on our kernel, on Linux, and under qemu-user on this machine.

Each KTAP result is a case. What fails on Linux is wrong in the test.
"""
import glob
import os
import shutil
import subprocess

import pytest

import variants
from machine import Outcome
from targets import on_each_target, tessera

# The bugs this kernel was founded on: tests of these names have to be there and to pass.
REGRESSIONS = ("el0_return_sp", "irq_return_keeps_x16_x17", "fork_child_x0_zero", "l0_511_walk",
               "jump_to_zero_is_sigsegv", "data_abort_is_sigsegv")

# What qemu-user is known to do unlike Linux: "program" or "program.case", and why.
QEMU_USER_DIFFERS = os.path.join(os.path.dirname(__file__), "qemu_user_differs.txt")


def run_all(boot, machine, deadline=300):
    """Boot, run every program; the guest and the exit status of the lot."""
    guest = boot(machine, silence=60)
    _, match = guest.expect(r"RUN_EXIT (\d+)", deadline)
    assert guest.finish(30) is Outcome.OFF
    return guest, int(match[1])


def judge(report, status):
    assert not report.problems
    assert not [case.name for case in report.cases if case.outcome == "failed"]
    assert status == 0


@on_each_target("programs")
def test_all(boot, record_ktap, target):
    guest, status = run_all(boot, target.machine(initrd=variants.initramfs("tests"),
                                                 append="RUN=/tests/run-all"))
    judge(record_ktap(f"programs.{target.name}", guest.text), status)


def test_all_under_the_entry_checks(boot, record_ktap):
    """The same with DEBUG_EL0_RETURN, on a GICv3 machine of the widest CPU."""
    guest, status = run_all(boot, tessera("selftest", initrd=variants.initramfs("tests"),
                                          append="RUN=/tests/run-all", cpu="max", gic=3))
    report = record_ktap("programs.checked", guest.text)
    judge(report, status)
    names = "\n".join(case.name for case in report.cases if case.outcome == "passed")
    assert not [name for name in REGRESSIONS if name not in names]


@pytest.mark.long
@pytest.mark.parametrize("cpus", [1, 2])
def test_all_under_all_checks(boot, record_ktap, cpus):
    """The same with KASAN, UBSAN, lockdep and the watchdogs; what these report fails it (conftest.py)."""
    guest = boot(tessera("debug_defconfig", initrd=variants.initramfs("tests"), cpus=cpus, mem="512M",
                         append="RUN=/tests/run-all"), silence=600)
    _, match = guest.expect(r"RUN_EXIT (\d+)", 6000)
    assert guest.finish(60) is Outcome.OFF
    judge(record_ktap(f"programs.debug-{cpus}", guest.text), int(match[1]))


@pytest.mark.long
@pytest.mark.parametrize("variant", ["selftest", "debug_defconfig"])
def test_each_allocation_of_a_script_fails(boot, variant):
    """Each process of a shell script has its n-th allocation fail, for each n: no panic, hang, leak."""
    guest = boot(tessera(variant, initrd=variants.initramfs("tests"), append=(
        'quiet RUN="FAIL_NTH_ALL=1 /tests/fail_nth shell_script"')), silence=1200)
    _, match = guest.expect(r"RUN_EXIT (\d+)", 1200)
    assert guest.finish(30) is Outcome.OFF
    assert match[1] == "0"


def programs():
    paths = glob.glob(os.path.join(variants.folder("defconfig"), "usr/out/tests-bin/*"))
    return sorted(path for path in paths if os.access(path, os.X_OK)
                  and not path.endswith(".debug"))


def known_differences():
    with open(QEMU_USER_DIFFERS, encoding="utf-8") as file:
        return {line.split()[0] for line in file if line.strip() and not line.startswith("#")}


def test_under_qemu_user(record_ktap, case_log, tmp_path):
    if not shutil.which("qemu-aarch64-static"):
        pytest.skip("qemu-aarch64-static is not installed (package qemu-user-static)")
    assert programs(), f"no programs in {variants.folder('defconfig')}/usr/out/tests-bin"
    differs = known_differences()
    failed = []
    for program in programs():
        name = os.path.basename(program)
        if name in differs:
            continue
        try:
            done = subprocess.run(["qemu-aarch64-static", program], cwd=tmp_path, timeout=120,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, errors="replace",
                                  start_new_session=True, check=False)
            text, status = done.stdout, done.returncode
        except subprocess.TimeoutExpired as error:
            text, status = (error.stdout or b"").decode(errors="replace"), "timeout"
        with open(case_log, "a", encoding="utf-8") as log:
            log.write(f"$ qemu-aarch64-static {program}\n{text}status {status}\n")
        report = record_ktap(f"programs.qemu-user.{name}", text)
        bad = [case.name for case in report.cases if case.outcome == "failed"
               and f"{name}.{case.name}" not in differs]
        if bad or report.problems or status == "timeout":
            failed.append(f"{name}: {', '.join(bad + report.problems)} (status {status})")
    assert not failed
