# SPDX-License-Identifier: BSD-2-Clause
"""Hosts that a test plays on the wire to the guest, and TCP as far as it needs it.

Nothing but a SYN is sent again: the cable to them loses nothing, but a listener may be full.
"""
import itertools
import queue
import time

from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import ARP, Ether

from machine import PATIENCE
from wire import GUEST_IP, GUEST_MAC


class Host:
    """An address on the cable, answering ARP; what else comes goes to whom it is for."""
    numbers = itertools.count(1)

    def __init__(self, cable, address, guest=GUEST_IP):
        self.cable, self.address, self.guest = cable, address, guest
        self.mac = b"\x02host" + bytes([next(Host.numbers) & 255])
        self.takers = {}        # (layer, our port): a function of the TCP or UDP that comes there
        cable.hosts[self.mac] = self.take

    def ether(self):
        return Ether(src=self.mac, dst=GUEST_MAC)

    def ip(self, **fields):
        """The headers of a packet to the guest."""
        return self.ether() / IP(**{"src": self.address, "dst": self.guest, **fields})

    def send(self, frame):
        self.cable.guest.send(frame)

    def arp(self, operation):
        self.send(self.ether() / ARP(op=operation, hwsrc=self.mac, psrc=self.address, hwdst=GUEST_MAC,
                                     pdst=self.guest))

    def introduce(self):
        """The guest has the address in its table before anything else comes from here."""
        self.arp("who-has")
        self.cable.probe()

    def take(self, frame):
        packet = Ether(frame).payload
        if isinstance(packet, ARP) and packet.op == 1 and packet.pdst == self.address:
            self.arp("is-at")
        elif isinstance(packet, IP) and packet.dst == self.address:
            segment = packet.payload
            taker = self.takers.get((type(segment), getattr(segment, "dport", None)))
            if taker:
                taker(segment)


class Connection:
    """The host's end of a TCP connection with the guest."""
    ports = itertools.count(20000)

    def __init__(self, host, dport, *, sport=None, window=65535, seq=1000):
        self.host, self.dport = host, dport
        self.sport = next(Connection.ports) if sport is None else sport
        self.seq, self.ack, self.window = seq, 0, window
        self.came = queue.SimpleQueue()
        self.received = b""
        host.takers[TCP, self.sport] = self.came.put

    def send(self, flags, payload=b"", **fields):
        """One segment; our numbers go on by what it holds."""
        self.host.send(self.host.ip() / TCP(
            sport=self.sport, dport=self.dport, seq=self.seq, ack=self.ack & 0xffffffff, flags=flags,
            window=self.window, **fields) / payload)
        self.seq = self.seq + len(payload) + bool({*"SF"} & {*flags}) & 0xffffffff

    def wait(self, what, seconds=20):
        """The next segment for which what(segment) is true; data before it is taken and acknowledged."""
        end = time.monotonic() + seconds * PATIENCE
        while time.monotonic() < end:
            try:
                segment = self.came.get(timeout=0.2)
            except queue.Empty:
                continue
            new = bytes(segment.payload)[self.ack - segment.seq & 0xffffffff:]
            if new:
                self.received += new
                self.ack = self.ack + len(new) & 0xffffffff
                self.send("A")
            if what(segment):
                return segment
        raise AssertionError(f"no such segment within {seconds} s")

    def connect(self, tries=20):
        first, answer = self.seq, None
        while not answer:
            self.seq = first
            self.send("S", options=[("MSS", 1460)])
            try:
                answer = self.wait(lambda s: s.flags & "SR", 1)
            except AssertionError:
                tries -= 1
                if not tries:
                    raise
        if answer.flags.R:
            raise ConnectionRefusedError(self.dport)
        self.ack = answer.seq + 1
        self.send("A")
        return self

    def ask(self, text):
        """Bytes that an echo server gives back."""
        start = len(self.received)
        self.send("PA", text)
        while len(self.received) < start + len(text):
            self.wait(lambda s: s.payload)
        assert self.received[start:] == text

    def reset(self):
        self.send("R")
