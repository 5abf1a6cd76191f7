# SPDX-License-Identifier: BSD-2-Clause
"""The report of a panic: read by scripts/decode_stacktrace, and ended by a fault in itself."""
import os
import re
import shutil
import subprocess

import pytest

import variants
from machine import GuestError, Outcome
from targets import tessera
from test_gdb import free_port

VMLINUX = os.path.join(variants.folder("defconfig"), "vmlinux")
CRASH = 'RUN="echo c >/proc/sysrq-trigger"'


def decode(text, *arguments, status=0):
    done = subprocess.run([os.path.join(variants.TOP, "scripts/decode_stacktrace"), *arguments], input=text,
                          capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == status, done.stderr
    return done.stdout if status == 0 else done.stderr


def source_line(place):
    name, _, number = place.rpartition(":")
    with open(os.path.join(variants.TOP, name), encoding="utf-8") as file:
        return file.read().splitlines()[int(number) - 1]


def test_decoded_lines_are_those_of_the_calls(boot):
    guest = boot(tessera(append=CRASH))
    assert guest.finish(60) is Outcome.PANIC
    text = decode(guest.text.replace("\r", ""), VMLINUX)
    place = re.search(r" sysrq_handle\+0x\w+/0x\w+ \((\S+)\)$", text, re.M)
    assert "panic(" in source_line(place[1])
    # What the compiler has put into sys_write is named, with the line that called it.
    assert re.search(r" sys_write\+\S+ \(\w+ \S+:\d+(, in \w+ \S+:\d+)+\)$", text, re.M)
    assert re.sub(r" \([^()]*:\d+\)$", "", text, flags=re.M) == guest.text.replace("\r", "")


def test_linux_logs_are_understood():
    nm = subprocess.run(["llvm-nm-19", "-n", VMLINUX], capture_output=True, text=True, check=True).stdout
    table = re.findall(r"^([0-9a-f]+) T (\S+)$", nm, re.M)
    index = next(i for i, (_, name) in enumerate(table) if name == "start_kernel")
    size = int(table[index + 1][0], 16) - int(table[index][0], 16)
    log = (f"<4>[    1.000001][    T1] pc : start_kernel+0x0/{size:#x}\n"
           f"[    1.000002] lr : start_kernel+0x8/{size:#x}\n"
           "Call trace:\n bus_probe+0x10/0x24 [virtio_net]\n no_such_function+0x8/0x10\nnothing here\n")
    lines = decode(log, VMLINUX).splitlines()
    # pc is the instruction itself, lr what follows a call.
    first, second = (re.search(r"kernel/main\.c:(\d+)\)$", line)[1] for line in lines[:2])
    assert int(first) <= int(second)
    with open(os.path.join(variants.TOP, "kernel/main.c"), encoding="utf-8") as file:
        assert "start_kernel(void)" in "".join(file.readlines()[int(first) - 2:int(first)])
    assert lines[2:] == log.splitlines()[2:]


def test_decode_without_a_kernel(tmp_path):
    assert "no such file" in decode("", str(tmp_path / "none"), status=1)
    assert "usage" in decode("", "-x", status=2)


@pytest.mark.skipif(not shutil.which("gdb-multiarch"), reason="gdb-multiarch is not installed")
@pytest.mark.parametrize("where", ["arch_show_backtrace", "smp_stop_others"])
def test_fault_in_the_report_ends_it(boot, where):
    """gdb lets the report jump to nowhere: one more line, and the machine is off, as panic=-1 says."""
    port = free_port()
    guest = boot(tessera(append="quiet", extra=["-gdb", f"tcp:127.0.0.1:{port}"]))
    guest.login()
    process = subprocess.Popen(
        ["gdb-multiarch", "-q", "-nx", "-batch", VMLINUX, "-ex", "set confirm off",
         "-ex", f"target remote 127.0.0.1:{port}", "-ex", f"hbreak {where}", "-ex", "echo set@@\\n",
         "-ex", "continue", "-ex", "delete", "-ex", "set $pc = 0x10", "-ex", "detach"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        while "set@@" not in process.stdout.readline():
            assert process.poll() is None
        guest.sendline("echo c >/proc/sysrq-trigger")
        assert guest.finish(60) is Outcome.PANIC
        assert not guest.hung and guest.status() == 0
    finally:
        process.kill()
        process.wait()
    ends = re.findall(r"^(?:\[.*?\] )?---\[ end Kernel panic - not syncing: (.*) \]---", guest.text, re.M)
    assert ends == ["recursive panic"]
    after = guest.text.partition("panic: another panic while reporting the first")[2]
    assert len(after.strip().splitlines()) == 1, after


def test_a_hang_says_who_sleeps_where(boot):
    guest = boot(tessera(append="quiet"))
    guest.login()
    with pytest.raises(GuestError, match="HANG"):
        guest.run("sleep 1000", 2)
    with open(guest.log_path, encoding="utf-8") as log:
        shown = log.read().partition("sysrq: Show State")[2]
    # The shell waits for it, and it for the time.
    assert re.search(r" sleep +S  +\d+ +\d+\s(?:.*\n)+?.* schedule_until\+", shown), shown
    assert re.search(r" sh +S  +\d+ +\d+\s(?:.*\n)+?.* sys_wait4\+", shown), shown
