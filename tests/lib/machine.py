# SPDX-License-Identifier: BSD-2-Clause
"""Run a kernel in QEMU and drive its console.

Every command line comes from scripts/qemu. How a run ended is one of the Outcomes below; a
status of 0 alone is never a pass, because a reset and a power-off look alike from outside.
"""
import os
import re
import signal
import time
from enum import Enum

import pexpect

import script

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


qemu = script.load("scripts/qemu")
Machine = qemu.Machine


class Outcome(Enum):
    PASS = "PASS"                # the kernel said so, by its exit status
    FAIL = "FAIL"                # the same
    PANIC = "PANIC"              # by exit status or by the text on the console
    OFF = "OFF"                  # ended by PSCI, saying nothing about success
    HANG = "HANG"                # silent for too long, or past the deadline
    QEMU_ERROR = "QEMU-ERROR"    # the machine broke, not the kernel


def exit_codes(path=os.path.join(TOP, "include/kernel/exit_codes.h")):
    """{"PASS": 32, ...} as the kernel itself has them."""
    with open(path, encoding="ascii") as header:
        found = re.findall(r"^#define EXIT_CODE_(\w+)\s+(\d+)", header.read(), re.M)
    return {name: int(value) for name, value in found}


PANIC_TEXT = re.compile(r"---\[ end Kernel panic|Kernel panic - not syncing")
# What the kernel says of a defect that it has found in itself and survived: a warning, and the
# reports of lockdep, of the watchdogs and of sleeping where that is forbidden.
DEFECT_TEXT = re.compile(
    r"^.*(?:WARNING: (?:CPU: \d+ PID: |possible (?:circular|recursive|interrupt) lock|inconsistent lock |"
    r"lock held when )|lockdep: |watchdog: |INFO: task .* blocked for more than |"
    r"sched: \S+ not allowed in this context).*$", re.M)
ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|[()][A-Z0-9]|[=>78])")


def classify(status, console, hung=False):
    """The Outcome of a run. `status` is QEMU's exit status, negative for a signal."""
    codes = exit_codes()
    if status == codes["PANIC"] or PANIC_TEXT.search(console):
        return Outcome.PANIC
    if hung:
        return Outcome.HANG
    return {codes["PASS"]: Outcome.PASS, codes["FAIL"]: Outcome.FAIL, 0: Outcome.OFF}.get(
        status, Outcome.QEMU_ERROR)


# TEST_PATIENCE=4 waits four times as long: for a machine that is busy with other things.
PATIENCE = float(os.environ.get("TEST_PATIENCE") or 1)


class GuestError(AssertionError):
    """The guest did not do what the test waited for; says what it did instead."""


class Guest:
    """A running machine. Use as a context manager: leaving it always ends QEMU.

    `silence` is how long the console may say nothing while something is waited for, and
    `deadline` how long one wait may take in all; both in seconds.
    """
    PROMPT = "tsh$ "

    def __init__(self, machine, log, silence=30, deadline=120):
        self.machine = machine.with_(console="pipe")
        self.silence, self.deadline = silence, deadline
        self.machine.check()
        self.log = None
        command = self.machine.command()
        self.child = pexpect.spawn(command[0], command[1:], encoding="utf-8",
                                   codec_errors="replace", timeout=deadline, dimensions=(24, 80))
        self.child.delaybeforesend = None
        self.text = ""           # all of the console that was waited past
        self.hung = False
        self.log_to(log)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def close(self):
        if not self.child.closed:
            if self.child.isalive():        # close() would give it a tenth of a second, and complain
                self.child.kill(signal.SIGKILL)
                self.child.wait()
            self.child.close()
        self.log.close()

    def log_to(self, path):
        """Let the console go to this file from here on."""
        if self.log:
            self.log.close()
        os.makedirs(os.path.dirname(path), exist_ok=True)
        self.log_path = path
        self.log = open(path, "a", encoding="utf-8", newline="")
        self.log.write(qemu.quoted(self.machine.command()) + "\n")
        self.child.logfile_read = self.log

    @property
    def alive(self):
        return not self.child.closed and self.child.isalive()

    # --- waiting ------------------------------------------------------------------------

    def expect(self, pattern, deadline=None, silence=None):
        """Wait for a regular expression (or a list of them); returns (index, match)."""
        patterns = [pattern] if isinstance(pattern, str) else list(pattern)
        end = time.monotonic() + (deadline or self.deadline) * PATIENCE
        silence = (silence or self.silence) * PATIENCE
        tail = [r"---\[ end Kernel panic[^\r\n]*", pexpect.EOF, pexpect.TIMEOUT]
        while True:
            wait = min(silence, max(0.1, end - time.monotonic()))
            before = len(self.child.before) if isinstance(self.child.before, str) else 0
            index = self.child.expect(patterns + tail, timeout=wait)
            if index < len(patterns):
                self.text += self.child.before + self.child.after
                return index, self.child.match
            if index == len(patterns):
                self.text += self.child.before + self.child.after
                self._fail("PANIC", patterns)
            if index == len(patterns) + 1:
                self.text += self.child.before
                self._fail(f"QEMU ended with status {self.status()}", patterns)
            # Time is up for silence only when nothing at all came meanwhile.
            if len(self.child.before) == before or time.monotonic() >= end:
                self.hung = True
                self.text += self.child.before
                self._show_tasks()
                self._fail("HANG", patterns)

    def _show_tasks(self):
        """Ask a kernel that does not answer, for the log, who sleeps where: a BREAK and t."""
        for command in "8t":
            self.child.send(qemu.ESCAPE + "b" + command)
        self.child.expect([pexpect.EOF, pexpect.TIMEOUT], timeout=3 * PATIENCE)

    def _fail(self, what, patterns):
        last = ESCAPES.sub("", self.text)[-1500:].replace("\r", "")
        raise GuestError(f"{what} while waiting for {' or '.join(map(repr, patterns))}\n"
                         f"log: {self.log_path}\nthe last of the console:\n{last}")

    def finish(self, deadline=None):
        """Wait for the machine to end; returns its Outcome."""
        end = time.monotonic() + (deadline or self.deadline) * PATIENCE
        heard, quiet_since = 0, time.monotonic()
        panicked = False
        while not self.child.closed:
            try:
                self.child.expect(pexpect.EOF, timeout=0.5)
                self.text += self.child.before
                break
            except pexpect.TIMEOUT:
                now, size = time.monotonic(), len(self.child.before)
                if size != heard:
                    heard, quiet_since = size, now
                panicked = bool(PANIC_TEXT.search(self.child.before[-20000:]))
                # A kernel that panicked has 5 s to leave; panic= may also ask it to stay.
                limit = (5 if panicked else self.silence) * PATIENCE
                if now > end or now - quiet_since > limit:
                    self.text += self.child.before
                    self.hung = True
                    self.child.close(force=True)
                    break
        return classify(self.status(), self.text, self.hung)

    def status(self):
        """QEMU's exit status once it has ended; negative for a signal."""
        self.child.close(force=True)
        if self.child.signalstatus:
            return -self.child.signalstatus
        return self.child.exitstatus if self.child.exitstatus is not None else -9

    # --- a shell on the console ---------------------------------------------------------

    def send(self, text):
        self.child.send(text)

    def sendline(self, text=""):
        # \r is what the Enter key sends; the line discipline turns it into a newline.
        self.child.send(text + "\r")

    def control(self, letter):
        self.child.sendcontrol(letter)

    def login(self, deadline=None):
        """Wait for the prompt of a new shell of init's, and make it one that cannot be mistaken."""
        self.expect(r"(?:^|\n)(?!tsh)[^\r\n]{0,40}[#$] (?:\x1b\[6n)?$", deadline)
        self.settle()

    def settle(self):
        """Get an unmistakable prompt from a shell in an unknown state."""
        # Wide, so that no echo of a command wraps.
        self.sendline("export TERM=vt100; stty rows 24 cols 500; PS1='tsh''$ '")
        self.expect(re.escape(self.PROMPT), 20)

    def recover(self):
        """Bring a shell back to its prompt, whatever an earlier test left on the console."""
        self.control("c")
        time.sleep(0.3)     # the signal flushes what is typed with it
        self.settle()
        self.check("stty sane; cd /; true")

    def run(self, command, deadline=30):
        """Run one shell command; returns (status, what it printed)."""
        self.sendline(f"{command}; echo \"@@$?\"@@")
        # A command may well work in silence.
        _, match = self.expect(r"@@(\d+)@@", deadline, silence=deadline)
        printed = ESCAPES.sub("", self.child.before).replace("\r", "")
        self.expect(re.escape(self.PROMPT), deadline)
        # The shell's echo of the command is the first line, however often it wrapped.
        return int(match[1]), printed.partition("\"@@\n")[2] or printed.partition("\n")[2]

    def check(self, command, deadline=30):
        """run() that must exit with 0; returns what it printed."""
        status, printed = self.run(command, deadline)
        if status:
            raise GuestError(f"{command}: exit status {status}\n{printed}\nlog: {self.log_path}")
        return printed

    def script(self, text, path="/tmp/t.sh"):
        """Write a file on the guest, a line at a time so that canonical mode can hold it."""
        self.sendline(f"cat >{path} <<'@EOF@'")
        for line in text.strip("\n").split("\n"):
            self.sendline(line)
        self.sendline("@EOF@")
        # The shell's prompts for more come anywhere in the echo, so wait for something else.
        self.sendline("echo it is''_there")
        self.expect(r"is_there\r*\n", 30)
        self.expect(re.escape(self.PROMPT), 30)
        return path
