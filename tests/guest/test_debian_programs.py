# SPDX-License-Identifier: BSD-2-Clause
"""Scripts for Debian's programs, run here and on Debian's Linux: they have to print the same.

tests/guest/programs/IMAGE/ has them, by the image of tests/images.txt they run in. There is nothing
to compare with where the reference kernel is not; then they only have to come to an end.
"""
import difflib
import glob
import os
import re

import pytest

import debian
import variants
from machine import Outcome
from targets import start_guest, targets

# Images of make test-long alone.
LONG = ("gcc", "go", "java", "node", "openssh", "postgres")
FOLDER = os.path.join(os.path.dirname(__file__), "programs")
SECTION = re.compile(r"^== begin (\S+)\r*\n(.*?)^== end \1 (\d+)", re.M | re.S)
# What the shell says of a program that timeout(1) or SIGKILL ended.
STOPPED = ("124", "137")


def scripts(folder):
    return sorted(os.path.basename(path) for path in glob.glob(os.path.join(FOLDER, folder, "*.*")))


def run(target, folder):
    """{script: (exit status, [line])} of one boot that runs them all."""
    names = [f"{FOLDER}/run-programs:/bin/run-programs:755"]
    names += [f"{FOLDER}/{folder}/{name}:/programs/{name}:755" for name in scripts(folder)]
    image = debian.image({"debian": "programs"}.get(folder, folder),
                         *(word for name in names for word in ("--file", name)))
    machine = target.machine(initrd=image, mem="3G", append="quiet RUN=/bin/run-programs")
    log = os.path.join(variants.BUILD, f"logs/guest.debian_programs.{folder}.{target.name}.log")
    guest = start_guest(machine, log, silence=1510)
    try:
        guest.expect(r"RUN_EXIT (\d+)", 3000)
        assert guest.finish(60) is Outcome.OFF
    finally:
        guest.close()
    return {name: (status, text.replace("\r", "").split("\n"))
            for name, text, status in SECTION.findall(guest.text)}


@pytest.fixture(scope="session")
def printed():
    """printed(target, folder): what run() gives, of one run for all tests."""
    known = {}

    def get(target, folder):
        if (target.name, folder) not in known:
            known[target.name, folder] = run(target, folder)
        return known[target.name, folder]
    return get


@pytest.mark.parametrize("folder, name", [
    *(pytest.param("debian", name, id=name, marks=pytest.mark.xdist_group("debian_programs"))
      for name in scripts("debian")),
    *(pytest.param(folder, name, id=name, marks=(pytest.mark.xdist_group(folder), pytest.mark.long))
      for folder in LONG for name in scripts(folder))])
def test_program(printed, folder, name):
    outputs = [printed(target, folder)[name] for target in targets()]
    for status, lines in outputs:
        assert status not in STOPPED, "\n".join(lines[-10:])
    if len(outputs) == 2:
        (status, ours), (wanted, theirs) = outputs
        diff = list(difflib.unified_diff(theirs, ours, "linux", "tessera", n=1, lineterm=""))
        assert not diff, "\n".join(diff[:60])
        assert status == wanted
