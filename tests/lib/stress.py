# SPDX-License-Identifier: BSD-2-Clause
"""What became of stress-ng's stressors, and the table of it for Linux and Tessera.

The table in Documentation/stress-ng.md is also the record of what Linux answered, which the tests
compare with. Where a stressor that runs on Linux does not here, suites/differs.txt has the reason.
"""
import os
import re
from dataclasses import dataclass

import suites
import variants

DOCUMENT = os.path.join(variants.TOP, "Documentation/stress-ng.md")
SECTION = re.compile(r"^== begin (\S+)\n(.*?)^== end \1 (\d+)$", re.M | re.S)
METRICS = re.compile(r"metrc: +\[\d+\] \S+ +(\d+) +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+ +([\d.]+)$", re.M)
COMPLAINT = re.compile(r"fail:|skip|not supported|unsupported|not implemented|aborted early")
ROW = re.compile(r"^\| ([\w-]+) \| (\w+) \| ([\d,.]*) \| (\w+) \| ([\d,.]*) \| (.*?) ?\|$", re.M)
HEAD = """# stress-ng

Made by `tests/guest/test_stress.py` from two runs, on Debian's Linux and here; do not edit. Each
stressor of the classes cpu, memory, vm, pipe, os, scheduler, interrupt (which has those of signals),
filesystem and security ran {seconds} seconds, one instance, on a tmpfs, as root, in a guest with one CPU and 1 GB.

ran: it did work and ended well. refused: it found that what it stresses is not there, and left.
failed: it saw something wrong. The figures are its bogo operations per second of CPU time, in an
emulator on a machine with other work: they tell a factor, not a percentage.

{summary}

| stressor | Linux | ops/s | Tessera | ops/s | |
|---|---|---:|---|---:|---|
"""


@dataclass
class Result:
    outcome: str        # ran, refused, failed, stuck, missing
    rate: str = ""      # bogo operations per second of CPU time


MISSING = Result("missing")


def judge(text, status):
    metrics = METRICS.search(text)
    rate = f"{float(metrics[2]):,.0f}" if metrics else ""
    if status == 137:
        return Result("stuck")
    if status == 2 or re.search(r"stressor failed|verification failed|corrupt", text):
        return Result("failed", rate)
    # On a machine that is busy a stressor may come to nothing in its seconds, without a complaint.
    if metrics and not status and (int(metrics[1]) or not COMPLAINT.search(text)):
        return Result("ran", rate)
    return Result("refused")


def parse(text):
    """{stressor: Result} of a console."""
    return {name: judge(body, int(status)) for name, body, status in SECTION.findall(text.replace("\r", ""))}


def read_table():
    """({stressor: Result} of Linux, the same of Tessera)."""
    with open(DOCUMENT, encoding="utf-8") as file:
        rows = ROW.findall(file.read())
    return ({name: Result(outcome, rate) for name, outcome, rate, _, _, _ in rows},
            {name: Result(outcome, rate) for name, _, _, outcome, rate, _ in rows})


def count(results, outcome):
    return sum(result.outcome == outcome for result in results.values())


def worse(linux, ours):
    """The stressors that run on Linux and not here."""
    return [name for name, result in linux.items()
            if result.outcome == "ran" and ours.get(name, MISSING).outcome != "ran"]


def write_table(linux, ours, seconds):
    reasons = suites.exceptions("stress")
    lost = worse(linux, ours)
    summary = (f"Of {len(linux)} stressors {count(linux, 'ran')} ran on Linux and {count(ours, 'ran')} here; "
               f"{len(lost)} of those that ran there did not here.")
    rows = []
    for name in sorted(set(linux) | set(ours)):
        theirs, mine = linux.get(name, MISSING), ours.get(name, MISSING)
        reason = reasons.get(name, "") if name in lost else ""
        rows.append(f"| {name} | {theirs.outcome} | {theirs.rate} | {mine.outcome} | {mine.rate} | {reason} |\n")
    with open(DOCUMENT, "w", encoding="utf-8") as file:
        file.write(HEAD.format(seconds=seconds, summary=summary) + "".join(rows))
