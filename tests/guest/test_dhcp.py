# SPDX-License-Identifier: BSD-2-Clause
"""The kernel's DHCP client (net.ip=dhcp) and servers that a test plays: honest ones, and hostile ones."""
import queue
import random

import pytest
from scapy.layers.dhcp import BOOTP, DHCP, DHCPTypes
from scapy.layers.inet import UDP
from scapy.layers.l2 import Ether

import hostile
from machine import PATIENCE
from peer import Host
from talk import until
from targets import tessera

ADDRESS, LEASED = "10.9.0.1", "10.9.0.77"
ALL = "255.255.255.255"
REST = [("server_id", ADDRESS), ("lease_time", 3600), ("subnet_mask", "255.255.255.0"),
        ("router", ADDRESS), ("name_server", ADDRESS, "10.9.0.2"), "end"]
NOBODY = ("0.0.0.0", "0.0.0.1", "127.0.0.1", "224.0.0.1", "240.0.0.1", ALL)     # no host's address


def options_of(packet):
    found = {option[0]: option[1] for option in packet[DHCP].options if isinstance(option, tuple)}
    return {**found, "message-type": DHCPTypes[found["message-type"]]}


class Server(Host):
    """A DHCP server on the cable; who asks waits in `asked`."""

    def __init__(self, cable):
        super().__init__(cable, ADDRESS, guest=LEASED)
        self.asked, self.sent = queue.SimpleQueue(), 0
        cable.quiet = True

    def take(self, frame):
        packet = Ether(frame)
        if DHCP in packet and packet[BOOTP].op == 1:
            self.asked.put(packet)
        else:
            super().take(frame)

    def send(self, frame):
        super().send(frame)
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

    def answer(self, request, kind, *, to=ALL, yiaddr=LEASED, options=REST):
        self.send(self.ip(dst=to) / UDP(sport=67, dport=68) / BOOTP(
            op=2, xid=request.xid, yiaddr=yiaddr, chaddr=request.chaddr) / DHCP(
                options=[("message-type", kind), *options]))

    def lease(self, **different):
        """One exchange, from a DISCOVER to our ACK."""
        request, _ = self.wait("discover")
        self.answer(request, "offer")
        request, options = self.wait("request")
        assert options["requested_addr"] == LEASED and options["server_id"] == ADDRESS
        self.answer(request, "ack", **different)


def booted(boot, cable, variant="defconfig"):
    guest = boot(tessera(variant, net=cable.net, append="quiet net.ip=dhcp"), silence=90)
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
    server.lease(to=LEASED)
    leased(guest)
    assert guest.check("cat /etc/resolv.conf").split()[-4:] == [
        "nameserver", ADDRESS, "nameserver", "10.9.0.2"]
    # What the client takes was for somebody.
    heads, numbers = [line.split() for line in guest.check("grep ^Udp: /proc/net/snmp").splitlines()]
    assert dict(zip(heads, numbers))["NoPorts"] == "0"


def test_a_mask_with_holes_is_none(boot, cable):
    server = Server(cable)
    guest = booted(boot, cable)
    server.lease(options=[("subnet_mask", "255.0.255.0"), *REST[:2], *REST[3:]])
    leased(guest, "10.0.0.0/8")


def test_an_address_in_use_is_declined(boot, cable):
    """RFC 2131, 3.1: somebody answers ARP for what is leased."""
    server, other = Server(cable), Host(cable, LEASED)
    guest = booted(boot, cable)
    server.lease()
    _, options = server.wait("decline")
    assert options["requested_addr"] == LEASED and options["server_id"] == ADDRESS
    assert LEASED not in guest.check("ip addr show eth0")
    del cable.hosts[other.mac]
    server.lease()
    leased(guest)


def test_an_address_by_hand_ends_the_lease(boot, cable):
    """The server is told, and the kernel that checks memory has nothing to say."""
    server = Server(cable)
    guest = booted(boot, cable, "debug_defconfig")
    server.lease()
    leased(guest)
    guest.check("ip addr flush dev eth0")
    request, options = server.wait("release")
    assert request.ciaddr == LEASED and options["server_id"] == ADDRESS
    guest.check(f"ip addr add {LEASED}/24 dev eth0; arping -c 1 -I eth0 {ADDRESS}")


def test_addresses_of_nobody_are_refused(boot, cable):
    server = Server(cable)
    guest = booted(boot, cable)
    request, _ = server.wait("discover")
    for address in NOBODY:
        server.answer(request, "offer", yiaddr=address)
    assert server.heard(guest) <= {"discover"}
    server.answer(request, "offer")
    request, _ = server.wait("request")
    for address in NOBODY:
        server.answer(request, "ack", yiaddr=address)
    assert server.heard(guest) <= {"request"}
    assert "inet " not in guest.check("ip addr show eth0")
    server.answer(request, "nak", options=["end"])
    server.lease()
    leased(guest)


def test_answers_by_lot(boot, cable):
    """Many offers that are turned down once they are accepted, and one that is not: the guest goes on."""
    maker, requests = hostile.Hostile(random.Random(9)), []

    def answer(frame):
        packet = Ether(frame)
        if BOOTP not in packet:
            return False
        requests.append(packet)
        kinds = ["offer", "nak", "inform"] if len(requests) < 80 else ["offer", "ack"]
        for _ in range(20):
            cable.guest.send(maker.any_dhcp(packet[BOOTP].xid, kinds))
        return True     # and QEMU's server does not hear it

    cable.lose = answer
    guest = booted(boot, cable)
    until(guest, "ip addr show eth0 | grep -q 'inet 10.0.2.*dynamic'", 120)
    assert len(requests) >= 80
    guest.check("ip addr flush dev eth0; ip addr add 10.0.2.15/24 dev eth0; ping -c 1 10.0.2.2")


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
