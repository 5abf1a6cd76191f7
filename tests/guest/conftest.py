# SPDX-License-Identifier: BSD-2-Clause
"""Fixtures that boot machines."""
import os

import pytest

import wire
from machine import DEFECT_TEXT
from targets import SharedGuests, start_guest


@pytest.fixture
def boot(case_log):
    """boot(machine, **limits): a running Guest, ended after the test."""
    guests = []

    def start(machine, **limits):
        guests.append(start_guest(machine, case_log, **limits))
        return guests[-1]
    yield start
    for guest in guests:
        guest.close()


@pytest.fixture
def cable():
    """A Wire between the guest and QEMU's user network."""
    with wire.Wire() as opened:
        yield opened


@pytest.fixture(autouse=True)
def no_defects_are_reported(request, case_log):
    """Whatever a case is about: it fails when our kernel has reported a defect of its own meanwhile."""
    yield
    if not os.path.exists(case_log) or "linux" in request.node.name:
        return
    with open(case_log, encoding="utf-8") as log:
        reports = DEFECT_TEXT.findall(log.read())
    if reports:
        pytest.fail("\n".join(reports), pytrace=False)


@pytest.fixture(scope="session")
def shared_guests():
    guests = SharedGuests()
    yield guests
    guests.close()
