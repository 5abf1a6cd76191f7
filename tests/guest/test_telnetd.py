# SPDX-License-Identifier: BSD-2-Clause
"""usr/telnetd over the loopback of the guest: its life, its protocol, and what it leaves behind."""
import re

import pytest

from machine import ESCAPES
from targets import on_each_target, shared_shell

pytestmark = on_each_target("telnetd")
console = shared_shell("telnetd")

# What must be as before: processes, open files, terminals, sockets, and pages within reason.
COUNT = """
ls -l /proc/[0-9]*/exe >/tmp/exes 2>/dev/null    # no pipe: who is in it would be counted by luck
echo procs $(grep -c ' -> ' /tmp/exes)
echo files $(cut -f1 /proc/sys/fs/file-nr)
echo ptys $(cat /proc/sys/kernel/pty/nr)
echo sockets $(sed -n 's/^sockets: used //p' /proc/net/sockstat)
echo tcp $(sed -n 's/^TCP: inuse \\([0-9]*\\).*/\\1/p' /proc/net/sockstat)
echo kb $(sed -n 's/^MemAvailable: *\\([0-9]*\\).*/\\1/p' /proc/meminfo)
grep KERNEL_FAULT /proc/trace/counters 2>/dev/null || true
"""


@pytest.fixture
def shell(console):
    """The shell, and a telnetd that tells /tmp/log what happens."""
    console.check("[ -e /tmp/log ] || { killall telnetd; ip link set lo up; sleep 0.3; "
                  "/bin/telnetd >>/tmp/log; }")
    return console


def session(shell, client):
    """Run a client until its session has ended; returns what the client printed."""
    before = int(shell.check("grep -c ENDED /tmp/log || true"))
    shell.run(f"{{ {client}; }} >/tmp/out 2>&1", 60)
    wait_for_ends(shell, before + 1)
    return ESCAPES.sub("", shell.check("cat -v /tmp/out")).replace("^M", "")


def wait_for_ends(shell, count):
    assert shell.check("i=0; while [ $i -lt 200 ] && "
                       f"[ $(grep -c ENDED /tmp/log) -lt {count} ]; do sleep 0.1; i=$((i+1)); done; "
                       "grep -c ENDED /tmp/log", 60).strip() == str(count)


def counters(shell):
    shell.script(COUNT, "/tmp/count.sh")
    printed = shell.check("sleep 1; sh /tmp/count.sh")
    return {name: int(value) for name, value in re.findall(r"^(\w+) (\d+)$", printed, re.M)}


def assert_nothing_left(before, after, kb):
    assert len(before) >= 6, before
    memory = before.pop("kb") - after.pop("kb")
    assert after == before
    assert memory < kb, f"{memory} kB of memory are gone"


def test_starts_with_the_system(boot, target):
    guest = boot(target.machine(append="quiet"))
    guest.expect(r"TELNETD_LISTENING\r*\n", 60)
    guest.login()
    guest.check("pidof telnetd")
    guest.sendline("poweroff")
    guest.finish(30)


def test_lifecycle(shell):
    printed = session(shell, "(echo 'echo out=$((6*7))'; echo tty; echo exit) | nc 127.0.0.1 2323")
    assert "out=42" in printed and "/dev/pts/0" in printed
    assert shell.check("head -n 5 /tmp/log") == (
        "TELNETD_LISTENING\nTELNETD_CONNECTED\nTELNETD_SHELL_FORKED\nTELNETD_SESSION_ENDED\n"
        "TELNETD_LISTENING\n")


def test_end_of_file_ends_the_shell(shell):
    assert "still=42" in session(shell, "echo 'sleep 1; echo still=$((6*7))' | nc 127.0.0.1 2323")


def test_a_real_telnet_client(shell):
    printed = session(shell, "(sleep 1; echo 'echo a=$((6*7))'; sleep 1; echo exit; sleep 1) | "
                             "telnet 127.0.0.1 2323")
    assert "Entering character mode" in printed and "a=42" in printed


def test_window_size_and_escapes(shell):
    offer, agree = r"\377\373\001\377\373\003\377\375\003\377\375\037", r"\377\375\001\377\375\003"
    size = r"\377\373\037\377\372\037\000\144\000\050\377\360"
    printed = session(shell, rf"(printf '{agree}{size}\377\373\030stty size\r\n'; sleep 1; "
                             rf"printf 'printf %s \377\377 | od -An -tx1\r\000exit\r\n') | "
                             rf"nc 127.0.0.1 2323 | tee /tmp/raw")
    assert "40 100" in printed
    assert re.search(r"^ ff$", printed, re.M)
    wire = shell.check("head -c 400 /tmp/raw | od -v -An -to1 | tr -d ' \\n'")
    # The offers, and a refusal of the terminal's type: nothing else.
    assert wire.startswith(offer.replace("\\", ""))
    assert wire.count("377376030") == 1 and wire.count("377") == 7


def test_interrupt_command(shell):
    # Sent while sleep runs: IAC IP is the interrupt key.
    printed = session(shell, r"(printf 'sleep 1000\r\n'; sleep 1; printf '\377\364'; sleep 1; "
                             r"printf 'echo next=$((6*7))\r\nexit\r\n') | nc 127.0.0.1 2323")
    assert "next=42" in printed


def test_a_background_process_does_not_hold_the_session(shell):
    session(shell, "echo 'sleep 1000 & exit' | nc 127.0.0.1 2323")
    shell.run("killall sleep")


def test_without_pseudo_terminals(shell):
    shell.check("mv /dev/ptmx /dev/ptmx.away")
    try:
        printed = session(shell, "(echo 'echo out=$((6*7))'; echo tty) | nc 127.0.0.1 2323")
    finally:
        shell.check("mv /dev/ptmx.away /dev/ptmx")
    assert "out=42" in printed and "not a tty" in printed


def test_port_in_use(shell):
    status, printed = shell.run("/bin/telnetd 2>&1")
    assert status == 1 and re.search(r"^telnetd: port 2323: Addr", printed, re.M)
    assert shell.run("/bin/telnetd -p 70000")[0] == 2


def test_1000_sessions_and_32_at_once(shell, target):
    sequence = 1000 if target.name == "tessera" else 50     # the script is right on Linux, too
    shell.script("""
i=0 bad=0
while [ $i -lt $1 ]; do
    printf 'echo $((i*7))\\nexit\\n' | nc 127.0.0.1 2323 >/tmp/o || bad=$((bad+1))
    grep -q '^0' /tmp/o || bad=$((bad+1))
    i=$((i+1))
done
echo sequence $i bad $bad
""", "/tmp/sequence.sh")
    shell.script("""
i=0
while [ $i -lt 32 ]; do
    (echo "echo this=$i=$((i*i))"; sleep 3; echo exit) | nc 127.0.0.1 2323 >/tmp/at.$i &
    i=$((i+1))
done
wait
grep -l "^this=" /tmp/at.* | wc -l
""", "/tmp/at_once.sh")
    shell.check("sh /tmp/sequence.sh 20; sh /tmp/at_once.sh", 60)
    shell.check(": >/tmp/log; sleep 1")
    before = counters(shell)
    assert f"sequence {sequence} bad 0" in shell.check(f"sh /tmp/sequence.sh {sequence}", 300)
    assert shell.check("sh /tmp/at_once.sh", 60).strip() == "32"
    after = counters(shell)
    # Linux keeps caches of its own.
    assert_nothing_left(before, after, 4096 if target.name == "linux" else 1024)
    said = shell.check("sort /tmp/log | uniq -c")
    assert re.findall(r"\d+", said) == [str(sequence + 32)] * 4, said


def test_rude_clients_leave_nothing(shell):
    shell.script(r"""
rude() {
    # Garbage; options for ever; nobody reads; gone in the middle; a line without an end.
    head -c 20000 /dev/urandom | nc 127.0.0.1 2323 >/dev/null
    i=0; while [ $i -lt 2000 ]; do printf '\377\373\030\377\375\042\377\366'; i=$((i+1)); done |
        nc 127.0.0.1 2323 >/dev/null
    (echo 'yes'; sleep 1) | nc 127.0.0.1 2323 | sleep 1
    (echo 'sleep 1000'; sleep 1) | nc 127.0.0.1 2323 >/dev/null & sleep 0.5; kill $!; killall nc
    head -c 30000 /dev/zero | tr '\000' x | nc 127.0.0.1 2323 >/dev/null
    (printf '\377\372\037'; head -c 30000 /dev/zero) | nc 127.0.0.1 2323 >/dev/null
    : | nc 127.0.0.1 2323 >/dev/null
}
rude
""", "/tmp/rude.sh")
    shell.check(": >/tmp/log")
    shell.run("sh /tmp/rude.sh 2>/dev/null", 120)
    wait_for_ends(shell, 7)
    before = counters(shell)
    shell.run("sh /tmp/rude.sh 2>/dev/null", 120)
    wait_for_ends(shell, 14)
    assert_nothing_left(before, counters(shell), 1024)
