# SPDX-License-Identifier: BSD-2-Clause
"""Suites that others wrote, held against what Debian's Linux answered in the same machine.

tests/guest/suites/NAME.linux.txt says how each case of a suite ended there, a line "OUTCOME CASE",
and differs.txt which cases may end in another way here, and why. A run on Linux has to say what the
record says; what it did say is left in the build folder, to become the record when it changed.
"""
import os

import pytest

import variants

FOLDER = os.path.join(variants.TOP, "tests/guest/suites")


def record_path(name):
    return os.path.join(FOLDER, f"{name}.linux.txt")


def record(name, begin=""):
    """{case: outcome} of the record, of the cases whose name begins so."""
    with open(record_path(name), encoding="utf-8") as file:
        lines = [line.rstrip("\n").split(" ", 1) for line in file if line[0] != "#"]
    return {case: outcome for outcome, case in lines if case.startswith(begin)}


def exceptions(name):
    """{case: reason} of differs.txt, whose lines are SUITE, case and reason between tabs."""
    found = {}
    with open(os.path.join(FOLDER, "differs.txt"), encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                suite, case, reason = line.rstrip("\n").split("\t")
                if suite == name:
                    found[case] = reason
    return found


def numbered(pairs):
    """{case: outcome} of [(case, outcome)]; a name that came before gets a number."""
    found, times = {}, {}
    for case, outcome in pairs:
        times[case] = times.get(case, 0) + 1
        found[case if times[case] == 1 else f"{case} #{times[case]}"] = outcome
    return found


def write(path, outcomes):
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(f"{outcome} {case}\n" for case, outcome in outcomes.items())


def check(name, target, outcomes, begin=""):
    """Fail if `outcomes` are not those of the record, but for the exceptions, on Tessera."""
    wanted = record(name, begin)
    if not wanted and target.name != "linux":
        pytest.skip(f"{name}.linux.txt has nothing of {begin}")
    wrong = [f"{case}: {outcomes.get(case, 'did not run')}, on Linux {outcome}"
             for case, outcome in wanted.items() if outcomes.get(case) != outcome]
    wrong += [f"{case}: {outcomes[case]}, not in the record" for case in outcomes if case not in wanted]
    if target.name == "linux":
        write(os.path.join(variants.BUILD, f"{name}.{begin.replace('/', '_') or 'all'}.linux.txt"),
              outcomes)
    else:
        allowed = {case for case in exceptions(name) if case.startswith(begin)}
        wrong += [f"{case}: as on Linux, though differs.txt says it is not" for case in allowed
                  if outcomes.get(case) == wanted.get(case)]
        wrong = [line for line in wrong if line.partition(": ")[0] not in allowed
                 or "differs.txt" in line]
    assert not wrong, f"{len(wrong)} of {len(wanted)} differ:\n" + "\n".join(wrong[:60])
