# SPDX-License-Identifier: BSD-2-Clause
"""The tests that come with busybox' source, run by the unmodified busybox of the initramfs."""
import os
import re

import pytest

import debian
import suites
import variants
from machine import Outcome
from targets import on_each_target

SOURCE = os.path.join(variants.TOP, "third_party/busybox")
RESULT = re.compile(r"^(PASS|FAIL|SKIPPED|UNTESTED): (.*?)\r*$", re.M)


def image():
    return debian.image(
        "busybox", "--tree", f"{SOURCE}/testsuite:/busybox/testsuite",
        "--file", f"{SOURCE}/debian/config/pkg/static:/busybox/.config:644",
        "--symlink", "/bin/busybox:/busybox/busybox",
        "--file", f"{suites.FOLDER}/run-busybox:/bin/run-busybox:755")


# All but bc and these is one run; these take minutes each in an emulator.
SUMS = ("sha1sum", "sha256sum", "sha512sum", "sha3sum")
pytestmark = [pytest.mark.skipif(not os.path.isdir(SOURCE),
                                 reason="no third_party/busybox: scripts/setup --tests"),
              on_each_target("busybox")]


def run(boot, target, command, silence, deadline):
    """{case: outcome} of busybox' tests."""
    guest = boot(target.machine(initrd=image(), mem="512M", append=f'quiet RUN="{command}"'),
                 silence=silence)
    guest.expect(r"RUN_EXIT (\d+)", deadline)
    assert guest.finish(60) is Outcome.OFF
    return suites.numbered((case, outcome) for outcome, case in RESULT.findall(guest.text))


def test_busybox_suite(boot, target):
    suites.check("busybox", target, run(boot, target, "/bin/run-busybox", 300, 1500))


@pytest.mark.long
def test_busybox_sums(boot, target):
    suites.check("busybox_sums", target,
                 run(boot, target, f"/bin/run-busybox {' '.join(SUMS)}", 1200, 3600))
