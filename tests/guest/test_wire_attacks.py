# SPDX-License-Identifier: BSD-2-Clause
"""Attacks over the wire that aim at something: an open connection, a listener, the pools of the stack.

An honest client on the same wire is served meanwhile or, where there is no room for more, afterwards.
"""
import random
import re

import pytest
from scapy.layers.inet import ICMP, TCP, UDP, defragment
from scapy.layers.inet6 import (
    ICMPv6EchoRequest, ICMPv6ND_NA, ICMPv6ND_NS, ICMPv6ND_RA, ICMPv6ND_Redirect, ICMPv6NDOptDstLLAddr,
    ICMPv6NDOptPrefixInfo, ICMPv6PacketTooBig, IPv6, IPv6ExtHdrFragment)
from scapy.layers.l2 import Ether

import hostile
import variants
import wire
from hostile import ALL_NODES, ALL_NODES_MAC
from machine import PATIENCE
from peer import Connection, Host
from talk import Server, booted, connect, echo, pool, say, until

PORT = 7777
ECHO = f"(busybox nc -ll -p {PORT} -e cat </dev/null >/dev/null 2>&1 &) ; sleep 1"


def host(cable, number):
    new = Host(cable, f"10.0.2.{number}")
    new.introduce()
    return new


def booted6(boot, cable):
    """A guest that has its IPv6 address, and for good."""
    guest = booted(boot, cable)
    until(guest, "ip -6 addr show dev eth0 | grep -q 'inet6 fe80.* scope link *$'")
    return guest


def to_all_nodes(liar, message):
    """From a link-local address of its own."""
    liar.send(Ether(src=liar.mac, dst=ALL_NODES_MAC) / IPv6(src="fe80::100", dst=ALL_NODES, hlim=255) / message)


def syn(other, rng):
    """One of a flood."""
    return other.ip() / TCP(sport=rng.randint(1, 65535), dport=PORT, seq=rng.getrandbits(32), flags="S")


def served(honest):
    connection = Connection(honest, PORT).connect()
    connection.ask(b"still there?\n")
    connection.reset()


# --- addresses ----------------------------------------------------------------------------

def claim(liar, address):
    """All nodes hear that it has the address."""
    to_all_nodes(liar, ICMPv6ND_NA(tgt=address, R=0, S=0, O=1) / ICMPv6NDOptDstLLAddr(lladdr=liar.mac))


def test_addresses_are_not_taken_by_claims(boot, cable):
    """RFC 4862, 5.4.4: an address is given up as long as it is tentative, not one that we have."""
    guest = booted6(boot, cable)
    liar = host(cable, 100)
    claim(liar, wire.GUEST_IP6)
    cable.probe()
    assert re.search(r"inet6 fe80\S+ scope link *$", guest.check("ip -6 addr show dev eth0"), re.M)
    # One that the guest only asks about may well be another's.
    cable.lose = lambda frame: ICMPv6ND_NS in Ether(frame) and claim(liar, Ether(frame)[ICMPv6ND_NS].tgt)
    guest.check("ip -6 addr add fe80::77/64 dev eth0")
    until(guest, "ip -6 addr show dev eth0 | grep -q 'fe80::77/64.*dadfailed'")


def test_a_prefix_of_a_group_gives_no_address(boot, cable):
    guest = booted6(boot, cable)
    liar = host(cable, 100)
    to_all_nodes(liar, ICMPv6ND_RA() / ICMPv6NDOptPrefixInfo(prefix="ff05::") /
                 ICMPv6NDOptPrefixInfo(prefix="2001:db8:5::"))
    until(guest, "ip -6 addr show dev eth0 | grep -q 'inet6 2001:db8:5:'")
    assert "inet6 ff05:" not in guest.check("ip -6 addr show dev eth0")


def test_redirects_come_from_the_router(boot, cable):
    """RFC 4861, 8.1: from nobody else than who is asked for that destination now."""
    guest, far, went = booted(boot, cable), "2001:db8::1", []
    until(guest, "ip -6 route | grep -q ^default && ip -6 addr show dev eth0 | grep fec0 | grep -qv tentative")
    liar = host(cable, 100)
    cable.lose = lambda frame: ICMPv6EchoRequest in Ether(frame) and went.append(Ether(frame).dst)

    def goes_to():
        guest.run(f"ping6 -c 1 -W 1 {far}")
        return went[-1]

    def redirect(source, target):
        liar.send(liar.ether() / IPv6(src=source, dst=wire.GUEST_IP6, hlim=255) / ICMPv6ND_Redirect(
            tgt=target, dst=far) / ICMPv6NDOptDstLLAddr(lladdr=liar.mac))
        cable.probe()
        return goes_to()

    router = goes_to()
    assert redirect("fe80::100", "fe80::100") == router
    assert redirect("fe80::2", "fec0::100") == router
    assert redirect("fe80::2", "fe80::100") == liar.ether().src != router


@pytest.mark.parametrize("mtu", [0, 48, 55, 68, 1279])
def test_a_path_carries_1280_bytes(boot, cable, mtu):
    """RFC 8201, 4: less is not believed. With 48 there would be no end of fragments."""
    guest = booted(boot, cable)
    until(guest, "ping6 -c 1 fe80::2%eth0")
    liar = host(cable, 100)
    liar.send(liar.ether() / IPv6(src="fe80::100", dst=wire.GUEST_IP6) / ICMPv6PacketTooBig(mtu=mtu) / IPv6(
        src=wire.GUEST_IP6, dst="fe80::2") / UDP())
    cable.probe()
    assert " 0% packet loss" in guest.check("ping6 -c 1 -s 1232 fe80::2%eth0")


# --- one connection -----------------------------------------------------------------------

def size_of(connection):
    size = 0
    while data := connection.recv(65536):
        size += len(data)
    return size


def attacked(boot, cable, seed, serve):
    """A server, who attacks the connection to it, and a guest that has one."""
    server = Server(serve)
    attack = hostile.Attack(random.Random(seed), server.port)
    cable.lose = attack.see
    guest = booted(boot, cable)
    connect(guest, server.port)
    return server, attack, guest


def test_an_open_connection_under_attack(boot, cable):
    """Its ends are known and its numbers nearly: neither ends, stalls nor changes what it carries."""
    _, attack, guest = attacked(boot, cable, 3, echo)
    for turn in range(12):
        say(guest, f"turn{turn}")
        cable.flood(attack.frame, 500)
    # All that was sent, and nothing else, came back; much more still does.
    guest.check("seq 20000 >/tmp/many; cat /tmp/many >&3")
    until(guest, "test $(wc -l </tmp/out) = 20012")
    assert guest.check("head -n 12 /tmp/out").split() == [f"turn{turn}" for turn in range(12)]
    guest.check("tail -n 20000 /tmp/out | cmp - /tmp/many; exec 3>&-")


@pytest.mark.parametrize("seq,ack", [(1 << 30, 0), (0, 1 << 20)], ids=["sequence", "acknowledgement"])
def test_a_window_is_not_closed_from_afar(boot, cable, seq, ack):
    """One segment with a number too far ahead and a window of 0, then much to send.

    The other end says nothing: its next byte would open the window again.
    """
    server, attack, guest = attacked(boot, cable, 4, size_of)
    guest.check("echo before >&3; sleep 1")
    cable.flood(lambda: attack.segment(seq=attack.ack + seq, ack=attack.seq + ack, flags="A", window=0), 1)
    guest.check("seq 20000 >/tmp/many; cat /tmp/many >&3; exec 3>&-")
    assert server.done(20 * PATIENCE) == len("before\n") + sum(len(f"{n}\n") for n in range(1, 20001))


# --- a listener ---------------------------------------------------------------------------

def test_syn_flood(boot, cable):
    guest = booted(boot, cable)
    guest.check(ECHO)
    liar, honest = host(cable, 100), host(cable, 101)
    rng = random.Random(5)
    for _ in range(10):
        cable.flood(lambda: syn(liar, rng), 640)
        served(honest)
    assert 0 < int(guest.check("grep -c ' 03 ' /proc/net/tcp")) <= 256
    until(guest, "! grep -q ' 03 ' /proc/net/tcp", 200)
    served(honest)


def test_zero_windows(boot, cable):
    """Clients that ask for much and take nothing: what waits for them is bounded, and goes with them."""
    guest = booted(boot, cable)
    guest.check("mkdir /tmp/www; seq 40000 >/tmp/www/big; echo small >/tmp/www/x; "
                "busybox httpd -p 8081 -h /tmp/www")
    honest, liar, idle = host(cable, 101), host(cable, 100), pool(guest, "packets")[0]
    leeches = []
    for _ in range(40):
        leech = Connection(liar, 8081, window=0).connect()
        leech.send("PA", b"GET /big HTTP/1.0\r\n\r\n")
        leeches.append(leech)
    guest.check("sleep 2")
    used, limit, _ = pool(guest, "packets")
    assert 40 * 10_000 < used < limit
    client = Connection(honest, 8081).connect()
    client.send("PA", b"GET /x HTTP/1.0\r\n\r\n")
    client.wait(lambda s: s.flags.F)
    assert client.received.endswith(b"small\n")
    # Each is asked again and again whether it takes more; one does, at last.
    leech = leeches.pop()
    leech.wait(lambda s: len(s.payload) <= 1 and s.flags.A, 30)
    leech.window = 8192
    leech.send("A")
    leech.wait(lambda s: s.flags.F, 60)
    assert leech.received.endswith(b"39999\n40000\n")
    for leech in leeches:
        leech.reset()
    client.reset()
    until(guest, f"test $(sed -n 's/^packets \\([0-9]*\\) .*/\\1/p' /proc/net/lwip) -le {idle + 4096}")


# --- pools --------------------------------------------------------------------------------

def ping_in_pieces(honest):
    """An echo request of three fragments is answered, whole."""
    data = bytes(range(256)) * 12
    heard = []
    before = honest.cable.hosts[honest.mac]
    honest.cable.hosts[honest.mac] = lambda frame: (heard.append(Ether(frame)), before(frame))
    for piece in (honest.ip(id=77) / ICMP(id=0x1234, seq=1) / data).fragment():
        honest.send(piece)
    for _ in range(int(20 * PATIENCE)):
        honest.cable.probe()
        for packet in defragment(heard):
            if ICMP in packet and (packet[ICMP].type, bytes(packet[ICMP].payload)) == (0, data):
                return
    raise AssertionError(f"no answer to a ping in pieces: {heard}")


def test_fragment_bombs(boot, cable):
    """Pieces of datagrams that never become whole: few are kept, and not for long."""
    guest = booted6(boot, cable)
    liar, honest = host(cable, 100), host(cable, 101)
    rng = random.Random(6)

    def piece():
        data, place = rng.randbytes(8 * rng.randint(1, 180)), rng.choice([0, 1, 300, 8000])
        if rng.random() < 0.5:
            return liar.ip(proto=17, id=rng.getrandbits(16), flags="MF", frag=place) / data
        return liar.ether() / IPv6(src="fe80::100", dst=wire.GUEST_IP6) / IPv6ExtHdrFragment(
            nh=17, offset=place, m=1, id=rng.getrandbits(32)) / data

    for _ in range(5):
        cable.flood(piece, 1000)
        for name in ("reassembly", "reassembly6"):
            used, limit, _ = pool(guest, name)
            assert 0 < used <= limit, name
        ping_in_pieces(honest)
    until(guest, "! grep -q '^reassembly6\\? [1-9]' /proc/net/lwip", 90)


def limited(boot, cable, append):
    """A guest with the test programs and little room, an echo server, and an open connection."""
    guest = booted(boot, cable, append, initrd=variants.initramfs("tests"))
    guest.check(ECHO)
    opened = Connection(host(cable, 102), PORT).connect()
    opened.ask(b"open\n")
    return guest, opened


def test_memory_for_packets_is_bounded(boot, cable):
    """Datagrams for 32 sockets that nobody reads, in frames that take whole buffers."""
    guest, opened = limited(boot, cable, "net.memory=1024")
    liar = host(cable, 100)
    guest.check("(/tests/inet_pools --helper hold 5000 32 & echo $! >/tmp/pid); sleep 1")
    free = int(re.search(r"MemFree:\s+(\d+)", guest.check("cat /proc/meminfo"))[1])
    rng = random.Random(7)
    frames = [bytes(liar.ip() / UDP(sport=9, dport=port) / bytes(300)) for port in range(5000, 5032)]
    cable.flood(lambda: rng.choice(frames), 6000)
    used, limit, refused = pool(guest, "packets")
    assert limit == 1 << 20 and limit * 0.8 < used <= limit and refused > 100
    now = int(re.search(r"MemFree:\s+(\d+)", guest.check("cat /proc/meminfo"))[1])
    assert free - now < 2048, (free, now)
    dropped = guest.check("cat /sys/class/net/eth0/statistics/rx_dropped")
    assert int(dropped) > 100
    guest.check("kill $(cat /tmp/pid); sleep 1")
    assert pool(guest, "packets")[0] < 1 << 16
    opened.ask(b"survived\n")
    served(host(cable, 101))


def test_room_for_connections_is_bounded(boot, cable):
    """More complete handshakes than there may be connections: the rest is not answered, and counted."""
    guest, opened = limited(boot, cable, "net.connections=64")
    liar = host(cable, 100)
    guest.check("(/tests/inet_pools --helper listen 6000 200 & echo $! >/tmp/pid); sleep 1")
    for turn in range(4):
        batch = [Connection(liar, 6000) for _ in range(50)]
        for one in batch:
            one.send("S")
        cable.probe()
        for one in batch:
            while not one.came.empty():
                answer = one.came.get()
                if answer.flags.S:
                    one.ack = answer.seq + 1
                    one.send("A")
        cable.probe()
        opened.ask(b"still open %d\n" % turn)
    used, limit, refused = pool(guest, "tcp_pcb")
    assert limit == 64 and 60 <= used <= 64 and refused >= 100
    assert guest.run(f"echo | timeout 5 busybox nc 127.0.0.1 {PORT}")[0]     # ENOBUFS
    guest.check("kill $(cat /tmp/pid); sleep 1")
    served(host(cable, 101))
    opened.ask(b"survived\n")


def test_half_open_connections_leave_room(boot, cable):
    """A flood of SYNs where there is room for few connections."""
    guest, opened = limited(boot, cable, "net.connections=64")
    liar, honest = host(cable, 100), host(cable, 101)
    rng = random.Random(8)
    cable.flood(lambda: syn(liar, rng), 640)
    served(honest)
    opened.ask(b"survived\n")
