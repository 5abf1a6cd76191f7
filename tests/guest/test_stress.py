# SPDX-License-Identifier: BSD-2-Clause
"""Every stressor of stress-ng that runs on Debian's Linux runs here: no panic, no hang, no complaint.

Documentation/stress-ng.md says what ran on Linux. With TEST_STRESS_TABLE=1 both kernels run all of
them and the table is made anew.
"""
import os

import pytest

import debian
import stress
import suites
from machine import Outcome
from targets import LINUX, targets, tessera

SECONDS, PARTS = 5, 8
TABLE_WANTED = bool(os.environ.get("TEST_STRESS_TABLE"))
# Each a second, in every run of the tests: what other tests have least of.
SHORT = ("bigheap", "dirmany", "dup", "fcntl", "link", "lockofd", "madvise", "memfd", "mremap", "msync",
         "pidfd", "pty", "seal", "sigq", "splice", "vm-splice")


def run(boot, machine, arguments, deadline):
    image = debian.image("stress", "--file", f"{suites.FOLDER}/run-stress:/bin/run-stress:755")
    guest = boot(machine.with_(initrd=image, mem="1G",
                               append=f'{machine.append or ""} quiet RUN="/bin/run-stress {arguments}"'),
                 silence=160)
    guest.expect(r"RUN_EXIT (\d+)", deadline)
    assert guest.finish(60) is Outcome.OFF
    return stress.parse(guest.text)


def check(found):
    linux, _ = stress.read_table()
    reasons = suites.exceptions("stress")
    wanted = {name: linux.get(name, stress.MISSING) for name in found}
    wrong = [f"{name}: {found[name].outcome}" for name in stress.worse(wanted, found) if name not in reasons]
    wrong += [f"{name}: stuck" for name, result in found.items() if result.outcome == "stuck"]
    wrong += [f"{name}: runs, though differs.txt says it does not" for name in found
              if name in reasons and found[name].outcome == "ran"]
    assert not wrong


def test_short(boot):
    found = run(boot, tessera(), "1 1/1 " + " ".join(SHORT), 900)
    assert set(found) == set(SHORT)
    check(found)


@pytest.mark.long
@pytest.mark.parametrize("part", range(1, PARTS + 1))
def test_all(boot, part):
    found = run(boot, tessera(), f"{SECONDS} {part}/{PARTS}", 3600)
    assert len(found) > 200 / PARTS
    check(found)


@pytest.mark.long
@pytest.mark.skipif(not TABLE_WANTED or not LINUX.kernel, reason="TEST_STRESS_TABLE is not set")
def test_table(boot):
    results = [run(boot, target.machine(), f"{SECONDS} 1/1", 7200) for target in targets()]
    assert len(results) == 2
    stress.write_table(results[1], results[0], SECONDS)
