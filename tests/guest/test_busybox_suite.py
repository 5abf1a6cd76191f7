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


@pytest.mark.skipif(not os.path.isdir(SOURCE), reason="no third_party/busybox: scripts/setup --tests")
@on_each_target("busybox")
def test_busybox_suite(boot, target):
    guest = boot(target.machine(initrd=image(), mem="512M",
                                append="quiet RUN=/bin/run-busybox"), silence=300)
    guest.expect(r"RUN_EXIT (\d+)", 1500)
    assert guest.finish(60) is Outcome.OFF
    suites.check("busybox", target,
                 suites.numbered((case, outcome) for outcome, case in RESULT.findall(guest.text)))
