# SPDX-License-Identifier: BSD-2-Clause
"""Read KTAP (and TAP) results out of a console log full of other lines.

Follows Documentation/dev-tools/ktap.rst of Linux, version 1: a header, a plan "1..N", result
lines, nested tests indented by two spaces and closed by the result line of their parent.
Only leaves are cases; a parent's line is checked against its children instead of counted.
"""
import re
from dataclasses import dataclass, field

PASS, FAIL, SKIP = "passed", "failed", "skipped"

# A console may put the time before a line: it is taken off before the indentation is measured.
STAMP = re.compile(r"^\[ *\d+\.\d+\] ?")
HEADER = re.compile(r"^K?TAP version \d+$")
PLAN = re.compile(r"^1\.\.(\d+)(?:\s*#\s*SKIP\b\s*(.*))?", re.I)
RESULT = re.compile(r"^(ok|not ok)(?:\s+(\d+))?(?:\s+-)?(?:\s+([^#]*?))?\s*(?:#\s*(.*))?$")
# Some runners announce a program so before its document.
TITLE = re.compile(r"^# ([\w.-]+)$")
SUBTEST = re.compile(r"^# Subtest: *(.+)$")
BAIL = re.compile(r"^Bail out!\s*(.*)$")
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass
class Case:
    name: str
    outcome: str
    message: str = ""


@dataclass
class Report:
    cases: list = field(default_factory=list)
    problems: list = field(default_factory=list)   # the output itself is wrong or incomplete

    def count(self, outcome):
        return sum(case.outcome == outcome for case in self.cases)

    @property
    def ok(self):
        return bool(self.cases) and not self.problems and not self.count(FAIL)


class Level:
    """The tests at one indentation since the header or since the last result of the parent."""

    def __init__(self, indent):
        self.indent = indent
        self.plan = None
        self.name = ""
        self.results = 0
        self.cases = []
        self.notes = []


def parse(text):
    """A Report of every KTAP document in `text`."""
    parser = _Parser()
    for line in text.splitlines():
        parser.line(ESCAPES.sub("", line).rstrip("\r\n "))
    return parser.finish()


class _Parser:
    def __init__(self):
        self.report = Report()
        self.levels = []
        self.title = ""     # the word of a "# WORD" line, until the next line

    def line(self, line):
        line = line.lstrip("\r")
        stamped = STAMP.match(line)
        line = STAMP.sub("", line)
        body = line.lstrip(" ")
        indent = len(line) - len(body)
        if not body:
            return
        title, match = self.title, TITLE.match(body)
        if match or not stamped:        # the kernel may say something in between
            self.title = match[1] if match else ""
        if HEADER.match(body):
            level = self._open(indent, header=True)
            level.name = level.name or title
        elif not self.levels:
            return
        elif match := SUBTEST.match(body):
            self._subtest(indent, match[1])
        elif match := PLAN.match(body):
            self._plan(indent, int(match[1]), match[2])
        elif match := RESULT.match(body):
            self._result(indent, match)
        elif match := BAIL.match(body):
            self.report.problems.append(f"bail out: {match[1] or 'no reason given'}")
        elif body.startswith("#"):
            self.levels[-1].notes.append(body[1:].strip())

    def _open(self, indent, header=False):
        """Make the level of `indent` the innermost, closing what a missing parent line left."""
        while self.levels and self.levels[-1].indent > indent:
            self._orphans(self.levels.pop())
        if not self.levels or self.levels[-1].indent < indent:
            self.levels.append(Level(indent))
        elif header and (self.levels[-1].results or self.levels[-1].plan is not None):
            # The next document, not a nested one: judge the one before.
            self._orphans(self.levels.pop())
            self.levels.append(Level(indent))
        return self.levels[-1]

    def _subtest(self, indent, name):
        # Some writers put "# Subtest:" at the parent's indentation, before the children.
        level = self._open(max(indent, self.levels[-1].indent))
        level.name = name

    def _plan(self, indent, count, skip):
        level = self._open(indent)
        level.plan = count
        if count == 0:
            level.cases.append(Case(level.name or "all", SKIP, skip or "nothing planned"))

    def _result(self, indent, match):
        level = self.levels[-1]
        if indent == level.indent or len(self.levels) == 1:
            self._leaf(level, match)
        elif indent < level.indent:
            self._parent(indent, match)
        else:
            self._leaf(self._open(indent), match)

    @staticmethod
    def _verdict(match):
        """(name, outcome, text) of a result line with its directive."""
        name = (match[3] or "").strip() or (match[2] or "?")
        word, _, rest = (match[4] or "").partition(" ")
        word = word.upper().rstrip(":")
        if word in ("SKIP", "TODO", "XFAIL"):
            return name, SKIP, rest.strip() or word.lower()
        if match[1] == "ok" and word not in ("TIMEOUT", "ERROR"):
            return name, PASS, ""
        return name, FAIL, (match[4] or "").strip()

    def _leaf(self, level, match):
        name, outcome, text = self._verdict(match)
        notes = "\n".join(level.notes)
        level.notes = []
        level.results += 1
        self._number(level, match[2])
        message = "\n".join(filter(None, [text, notes])) if outcome == FAIL else text
        level.cases.append(Case(name, outcome, message))

    def _parent(self, indent, match):
        """A result line that closes the nested tests above it."""
        inner = []
        while self.levels and self.levels[-1].indent > indent:
            level = self.levels.pop()
            self._check_plan(level)
            inner = level.cases + inner
        if not self.levels:
            self.levels.append(Level(indent))
        outer = self.levels[-1]
        name, outcome, text = self._verdict(match)
        outer.results += 1
        self._number(outer, match[2])
        failed = any(case.outcome == FAIL for case in inner)
        if outcome == PASS and failed:
            self.report.problems.append(f"{name}: says ok although a test in it failed")
        if outcome == FAIL and not failed:
            inner.append(Case("(the group itself)", FAIL, text))
        outer.cases += [Case(f"{name}.{case.name}", case.outcome, case.message) for case in inner]
        outer.notes = []

    def _number(self, level, number):
        if number and int(number) != level.results:
            self.report.problems.append(
                f"{level.name or 'top level'}: result {number} where {level.results} was due")
            level.results = int(number)

    def _check_plan(self, level):
        if level.plan is not None and level.plan != level.results:
            self.report.problems.append(f"{level.name or 'top level'}: {level.plan} planned, "
                                        f"{level.results} reported")
        elif level.plan is None and level.results:
            self.report.problems.append(f"{level.name or 'top level'}: no plan")

    def _orphans(self, level):
        """A level whose parent's line never came, or the outermost one at its end."""
        self._check_plan(level)
        prefix = f"{level.name}." if level.name else ""
        cases = [Case(prefix + case.name, case.outcome, case.message) for case in level.cases]
        if self.levels:
            self.report.problems.append(f"{level.name or 'nested tests'}: no result line for them")
            self.levels[-1].cases += cases
        else:
            self.report.cases += cases

    def finish(self):
        while self.levels:
            self._orphans(self.levels.pop())
        if not self.report.cases:
            self.report.problems.append("no KTAP results found")
        return self.report
