# SPDX-License-Identifier: BSD-2-Clause
"""The NET events rx, tx, drop and TCP state, beside what the test put on the wire and took off it.

Retransmissions are in test_wire.py.
"""
import re

import pytest
from scapy.layers.inet import TCP, UDP

import variants
import wire
from peer import Connection, Host
from targets import start_guest, tessera

FOREIGN, BAD = 0x20000, 0x20001     # NET_DROP_* of include/net/netdev.h
SYN_SENT, SYN_RECV, FIN_WAIT1, FIN_WAIT2, TIME_WAIT, CLOSE, CLOSE_WAIT, LAST_ACK, CLOSING = (
    2, 3, 4, 5, 6, 7, 8, 9, 11)
ESTABLISHED = 1
HELD, ECHO = 5000, 7777


@pytest.fixture(scope="module")
def cable():
    with wire.Wire() as opened:
        yield opened


@pytest.fixture(scope="module")
def traced(cable, tmp_path_factory):
    """A guest with UDP sockets that nobody reads and a TCP echo server."""
    log = str(tmp_path_factory.mktemp("events") / "console.log")
    guest = start_guest(tessera("defconfig", net=cable.net, append=f"quiet {wire.STATIC}",
                                initrd=variants.initramfs("tests")), log, silence=90)
    with guest:
        guest.login()
        cable.probe()
        guest.check(f"(/tests/inet_pools --helper hold {HELD} 4 &) ; "
                    f"(busybox nc -ll -p {ECHO} -e cat </dev/null >/dev/null 2>&1 &) ; sleep 1")
        yield guest


class Trace:
    """The NET events of what a `with` block does; each a tuple of its fields."""

    def __init__(self, cable, guest):
        self.cable, self.guest, self.events = cable, guest, []

    def __enter__(self):
        self.cable.quiet = True
        self.guest.check("echo none >/proc/trace/enable; echo >/proc/trace/buffer; "
                         "echo net >/proc/trace/enable")
        return self

    def __exit__(self, kind, *_):
        self.cable.quiet = False
        if not kind:
            self.cable.probe()
            self.guest.check("sleep 1; echo none >/proc/trace/enable")
        for name, fields in re.findall(r"type=0x09\w\w (\w+) ([^\r\n]*)",
                                       self.guest.check("cat /proc/trace/buffer")):
            self.events.append((name, *map(int, re.findall(r"=(\d+)", fields))))

    def of(self, name):
        return [event[1:] for event in self.events if event[0] == name]


@pytest.fixture
def trace(cable, traced):
    return Trace(cable, traced)


@pytest.fixture
def far(cable):
    host = Host(cable, "10.0.2.101")
    host.introduce()
    return host


def test_datagrams_that_come(trace, far):
    sizes = [1, 100, 300, 1472]
    with trace:
        for number, size in enumerate(sizes):
            far.send(far.ip() / UDP(sport=9, dport=HELD + number % 4) / bytes(size))
        for piece in (far.ip() / UDP(sport=9, dport=HELD) / bytes(3000)).fragment():
            far.send(piece)
    assert trace.of("NET_RX") == [(size, HELD + number % 4) for number, size in enumerate(sizes)] + \
        [(3000, HELD)]
    assert not trace.of("NET_DROP")


def test_datagrams_that_go(trace, far):
    asked = []
    far.takers[UDP, 53] = lambda d: asked.append((len(d.payload), d.dport))
    with trace:
        trace.guest.run("nslookup a.longer.name.test 10.0.2.101 >/dev/null", 60)
    assert asked and trace.of("NET_TX") == asked


def test_what_is_dropped(trace, far):
    """Each kind of fault once, told apart by its length; and a queue that is full."""
    def packet(size, **wrong):
        return far.ip() / UDP(sport=9, dport=HELD, **wrong) / bytes(size)
    faults = [
        (packet(201, chksum=1), 201 + 8, BAD),                       # of UDP: length without IP's header
        (far.ip() / TCP(sport=9, dport=ECHO, flags="A", chksum=1) / bytes(202), 202 + 20 + 20 + 14, BAD),
        (far.ip(proto=17, chksum=1) / bytes(203), 203 + 20 + 14, BAD),
        (far.ip(proto=222) / bytes(204), 204 + 20 + 14, BAD),
        (far.ip(proto=17, version=5) / bytes(205), 205 + 20 + 14, BAD),
    ]
    foreign = packet(206)
    foreign.dst = "01:00:5e:01:02:03"
    with trace:
        for frame, _, _ in faults:
            far.send(frame)
        far.send(foreign)
        far.send(packet(1500))
    assert trace.of("NET_DROP") == [fault[1:] for fault in faults] + [
        (206 + 8 + 20 + 14, FOREIGN), (1500 + 8 + 20 + 14, BAD)]
    assert not trace.of("NET_RX")


def queue_of(guest, port):
    """Bytes that wait for a UDP socket's reader, and datagrams that found no room."""
    line = guest.check(f"grep ':{port:04X} ' /proc/net/udp").split()
    return int(line[4].split(":")[1], 16), int(line[-1])


def test_a_full_queue_drops(trace, far):
    port, count, size = HELD + 3, 400, 1400
    held, lost = queue_of(trace.guest, port)
    with trace:
        for _ in range(count // 50):
            far.cable.flood(lambda: far.ip() / UDP(sport=9, dport=port) / bytes(size), 50)
    dropped = trace.of("NET_DROP")
    assert set(dropped) == {(size, port)} and len(trace.of("NET_RX")) == count
    assert queue_of(trace.guest, port) == (held + (count - len(dropped)) * size, lost + len(dropped))


def test_bytes_of_a_connection(trace, far):
    connection = Connection(far, ECHO).connect()
    sizes = [1, 300, 1400, 7]
    with trace:
        for size in sizes:
            connection.ask(bytes(size))
    assert trace.of("NET_RX") == [(size, ECHO) for size in sizes]
    assert trace.of("NET_TX") == [(size, connection.sport) for size in sizes]
    connection.reset()


def test_states_of_one_that_comes(trace, far):
    """By the segments: SYN, ACK, FIN of ours; the echo server's FIN; our ACK of it."""
    connection = Connection(far, ECHO)
    with trace:
        connection.connect()
        connection.ask(b"x")
        connection.send("FA")
        connection.ack = connection.wait(lambda s: s.flags.F).seq + 1
        connection.send("A")
    assert trace.of("TCP_STATE") == [(ECHO, state) for state in (
        SYN_RECV, ESTABLISHED, CLOSE_WAIT, LAST_ACK, CLOSE)]


@pytest.mark.parametrize("ending", ["orderly", "at once", "reset", "refused"])
def test_states_of_one_that_goes(trace, far, ending):
    """The guest's nc ends its side at once, and closes when it has heard the other's end."""
    port = {"orderly": 7001, "at once": 7002, "reset": 7003, "refused": 7004}[ending]
    server = Connection(far, 0, sport=port)
    with trace:
        trace.guest.check(f"(busybox nc 10.0.2.101 {port} </dev/null >/dev/null 2>&1 &)")
        syn = server.wait(lambda s: s.flags.S)
        server.dport, server.ack = syn.sport, syn.seq + 1
        states = [SYN_SENT]
        if ending == "refused":
            server.send("RA")
            states += [CLOSE]
        else:
            server.send("SA")
            states += [ESTABLISHED, FIN_WAIT1]
            fin = server.wait(lambda s: s.flags.F)
            if ending == "reset":
                server.send("R")
                states += [CLOSE]
            elif ending == "orderly":
                server.ack = fin.seq + 1
                server.send("A")
                server.host.cable.probe()
                server.send("FA")
                states += [FIN_WAIT2, TIME_WAIT]
            else:           # its FIN and ours cross
                server.send("FA")
                server.wait(lambda s: s.ack == server.seq)
                server.ack = fin.seq + 1
                server.send("A")
                states += [CLOSING, TIME_WAIT]
    assert trace.of("TCP_STATE") == [(syn.sport, state) for state in states]
