# SPDX-License-Identifier: BSD-2-Clause
"""The kernels under test, and guests that several tests share."""
import os
from dataclasses import dataclass

import pytest

import debian
import variants
from machine import Guest, GuestError, Machine, qemu


@dataclass(frozen=True)
class Target:
    """A kernel under test: ours, or Linux, on which a right test passes as well."""
    name: str
    kernel: str

    def machine(self, **changes):
        settings = {"kernel": self.kernel, "initrd": variants.initramfs(), "reboot": False}
        if self.name == "linux":
            # What differs is only how chatty and how slow it is.
            changes["append"] = " ".join(filter(None, ["quiet mitigations=off rdinit=/init",
                                                       changes.get("append")]))
        return Machine(**{**settings, **changes})


TESSERA = Target("tessera", variants.image())
CHECKED = Target("checked", variants.image("debug_defconfig"))     # ours, with every check for developers
LINUX = Target("linux", variants.reference())


def targets(checked=False):
    """TESSERA (and CHECKED if it is asked for), and LINUX when it is there; TEST_TARGETS=linux chooses."""
    chosen = os.environ.get("TEST_TARGETS", "tessera,linux").split(",")
    ours = [TESSERA, CHECKED] if checked else [TESSERA]
    return (ours if "tessera" in chosen else []) + ([LINUX] if LINUX.kernel and "linux" in chosen else [])


def on_each_target(group):
    """Parametrize with the targets, one guest each that all tests of `group` share."""
    return pytest.mark.parametrize("target", [
        pytest.param(target, id=target.name, marks=pytest.mark.xdist_group(f"{group}-{target.name}"))
        for target in targets()])


def tessera(variant="defconfig", **changes):
    """A Machine with a variant of our kernel."""
    return Target("tessera", variants.image(variant)).machine(**changes)


def start_guest(machine, log, **limits):
    """A Guest; a missing Image or initramfs fails the test in one line."""
    try:
        return Guest(machine, log, **limits)
    except qemu.Fault as fault:
        reason = str(fault)
    pytest.fail(reason, pytrace=False)


class SharedGuests:
    """Guests that several tests use one after the other; a broken one is replaced."""

    def __init__(self):
        self.guests = {}

    def get(self, key, machine, log, shell=""):
        """The guest of `key`, at the prompt of its console shell or of the program `shell`."""
        guest = self.guests.get(key)
        if guest and guest.alive:
            guest.log_to(log)
            try:
                guest.recover()
                return guest
            except GuestError:
                pass
        if guest:
            guest.close()
        guest = self.guests[key] = start_guest(machine, log)
        guest.login()
        if shell:
            guest.sendline(f"exec {shell}")
            guest.settle()
        return guest

    def close(self):
        for guest in self.guests.values():
            guest.close()


def shared_shell(key, program="", image="", **changes):
    """A fixture: a guest with its shell at the prompt, shared by the tests of a target.

    `image` is one of tests/images.txt, else the default initramfs is used. Quiet, for a message of the kernel may come in the middle of what a command prints.
    """
    changes["append"] = "quiet"

    @pytest.fixture
    def shell(target, shared_guests, case_log):
        if image:
            changes["initrd"] = debian.image(image)
        return shared_guests.get((key, target.name), target.machine(**changes), case_log,
                                 program)
    return shell
