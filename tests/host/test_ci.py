# SPDX-License-Identifier: BSD-2-Clause
"""What other machines run is what tests/matrix.yaml says: the workflow, and LAVA's jobs."""
import os
import re
import subprocess

import pytest
import yaml

import matrix
import variants


def lava_job(*arguments):
    return subprocess.run([os.path.join(variants.TOP, "scripts/lava-job"), *arguments], capture_output=True,
                          text=True, check=False)


@pytest.fixture(name="workflow")
def read_workflow():
    with open(os.path.join(variants.TOP, ".github/workflows/ci.yml"), encoding="utf-8") as file:
        return yaml.safe_load(file)


def recipe(line):
    """What make would run for a command of the workflow."""
    env = {name: value for name, value in os.environ.items() if name not in ("O", "MAKEFLAGS", "MAKELEVEL")}
    return subprocess.run([*line.split(), "-n"], cwd=variants.TOP, env=env, capture_output=True, text=True,
                          check=True).stdout


def shard_lines(job):
    """The command of each shard, as GitHub fills it in: job-total counts the values of all axes."""
    (axis, shards), = job["strategy"]["matrix"].items()
    run, = (step["run"] for step in job["steps"] if "make matrix" in step.get("run", ""))
    return [run.replace(f"${{{{ matrix.{axis} }}}}", str(shard)).replace("${{ strategy.job-total }}", str(len(shards)))
            for shard in shards]


def test_the_shards_are_the_whole_matrix(workflow):
    found = []
    for line in shard_lines(workflow["jobs"]["matrix"]):
        words = recipe(line).partition("--matrix ")[2].split()
        listed = subprocess.run([os.path.join(variants.TOP, "scripts/test"), "--list", "--matrix", *words],
                                capture_output=True, text=True, check=True).stdout
        found += re.findall(r"matrix\[(.*)\]", listed)
    assert sorted(found) == sorted(map(matrix.name, matrix.cases()))


def test_what_is_kept_is_where_it_is_written(workflow):
    jobs = workflow["jobs"]
    folder = re.search(r"TEST_BUILD=(\S+)", recipe(shard_lines(jobs["matrix"])[0]))[1]
    for job, build in (("matrix", os.path.relpath(folder, variants.TOP)), ("test", "build/test")):
        upload, = (step["with"] for step in jobs[job]["steps"] if "upload-artifact" in step.get("uses", ""))
        assert {f"{build}/junit.xml", f"{build}/logs"} <= set(upload["path"].split())


def test_the_workflow_runs_what_people_run(workflow):
    commands = " ".join(step.get("run", "") for job in workflow["jobs"].values() for step in job["steps"])
    for target in re.findall(r"make ([a-z]+)", commands):
        assert target == "matrix"
    assert ".ci/run" in commands and os.access(os.path.join(variants.TOP, ".ci/run"), os.X_OK)
    assert all(job["container"] == "debian:12" for job in workflow["jobs"].values())


def test_every_case_is_a_job_of_the_schema():
    schemas = pytest.importorskip("lava_common.schemas", reason="lava-common is not installed")
    done = lava_job()
    assert done.returncode == 0, done.stderr
    jobs = list(yaml.safe_load_all(done.stdout))
    assert len(jobs) == len(matrix.cases())
    for job in jobs:
        schemas.validate(job)
        schemas.check_job_timeouts(job)
    jobs[0]["actions"][1]["boot"]["methods"] = "qemu"
    with pytest.raises(schemas.Invalid):
        schemas.validate(jobs[0])


def test_a_job_is_the_case(tmp_path):
    done = lava_job("rt", "programs", f"--out={tmp_path}", "--url", "http://lab/files/")
    assert done.returncode == 0, done.stderr
    cases = matrix.cases(variant="rt", suite="programs")
    assert sorted(os.listdir(tmp_path)) == sorted(f"{matrix.name(case)}.yaml" for case in cases)
    case = cases[0]
    job = yaml.safe_load((tmp_path / f"{matrix.name(case)}.yaml").read_text())
    assert job["context"]["cpu"] == case["cpu"] and f"gic-version={case['gic']}" in job["context"]["machine"]
    assert job["context"]["extra_options"] == ["-smp", str(case["cpus"])]
    images = job["actions"][0]["deploy"]["images"]
    assert images["kernel"]["url"] == "http://lab/files/rt_defconfig/Image"
    assert "RUN=/tests/run-all" in images["kernel"]["image_arg"]
    # The keys that LAVA's documentation demands, whether its schema is here or not.
    assert {"job_name", "device_type", "visibility", "timeouts", "actions"} <= set(job)
    assert [next(iter(action)) for action in job["actions"]] == ["deploy", "boot", "test"]


def test_ktap_lines_become_results():
    job = next(yaml.safe_load_all(lava_job("rt", "boot").stdout))
    monitor = job["actions"][2]["test"]["monitors"][0]
    for line, result, name in (("[    0.1] ok 3 - mm.page_alloc", "ok", "mm.page_alloc"),
                               ("not ok 12 sched.wake # why", "not ok", "sched.wake")):
        match = re.search(monitor["pattern"], line)
        assert (match["result"], match["test_case_id"]) == (result, name)
        assert monitor["fixupdict"][match["result"]]


@pytest.mark.parametrize("words, complaint", [(["nosuch"], "nosuch"), (["rt", "boot", "x"], "x: not an axis"),
                                              (["HUE=3"], "HUE=3"), (["tiny", "boot"], "no case")])
def test_a_wrong_choice_is_named(words, complaint):
    done = lava_job(*words)
    assert done.returncode == 2 and complaint in done.stderr
