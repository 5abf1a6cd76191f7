# SPDX-License-Identifier: BSD-2-Clause
"""Random configurations cut down to what makes them fail."""
import os
import subprocess

import pytest

import script
import variants

SCRIPT = os.path.join(variants.TOP, "scripts/randconfig-boot")


@pytest.fixture(name="tool")
def loaded(tmp_path, monkeypatch):
    monkeypatch.setattr(variants, "BUILD", str(tmp_path))
    return script.load("scripts/randconfig-boot")


@pytest.mark.parametrize("guilty", [{"a"}, {"c", "q"}, {"b", "k", "z"}, set("abcdefghijkl")])
def test_only_the_guilty_remain(tool, guilty):
    tried = []

    def fails(changes):
        tried.append(changes)
        return guilty <= set(changes)
    everything = {name: "y" for name in "abcdefghijklmnopqrstuvwxyz"}
    assert set(tool.minimise(everything, fails)) == guilty
    assert len(tried) < 120


def test_a_seed_is_repeatable_and_complete(tool):
    first = tool.draw(3)
    assert first and first == tool.draw(3) != tool.draw(4)
    # Composed again from its differences it is the configuration that was drawn.
    config = tool.values(tool.compose(tool.draw(3)))
    assert {name: config.get(name) for name in first} == first
    assert config.get("DEBUG_STALE_USER_RSP", "n") == "n"


def test_the_fragment_is_one_that_make_takes(tool, tmp_path, capsys):
    """A failure that needs two options, one below a choice: the report names them and no other."""
    def check(changes, seed):
        have = tool.values(tool.compose(changes))
        bad = have.get("SCHED_RR") == "y" and have.get("RD_GZIP") == "n"
        return tool.Failure("PANIC", "two of them", "log") if bad else None
    tool.check = check
    changes = {"HZ": "300", "SCHED_RR": "y", "KALLSYMS": "n", "RD_GZIP": "n", "EPOLL": "n",
               "TRACE": "n", "SCHED_SLICE_US": "777"}
    tool.report(7, changes, check(changes, 7))
    said = capsys.readouterr().out
    assert "seed 7: PANIC" in said and "make randconfig-boot N=1 SEED=7" in said
    lines = (tmp_path / "7.config").read_text().splitlines()[1:]
    assert sorted(lines) == ["# CONFIG_RD_GZIP is not set", "CONFIG_SCHED_RR=y"]
    subprocess.run(["make", "-s", "-C", variants.TOP, f"O={tmp_path}/o", "defconfig",
                    f"{tmp_path}/7.config"], check=True)


def test_a_warning_is_a_failure(tool, tmp_path, monkeypatch):
    monkeypatch.setattr(tool.subprocess, "call", lambda command, stdout, **rest:
                        stdout.write("a.c:3:1: warning: unused\n") and 0)
    assert "unused" in tool.build(str(tmp_path / "log")).text


@pytest.mark.long
def test_random_configurations_boot():
    done = subprocess.run([SCRIPT, "-n", "3"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
