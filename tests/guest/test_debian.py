# SPDX-License-Identifier: BSD-2-Clause
"""Unmodified Debian arm64 bash, dash, coreutils and friends with their glibc."""
import re
import time

import pytest

from targets import on_each_target, shared_shell


pytestmark = on_each_target("debian")
shell = shared_shell("debian", "bash --norc --noediting", image="debian", mem="512M")


def bash(shell, script, deadline=60):
    path = shell.script(script)
    return shell.check(f"bash {path}", deadline)


@pytest.mark.parametrize("command, pattern", [
    ("bash --version", r"GNU bash, version 5"),
    ("ls --version", r"ls \(GNU coreutils\)"),
    ("ls -l /bin/bash", r"-rwxr-xr-x 1 root root 1\d{6} .* /bin/bash"),
    ("ls --color=always -d /usr", r"\x1b?.*/usr"),
    ("seq 5 | sort -rn | tr '\\n' ' '", r"^5 4 3 2 1"),
    ("seq 100000 | sort -n --parallel=2 | tail -n 1", r"^100000"),
    ("seq 10 | shuf | wc -l", r"^10"),
    ("stat -c '%s %F %a' /etc/passwd", r"^\d+ regular file 644"),
    ("stat -f -c %T /tmp", r"^(tmpfs|ramfs)"),
    ("rm -rf /tmp/c; cp -a /etc /tmp/c; diff -r --no-dereference /etc /tmp/c && echo same", r"same"),
    ("du -s /usr/bin | cut -f1", r"^\d+"),
    ("df /tmp | wc -l", r"^2"),
    ("printf abc | sha256sum", r"^ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ("date -u -d @86400 +%F", r"^1970-01-02"),
    ("timeout 1 sleep 5; echo $?", r"^124"),
    ("timeout -s KILL 1 sleep 5; echo $?", r"137"),
    ("nproc", r"^1"),
    ("env -i A=b env", r"^A=b$"),
    ("realpath /bin/bash", r"^/usr/bin/bash"),
    ("mktemp -d /tmp/XXXXXX", r"^/tmp/\w{6}"),
    ("echo hi | tee /tmp/tee; cat /tmp/tee", r"^hi\nhi"),
    ("factor 1234567890", r"2 3 3 5 3607 3803"),
    ("numfmt --to=iec 1048576", r"^1.0M"),
    ("echo hello | base64 | base64 -d", r"^hello"),
    ("touch -d 2001-02-03T04:05:06Z /tmp/t; stat -c %Y /tmp/t", r"^981173106"),
    ("truncate -s 1G /tmp/sparse; stat -c %s /tmp/sparse; rm /tmp/sparse", r"^1073741824"),
    ("dd if=/dev/zero of=/tmp/z bs=4k count=256 status=none; wc -c </tmp/z", r"^1048576"),
    ("rm -f /tmp/p; mkfifo /tmp/p; (echo x >/tmp/p &); cat /tmp/p", r"^x"),
    ("expr 6 '*' 7", r"^42"),
    ("id", r"uid=0\(root\) gid=0\(root\)"),
    ("whoami", r"^root"),
    ("tty", r"^/dev/"),
    ("nice -n 5 nice", r"^5"),
    ("stty size", r"^\d+ \d+"),
    ("uname -sm", r"^Linux aarch64"),
    ("split -b 1000 /bin/dash /tmp/sp.; cat /tmp/sp.* | cmp - /bin/dash && echo same; rm /tmp/sp.*",
     r"same"),
    ("cut -d: -f1 /etc/passwd | head -n 1", r"^root"),
    ("find /usr/bin -name 'b*sh' | sort", r"/usr/bin/bash"),
    ("find /usr/bin -type f -print0 | xargs -0 -n 50 ls -d | wc -l", r"^\d\d+"),
    ("grep -c root /etc/passwd", r"^1"),
    ("echo aXb | sed 's/X/-/'", r"^a-b"),
    ("seq 10 | awk '{ s += $1 } END { print s }'", r"^55"),
    ("sync; echo synced", r"synced"),
    ("tail -c 4 /bin/bash | wc -c", r"^4"),
    ("nohup true 2>&1; echo $?", r"0"),
    ("ln -s /etc /tmp/l$$; readlink /tmp/l$$", r"^/etc"),
    ("install -m 600 /etc/passwd /tmp/i; stat -c %a /tmp/i", r"^600"),
    ("mv /tmp/i /tmp/j; ls /tmp/j", r"^/tmp/j"),
    ("pr -h '' /etc/passwd | wc -l", r"^66"),
    ("LC_ALL=C ls -la --time-style=full-iso /proc/self/ | grep -c exe", r"^1"),
], ids=lambda value: re.sub(r"\W+", "_", value)[:32].strip("_") if " " in value else None)
def test_command(shell, command, pattern):
    printed = shell.run(command, 60)[1]
    assert re.search(pattern, printed, re.M), printed


def test_dash_is_sh(shell):
    assert shell.check("readlink -f /bin/sh").strip().endswith("/dash")


def test_dash_script(shell):
    path = shell.script("""
set -eu
f() { local n=$1; [ "$n" -le 1 ] && { echo 1; return; }; echo $(( n * $(f $((n - 1))) )); }
f 6
trap 'echo bye' EXIT
for x in a b; do case $x in a) echo first;; *) echo other;; esac; done
( exit 3 ) || echo "status $?"
sleep 0.1 & wait $!
echo "done ${0##*/}"
""")
    assert shell.check(f"dash {path}").split("\n")[:-1] == [
        "720", "first", "other", "status 3", "done t.sh", "bye"]


def test_bash_language(shell):
    assert bash(shell, """
declare -A map=([one]=1 [two]=2)
list=(x y z)
echo "${map[two]} ${#list[@]} ${list[@]:1}"
[[ abc =~ ^a(.)c$ ]] && echo "${BASH_REMATCH[1]}"
printf -v v '%05.1f' 3.14159; echo "$v"
echo {1..3}{a,b} $((16#ff)) ${v//0/o}
read -r a b <<<"here string"; echo "$b"
mapfile -t lines < <(seq 3); echo "${lines[*]}"
""").split("\n")[:-1] == ["2 3 y z", "b", "003.1", "1a 1b 2a 2b 3a 3b 255 oo3.1", "string", "1 2 3"]


def test_bash_process_substitution_and_coproc(shell):
    assert bash(shell, """
diff <(seq 3) <(seq 4)
coproc tr a-z A-Z
echo upper >&${COPROC[1]}; eval "exec ${COPROC[1]}>&-"; cat <&${COPROC[0]}
""") == "3a4\n> 4\nUPPER\n"


def test_bash_jobs_and_traps(shell):
    assert bash(shell, """
trap 'echo term' TERM; trap 'echo exit' EXIT
(sleep 0.2; kill -TERM $$) & wait $!
sleep 5 & p=$!; kill $p; wait $p; echo $?
for i in 1 2 3; do (exit $i) & done; wait -n; echo any; wait
time -p true
""").startswith("term\n143\nany\n")


def test_bash_many_children(shell):
    assert bash(shell, """
n=0; for i in $(seq 100); do /bin/true && n=$((n+1)); done; echo $n
seq 50 | while read -r i; do echo $i & done | wc -l
""", 120) == "100\n50\n"


def test_bash_interactive(shell):
    shell.sendline("PS1='bsh''> ' bash --norc --noediting -i")
    shell.expect("bsh> ", 20)
    shell.sendline("sleep 1000")
    shell.expect("sleep 1000", 5)
    time.sleep(0.7)
    shell.control("z")
    shell.expect("Stopped", 10)
    shell.expect("bsh> ", 10)
    shell.sendline("bg; jobs; kill %1; wait; echo $((40+2))")
    shell.expect(r"\b42\b", 15)
    shell.sendline("exit")
    shell.expect(re.escape(shell.PROMPT), 10)


def test_bash_line_editing(shell):
    shell.sendline("PS1='bsh''> ' bash --norc -i")
    shell.expect("bsh> ", 20)
    shell.send("echo wrong\x01\x0b")             # ^A ^K: to the start, kill the line
    shell.send("echo rigt\x1b[Dh\r")            # left arrow, insert
    # Between the newline and the output, readline ends the bracketed paste mode.
    shell.expect(r"[\r\n]right\r*\n", 10)
    shell.send("\x10\r")                        # ^P: the line before, again
    shell.expect(r"[\r\n]right\r*\n", 10)
    shell.sendline("exit")
    shell.expect(re.escape(shell.PROMPT), 10)
