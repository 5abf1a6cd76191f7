# SPDX-License-Identifier: BSD-2-Clause
"""Sockets beside Linux's, on each network backend.

usr/sock_states brings sockets into every state, does every operation in each, and prints what
poll, select, epoll and the calls say. A line that differs from Linux's is a failure, unless
sock_states_differ.txt names it. Where the reference kernel is there it runs it, too, and has to say
what sock_states.linux.txt says.
"""
import os
import re

import pytest

import variants
from machine import Outcome
from targets import LINUX, tessera

FOLDER = os.path.dirname(__file__)
KINDS = ("tcp", "tcp6", "udp", "stream", "dgram", "seqpacket", "option")
LINE = re.compile(rf"^((?:{'|'.join(KINDS)})\.\S+): ?(.*?)\r*$", re.M)

# The programs of usr/tests that are about sockets and readiness: the same on each backend.
# inet_many comes last: it leaves thousands in TIME_WAIT.
PROGRAMS = ("socket unix inet_loopback inet_more inet_limits inet_pools socket_storm resolve poll "
            "tcp_info tcp_timers tcp_trickle tcp_memory tcp_rest eventfds pipe netlink netdevice inet_many")

# The variant that has each backend.
BACKENDS = {"loopback": "loopback_defconfig", "none": "net_none", "lwip": "defconfig"}


def table(text):
    return dict(LINE.findall(text))


def golden():
    with open(os.path.join(FOLDER, "sock_states.linux.txt"), encoding="ascii") as file:
        return table(file.read())


def known(backend):
    """Matches the keys that may differ on this backend."""
    with open(os.path.join(FOLDER, "sock_states_differ.txt"), encoding="ascii") as file:
        lines = [line.split()[:2] for line in file if line.strip() and not line.startswith("#")]
    keys = [re.escape(key).replace(r"\*", ".*") for name, key in lines if name == backend]
    return re.compile("|".join(keys) or r"(?!)")


def observe(boot, machine):
    # Exact time, so that delayed acknowledgements are the same in each run, and sleeping is free.
    guest = boot(machine.with_(icount=True, initrd=variants.initramfs("tests"),
                               append=f"{machine.append} RUN=/bin/sock_states"), silence=120)
    _, match = guest.expect(r"RUN_EXIT (\d+)", 600)
    assert guest.finish(60) is Outcome.OFF
    assert match[1] == "0", guest.text[-500:]
    return guest.text


def compare(found, wanted, ignore):
    wrong = [f"{key}\n  Linux: {wanted.get(key)}\n  here:  {value}"
             for key, value in found.items() if value != wanted.get(key) and not ignore.fullmatch(key)]
    assert not wrong, f"{len(wrong)} of {len(found)} differ:\n" + "\n".join(wrong[:40])


@pytest.mark.parametrize("backend", BACKENDS)
def test_sock_states(boot, backend):
    found = table(observe(boot, tessera(BACKENDS[backend], append="quiet")))
    wanted = golden()
    if backend == "none":
        wanted = {key: value for key, value in wanted.items()
                  if key.startswith(("stream.", "dgram.", "seqpacket.", "option.unix."))}
    assert found.keys() == wanted.keys()
    compare(found, wanted, known(backend))


@pytest.mark.skipif(not LINUX.kernel, reason="no reference kernel")
def test_sock_states_on_linux(boot):
    text = observe(boot, LINUX.machine())
    found = table(text)
    with open(os.path.join(variants.BUILD, "sock_states.linux.txt"), "w", encoding="ascii") as file:
        file.writelines(f"{key}: {value}\n" for key, value in found.items())
    compare(found, golden(), re.compile("(?!)"))
    assert found.keys() == golden().keys()


@pytest.mark.parametrize("backend", [name for name in BACKENDS if name != "lwip"])
def test_programs(boot, record_ktap, backend):
    """The default configuration, which has lwIP, runs them with all others."""
    guest = boot(tessera(BACKENDS[backend], initrd=variants.initramfs("tests"), cpus=2,
                         append=f'quiet RUN="/tests/run-all {PROGRAMS}"'), silence=60)
    _, match = guest.expect(r"RUN_EXIT (\d+)", 300)
    assert guest.finish(30) is Outcome.OFF
    report = record_ktap(f"programs.{backend}", guest.text)
    assert not report.problems
    assert not [case.name for case in report.cases if case.outcome == "failed"]
    assert match[1] == "0"


@pytest.mark.parametrize("where", ["lwip", "loopback", pytest.param(
    "linux", marks=pytest.mark.skipif(not LINUX.kernel, reason="no reference kernel"))])
def test_long_rests(boot, record_ktap, where):
    """Minutes pass before a connection and in it, which cost nothing with exact time."""
    machine = LINUX.machine() if where == "linux" else tessera(BACKENDS[where], append="quiet")
    guest = boot(machine.with_(icount=True, initrd=variants.initramfs("tests"),
                               append=f'{machine.append} RUN="REST=150 /tests/tcp_rest"'))
    _, match = guest.expect(r"RUN_EXIT (\d+)", 300)
    assert guest.finish(30) is Outcome.OFF
    assert len(record_ktap(f"rests.{where}", guest.text).cases) == 3
    assert match[1] == "0", guest.text[-500:]
