# SPDX-License-Identifier: BSD-2-Clause
"""How many CPUs there are: up to 8 with a GICv2 and 64 with a GICv3, fewer with maxcpus=, one
without CONFIG_SMP. tests/guest/test_sched.py has what they do together.
"""
import os

import pytest

import disasm
import variants
from machine import Outcome
from targets import tessera

# What a fair lock is let go with: the only releasing stores of 16 bits.
TICKET = ("stlrh",)


def count(guest):
    """CPUs that are at work, as programs see them; three views of it agree."""
    number = int(guest.check("nproc"))
    assert int(guest.check("grep -c ^processor /proc/cpuinfo")) == number
    assert int(guest.check("grep -c ^cpu[0-9] /proc/stat")) == number
    return number


def power_off(guest):
    guest.sendline("poweroff")
    assert guest.finish(60) is Outcome.OFF


@pytest.mark.parametrize("cpus, argument, online", [
    (8, "", 8), (4, "maxcpus=2", 2), (4, "maxcpus=1", 1), (2, "maxcpus=64", 2), (2, "maxcpus=x", 2)])
def test_gicv2(boot, cpus, argument, online):
    guest = boot(tessera(gic=2, cpus=cpus, append=f"quiet {argument}".strip()), silence=60)
    guest.login()
    assert count(guest) == online
    # Each is used, and can be asked for.
    for cpu in range(online):
        assert guest.check(f"taskset -c {cpu} sh -c 'cut -d\" \" -f39 /proc/self/stat'") == f"{cpu}\n"
    if online < cpus:
        assert guest.run(f"taskset -c {online} true")[0] != 0
    power_off(guest)


def test_more_than_the_kernel_has_room_for(boot):
    """The default configuration has room for 8."""
    guest = boot(tessera(gic=3, cpus=12), silence=60)
    guest.login()
    assert count(guest) == 8
    power_off(guest)


@pytest.mark.long
def test_64(boot, record_ktap):
    """Boots 64 CPUs, and passes what has much to do with who runs where."""
    programs = "fork thread futex futex_pi futex_pi_death pipe wait signal sched_calls sched_stat"
    guest = boot(tessera("server_defconfig", gic=3, cpus=64, mem="1G",
                         initrd=variants.initramfs("tests"),
                         append=f'RUN="nproc; /tests/run-all {programs}"'), silence=400)
    _, match = guest.expect(r"RUN_EXIT (\d+)", 3000)
    assert guest.finish(120) is Outcome.OFF
    assert "smp: 64 of 64 CPUs online" in guest.text
    report = record_ktap("programs.server-64", guest.text)
    assert not report.problems
    assert not [case.name for case in report.cases if case.outcome == "failed"]
    assert match[1] == "0"


def test_between_cpus(boot, record_ktap):
    """Not under -icount, where no two run at the same time."""
    guest = boot(tessera("selftest", cpus=2, append="test=smp", semihosting=True), silence=60)
    outcome = guest.finish(120)
    report = record_ktap("boot.selftest.2cpus", guest.text)
    assert [(case.name, case.outcome) for case in report.cases if case.outcome != "passed"] == []
    assert outcome is Outcome.PASS


@pytest.mark.parametrize("variant, smp", [("defconfig", True), ("teaching_defconfig", False),
                                          ("tiny_defconfig", False)])
def test_one_cpu_needs_no_locks(variant, smp):
    functions = disasm.disassemble(os.path.join(variants.folder(variant), "vmlinux"))
    users = [name for name, function in functions.items()
             if any(instruction.name in TICKET for instruction in function.code)]
    assert len(users) > 100 if smp else users == []
