# SPDX-License-Identifier: BSD-2-Clause
"""The guest commands of Documentation/tour.md work and print what the tour shows, numbers aside."""
import os
import re

import pytest

import variants
from targets import tessera

TOUR = os.path.join(variants.TOP, "Documentation/tour.md")


def session():
    """[(command, lines shown)] of the tour's guest sessions."""
    with open(TOUR, encoding="utf-8") as file:
        text = file.read()
    found = []
    for line in text.splitlines():
        if line.startswith("    ~ # "):
            found.append((line[8:], []))
        elif line.startswith("    ") and found and found[-1] is not None:
            found[-1][1].append(line[4:])
        elif found:
            found.append(None)      # the end of a block
    return [entry for entry in found if entry]


def words(lines):
    """The words without numbers: what has to come out alike on each run."""
    return set(re.findall(r"[A-Za-z_/]{3,}", "\n".join(lines)))


@pytest.fixture(name="guest")
def machine_of_the_tour(boot):
    guest = boot(tessera(cpus=2, append="quiet"))
    guest.login()
    return guest


def test_commands_print_what_is_shown(guest):
    commands = session()
    assert len(commands) >= 7
    for command, shown in commands:
        printed = guest.check(command, 60)
        # Which events come last is a matter of the moment.
        expected = {"CPU", "idx", "type"} if "/proc/trace/buffer" in command else words(shown)
        assert expected <= words(printed.splitlines()), f"{command}\n{printed}"


def test_links_and_files_exist():
    with open(TOUR, encoding="utf-8") as file:
        text = file.read()
    for link in re.findall(r"\]\((\w[\w.-]+)\)", text):
        assert os.path.exists(os.path.join(variants.TOP, "Documentation", link)), link
    for name in re.findall(r"`((?:include|kernel|trace|tests|scripts|usr|configs)/[\w./-]+)", text):
        assert os.path.exists(os.path.join(variants.TOP, name)), name
