# SPDX-License-Identifier: BSD-2-Clause
"""Fixtures that boot machines."""
import pytest

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


@pytest.fixture(scope="session")
def shared_guests():
    guests = SharedGuests()
    yield guests
    guests.close()
