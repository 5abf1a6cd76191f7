# SPDX-License-Identifier: BSD-2-Clause
"""Recordings: the same run again, under gdb, forwards and backwards."""
import os
import re
import shutil
import subprocess

import pytest

import variants
from machine import Outcome
from recording import Recording
from targets import tessera
from test_gdb import free_port
from test_panic import CRASH

QEMU = os.path.join(variants.TOP, "scripts/qemu")

pytestmark = pytest.mark.skipif(not (shutil.which("gdb-multiarch") and shutil.which("qemu-img")),
                                reason="gdb-multiarch or qemu-img is not installed")


def scripts_qemu(*arguments, status=0, typed="", variant="defconfig"):
    done = subprocess.run([QEMU, *arguments, f"O={variants.folder(variant)}",
                           f"INITRD={variants.initramfs()}", "TIMEOUT=300"],
                          input=typed, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout, done.stderr


@pytest.fixture(name="recording")
def recorded(tmp_path):
    """A recording of a command in the guest, and what that printed."""
    path = str(tmp_path / "r")
    console, said = scripts_qemu("record", f"RR={path}", 'APPEND=RUN="cat /proc/uptime /proc/sys/kernel/random/uuid"')
    assert "RUN_EXIT 0" in console and f"make replay RR={path}" in said
    return path, console


def test_gdb_steps_backwards(recording):
    path, console = recording
    hits = "p/x $pc"
    typed = "\n".join(["set pagination off", "hbreak find_init", "continue", hits, "stepi", hits, "stepi", hits,
                       "reverse-stepi", hits, "reverse-stepi", hits, "delete", "hbreak start_kernel",
                       "reverse-continue", "backtrace 1", "delete", "continue", "quit", ""])
    said, _ = scripts_qemu("replay", f"RR={path}", f"GDB_PORT={free_port()}", typed=typed)
    at = [int(value, 16) for value in re.findall(r"\$\d+ = (0x\w+)", said)]
    assert len(at) == 5 and at[0] != at[1] != at[2], said
    assert at[3:] == [at[1], at[0]], said
    assert re.search(r"#0 +start_kernel ", said), said
    # Played to its end it is the same run, times and all.
    with open(f"{path}.console", encoding="utf-8", errors="replace", newline="") as file:
        seen = file.read().replace("\r", "")
    assert re.search(r"^[0-9a-f-]{36}\nRUN_EXIT 0\n", seen, re.M)
    assert seen.endswith(console.replace("\r", ""))


def test_a_case_is_recorded(tmp_path):
    console, _ = scripts_qemu("record", f"RR={tmp_path}/r", "CASE=exec", variant="selftest")
    assert re.search(r"^(\[.*\] )?ok \d+ ", console, re.M)
    again, _ = scripts_qemu("replay", f"RR={tmp_path}/r", "GDB_PORT=0", variant="selftest")
    assert again == console


@pytest.mark.parametrize("append, panics", [("RUN=/bin/true", False), (CRASH, True)], ids=["good", "panic"])
def test_a_panic_keeps_its_recording(boot, tmp_path, append, panics):
    recording = Recording(str(tmp_path / "r"))
    guest = boot(recording.machine(tessera(append=append)))
    assert (guest.finish(120) is Outcome.PANIC) == panics
    recording.end(guest)
    assert bool(os.listdir(tmp_path)) == panics
    with open(guest.log_path, encoding="utf-8", errors="replace") as log:
        assert (f"make replay RR={tmp_path}/r" in log.read()) == panics
    if panics:
        again, _ = scripts_qemu("replay", f"RR={tmp_path}/r", "GDB_PORT=0")
        assert again.replace("\r", "") == guest.text.replace("\r", "")


def test_what_cannot_be_replayed_is_refused(recording, tmp_path):
    path, _ = recording
    for arguments, complaint in ((["record", "CPUS=2"], "one CPU"), (["record", "NET=user"], "NET"),
                                 (["replay", "RR=/nonexistent"], "no recording")):
        assert complaint in scripts_qemu(*arguments, status=1)[1]
    # An initramfs that is another one now.
    changed = tmp_path / "i"
    changed.write_bytes(b"other")
    with open(f"{path}.json", encoding="utf-8") as file:
        text = file.read().replace(os.path.join(variants.folder("defconfig"), "usr/initramfs.cpio"),
                                   str(changed))
    with open(f"{path}.json", "w", encoding="utf-8") as file:
        file.write(text)
    assert "not the one that was recorded" in scripts_qemu("replay", f"RR={path}", status=1)[1]
