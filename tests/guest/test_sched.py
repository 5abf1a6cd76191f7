# SPDX-License-Identifier: BSD-2-Clause
"""Every scheduling policy under load, with one CPU and several, and with and without preemption.

The kernels check the order of locks and look out for lock-ups and hung tasks (a waiter that was not
woken is one); what they report fails any case (conftest.py). With --long all
of policy x CPUs x preemption, else each value at least once with each policy.
"""
import os
import re
import time

import pytest

import bench
import debian
import variants
from machine import Outcome
from targets import tessera

HERE = os.path.dirname(os.path.abspath(__file__))
CPUS = (1, 2, 4)
# When not all run: which kernels with how many CPUs. Each policy has one of load and programs.
# Load on more CPUs than the host has makes fair locks crawl: the next in line is not running.
SHORT = {"sched_rr_none": (2,), "sched_prio_full": (1,), "sched_mlfq_none": (2,),
         "sched_eevdf_full": (4,)}
SHORT_LOAD = {name: SHORT[name] for name in ("sched_rr_none", "sched_prio_full")}
SHORT_PROGRAMS = {name: SHORT[name] for name in SHORT if name not in SHORT_LOAD}
PROGRAMS = ("el0_return_sp", "irq_return_keeps_x16_x17", "fork_child_x0_zero", "l0_511_walk",
            "jump_to_zero_is_sigsegv", "data_abort_is_sigsegv", "fork", "thread", "futex", "futex_pi",
            "futex_pi_death", "futex_pi_lend", "futex_pi_requeue", "pipe", "wait", "signal", "sched_rt",
            "sched_calls", "sched_stat")

# Those of configs/ that have each policy, as it would be used.
IN_USE = {"rr": "teaching_defconfig", "prio": "rt_defconfig", "mlfq": "interactive_defconfig",
          "eevdf": "defconfig"}
# Rows of the bench and how often, so that each takes about a second.
SCALING = {"getppid": 1500000, "fork": 3000, "page_fault_anon": 150000}
# Instructions with 1000 ready tasks.
LIMITS = {"rr": 60, "prio": 60, "mlfq": 200, "eevdf": 200}


def kernels_and_cpus(short=None):
    short = SHORT if short is None else short
    return [pytest.param(variant, cpus, id=f"{variant}-{cpus}",
                         marks=() if cpus in short.get(variant, ()) else pytest.mark.long)
            for variant in variants.SCHED for cpus in CPUS]


def rt_tests():
    """Debian's rt-tests and stress-ng, and the scripts that run them."""
    return debian.image("sched", *(argument for name in ("sched_load", "sched_latency")
                                   for argument in ("--file", f"{HERE}/{name}.sh:/bin/{name}:755")))


def threads(cpus):
    """Where the guest has more CPUs than the host: on one thread, by turns, so that a CPU which waits
    for a fair lock gives way (WFE) to the one that holds it; on threads it takes its time slice to spin."""
    return ["-accel", "tcg,thread=single"] if cpus > (os.cpu_count() or 1) else []


def run(boot, machine, deadline):
    guest = boot(machine, silence=400)
    _, match = guest.expect(r"RUN_EXIT (\d+)", deadline)
    assert guest.finish(60) is Outcome.OFF
    return guest, int(match[1])


@pytest.mark.parametrize("variant, cpus", kernels_and_cpus(SHORT_LOAD))
def test_load(boot, request, variant, cpus):
    """hackbench, cyclictest, pi_stress and the stressors of stress-ng, unmodified."""
    seconds = 5 if request.config.getoption("--long") else 1
    guest, status = run(boot, tessera(variant, initrd=rt_tests(), cpus=cpus, mem="512M",
                                      append=f'RUN="sched_load {seconds}"', extra=threads(cpus)), 900)
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


@pytest.mark.parametrize("policy", variants.POLICIES)
def test_context_switch(policy):
    """Two processes over pipes, less the cost of the pipes: as lat_ctx has it."""
    machine = tessera(IN_USE[policy])
    measured = bench.measure(machine, ["ctx_2"])["ctx_2"]
    print(f"{policy}: {measured:.0f} instructions a context switch")
    assert measured <= 1000


@pytest.mark.parametrize("policy", variants.POLICIES)
def test_calls(boot, record_ktap, policy):
    """The system calls and what /proc tells under each policy, in a kernel as it would be used."""
    guest, status = run(boot, tessera(IN_USE[policy], initrd=variants.initramfs("tests"), cpus=2,
                                      append='quiet RUN="/tests/run-all sched_calls sched_stat"'), 300)
    report = record_ktap(f"calls.{policy}", guest.text)
    assert not report.problems
    assert not [case.name for case in report.cases if case.outcome == "failed"]
    assert status == 0


@pytest.mark.parametrize("policy", variants.POLICIES)
def test_boot_arguments(boot, policy):
    """A value out of its range is refused with a message, and the default kept; others are taken."""
    ranges = {"slice_us": (100, 100000)}
    if policy == "mlfq":
        ranges |= {"mlfq_levels": (2, 8), "mlfq_boost_ms": (10, 100000)}
    wanted, messages = [], []
    for name, (low, high) in ranges.items():
        wrong = (low - 1, high + 1, -1, "x", "")
        # What a refusal says stays is first the default, and then what was taken.
        wanted += [f"sched.{name}={value}" for value in (*wrong, high, *wrong, low, low - 1)]
        messages += [(name, f"takes a number from {low} to {high}; it stays {stays}")
                     for stays in [r"(\d+)"] * 5 + [high] * 5 + [low]]
    guest = boot(tessera(IN_USE[policy], initrd=variants.initramfs(), append=" ".join(wanted)))
    guest.login()
    assert guest.check("cat /proc/sched_policy") == f"{policy}\n"
    assert f"sched: policy {policy}," in guest.text
    said = re.findall(r"sched: sched\.(\w+) (takes .*\d)\r*\n", guest.text)
    assert len(said) == len(messages)
    for (name, text), (parameter, message) in zip(said, messages):
        assert name == parameter and re.fullmatch(message, text)
    for name, (low, high) in ranges.items():
        assert len({text for parameter, text in said if parameter == name}) == 3


def host_ticks(pid):
    """CPU time a process has had on this machine."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def idle_and_all(guest):
    """Ticks of all CPUs of a guest: idle, and all."""
    line = guest.check("head -n 1 /proc/stat").split()
    return int(line[4]), sum(map(int, line[1:]))


@pytest.mark.long
@pytest.mark.parametrize("row", SCALING)
def test_two_cpus_scale(boot, row):
    """What two CPUs do at once, over what one does, with a host thread for each CPU.

    Counted is the CPU time of this host that the same work takes, and what the guest's CPUs
    were idle meanwhile: a lock that both want costs the one or the other. The clock on the wall
    says the same where there are two CPUs to have, and is printed.
    """
    guest = boot(tessera(cpus=2, append="quiet"), silence=120)
    guest.login()
    best, wall = 0, {1: 1e9, 2: 1e9}
    for _ in range(5):
        used = {}
        for parallel in wall:
            idle, ticks = idle_and_all(guest)
            before, start = host_ticks(guest.child.pid), time.monotonic()
            guest.check(f"bench --parallel {parallel} --only {row} --times {SCALING[row]}", 300)
            wall[parallel] = min(wall[parallel], time.monotonic() - start)
            used[parallel] = host_ticks(guest.child.pid) - before
        idle, ticks = (after - before for before, after in zip((idle, ticks), idle_and_all(guest)))
        best = max(best, 2 * used[1] / (used[2] / 2) * (1 - idle / ticks))
    print(f"{row}: two CPUs do {best:.2f} of what one does, {2 * wall[1] / wall[2]:.2f} by the clock")
    assert best >= 1.8


@pytest.mark.long
def test_latency(boot):
    """From the timer to the most urgent task, on a busy machine, in instructions: prio, preempt full."""
    guest, status = run(boot, tessera("rt_defconfig", initrd=rt_tests(), icount=True, mem="512M",
                                      append='quiet RUN="sched_latency 4000"'), 1800)
    match = re.search(r"C: *(\d+) Min: *(\d+) Act: *\d+ Avg: *(\d+) Max: *(\d+)", guest.text)
    assert status == 0 and match and int(match[1]) == 4000
    print(f"cyclictest: {match[2]} to {match[4]} instructions, {match[3]} on average")
    assert int(match[4]) <= 20000
