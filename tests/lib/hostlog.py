# SPDX-License-Identifier: BSD-2-Clause
"""Results of the C test programs of this machine, out of what they print.

A line "== NAME" starts a program. Its results are cmocka's "[       OK ] test" lines or TAP; a
test that was started and never ended (a sanitizer stopped it) has failed.
"""
import re

PROGRAM = re.compile(r"^== ([\w.+-]+)(?::? *(SKIP.*))?$")
RUN = re.compile(r"^\[ RUN      \] (\S+)")
END = re.compile(r"^\[ +(OK|FAILED|SKIPPED|ERROR) +\] (\S+)")
SUMMARY = re.compile(r"^\[(==========|  PASSED  )\]")
TAP = re.compile(r"^(ok|not ok)\b(?: +\d+)?(?: +-)? *([^#]*?)(?: *# *(\w+).*)?$")
VERDICT = {"OK": "passed", "FAILED": "failed", "ERROR": "failed", "SKIPPED": "skipped"}


def parse(text):
    """[(name, outcome, message)] in the order of the runs."""
    cases, seen = [], set()
    program, running, notes = "", "", []

    def add(name, outcome, message=""):
        full = f"{program}.{name}" if program else name
        # cmocka lists its failures once more at the end.
        if full not in seen:
            seen.add(full)
            cases.append((full, outcome, message))

    def end_running():
        nonlocal running
        if running:
            add(running, "failed", "did not end:\n" + "\n".join(notes[-60:]))
            running = ""

    for line in text.splitlines():
        if match := PROGRAM.match(line):
            end_running()
            program, notes = match[1], []
            if match[2]:
                cases.append((program, "skipped", match[2]))
        elif match := RUN.match(line):
            end_running()
            running, notes = match[1], []
        elif match := END.match(line):
            if running or match[1] not in ("FAILED", "SKIPPED"):
                add(match[2], VERDICT[match[1]], "\n".join(notes[-60:]) if match[1] != "OK" else "")
            running = ""
        elif SUMMARY.match(line):
            running = ""
        elif not running and (match := TAP.match(line)):
            skip = (match[3] or "").upper() == "SKIP"
            add(match[2] or "?", "skipped" if skip else "passed" if match[1] == "ok" else "failed",
                "" if match[1] == "ok" else "\n".join(notes[-60:]))
            notes = []
        else:
            notes.append(line)
    end_running()
    return cases
