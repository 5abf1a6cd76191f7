# SPDX-License-Identifier: BSD-2-Clause
"""Programs that live on pseudo terminals, unmodified: bash's job control inside tmux and script,
vim, less. The console's terminal is their outside; inside they have /dev/pts/N.
"""
import re
import time

import pytest

from targets import on_each_target, shared_shell

pytestmark = on_each_target("terminal")
shell = shared_shell("terminal", "bash --norc --noediting", image="terminal", mem="512M")


@pytest.fixture
def pts(shell):
    """An interactive bash on a pseudo terminal of script(1); back at the console's after."""
    shell.sendline("PS1='pts''> ' script -q -c 'bash --norc --noediting -i' /tmp/typescript")
    shell.expect("pts> ", 20)
    yield shell
    shell.sendline("exit")
    shell.sendline("exit")      # bash warns once of stopped jobs
    shell.settle()


def say(pts, command, pattern, seconds=20):
    pts.sendline(command)
    found = pts.expect(pattern, seconds)[1]
    pts.expect("pts> ", seconds)
    return found


def test_it_is_one(pts):
    assert say(pts, "tty", r"/dev/pts/(\d+)\r*\n")
    say(pts, "stty -a", "isig icanon iexten echo")


def test_stop_and_continue(pts):
    pts.sendline("sleep 1000")
    time.sleep(0.7)
    pts.control("z")
    pts.expect(r"\[1\]\+  Stopped +sleep 1000", 20)
    pts.expect("pts> ", 20)
    say(pts, "bg", r"\[1\]\+ sleep 1000 &")
    say(pts, "jobs", r"\[1\]\+  Running +sleep 1000")
    pts.sendline("fg")
    time.sleep(0.7)
    pts.control("c")
    pts.expect("pts> ", 20)
    say(pts, "jobs; echo none''_left", "none_left")


def test_a_background_reader_stops(pts):
    say(pts, "cat &", r"\[1\] \d+")
    time.sleep(0.5)
    say(pts, "jobs", r"\[1\]\+  Stopped +cat")
    pts.sendline("fg")
    time.sleep(0.5)
    pts.sendline("typed line")
    pts.expect(r"typed line\r*\ntyped line", 20)
    pts.control("d")
    pts.expect("pts> ", 20)


def test_tostop(pts):
    say(pts, "stty tostop; (echo from; echo behind) & sleep 0.5; jobs", r"Stopped")
    say(pts, "stty -tostop; fg", "behind")


def test_pipelines_are_one_job(pts):
    pts.sendline("sleep 1000 | cat | cat")
    time.sleep(0.7)
    pts.control("z")
    pts.expect(r"Stopped +sleep 1000 \| cat \| cat", 20)
    pts.expect("pts> ", 20)
    say(pts, "kill %1; wait; echo ended''_now", "ended_now")


def test_hang_up_ends_what_ran(shell):
    # The master goes with script; the shell in it, its session's leader, is hung up.
    shell.check("setsid script -q -c 'sleep 4321; true' /tmp/typescript </dev/null >/dev/null & "
                "sleep 1; ps -o args | grep -q '[s]leep 4321' && killall -9 script; sleep 1")
    assert shell.check("ps -o args | grep -c '[s]leep 432' || true").strip() == "0"


def test_window_size_follows(pts):
    # In one process group: a job's own group would hear of it, not the shell's.
    pts.sendline("bash -c 'trap \"echo winch \\$(stty size)\" WINCH; stty rows 33 cols 111; true'")
    pts.expect(r"winch 33 111", 20)
    pts.expect("pts> ", 20)


def test_vim_edits(pts):
    pts.sendline("rm -f /tmp/v; vim.tiny -u NONE /tmp/v")
    pts.expect(r"/tmp/v", 30)
    time.sleep(1)
    pts.send("ione two\x1b")
    time.sleep(0.3)
    pts.send("yypcwthree\x1b")
    time.sleep(0.3)
    pts.send(":wq\r")
    pts.expect("pts> ", 30)
    say(pts, "cat /tmp/v", r"one two\r*\nthree two")


def test_vim_is_a_job(pts):
    pts.sendline("vim.tiny -u NONE /tmp/w")
    time.sleep(1.5)
    pts.control("z")
    pts.expect(r"Stopped +vim.tiny -u NONE", 20)
    pts.expect("pts> ", 20)
    pts.sendline("fg")
    time.sleep(1)
    pts.send(":q!\r")
    pts.expect("pts> ", 20)
    say(pts, "echo cooked''_again", "cooked_again")


def test_less_pages_and_searches(pts):
    pts.sendline("seq 1000 | less")
    pts.expect(r"\d\r*\n", 20)
    time.sleep(0.5)
    pts.send("G")
    pts.expect(r"\b1000\b", 20)
    pts.send("/^5[0]5\r")
    time.sleep(0.3)
    pts.send("?^777\r")
    pts.expect(r"777", 20)
    pts.send("q")
    pts.expect("pts> ", 20)


# --- tmux -------------------------------------------------------------------------------

@pytest.fixture
def tmux(shell):
    shell.check("export TERM=screen LANG=C.UTF-8; tmux -f /dev/null new-session -d -x 100 -y 30 "
                "\"PS1='in''> ' bash --norc --noediting\"", 30)
    yield shell
    shell.run("tmux kill-server; unset LANG; export TERM=vt100")


def screen(shell, pattern, seconds=10):
    """Wait until a tmux pane shows the pattern; returns what it shows."""
    for _ in range(seconds * 5):
        text = shell.check("tmux capture-pane -p")
        if re.search(pattern, text):
            return text
        time.sleep(0.2)
    raise AssertionError(f"no {pattern!r} in\n{text}")


def test_tmux_runs_shells(tmux):
    screen(tmux, "in>")
    tmux.check("tmux send-keys 'tty; stty size; echo sum=$((6*7))' Enter")
    text = screen(tmux, "sum=42")
    assert re.search(r"/dev/pts/\d+", text) and re.search(r"^(29|30) 100$", text, re.M)


def test_tmux_resizes_and_splits(tmux):
    screen(tmux, "in>")
    tmux.check("tmux send-keys 'trap \"stty size\" WINCH' Enter; sleep 0.5; tmux split-window -h cat")
    tmux.check("tmux select-pane -L; tmux send-keys '' Enter")
    assert screen(tmux, r"(29|30) (49|50)\b")
    panes = tmux.check("tmux list-panes -F '#{pane_width} #{pane_tty}'")
    assert len(set(re.findall(r"/dev/pts/\d+", panes))) == 2, panes


def test_tmux_client_attaches_and_detaches(tmux):
    tmux.sendline("tmux attach")
    tmux.expect(r"\[0\]", 20)
    tmux.sendline("echo attached=$((5*5))")
    tmux.expect("attached=25", 20)
    tmux.send("\x02d")
    tmux.expect("detached", 20)
    tmux.settle()
    assert "attached=25" in tmux.check("tmux capture-pane -p")


def test_tmux_hangs_up_what_ran_in_it(tmux):
    screen(tmux, "in>")
    tmux.check("tmux send-keys 'sleep 5432' Enter; sleep 1; tmux kill-server; sleep 1")
    assert tmux.check("ps -o args | grep -c '[s]leep 5432' || true").strip() == "0"
