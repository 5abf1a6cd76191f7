# SPDX-License-Identifier: BSD-2-Clause
"""An unmodified busybox shell on the console, driven as a person would.

The same script runs on Linux when the reference kernel is there: a test that Linux fails is a
wrong test.
"""
import re
import time

import pytest

from targets import on_each_target, shared_shell

pytestmark = on_each_target("shell")
shell = shared_shell("shell")


# --- commands and pipelines -------------------------------------------------------------

def test_echo(shell):
    assert shell.check("echo hello world") == "hello world\n"


def test_exit_statuses(shell):
    assert shell.run("true")[0] == 0
    assert shell.run("false")[0] == 1
    assert shell.run("sh -c 'exit 37'")[0] == 37
    assert shell.run("/nonexistent")[0] == 127
    assert shell.run("/etc")[0] == 126
    assert shell.run("sh -c 'kill -9 $$'")[0] == 137


def test_pipeline(shell):
    assert shell.check("printf 'b\\na\\nc\\n' | sort -r | tr a-z A-Z | head -n 1") == "C\n"
    assert shell.check("seq 1000 | grep 7 | wc -l").strip() == "271"


def test_pipeline_ends_its_writer(shell):
    assert shell.check("yes | head -n 3 | wc -l", 20).strip() == "3"


def test_pipeline_moves_a_lot(shell):
    printed = shell.check("dd if=/dev/zero bs=64k count=64 2>/dev/null | cat | md5sum", 60)
    assert printed.startswith("b5cfa9d6c8febd618f91ac2843d50a1c")


def test_redirections(shell):
    assert shell.check("cd /tmp; echo one >r; echo two >>r; wc -l <r").strip() == "2"
    assert shell.check("ls /nonexistent 2>&1 | grep -c 'No such file'").strip() == "1"
    shell.script("cat <<X\nhere $((6*7))\nX", "/tmp/here")
    assert shell.check("sh /tmp/here") == "here 42\n"


def test_command_substitution_and_loops(shell):
    assert shell.check("for i in $(seq 3); do printf %s- $i; done; echo") == "1-2-3-\n"


def test_many_processes(shell):
    assert shell.check("i=0; while [ $i -lt 100 ]; do /bin/true; i=$((i+1)); done; echo $i",
                       60) == "100\n"


def test_trap_and_kill(shell):
    assert shell.check("sh -c 'trap \"echo caught\" USR1; kill -USR1 $$; echo after'") == (
        "caught\nafter\n")


def test_sleep_takes_its_time(shell):
    start = time.monotonic()
    assert shell.check("sleep 1; echo woke") == "woke\n"
    assert 0.9 <= time.monotonic() - start < 15


# --- the terminal -----------------------------------------------------------------------

def test_interrupt_kills_the_foreground(shell):
    shell.sendline("sleep 1000")
    time.sleep(0.5)
    shell.control("c")
    shell.expect(re.escape(shell.PROMPT), 10)
    assert shell.check("echo alive") == "alive\n"


def test_interrupt_kills_a_busy_loop(shell):
    # In a shell of its own: busybox' interactive one may miss the signal, on Linux too.
    shell.sendline("sh -c 'while :; do :; done'")
    time.sleep(0.5)
    shell.control("c")
    shell.expect(re.escape(shell.PROMPT), 10)


def test_interrupt_kills_a_whole_pipeline(shell):
    shell.sendline("cat /dev/zero | cat | cat >/dev/null")
    time.sleep(0.5)
    shell.control("c")
    shell.expect(re.escape(shell.PROMPT), 10)
    assert shell.check("ps | grep -c '[c]at /dev/zero' || true").strip() == "0"


def test_interrupt_at_the_prompt(shell):
    shell.send("echo never")
    shell.control("c")
    shell.expect(re.escape(shell.PROMPT), 10)


def test_quit_character(shell):
    shell.sendline("sleep 1000")
    time.sleep(0.5)
    shell.control("\\")
    shell.expect("Quit", 10)
    shell.expect(re.escape(shell.PROMPT), 10)


def test_end_of_file_ends_cat(shell):
    shell.sendline("cat >/tmp/typed")
    time.sleep(0.3)
    shell.sendline("one line")
    shell.control("d")
    shell.expect(re.escape(shell.PROMPT), 10)
    assert shell.check("cat /tmp/typed") == "one line\n"


def test_end_of_file_after_text_delivers_it(shell):
    shell.sendline("cat >/tmp/typed")
    time.sleep(0.3)
    shell.send("no newline")
    shell.control("d")
    shell.control("d")
    shell.expect(re.escape(shell.PROMPT), 10)
    assert shell.check("wc -c </tmp/typed").strip() == "10"


def test_end_of_file_ends_a_shell(shell):
    shell.sendline("PS1='inner''> ' sh")
    shell.expect("inner> ", 10)
    shell.control("d")
    shell.expect(re.escape(shell.PROMPT), 10)


@pytest.mark.parametrize("typed, line", [
    ("helxx\x7f\x7flo", "hello"),
    ("wrong\x15right", "right"),
    ("one two\x17three", "one three"),
    ("a\x16\x03b", "a\x03b"),
], ids=["erase", "kill", "werase", "lnext"])
def test_canonical_editing(shell, typed, line):
    shell.sendline("cat >/tmp/typed")
    time.sleep(0.3)
    shell.sendline(typed)
    shell.control("d")
    shell.expect(re.escape(shell.PROMPT), 10)
    assert shell.check("od -An -tx1 /tmp/typed").split() == [
        f"{ord(letter):02x}" for letter in line + "\n"]


def test_stty_shows_the_usual_settings(shell):
    printed = shell.check("stty -a")
    assert "intr = ^C" in printed and "susp = ^Z" in printed and "eof = ^D" in printed
    words = printed.replace(";", " ").split()
    for setting in ("isig", "icanon", "iexten", "echo", "icrnl", "opost", "onlcr"):
        assert setting in words


def test_stty_without_echo(shell):
    shell.sendline("stty -echo; read secret; stty echo; echo \"<$secret>\"")
    time.sleep(0.5)
    shell.sendline("hidden")
    _, match = shell.expect(r"(hidden[^<]*)?<hidden>", 10)
    assert match[1] is None
    shell.expect(re.escape(shell.PROMPT), 10)


def test_stty_raw_delivers_single_characters(shell):
    shell.sendline("stty raw -echo; dd bs=1 count=1 2>/dev/null | od -An -tx1; stty sane")
    time.sleep(0.5)
    shell.send("\x03")
    shell.expect(r"\b03\b", 10)
    shell.expect(re.escape(shell.PROMPT), 10)


def test_window_size(shell):
    assert shell.check("stty rows 31 cols 97; stty size") == "31 97\n"
    assert shell.check("stty rows 24 cols 80; stty size") == "24 80\n"


def test_tty_has_a_name(shell):
    assert re.match(r"/dev/(ttyAMA0|console)\n", shell.check("tty"))


# --- job control ------------------------------------------------------------------------

def test_stop_and_foreground(shell):
    shell.sendline("sleep 1000")
    time.sleep(0.5)
    shell.control("z")
    shell.expect("Stopped", 10)
    shell.expect(re.escape(shell.PROMPT), 10)
    assert re.search(r"\[1\].*Stopped.*sleep 1000", shell.check("jobs"))
    shell.sendline("fg")
    shell.expect("sleep 1000", 10)
    time.sleep(0.5)
    shell.control("c")
    shell.expect(re.escape(shell.PROMPT), 10)
    assert "sleep" not in shell.check("jobs")


def test_stop_and_background(shell):
    shell.sendline("sleep 1000")
    time.sleep(0.5)
    shell.control("z")
    shell.expect("Stopped", 10)
    shell.expect(re.escape(shell.PROMPT), 10)
    shell.check("bg")
    assert re.search(r"\[1\].*Running.*sleep 1000", shell.check("jobs"))
    shell.check("kill %1; wait 2>/dev/null; true")


def test_background_job(shell):
    shell.sendline("sleep 1 && echo bg''done &")
    shell.expect(re.escape(shell.PROMPT), 10)
    assert shell.check("echo at once") == "at once\n"
    shell.expect("bgdone", 15)
    shell.sendline("")
    shell.expect("Done", 10)
    shell.expect(re.escape(shell.PROMPT), 10)


def test_wait_gives_the_status(shell):
    assert shell.check("sh -c 'exit 5' & wait $!; echo $?").splitlines()[-1] == "5"


def test_background_reader_is_stopped(shell):
    shell.sendline("cat &")
    shell.expect(re.escape(shell.PROMPT), 10)
    time.sleep(0.5)
    assert re.search(r"Stopped \(tty input\)|Stopped", shell.check("jobs"))
    shell.check("kill -9 %1; wait 2>/dev/null; true")


def test_background_writer_stops_with_tostop(shell):
    shell.check("stty tostop")
    shell.sendline("echo secret''word &")
    time.sleep(0.5)
    shell.expect(re.escape(shell.PROMPT), 10)
    assert re.search(r"Stopped \(tty output\)|Stopped", shell.check("stty -tostop; jobs"))
    shell.sendline("fg")
    shell.expect("secretword", 10)
    shell.expect(re.escape(shell.PROMPT), 10)


# --- full-screen programs ---------------------------------------------------------------

def test_vi_writes_a_file(shell):
    shell.check("rm -f /tmp/vi.txt")
    shell.sendline("vi /tmp/vi.txt")
    shell.expect(r"~.*vi\.txt", 15)
    time.sleep(0.5)
    shell.send("ihello from vi\rsecond line")
    time.sleep(0.5)
    shell.send("\x1b")
    time.sleep(0.7)
    shell.send(":wq\r")
    shell.expect(re.escape(shell.PROMPT), 15)
    assert shell.check("cat /tmp/vi.txt") == "hello from vi\nsecond line\n"


def test_vi_edits_a_file(shell):
    shell.check("seq 5 >/tmp/vi.txt")
    shell.sendline("vi /tmp/vi.txt")
    shell.expect(r"~.*vi\.txt", 15)
    time.sleep(0.5)
    shell.send("jddGp")             # move line 2 to the end
    time.sleep(0.5)
    shell.send("1GA!")              # and append to the first
    time.sleep(0.5)
    shell.send("\x1b")
    time.sleep(0.7)
    shell.send(":w\r")
    time.sleep(0.5)
    shell.send("dd:q!\r")           # what is not written is lost
    shell.expect(re.escape(shell.PROMPT), 15)
    assert shell.check("cat /tmp/vi.txt").split() == ["1!", "3", "4", "5", "2"]


def test_vi_arrow_keys(shell):
    shell.check("echo abc >/tmp/vi.txt")
    shell.sendline("vi /tmp/vi.txt")
    shell.expect(r"~.*vi\.txt", 15)
    time.sleep(0.5)
    shell.send("\x1b[C")
    time.sleep(0.3)
    shell.send("x:wq\r")
    shell.expect(re.escape(shell.PROMPT), 15)
    assert shell.check("cat /tmp/vi.txt") == "ac\n"


def test_top_runs_and_quits(shell):
    shell.sendline("top -d 1")
    shell.expect(r"Mem: \d+K used, \d+K free", 15)
    shell.expect(r"CPU:", 10)
    shell.expect(r"Load average: \d+\.\d+", 10)
    shell.expect(r"Mem: \d+K used", 15)      # it refreshes
    shell.send("q")
    shell.expect(re.escape(shell.PROMPT), 15)


def test_top_in_batch_mode(shell):
    printed = shell.check("top -b -n 1")
    assert re.search(r"PID +PPID +USER +STAT", printed)
    assert re.search(r"^ +1 +0 (root|0) ", printed, re.M)


def test_less_pages(shell):
    shell.sendline("seq 200 | less")
    shell.expect(r"20[^0-9]", 15)
    time.sleep(0.3)
    shell.send(" ")
    shell.expect(r"4[0-9]\b", 15)
    shell.send("q")
    shell.expect(re.escape(shell.PROMPT), 15)


# --- what the system tells about itself -------------------------------------------------

def test_ps(shell):
    printed = shell.check("ps")
    assert re.search(r"^ +1 +(root|0) .*init", printed, re.M)
    assert re.search(r"^ *\d+ +(root|0) .*\bps\b", printed, re.M)


def test_free(shell):
    match = re.search(r"^Mem: +(\d+) +(\d+) +(\d+)", shell.check("free"), re.M)
    total, used, free = (int(number) for number in match.groups())
    assert 100_000 < total <= 262_144
    assert 0 < used < total and 0 < free < total


def test_mount_lists_file_systems(shell):
    printed = shell.check("mount")
    assert re.search(r" on /proc type proc \(", printed)
    assert re.search(r" on /dev type devtmpfs \(", printed)
    assert re.search(r" on / type ", printed)


def test_mount_and_umount(shell):
    shell.check("mkdir -p /tmp/m; mount -t tmpfs -o size=1m none /tmp/m")
    assert shell.run("dd if=/dev/zero of=/tmp/m/f bs=64k count=32 2>&1 | grep -c 'No space'")[1:] == (
        "1\n",)
    assert "/tmp/m " in shell.check("mount")
    assert re.search(r"100% /tmp/m", shell.check("df /tmp/m"))
    assert shell.run("cd /tmp/m && umount /tmp/m")[0] != 0     # busy
    shell.check("cd /; umount /tmp/m")
    assert "/tmp/m " not in shell.check("mount")
    assert shell.check("ls /tmp/m") == ""


def test_uptime(shell):
    assert re.search(r"\d\d:\d\d:\d\d up .*load average: \d+\.\d\d, \d+\.\d\d, \d+\.\d\d",
                     shell.check("uptime"))


def test_uname(shell):
    assert shell.check("uname -m") == "aarch64\n"
    assert re.match(r"Linux \S+ \d+\.\d+", shell.check("uname -a"))


def test_id_and_hostname(shell):
    assert shell.check("id -u") == "0\n"
    assert shell.check("hostname kernel-test; hostname") == "kernel-test\n"


def test_date(shell):
    assert abs(int(shell.check("date +%s")) - time.time()) < 600


def test_dmesg(shell):
    assert len(shell.check("dmesg").splitlines()) > 5


@pytest.mark.parametrize("name, pattern", [
    ("version", r"^Linux version \d+\.\d+.*\n$"),
    ("cpuinfo", r"processor\s*: 0\n(.*\n)*CPU implementer\s*: 0x41"),
    ("meminfo", r"MemTotal: +\d+ kB\nMemFree: +\d+ kB\nMemAvailable: +\d+ kB\n"),
    ("stat", r"^cpu +\d+( \d+){9}\ncpu0 (.*\n)*btime \d+\nprocesses \d+\n"),
    ("uptime", r"^\d+\.\d\d \d+\.\d\d\n$"),
    ("loadavg", r"^\d+\.\d\d \d+\.\d\d \d+\.\d\d \d+/\d+ \d+\n$"),
    ("mounts", r"^\S+ / \S+ \S+ 0 0\n"),
    ("filesystems", r"^nodev\ttmpfs$"),
    ("cmdline", r"console=ttyAMA0"),
    ("interrupts", r"^ +CPU0"),
    ("self/status", r"^Name:\tcat\n(.*\n)*State:\tR \(running\)\n(.*\n)*VmRSS:\t *\d+ kB\n"),
    ("self/stat", r"^\d+ \(cat\) R \d+ \d+ \d+ \d+( -?\d+){45}\n$"),
    ("self/statm", r"^\d+( \d+){6}\n$"),
    ("self/maps", r"^[0-9a-f]+-[0-9a-f]+ r-xp 00000000 [0-9a-f]+:[0-9a-f]+ \d+ +/\S*busybox\n"
                  r"(.*\n)*[0-9a-f]+-[0-9a-f]+ rw-p 0+ 00:00 0 +\[stack\]\n"),
    ("self/mountinfo", r"^\d+ \d+ \d+:\d+ / / "),
    ("self/limits", r"^Max open files +\d+ +\d+ +files"),
    ("sys/kernel/ostype", r"^Linux\n$"),
    ("sys/kernel/pid_max", r"^\d+\n$"),
    ("sys/kernel/random/uuid", r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\n$"),
], ids=lambda value: value.replace("/", "_") if re.fullmatch(r"[\w/]+", value) else "")
def test_proc(shell, name, pattern):
    printed = shell.check(f"cat /proc/{name}")
    assert re.search(pattern, printed, re.M if name in ("filesystems", "self/limits") else 0), printed


def test_proc_self_links(shell):
    assert shell.check("readlink /proc/self/exe").strip().endswith("/busybox")
    assert shell.check("cd /tmp; readlink /proc/self/cwd") == "/tmp\n"
    assert re.search(r" 0 -> /dev/", shell.check("ls -l /proc/self/fd"))
    assert shell.check("/bin/cat /proc/self/cmdline | tr '\\0' '|'; echo") == (
        "/bin/cat|/proc/self/cmdline|\n")


def test_proc_of_another_process(shell):
    assert "init" in shell.check("cat /proc/1/comm /proc/1/cmdline")
    assert shell.run("ls /proc/999999")[0] == 1


# --- files ------------------------------------------------------------------------------

def test_file_operations(shell):
    shell.check("rm -rf /tmp/w; mkdir -p /tmp/w/a/b; cd /tmp/w; echo data >a/f")
    shell.check("ln a/f hard; ln -s a/f soft; mv a/f a/b/g; chmod 640 hard")
    assert shell.check("cat hard a/b/g; readlink soft") == "data\ndata\na/f\n"
    assert shell.run("cat soft")[0] == 1
    assert shell.check("stat -c '%a %h %s' hard") == "640 2 5\n"
    assert shell.check("find . | sort | tr '\\n' ' '") == ". ./a ./a/b ./a/b/g ./hard ./soft "
    assert shell.run("rmdir a")[0] == 1
    shell.check("cd /; rm -r /tmp/w")


def test_archive_round_trip(shell):
    shell.check("rm -rf /tmp/w; mkdir /tmp/w; cd /tmp/w; cp -a /etc .; seq 20000 >etc/seq")
    shell.check("tar czf t.tgz etc; mkdir x; tar xzf t.tgz -C x; diff -r etc x/etc", 60)
    assert shell.check("md5sum <x/etc/seq") == shell.check("seq 20000 | md5sum")
    shell.check("cd /; rm -r /tmp/w")


def test_fifo(shell):
    assert shell.check("rm -f /tmp/p; mkfifo /tmp/p; (echo through >/tmp/p &); cat /tmp/p") == (
        "through\n")


def test_special_devices(shell):
    assert shell.run("echo x >/dev/full")[0] != 0
    assert shell.check("head -c 5 /dev/zero | od -An -tx1").split() == ["00"] * 5
    assert shell.check("cat /dev/null") == ""
    assert shell.check("head -c 1000 /dev/urandom | wc -c").strip() == "1000"
    one, two = (shell.check("head -c 16 /dev/random | md5sum") for _ in range(2))
    assert one != two


def test_scripts_with_an_interpreter_line(shell):
    shell.check("printf '#!/bin/sh\\necho \"$# $1\"\\n' >/tmp/s; chmod +x /tmp/s")
    assert shell.check("/tmp/s one two") == "2 one\n"
    shell.check("printf '#!/nonexistent\\n' >/tmp/s")
    assert shell.run("/tmp/s")[0] in (126, 127)


def test_permissions_hold_for_others(shell):
    shell.check("echo secret >/tmp/root-only; chmod 600 /tmp/root-only")
    assert shell.check("su -s /bin/sh nobody -c 'id -u'") == "65534\n"
    status, printed = shell.run("su -s /bin/sh nobody -c 'cat /tmp/root-only' 2>&1")
    assert status == 1 and "Permission denied" in printed
