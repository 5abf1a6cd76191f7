# SPDX-License-Identifier: BSD-2-Clause
"""CPython's own tests of what it has from the kernel, as Debian ships them.

Each test of a module ends as on Linux: that is more than the same counts. The modules that take
long are for --long.
"""
import re

import pytest

import debian
import suites
from machine import Outcome
from targets import on_each_target

SHORT = ("test_select", "test_mmap", "test_fcntl", "test_pty", "test_resource", "test_pwd", "test_time")
LONG = ("test_os", "test_posix", "test_signal", "test_subprocess", "test_selectors", "test_threading",
        "test_tempfile", "test_io", "test_multiprocessing_fork")
CASE = re.compile(r"^\w+ \((test[\w.]+)\)(.*?)(?=^\w+ \(test[\w.]+\)|^-{70}$|^={70}$|\Z)", re.M | re.S)
VERDICT = re.compile(r"\b(ok|FAIL|ERROR|skipped '.*'|skipped \".*\"|expected failure|unexpected success)$",
                     re.M)


def parse(module, text):
    """{case: outcome} of a module's part of the console, and its counts as a case of its own."""
    text = text.replace("\r", "")
    found = {}
    # Behind the first ruler come the tracebacks, which begin like cases.
    for name, rest in CASE.findall(re.split(r"^={70}$|^-{70}$", text, maxsplit=1, flags=re.M)[0] + "-" * 70):
        verdicts = VERDICT.findall(rest)
        bad = [verdict for verdict in verdicts if verdict in ("FAIL", "ERROR")]
        verdict = bad[0] if bad else verdicts[-1] if verdicts else "unknown"
        name = name.removeprefix(f"test.{module}.")
        found[f"{module}/{name}"] = verdict.split(" ")[0]
    ran = re.search(r"^Ran (\d+) tests", text, re.M)
    end = re.search(r"^(OK|FAILED)(?: (\(.*\)))?$", text, re.M)
    found[f"{module}/ran"] = ran[1] if ran else "0"
    found[f"{module}/ended"] = "".join(filter(None, end.groups())).replace(" ", "") if end else "never"
    return found


@pytest.mark.parametrize("modules", [
    pytest.param(SHORT, id="short"),
    *(pytest.param((module,), id=module, marks=pytest.mark.long) for module in LONG)])
@on_each_target("cpython")
def test_cpython(boot, target, modules):
    image = debian.image("cpython", "--file", f"{suites.FOLDER}/run-cpython:/bin/run-cpython:755")
    guest = boot(target.machine(initrd=image, mem="1536M",
                                append=f'quiet RUN="/bin/run-cpython {" ".join(modules)}"'), silence=900)
    guest.expect(r"RUN_EXIT (\d+)", 3600)
    assert guest.finish(60) is Outcome.OFF
    parts = dict(re.findall(r"^== begin (\w+)\r*\n(.*?)^== end \1 ", guest.text, re.M | re.S))
    assert set(parts) == set(modules)
    for module in modules:
        suites.check("cpython", target, parse(module, parts[module]), begin=f"{module}/")
