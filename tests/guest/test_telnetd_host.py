# SPDX-License-Identifier: BSD-2-Clause
"""telnetd from outside: this machine connects through QEMU's port forwarding and virtio-net."""
import re
import socket
import sys
import threading
import time

import pexpect
import pytest

from machine import PATIENCE
from targets import tessera

# Nobody is in a pipe with who lists the processes: they would be counted by luck.
COUNT = (r"ls -l /proc/[0-9]*/exe >/tmp/exes 2>/dev/null; echo procs $(grep -c ' -> ' /tmp/exes) "
         r"files $(cut -f1 /proc/sys/fs/file-nr) ptys $(cat /proc/sys/kernel/pty/nr) "
         r"sockets $(sed -n 's/^sockets: used //p' /proc/net/sockstat) "
         r"resets $(sed -n 's/^Tcp: 1 //p' /proc/net/snmp | cut -d' ' -f13) "
         r"kb $(sed -n 's/^MemAvailable: *\([0-9]*\).*/\1/p' /proc/meminfo)")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def guest(boot):
    """A guest with lwIP whose telnetd is at guest.port of this machine."""
    port = free_port()
    guest = boot(tessera("defconfig", net=f"user,hostfwd=tcp:127.0.0.1:{port}-:2323",
                         append="quiet net.ip=dhcp"))
    guest.expect(r"TELNETD_LISTENING\r*\n", 60)
    guest.login()
    # Quiet, so that what it says does not come between what commands print.
    guest.check("killall telnetd; sleep 0.3; /bin/telnetd >/tmp/log")
    guest.port = port
    return guest


def session(port, number):
    """One whole life of a connection; the text it saw."""
    seen = b""
    with socket.create_connection(("127.0.0.1", port), 60 * PATIENCE) as wire:
        wire.sendall(b"echo it=$((%d*7))\r\nexit\r\n" % number)
        while chunk := wire.recv(4096):
            seen += chunk
    assert b"\r\nit=%d\r\n" % (number * 7) in seen, seen


def counters(guest):
    printed = guest.check(f"sleep 1; {COUNT}", 60)
    return {name: int(value) for name, value in re.findall(r"(\w+) (\d+)", printed)}


def assert_nothing_left(before, after):
    memory = before.pop("kb") - after.pop("kb")
    assert len(before) == 5 and after == before
    assert memory < 1024, f"{memory} kB of memory are gone"


def at_once(guest, count):
    failed = []

    def one(number):
        # The guest resets none: assert_nothing_left(). QEMU's listening socket has a backlog of 1;
        # beyond it this host's kernel answers with SYN cookies, and resets what QEMU, on a busy
        # machine, did not accept before they were too old (TcpExt SyncookiesFailed).
        for last in (False, False, True):
            try:
                return session(guest.port, number)
            except ConnectionResetError as error:
                if last:
                    return failed.append(error)
            except (OSError, AssertionError) as error:
                return failed.append(error)
    # QEMU takes few at a time; the host tries again after 1, 3, 7 ... seconds.
    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed, failed


def test_lifecycle_and_sessions(guest):
    for number in range(10):
        session(guest.port, number)
    at_once(guest, 32)
    before = counters(guest)
    for number in range(100):
        session(guest.port, number)
    at_once(guest, 32)
    assert_nothing_left(before, counters(guest))
    said = guest.check("sort /tmp/log | uniq -c")
    assert re.findall(r"\d+", said) == ["174", "175", "174", "174"], said
    assert guest.check("grep -c . /proc/trace/counters >/dev/null; "
                       "sed -n 's/KERNEL_FAULT_FIXED //p' /proc/trace/counters").strip() == "0"


@pytest.mark.long
def test_1000_sessions(guest):
    for number in range(10):
        session(guest.port, number)
    before = counters(guest)
    for number in range(1000):
        session(guest.port, number)
    assert_nothing_left(before, counters(guest))


def test_a_persons_session(guest):
    """Typed as a person would, keys and all."""
    client = pexpect.spawn(sys.executable, ["-c", """
import selectors, socket, sys, os
wire = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
wire.sendall(bytes([255, 253, 1, 255, 253, 3, 255, 251, 31, 255, 250, 31, 0, 90, 0, 33, 255, 240]))
os.system("stty raw -echo")
sel = selectors.DefaultSelector()
sel.register(wire, 1), sel.register(0, 1)
while True:
    for key, _ in sel.select():
        if key.fileobj == 0:
            wire.sendall(os.read(0, 100))
        elif chunk := wire.recv(1000):
            os.write(1, chunk)
        else:
            sys.exit()
""", str(guest.port)], timeout=20 * PATIENCE)
    client.expect("# ")
    client.send("PS1='net''> '\r")
    client.expect("net> ")
    client.send("stty size; tty\r")
    client.expect(r"33 90\r\n/dev/pts/0\r\n")
    client.send("sleep 1000\r")
    client.expect("sleep 1000")
    time.sleep(0.7)
    client.send("\x03")
    client.expect("net> ")
    client.send("cat >/tmp/typed\r")
    time.sleep(0.5)
    client.send("wrong\x15right\r\x04")
    client.expect("net> ")
    client.send("cat /tmp/typed\r")
    client.expect("\nright\r\n")
    client.send("vi /tmp/typed\r")
    client.expect("right.*~")
    client.send("x:wq\r")
    client.expect("net> ")
    client.send("cat /tmp/typed\r")
    client.expect("\night\r\n")
    client.send("\x04")
    client.expect(pexpect.EOF)
