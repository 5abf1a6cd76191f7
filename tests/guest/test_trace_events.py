# SPDX-License-Identifier: BSD-2-Clause
"""Each event that a provider declares has a place that emits it, and can be made to happen.

On the variant trace_all, where all providers are in, keys are loaded instead of patched, and the kernel
is preemptible.
"""
import glob
import os
import re
import subprocess
import time

import pytest

import variants
from machine import Outcome
from targets import tessera

TOP = variants.TOP
# Events that nothing in these guests can cause.
NOT_HERE = {
    "TCP_RETRANSMIT": "loopback loses no packet; test_wire has one that does",
    "BLOCK_ERROR": "test_block's disks fail",
    "BOOTTEST_FAIL": "of a boot test that fails", "BOOTTEST_TIMEOUT": "of a boot test that hangs",
    "BOOTTEST_REGISTER": "boot_tests_are_traced looks for it", "BOOTTEST_START": "the same",
    "BOOTTEST_PASS": "the same", "BOOTTEST_SKIP": "trace.event_is_recorded_only_while_on emits it",
}

# What makes them happen, and which events a command is there for.
WORK = [
    ("ls -R /proc/self >/dev/null; echo hello >/proc/trace/marker; echo 7 >/proc/trace/marker",
     {"VFS_OPEN", "MARKER", "MARKER_TEXT"}),
    ("sh -c 'ls / | sort | head -n 3' >/dev/null; sleep 0.1", {"FORK_ENTRY", "COW_COPY", "TO_IDLE"}),
    ("for s in signal thread exec flood; do /tests/trace_events --helper $s >/dev/null; done",
     {"SIGNAL_RETURN", "THREAD_EXIT", "NET_DROP"}),
    ("/tests/inet_loopback >/dev/null", {"NET_RX", "TCP_STATE"}),
    ("mkdir -p /tmp/d; for i in 1 2 3 4; do (for j in $(seq 50); do mkdir /tmp/d/$i;"
     " rmdir /tmp/d/$i; done) & done; wait", {"LOCK_CONTEND", "SCHED_MIGRATE", "SCHED_IPI"}),
    # A race, which a host with few CPUs lets happen now and then.
    *[("/tests/trace_events --helper race", {"COW_LOCK_FAIL"})] * 6,
    ("echo hello >/dev/vda; sync; head -c 65536 /dev/vda >/dev/null",
     {"BLOCK_READ", "BLOCK_WRITE", "BLOCK_FLUSH", "BLOCK_COMPLETE"}),
    ("tail /dev/zero >/dev/null 2>&1; true", {"OOM"}),
]


def declared():
    """[(provider, NAME, fn)] of all provider files."""
    found = []
    for path in sorted(glob.glob(os.path.join(TOP, "trace/providers/*.h"))):
        with open(path, encoding="utf-8") as file:
            found += re.findall(r"^EVENT\((\w+), 0x\w+, (\w+), (\w+),", file.read(), re.M)
    return found


def test_each_event_has_a_place():
    text = subprocess.run(["git", "-C", TOP, "grep", "-hE", r"TRACE\(|trace_key_", "--", "*.c", "*.h",
                           "*.S", ":!include/trace", ":!trace/trace_test.c", ":!tests"],
                          capture_output=True, text=True, check=True).stdout
    assert [name for _, name, fn in declared()
            if not re.search(rf"TRACE\({fn},|trace_key_{fn}\b", text)] == []


@pytest.mark.parametrize("cpus", [1, 4])
def test_boot_tests_with_loaded_keys(boot, record_ktap, cpus):
    guest = boot(tessera("trace_all", cpus=cpus, append="trace=boottest test=trace,arch,smp",
                         semihosting=True), silence=60)
    outcome = guest.finish(120)
    report = record_ktap(f"boot.trace_all.{cpus}cpus", guest.text)
    assert not [case.name for case in report.cases if case.outcome == "failed"]
    assert "trace.boot_tests_are_traced" in [case.name for case in report.cases
                                             if case.outcome == "passed"]
    assert outcome is Outcome.PASS


def test_each_event_happens(boot, tmp_path):
    (tmp_path / "disk").write_bytes(bytes(1 << 20))
    guest = boot(tessera("trace_all", cpus=4, mem="96M", disk=str(tmp_path / "disk"), initrd=variants.initramfs("tests"),
                         append="quiet trace.buffer=1024"))
    guest.login()
    wanted = {name for _, name, _ in declared()} - set(NOT_HERE)
    seen = {}
    for command, purpose in WORK:
        if purpose <= set(seen):
            continue
        guest.check("echo 1 >/proc/trace/clear; echo all >/proc/trace/enable")
        begin = time.monotonic()
        guest.run(command, 240)
        print(f"{time.monotonic() - begin:.1f} s: {command}")
        guest.check("echo none >/proc/trace/enable")
        names = guest.check("cut -d' ' -f5 /proc/trace/buffer | sort | uniq -c", 120)
        for count, name in re.findall(r"(\d+) ([A-Z_]+)", names):
            seen[name] = seen.get(name, 0) + int(count)
    assert wanted - set(seen) == set()


def test_no_count_is_lost_with_preemption(boot, record_ktap):
    guest = boot(tessera("trace_all", cpus=4, initrd=variants.initramfs("tests"),
                         append="quiet RUN=/tests/trace_events"), silence=60)
    guest.expect(r"RUN_EXIT 0", 120)
    assert not [c for c in record_ktap("trace_all", guest.text).cases if c.outcome == "failed"]
