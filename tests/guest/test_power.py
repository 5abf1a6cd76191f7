# SPDX-License-Identifier: BSD-2-Clause
"""How the machine stops and starts again."""
import pytest

from targets import TESSERA, on_each_target, tessera
from machine import Outcome


@on_each_target("power")
def test_poweroff(boot, target):
    guest = boot(target.machine())
    guest.login()
    guest.sendline("poweroff")
    assert guest.finish(30) is Outcome.OFF
    assert guest.status() == 0


@on_each_target("power")
def test_poweroff_by_force(boot, target):
    guest = boot(target.machine())
    guest.login()
    guest.sendline("poweroff -f")
    assert guest.finish(30) is Outcome.OFF


@on_each_target("power")
def test_reboot(boot, target):
    guest = boot(target.machine(reboot=True))
    guest.login()
    guest.check("touch /tmp/before")
    guest.sendline("reboot")
    guest.login()
    assert guest.run("test -e /tmp/before")[0] == 1
    guest.sendline("poweroff")
    assert guest.finish(30) is Outcome.OFF


@on_each_target("power")
@pytest.mark.parametrize("end", ["\x04", "exit 3\r"], ids=["end_of_file", "exit"])
def test_a_shell_that_ends_is_respawned(boot, target, end):
    guest = boot(target.machine())
    guest.login()
    guest.send(end)
    guest.login()
    assert guest.check("echo again") == "again\n"


@on_each_target("power")
def test_init_reaps_orphans(boot, target):
    guest = boot(target.machine())
    guest.login()
    guest.check("for i in 1 2 3 4 5; do sh -c 'sleep 0.2 &'; done; sleep 1")
    assert guest.check("ps | grep -c '[s]leep' || true").strip() == "0"


@on_each_target("power")
def test_init_cannot_be_killed(boot, target):
    guest = boot(target.machine())
    guest.login()
    guest.check("kill -9 1; sleep 0.2")
    assert "init" in guest.check("cat /proc/1/comm /proc/1/cmdline")


@on_each_target("power")
@pytest.mark.parametrize("append, printed", [
    ("RUN='echo ran $0'", "ran"), ("RUN=/bin/false", "RUN_EXIT 1"), ("RUN='exit 42'", "RUN_EXIT 42"),
], ids=["words", "false", "status"])
def test_run_argument(boot, target, append, printed):
    # The kernel's command line knows double quotes only.
    guest = boot(target.machine(append=append.replace("'", '"')))
    guest.expect(printed)
    assert guest.finish(30) is Outcome.OFF


def test_kernel_command_line_reaches_init(boot):
    guest = boot(tessera(append="colour=blue quiet"))
    guest.login()
    assert "colour=blue" in guest.check("tr '\\0' '\\n' </proc/1/environ")


def test_quiet_boot_says_little(boot):
    guest = boot(tessera(append="quiet"))
    guest.login()
    assert guest.text.count("\n") < 20


def test_time_stamps_and_run_line(boot):
    guest = boot(TESSERA.machine())
    guest.expect(r"\[ *\d+\.\d{6}\] Run /init as init process")
