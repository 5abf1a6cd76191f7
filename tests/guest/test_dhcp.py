# SPDX-License-Identifier: BSD-2-Clause
"""The kernel's DHCP client (net.ip=dhcp) and servers that a test plays: an honest one, and hostile ones."""
import queue
import random

import pytest
from scapy.layers.dhcp import BOOTP, DHCP, DHCPTypes
from scapy.layers.inet import IP, UDP, fragment
from scapy.layers.l2 import ARP, Ether

import wire
from machine import PATIENCE
from talk import until
from targets import tessera

MAC, ADDRESS, LEASED = "02:64:68:63:70:01", "10.9.0.1", "10.9.0.77"
GUEST_MAC = wire.GUEST_MAC.hex(":")
ALL = "255.255.255.255"
COOKIE = b"\x63\x82\x53\x63"
REST = [("server_id", ADDRESS), ("lease_time", 3600), ("subnet_mask", "255.255.255.0"),
        ("router", ADDRESS), ("name_server", ADDRESS, "10.9.0.2"), "end"]
NOBODY = ("0.0.0.0", "0.0.0.1", "127.0.0.1", "224.0.0.1", "240.0.0.1", ALL)     # no host's address


def options_of(packet):
    found = {option[0]: option[1] for option in packet[DHCP].options if isinstance(option, tuple)}
    return {**found, "message-type": DHCPTypes[found["message-type"]]}


class Server:
    """A DHCP server on the cable; who asks waits in `asked`."""

    def __init__(self, cable):
        self.cable, self.asked, self.claims, self.sent = cable, queue.SimpleQueue(), None, 0
        cable.quiet = True
        cable.hosts[bytes.fromhex(MAC.replace(":", ""))] = self.take

    def take(self, frame):
        packet = Ether(frame)
        if DHCP in packet and packet[BOOTP].op == 1:
            self.asked.put(packet)
        elif ARP in packet and packet[ARP].op == 1 and packet[ARP].pdst in (ADDRESS, self.claims):
            self.send(ARP(op=2, hwsrc=MAC, psrc=packet[ARP].pdst, hwdst=GUEST_MAC, pdst=packet[ARP].psrc))

    def send(self, packet):
        self.cable.guest.send(bytes(Ether(src=MAC, dst=GUEST_MAC) / packet))
        self.sent += 1

    def wait(self, kind, seconds=40):
        """The next message of a kind: its BOOTP part, and its options."""
        while True:
            try:
                packet = self.asked.get(timeout=seconds * PATIENCE)
            except queue.Empty:
                raise AssertionError(f"no {kind} within {seconds} s") from None
            found = options_of(packet)
            if found["message-type"] == kind:
                return packet[BOOTP], found

    def heard(self, guest):
        """The kinds of what it asked until it had seen all that was sent."""
        until(guest, f"test $(cat /sys/class/net/eth0/statistics/rx_packets) -ge {self.sent}")
        kinds = set()
        while not self.asked.empty():
            kinds.add(options_of(self.asked.get())["message-type"])
        return kinds

    def answer(self, request, kind=None, *, yiaddr=LEASED, options=None, pieces=0, **fields):
        """Options may be bytes of any kind; `pieces`: in fragments of so many bytes."""
        packet = IP(src=ADDRESS, dst=ALL) / UDP(sport=67, dport=68) / BOOTP(
            op=2, xid=request.xid, yiaddr=yiaddr, chaddr=request.chaddr, **fields)
        if isinstance(options, bytes):
            packet /= options
        else:
            packet /= DHCP(options=[("message-type", kind), *(REST if options is None else options)])
        for part in fragment(packet, pieces) if pieces else [packet]:
            self.send(part)

    def lease(self, **different):
        """One exchange, from a DISCOVER to our ACK."""
        request, _ = self.wait("discover")
        self.answer(request, "offer")
        request, options = self.wait("request")
        assert options["requested_addr"] == LEASED and options["server_id"] == ADDRESS
        self.answer(request, "ack", **different)


@pytest.fixture
def cable():
    with wire.Wire() as opened:
        yield opened


def booted(boot, cable):
    guest = boot(tessera("defconfig", net=cable.net, append="quiet net.ip=dhcp"), silence=90)
    guest.login()
    return guest


def leased(guest, network="10.9.0.0/24"):
    length = network.split("/")[1]
    until(guest, f"ip addr show eth0 | grep -q 'inet {LEASED}/{length} '")
    routes = guest.check("ip route")
    assert f"default via {ADDRESS} dev eth0" in routes and f"{network} dev eth0" in routes


def test_a_lease(boot, cable):
    server = Server(cable)
    guest = booted(boot, cable)
    server.lease()
    leased(guest)
    assert guest.check("cat /etc/resolv.conf").split()[-4:] == [
        "nameserver", ADDRESS, "nameserver", "10.9.0.2"]


def test_a_mask_with_holes_is_none(boot, cable):
    server = Server(cable)
    guest = booted(boot, cable)
    server.lease(options=[("subnet_mask", "255.0.255.0"), *REST[:2], *REST[3:]])
    leased(guest, "10.0.0.0/8")


def test_an_address_in_use_is_declined(boot, cable):
    """RFC 2131, 3.1: somebody answers ARP for what is leased."""
    server = Server(cable)
    server.claims = LEASED
    guest = booted(boot, cable)
    server.lease()
    _, options = server.wait("decline")
    assert options["requested_addr"] == LEASED and options["server_id"] == ADDRESS
    assert LEASED not in guest.check("ip addr show eth0")
    server.claims = None
    server.lease()
    leased(guest)


def random_options(rng):
    """Options of all kinds with lengths that are right, wrong and beyond the end."""
    data = b"\x35\x01" + bytes([rng.choice([2, 5, 6])])
    for _ in range(rng.randrange(12)):
        kind = rng.choice([0, 1, 3, 6, 51, 52, 53, 54, 58, 59, 255, rng.randrange(256)])
        body = rng.randbytes(rng.choice([0, 1, 4, 8, 255]))
        data += bytes([kind, rng.choice([len(body)] * 4 + [0, 255])]) + body
    return data


def storm(server, guest, request, rng, count):
    """Answers nobody may follow: to the question that was asked, with addresses of no host."""
    for _ in range(count):
        server.answer(request, yiaddr=rng.choice(NOBODY), options=COOKIE + random_options(rng)[:1200],
                      pieces=rng.choice([0, 0, 64, 120]), sname=random_options(rng)[:64],
                      file=random_options(rng)[:128])
        assert server.heard(guest) <= {"discover"}      # no faster than the guest takes them
    for address in NOBODY:
        for kind in ("offer", "ack"):
            server.answer(request, kind, yiaddr=address)
    assert server.heard(guest) <= {"discover"}


def test_hostile_servers(boot, cable):
    """Its answers, whatever they are, neither stop the guest nor give it an address of nobody's."""
    server, rng = Server(cable), random.Random(9)
    guest = booted(boot, cable)
    request, _ = server.wait("discover")
    storm(server, guest, request, rng, 120)
    server.answer(request, "offer")
    request, _ = server.wait("request")
    for address in NOBODY:
        server.answer(request, "ack", yiaddr=address)
    assert server.heard(guest) <= {"request"}
    assert "inet " not in guest.check("ip addr show eth0")
    server.answer(request, "nak", options=["end"])
    server.lease()
    leased(guest)


@pytest.mark.long
def test_a_lease_is_renewed_and_ends(boot, cable):
    """RFC 2131, 4.4.5: at T1 its server is asked, at T2 any; then the address is gone. The client counts minutes."""
    server = Server(cable)
    guest = booted(boot, cable)
    minutes = [("lease_time", 240), ("renewal_time", 60), ("rebinding_time", 120)]
    server.lease(options=[*minutes, *REST])
    leased(guest)
    request, options = server.wait("request", 90)
    assert request.ciaddr == LEASED and request.underlayer.underlayer.dst == ADDRESS
    assert "server_id" not in options and "requested_addr" not in options
    server.answer(request, "ack", options=[*minutes, *REST])
    leased(guest)
    while request.underlayer.underlayer.dst != ALL:
        request, _ = server.wait("request", 150)
    assert request.ciaddr == LEASED
    server.wait("discover", 200)
    assert "inet " not in guest.check("ip addr show eth0")
    server.lease()
    leased(guest)
