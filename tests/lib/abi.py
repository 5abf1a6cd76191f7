# SPDX-License-Identifier: BSD-2-Clause
"""The ABI differential: what each system call returned on Linux and on Tessera, case by case.

tests/abi/calls.txt and values.txt say which cases there are, usr/abi runs them in a guest,
tests/abi/linux.txt keeps what Linux answered (so that no reference kernel is needed), and
tests/abi/differs.txt lists the differences that are meant, each with its reason.
"""
import fnmatch
import os
import re
from dataclasses import dataclass

import script

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDER = os.path.join(TOP, "tests/abi")
GOLDEN = os.path.join(FOLDER, "linux.txt")
DIFFERS = os.path.join(FOLDER, "differs.txt")
ENOSYS = "-38"


def calls():
    """Every Call of the tables, in the order of their numbers' names in calls.txt."""
    return script.load("tests/abi/generate").calls()


def expand(text):
    """The results of one line: "2*-9 0" is -9, -9, 0."""
    results = []
    for word in text.split():
        times, star, result = word.partition("*")
        results += [result] * int(times) if star else [word]
    return results


def compact(results):
    words, index = [], 0
    while index < len(results):
        end = index
        while end < len(results) and results[end] == results[index]:
            end += 1
        words.append(results[index] if end - index == 1 else f"{end - index}*{results[index]}")
        index = end
    return " ".join(words)


def parse(console):
    """{call: [result, ...]} of what the guest's abi printed."""
    found = {}
    for line in console.replace("\r", "").split("\n"):
        match = re.match(r"ABI (\w+)((?: \S+)*)$", line)
        if match:
            found[match[1]] = expand(match[2])
    return found


def read_golden(path=GOLDEN):
    """{call: (digest of its cases, [result, ...])}; {} when there is no such file."""
    if not os.path.exists(path):
        return {}
    golden = {}
    with open(path, encoding="ascii") as file:
        for line in file:
            if not line.startswith("#"):
                name, digest, *results = line.split(" ", 2)
                golden[name] = (digest.strip(), expand(results[0]) if results else [])
    return golden


def write_golden(table, results, path=GOLDEN):
    with open(path, "w", encoding="ascii") as file:
        file.write("# SPDX-License-Identifier: BSD-2-Clause\n"
                   "# What Linux answers in the cases of calls.txt: call, digest of its cases,"
                   " results.\n# Made by test_abi.py with TEST_ABI_GOLDEN=1 and the reference"
                   " kernel.\n")
        for call in table:
            file.write(f"{call.name} {call.digest} {compact(results.get(call.name, []))}\n")


@dataclass
class Difference:
    call: str
    case: str           # "root AT_FDCWD path.file ..."
    linux: str
    ours: str

    def __str__(self):
        return f"{self.call}\t{self.case}\t{self.linux}\t{self.ours}"


@dataclass
class Meant:
    """A line of differs.txt: call, patterns of the case and of "linux ours", reason."""
    call: str
    case: str
    results: str
    reason: str
    used: int = 0

    def covers(self, difference):
        return (fnmatch.fnmatchcase(difference.call, self.call) and
                fnmatch.fnmatchcase(difference.case, self.case) and
                fnmatch.fnmatchcase(f"{difference.linux} {difference.ours}", self.results))


def read_meant(path=DIFFERS):
    with open(path, encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file
                if line.strip() and not line.startswith("#")]
    return [Meant(*row) for row in rows]


def compare(table, golden, ours):
    """(all differences, calls whose results cannot be compared with a reason)."""
    differences, problems = [], []
    for call in table:
        digest, expected = golden.get(call.name, ("", []))
        got = ours.get(call.name, [] if not call.cases else None)
        if digest != call.digest:
            problems.append(f"{call.name}: linux.txt is of other cases; make it anew")
        elif got is None or len(got) != len(call.cases):
            problems.append(f"{call.name}: {len(got or [])} results for {len(call.cases)} cases")
        else:
            for (user, case), linux, result in zip(call.cases, expected, got):
                if linux != result:
                    text = " ".join(["user" if user else "root"] + case)
                    differences.append(Difference(call.name, text, linux, result))
    return differences, problems


def unexplained(differences, meant):
    left = []
    for difference in differences:
        for line in meant:
            if line.covers(difference):
                line.used += 1
                break
        else:
            left.append(difference)
    return left


def refused(results):
    """Is the call not there at all?"""
    return bool(results) and all(result == ENOSYS for result in results)


def document(table, golden, ours, numbers):
    """Documentation/abi.md as text. `numbers`: {call: number}."""
    differences, _ = compare(table, golden, ours)
    wrong = {}
    for difference in differences:
        wrong[difference.call] = wrong.get(difference.call, 0) + 1
    rows, served, equal, cases = [], 0, 0, 0
    for call in sorted(table, key=lambda call: numbers[call.name]):
        results = ours.get(call.name, [])
        is_served = not refused(results)
        same = len(results) - wrong.get(call.name, 0)
        served, equal, cases = served + is_served, equal + same, cases + len(results)
        rows.append(f"| {numbers[call.name]} | {call.name} | "
                    f"{'served' if is_served else 'refused'} | {same} of {len(results)} |")
    head = ["# System calls", "",
            "Made by `tests/guest/test_abi.py` from the ABI's table and the differential; do not"
            " edit.", "",
            f"{served} calls are served, {len(table) - served} refused with ENOSYS. Of {cases} "
            f"cases {equal} end as on Linux; the others are in `tests/abi/differs.txt`, each with"
            " its reason.", "",
            "| number | call | | cases as on Linux |", "|---:|---|---|---:|"]
    return "\n".join(head + rows) + "\n"


def call_numbers():
    """{call: number} of the ABI's header."""
    path = os.path.join(TOP, "third_party/sysroot/usr/include/asm-generic/unistd.h")
    with open(path, encoding="ascii") as file:
        text = file.read()
    numbers = {name: int(number) for name, number in
               re.findall(r"^#define __NR(?:3264)?_(\w+)\s+(\d+)", text, re.M)}
    numbers.update(newfstatat=numbers["fstatat"])
    return numbers
