# SPDX-License-Identifier: BSD-2-Clause
"""CTF of every set of providers: the tables and metadata of each set are compiled on this machine.

For each set a trace with every event in it is written by the kernel's own code (trace/events.c, ring.c,
ctf.c) and read by babeltrace2, which must say nothing but how many events were lost, and show each
event with its values. All sets take long (make test-long); `make test` takes those that
have or lack any one or two providers, which is each pair in all four combinations.
"""
import concurrent.futures
import itertools
import os
import re
import shutil
import subprocess

import pytest

import variants

TOP = variants.TOP
HERE = os.path.join(TOP, "tests/host/trace")
FLAGS = ["-std=gnu11", "-D_GNU_SOURCE", "-O0", "-w", "-include", f"{TOP}/include/lib/kconfig.h",
         "-DCONFIG_NR_CPUS=1", "-DCONFIG_SMP=1", "-DCONFIG_TRACE_BUFFER_KB=16",
         "-DCONFIG_TRACE_OVERWRITE=1", f"-I{HERE}/stub", f"-I{TOP}/include"]
READ = ["babeltrace2", "--clock-cycles", "--no-delta"]
EVENT = re.compile(r"^\[\d+\] (\w+): \{ cpu_id = 0 \}, \{ (.*) \}$", re.M)


def all_providers():
    """As trace/all.h names their options."""
    with open(os.path.join(TOP, "trace/all.h"), encoding="ascii") as file:
        return re.findall(r"^#if IS_ENABLED\(CONFIG_TRACE_(\w+)\)", file.read(), re.M)


PROVIDERS = all_providers()


def some_sets():
    few = [set(), *({p} for p in PROVIDERS), *map(set, itertools.combinations(PROVIDERS, 2))]
    return few + [set(PROVIDERS) - s for s in few]


PARTS = 32     # of all sets, a few minutes each


def every_set():
    return [{p for bit, p in enumerate(PROVIDERS) if number >> bit & 1}
            for number in range(1 << len(PROVIDERS))]


def compile_c(source, out, *more):
    subprocess.run(["clang-19", *FLAGS, *more, "-c", source, "-o", out], check=True)
    return out


@pytest.fixture(name="common")
def common_objects(tmp_path):
    """What does not depend on the set of providers."""
    if not shutil.which("babeltrace2"):
        pytest.skip("babeltrace2 is not installed")
    return [compile_c(path, str(tmp_path / f"{os.path.basename(path)}.o"))
            for path in (f"{TOP}/trace/ring.c", f"{TOP}/trace/snapshot.c", f"{TOP}/trace/ctf.c",
                         f"{HERE}/ctf_dump.c")]


def dump(common, folder, providers, count):
    """Make a trace of `count` events; (what has to be read, how many are lost)."""
    folder.mkdir()
    out = compile_c(f"{TOP}/trace/events.c", str(folder / "events.o"),
                    *(f"-DCONFIG_TRACE_{p}=1" for p in providers))
    subprocess.run(["clang-19", "-fuse-ld=lld-19", *common, out, "-o", folder / "dump"], check=True)
    (folder / "ctf").mkdir()
    said = subprocess.run([folder / "dump", folder / "ctf", str(count)], check=True,
                          capture_output=True, text=True).stdout.splitlines()
    return said[:-1], int(said[-1])


def read(folder):
    """What babeltrace2 shows, in the same form, and what it says besides."""
    done = subprocess.run([*READ, folder / "ctf"], capture_output=True, text=True, check=True)
    events = [" ".join([name, *(f"{field}={int(value, 0)}" for field, value in
                                re.findall(r"(\w+) = (\w+)", fields))])
              for name, fields in EVENT.findall(done.stdout)]
    return events, [line for line in done.stderr.splitlines() if line]


def check_set(common, folder, providers):
    wanted, lost = dump(common, folder, providers, 200)
    seen, said = read(folder)
    shutil.rmtree(folder)
    assert lost == 0 and said == [], f"{providers}: {said}"
    assert seen == wanted, f"{providers}"
    assert bool(wanted) == bool(providers)


def check_sets(common, tmp_path, sets):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(check_set, common, tmp_path / f"set{number}", providers)
                for number, providers in enumerate(sets)]
        for job in jobs:
            job.result()


def test_each_pair_of_providers(common, tmp_path):
    check_sets(common, tmp_path, some_sets())


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_every_set_of_providers(common, tmp_path, part):
    check_sets(common, tmp_path, every_set()[part::PARTS])


def test_losses_are_told(common, tmp_path):
    wanted, lost = dump(common, tmp_path / "lost", PROVIDERS, 5000)
    seen, said = read(tmp_path / "lost")
    assert lost > 0 and len(wanted) + lost == 5000
    assert seen == wanted
    assert len(said) == 1 and f"discarded {lost} events" in said[0]
