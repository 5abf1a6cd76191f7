# SPDX-License-Identifier: BSD-2-Clause
"""The matrix of tests/matrix.yaml: each case boots a variant on a machine and runs a suite.

Only with --matrix (make matrix), whose value narrows it. With RECORD=1 in the environment the run of
a kernel that panics can be replayed.
"""
import json
import os

import pytest

import debian
import matrix
import script
import variants
from machine import Outcome
from recording import Recording
from targets import tessera


def pytest_generate_tests(metafunc):
    choice = json.loads(metafunc.config.getoption("--matrix") or "null")
    found = [] if choice is None else matrix.cases(**choice)
    metafunc.parametrize("case", found, ids=[matrix.name(case) for case in found])


def judge(report):
    assert not report.problems
    assert report.cases
    assert not [case.name for case in report.cases if case.outcome == "failed"]


def run_boot(boot, machine, record_ktap, name):
    guest = boot(machine.with_(append="test=all", icount=machine.cpus == 1), silence=120)
    outcome = guest.finish(600)
    judge(record_ktap(name, guest.text))
    assert outcome in (Outcome.OFF, Outcome.PASS)


def run_programs(boot, machine, record_ktap, name):
    guest = boot(machine.with_(initrd=variants.initramfs("tests"), append="RUN=/tests/run-all"),
                 silence=120)
    _, match = guest.expect(r"RUN_EXIT (\d+)", 900)
    assert guest.finish(30) is Outcome.OFF
    judge(record_ktap(name, guest.text))
    assert match[1] == "0"


def keep_picture(guest, log):
    """Which task ran where and when so far, beside the log: scripts/report links it."""
    trace = script.load("scripts/trace")
    folder = os.path.splitext(log)[0]
    trace.save(trace.fetch(guest.child), folder + ".trace")
    assert trace.main(["png", folder + ".trace", folder + ".png"]) == 0


def run_shell(boot, machine, record_ktap, name):
    with open(os.path.join(os.path.dirname(machine.kernel), "../../../.config"), encoding="utf-8") as config:
        traces = "CONFIG_TRACE_SCHED=y\n" in config.read()
    guest = boot(machine.with_(append="trace=ctx,sched,process" if traces else ""))
    guest.expect(r"[#$>] (?:\x1b\[6n)?$")
    guest.sendline("echo he''llo")
    guest.expect("hello")
    if traces:
        keep_picture(guest, guest.log_path)
    guest.sendline("poweroff")
    assert guest.finish(30) is Outcome.OFF


def run_debian(boot, machine, record_ktap, name):
    guest = boot(machine.with_(initrd=debian.image("debian"), append="quiet"))
    guest.login()
    assert guest.check("bash -c 'for i in {1..50}; do (exit 3) | cat; done; echo done $BASH_VERSION'",
                       120).startswith("done 5")
    assert guest.check("find /usr -type f | sort | xargs sha256sum | sha256sum | wc -c", 300) == "68\n"
    guest.sendline("poweroff")
    assert guest.finish(30) is Outcome.OFF


@pytest.fixture(name="boot")
def boot_and_record(boot, case_log):
    if os.environ.get("RECORD", "0") in ("", "0"):
        yield boot
        return
    recording, guests = Recording(os.path.splitext(case_log)[0] + ".recording"), []

    def start(machine, **limits):
        guests.append(boot(recording.machine(machine), **limits))
        return guests[-1]
    yield start
    for guest in guests:
        recording.end(guest)


def test_matrix(boot, record_ktap, case):
    initrd = variants.initramfs("tiny" if case["variant"] == "tiny" else "initramfs")
    machine = tessera(matrix.variant(case), initrd=initrd, cpu=case["cpu"], gic=case["gic"],
                      cpus=case["cpus"], mem=case["mem"], el=case["el"])
    globals()[f"run_{case['suite']}"](boot, machine, record_ktap, f"matrix.{matrix.name(case)}")
