# SPDX-License-Identifier: BSD-2-Clause
"""Debian's tools that look at processes and the system, unmodified: strace, procps, util-linux.

On both kernels; what is compared is the form, for the numbers are each machine's own.
"""
import re

import pytest

import debian
from targets import on_each_target

pytestmark = on_each_target("tools")


@pytest.fixture
def shell(target, shared_guests, case_log):
    machine = target.machine(initrd=debian.image("tools"), append="quiet", mem="512M", cpus=2)
    return shared_guests.get(("tools", target.name), machine, case_log)


def test_strace_follows_children(shell):
    shell.check("strace -f -o /tmp/o sh -c '/bin/true | cat'")
    shell.check("grep -q 'exited with 0' /tmp/o && grep -q 'execve(' /tmp/o &&"
                " grep -q 'SIGCHLD' /tmp/o")


def test_strace_filters_and_counts(shell):
    text = shell.check("strace -e trace=openat cat /etc/group 2>&1 >/dev/null")
    assert 'openat(AT_FDCWD, "/etc/group", O_RDONLY' in text
    assert "read(" not in text
    text = shell.check("strace -c ls / 2>&1 >/dev/null")
    assert re.search(r"^100\.00 .* total$", text, re.M)


def test_strace_attaches(shell):
    text = shell.check("sleep 1 & strace -p $! 2>&1", 60)
    assert "attached" in text and "exited with 0" in text


def test_programs_behave_under_strace(shell):
    """A test program of ours in which many children come and go."""
    shell.check("strace -f -qq -o /dev/null sh -c 'for i in 1 2 3 4 5; do (exit 3); done;"
                " [ $? = 3 ]'", 60)


@pytest.mark.parametrize("command, pattern", [
    ("/bin/ps -ef", r"UID +PID +PPID.*\n(.*\n)*root +1 +0 .* /init"),
    ("/usr/bin/free", r"Mem: +\d+ +\d+ +\d+"),
    ("/usr/bin/vmstat", r"procs -+memory-+ .*\n.*\n *\d+ +\d+"),
    ("/usr/bin/uptime", r"up .* load average: \d"),
    ("/usr/bin/pmap $$", r"total +\d+K"),
    ("/usr/bin/pgrep -l init", r"1 init"),
    ("TERM=vt100 /usr/bin/top -b -n1", r"Tasks: +\d+ total.*\n%Cpu.*\nMiB Mem"),
    ("/usr/sbin/sysctl kernel.ostype vm.overcommit_memory", r"kernel.ostype = Linux"),
    ("/usr/bin/pstree -p", r"init\(1\)"),
    ("/usr/bin/killall -l", r"HUP INT QUIT"),
    ("/usr/bin/lscpu", r"CPU\(s\): +2\n(.*\n)*.*Model name: +Cortex-A72"),
    ("/usr/bin/nproc", r"^2$"),
    ("/usr/bin/lsof -p $$", r"COMMAND +PID.*\n(.*\n)*.*cwd +DIR"),
    ("/usr/bin/findmnt /proc", r"/proc +proc +proc"),
    ("/usr/bin/prlimit", r"NOFILE +max number of open files"),
])
def test_output(shell, command, pattern):
    status, text = shell.run(command, 60)
    assert re.search(pattern, text, re.M), f"status {status}\n{text}"
