# SPDX-License-Identifier: BSD-2-Clause
"""Every scheduling policy under load, with one CPU and several, and with and without preemption.

The kernels check the order of locks and look out for lock-ups and hung tasks. With --long all
of policy x CPUs x preemption, else each value at least once with each policy.
"""
import os
import re

import pytest

import debian
import variants
from machine import Outcome
from targets import tessera

HERE = os.path.dirname(os.path.abspath(__file__))
CPUS = (1, 2, 4)
# When not all run: which kernels with how many CPUs. Each policy has one of load and programs.
SHORT = {"sched_rr_none": (4,), "sched_prio_full": (1,), "sched_mlfq_none": (2,),
         "sched_eevdf_full": (4,)}
SHORT_LOAD = {name: SHORT[name] for name in ("sched_rr_none", "sched_prio_full")}
SHORT_PROGRAMS = {name: SHORT[name] for name in SHORT if name not in SHORT_LOAD}
# What none of the checks may have said. A waiter that was not woken is a hung task.
REPORTS = re.compile(r"^.*(?:lockdep: |watchdog: |hung_task|blocked for more|sched: .* not allowed).*$",
                     re.M)
PROGRAMS = ("el0_return_sp", "irq_return_keeps_x16_x17", "fork_child_x0_zero", "l0_511_walk",
            "jump_to_zero_is_sigsegv", "data_abort_is_sigsegv", "fork", "thread", "futex", "futex_pi",
            "pipe", "wait", "signal", "sched_rt", "sched_stat")

# Instructions with 1000 ready tasks.
LIMITS = {"rr": 60, "prio": 60, "mlfq": 200, "eevdf": 200}


def kernels_and_cpus(short=None):
    short = SHORT if short is None else short
    return [pytest.param(variant, cpus, id=f"{variant}-{cpus}",
                         marks=() if cpus in short.get(variant, ()) else pytest.mark.long)
            for variant in variants.SCHED for cpus in CPUS]


def run(boot, machine, deadline):
    guest = boot(machine, silence=400)
    _, match = guest.expect(r"RUN_EXIT (\d+)", deadline)
    assert guest.finish(60) is Outcome.OFF
    assert not REPORTS.findall(guest.text)
    return guest, int(match[1])


@pytest.mark.parametrize("variant, cpus", kernels_and_cpus(SHORT_LOAD))
def test_load(boot, request, variant, cpus):
    """hackbench, cyclictest, pi_stress and the stressors of stress-ng, unmodified."""
    seconds = 5 if request.config.getoption("--long") else 1
    image = debian.image("sched", "--file", f"{HERE}/sched_load.sh:/bin/sched_load:755")
    guest, status = run(boot, tessera(variant, initrd=image, cpus=cpus, mem="512M",
                                      append=f'RUN="sched_load {seconds}"'), 900)
    assert status == 0, guest.text[-3000:]


@pytest.mark.parametrize("variant, cpus", kernels_and_cpus(SHORT_PROGRAMS))
def test_programs(boot, record_ktap, variant, cpus):
    guest, status = run(boot, tessera(variant, initrd=variants.initramfs("tests"), cpus=cpus,
                                      append='RUN="/tests/run-all ' + " ".join(PROGRAMS) + '"'), 900)
    report = record_ktap(f"programs.{variant}-{cpus}", guest.text)
    assert not report.problems
    assert not [case.name for case in report.cases if case.outcome == "failed"]
    assert status == 0


@pytest.mark.parametrize("variant, cpus", kernels_and_cpus())
def test_boot_tests(boot, record_ktap, variant, cpus):
    guest = boot(tessera(variant, append="test=all", semihosting=True, icount=True, cpus=cpus),
                 silence=120)
    outcome = guest.finish(400)
    report = record_ktap(f"boot.{variant}-{cpus}", guest.text)
    assert not report.problems
    assert not [case.name for case in report.cases if case.outcome == "failed"]
    assert outcome is Outcome.PASS


@pytest.mark.parametrize("policy", variants.POLICIES)
def test_pick_and_enqueue(boot, policy):
    """Exact: under -icount a ns is an instruction."""
    variant = next(name for name in variants.SCHED_PAIRED if f"_{policy}_" in name)
    guest = boot(tessera(variant, append="test=sched_cost", semihosting=True, icount=True))
    assert guest.finish(120) is Outcome.PASS
    match = re.search(r"sched_cost: policy (\w+) ready 1000 pick (\d+) enqueue (\d+)", guest.text)
    assert match and match[1] == policy
    print(match[0])
    assert int(match[2]) <= LIMITS[policy] and int(match[3]) <= LIMITS[policy]
