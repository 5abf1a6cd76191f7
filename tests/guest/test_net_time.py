# SPDX-License-Identifier: BSD-2-Clause
"""The clock set by unmodified Debian programs, rdate and chronyd, from an NTP server on this machine."""
import re
import socket
import struct
import threading
import time

import pytest

import debian
from targets import tessera

pytestmark = pytest.mark.xdist_group("net-time")
EPOCH = 2208988800      # of NTP, before Unix'
DAY = 86400


def stamp(seconds):
    whole = int(seconds)
    return struct.pack("!II", (whole + EPOCH) & 0xffffffff, int((seconds - whole) * 2**32))


class NtpServer(threading.Thread):
    """RFC 5905, mode 4, of a clock that is `ahead` of this machine's."""

    def __init__(self):
        super().__init__(daemon=True)
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.port = self.sock.getsockname()[1]
        self.ahead, self.asked = 0.0, 0

    def run(self):
        while True:
            question, client = self.sock.recvfrom(512)
            if not question:
                return
            if len(question) < 48:
                continue
            self.asked += 1
            now = stamp(time.time() + self.ahead)
            head = struct.pack("!BBbbII4s", question[0] & 0x38 | 4, 1, question[2], -20, 0, 16, b"TEST")
            self.sock.sendto(head + now + question[40:48] + now + stamp(time.time() + self.ahead), client)

    def stop(self):
        self.sock.sendto(b"", ("127.0.0.1", self.port))
        self.join()
        self.sock.close()


@pytest.fixture(scope="module")
def server():
    ntp = NtpServer()
    ntp.start()
    yield ntp
    ntp.stop()


@pytest.fixture
def shell(shared_guests, case_log):
    machine = tessera("defconfig", initrd=debian.image("time"), net="user", mem="512M",
                      append="quiet net.ip=10.0.2.15/24,gw=10.0.2.2")
    return shared_guests.get("net-time", machine, case_log)


def clocks(shell):
    """Seconds since 1970, since the boot, and when that was; real time asked first on this machine."""
    early = time.time()
    real, up, boot = re.match(r"(\d+)\n([\d.]+) .*\nbtime (\d+)\n", shell.check(
        "date +%s; cat /proc/uptime; grep btime /proc/stat")).groups()
    return early, int(real), float(up), int(boot)


def is_set(shell, server, command, deadline=60):
    """The command makes the guest's real time the server's, and leaves all other clocks alone."""
    _, _, up_before, boot_before = clocks(shell)
    asked, start = server.asked, time.monotonic()
    shell.check(command, deadline)
    early, real, up, boot = clocks(shell)
    took = time.monotonic() - start
    assert server.asked > asked
    assert early + server.ahead - 2 <= real <= time.time() + server.ahead + 2
    assert 0 < up - up_before < took + 2
    assert abs((real - up) - boot) <= 2 and abs(boot - boot_before) > DAY / 2


@pytest.mark.parametrize("days", [100, -3], ids=["forward", "back"])
def test_rdate(shell, server, days):
    server.ahead = days * DAY + 0.5
    is_set(shell, server, f"/usr/sbin/rdate -n -o {server.port} 10.0.2.2")


def chronyd(server, option):
    return (f"mkdir -p -m 750 /run/chrony; chronyd -u root {option} -t 60 'server 10.0.2.2 port {server.port} "
            "iburst' 'cmdport 0' 2>&1")


def test_chronyd_measures(shell, server):
    """Several questions and their times, without setting the clock."""
    server.ahead = DAY
    shell.check("/usr/sbin/rdate -n -o %d 10.0.2.2" % server.port)
    server.ahead += 5000
    printed = shell.check(chronyd(server, "-Q"), 120)
    wrong = float(re.search(r"System clock wrong by (-?[\d.]+) seconds", printed)[1])
    assert abs(wrong - 5000) < 2, printed


def test_chronyd_sets(shell, server):
    """With adjtimex(2): it looks at the rate, takes it over and steps the clock."""
    server.ahead = 20 * DAY + 0.25
    is_set(shell, server, chronyd(server, "-q"), 120)


def test_timers_go_on_over_a_step(shell, server):
    """sleep counts time that passes, not what the clock says."""
    server.ahead = 30 * DAY
    shell.check("(sleep 4; echo woken >/tmp/woken) & :")
    shell.check(f"/usr/sbin/rdate -n -o {server.port} 10.0.2.2")
    assert shell.run("cat /tmp/woken")[0]
    shell.check("sleep 6; cat /tmp/woken")
