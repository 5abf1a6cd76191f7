# SPDX-License-Identifier: BSD-2-Clause
"""What all pytest tests share: the path to tests/lib, one log a case, and the list of results.

Each result goes as a line of JSON to the file of --records, where scripts/test counts it. A
test that ran a KTAP program adds the results in it, which count as cases of their own.
"""
import json
import os
import re
import sys

import pytest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))

import ktap  # noqa: E402
import variants  # noqa: E402

LOGS = os.path.join(variants.BUILD, "logs")


def pytest_addoption(parser):
    parser.addoption("--records", help="append each result to this file, a JSON object a line")
    parser.addoption("--matrix", metavar="JSON", help="the cases of tests/matrix.yaml, and only they: "
                     'what matrix.cases() takes, e.g. {"variant": "rt"}')
    parser.addoption("--long", action="store_true", help="also the tests marked as long")


def pytest_configure(config):
    config.addinivalue_line("markers", "xdist_group(name): run on one worker")
    config.addinivalue_line("markers", "long: minutes each; only with --long (make test-long)")
    # Workers report to the controller, which alone writes.
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder(config.getoption("--records")), "recorder")


def pytest_ignore_collect(collection_path, config):
    """The matrix is run alone: it takes longer than all the rest, and needs other kernels."""
    if collection_path.is_file():
        return (collection_path.name == "test_matrix.py") != bool(config.getoption("--matrix"))
    return None


def pytest_collection_modifyitems(config, items):
    if not config.getoption("--long"):
        left_out = [item for item in items if item.get_closest_marker("long")]
        items[:] = [item for item in items if not item.get_closest_marker("long")]
        config.hook.pytest_deselected(items=left_out)


def case_name(nodeid):
    """guest/test_shell.py::test_vi[linux]@group -> guest.shell.vi[linux]"""
    nodeid = re.sub(r"@[\w-]+$", "", nodeid)
    path, _, test = nodeid.partition("::")
    path = re.sub(r"^tests/|\.py$", "", path).replace("/test_", "/").replace("/", ".")
    return f"{path}.{re.sub(r'^test_', '', test)}"


def log_path(name):
    return os.path.join(LOGS, re.sub(r"[^\w.+=-]+", "_", name).strip("_")[:200] + ".log")


class Recorder:
    """Turns pytest's reports into records."""

    def __init__(self, path):
        self.path = path
        self.inner = {}

    def pytest_runtest_logreport(self, report):
        name = case_name(report.nodeid)
        cases = dict(report.user_properties).get("cases", [])
        if report.when == "call" or report.outcome != "passed":
            self.write(self.record(name, report))
        if report.when == "call":
            for case in cases:
                self.write(case)

    @staticmethod
    def record(name, report):
        message = ""
        if report.outcome == "skipped" and isinstance(report.longrepr, tuple):
            message = report.longrepr[2]
        elif report.outcome == "failed":
            message = report.longreprtext
        log = log_path(name)
        os.makedirs(LOGS, exist_ok=True)
        with open(log, "a", encoding="utf-8") as file:
            file.write(f"\n{report.outcome.upper()} {name} {report.when}\n{message}\n"
                       f"{report.capstdout}{report.capstderr}")
        if report.when == "teardown":
            name += ".teardown"     # the call of the same case was counted already
        return {"name": name, "outcome": report.outcome, "seconds": report.duration,
                "message": message, "log": log,
                "rerun": rerun(report.nodeid)}

    def write(self, record):
        if self.path:
            with open(self.path, "a", encoding="utf-8") as file:
                file.write(json.dumps(record) + "\n")


def selector(nodeid):
    """A -k expression that chooses this case."""
    test = re.sub(r"@[\w-]+$", "", nodeid).partition("::")[2]
    name, _, parameters = test.partition("[")
    words = [word for word in re.split(r"[^\w.=]+", parameters) if word]
    return " and ".join([name] + words)


def rerun(nodeid):
    matrix = "--matrix full=1 " if "test_matrix.py" in nodeid else ""
    return f"scripts/test {matrix}-k '{selector(nodeid)}'"


@pytest.fixture
def case_log(request):
    """The path of this case's log, emptied."""
    path = log_path(case_name(request.node.nodeid))
    os.makedirs(LOGS, exist_ok=True)
    if os.path.exists(path):
        os.unlink(path)
    return path


@pytest.fixture
def record_ktap(request, case_log):
    """record_ktap(prefix, text): count the KTAP results in `text`; returns the ktap.Report."""
    def record(prefix, text):
        report = ktap.parse(text)
        cases = [{"name": f"{prefix}.{case.name}", "outcome": case.outcome, "seconds": 0,
                  "message": case.message, "log": case_log, "rerun": rerun(request.node.nodeid)}
                 for case in report.cases]
        request.node.user_properties.append(("cases", cases))
        return report
    return record
