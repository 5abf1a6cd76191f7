# SPDX-License-Identifier: BSD-2-Clause
"""The boot tests inside the kernel (CONFIG_BOOT_TESTS, test=all). Each result is a case."""
import pytest

from machine import Outcome
from targets import tessera

AT_LEAST = 84


def selftest(**changes):
    """With -icount, time in the guest passes by its instructions: a busy host changes nothing."""
    return tessera("selftest", **{"semihosting": True, "append": "test=all", "icount": True,
                                  **changes})


def test_all(boot, record_ktap):
    guest = boot(selftest(), silence=60)
    outcome = guest.finish(300)
    report = record_ktap("boot", guest.text)
    assert not report.problems
    assert report.count("passed") >= AT_LEAST
    assert outcome is Outcome.PASS
    assert not [case.name for case in report.cases if case.outcome == "failed"]


@pytest.mark.parametrize("machine", [
    {"cpu": "cortex-a53", "gic": 3},
    {"cpu": "max", "gic": 3, "el": 2},
    {"cpu": "cortex-a72", "mem": "32M"},
], ids=lambda machine: "-".join(f"{name}={value}" for name, value in machine.items()))
def test_all_on_another_machine(boot, machine):
    guest = boot(selftest(**machine), silence=120)
    assert guest.finish(400) is Outcome.PASS


def test_one_by_name_runs_only_that(boot, record_ktap):
    """test=NAME chooses; a name that no test has is a failure, not a quiet success."""
    guest = boot(tessera("selftest", semihosting=True, append="test=no_such_test"))
    assert guest.finish(60) is Outcome.FAIL
