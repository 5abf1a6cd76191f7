# SPDX-License-Identifier: BSD-2-Clause
"""Hosts that a test plays on the wire to the guest, and TCP as far as it needs it.

Nothing but a SYN is sent again: the cable to them loses nothing, but a listener may be full. Each
number of a segment can be overruled.
"""
import itertools
import queue
import struct
import time

import frames
from frames import ACK, ARP, FIN, IPV4, PSH, RST, SYN, TCP, UDP
from machine import PATIENCE
from wire import GUEST_MAC


def fields(frame):
    """What an Ethernet frame of IPv4 has of TCP or UDP: a dict, or None."""
    if len(frame) < 34 or frame[12:14] != struct.pack("!H", IPV4):
        return None
    body = frame[14 + (frame[14] & 15) * 4:14 + int.from_bytes(frame[16:18], "big")]
    found = {"src": frame[26:30], "dst": frame[30:34], "proto": frame[23]}
    if frame[23] == UDP and len(body) >= 8:
        found |= dict(zip(("sport", "dport"), struct.unpack("!HH", body[:4])), payload=body[8:])
    elif frame[23] == TCP and len(body) >= 20:
        found |= dict(zip(("sport", "dport", "seq", "ack"), struct.unpack("!HHII", body[:12])),
                      flags=body[13] & 63, window=int.from_bytes(body[14:16], "big"),
                      payload=body[(body[12] >> 4) * 4:])
    else:
        return None
    return found


class Host:
    """An address on the cable, answering ARP; what else comes goes to whom it is for."""
    numbers = itertools.count(1)

    def __init__(self, cable, address, guest="10.0.2.15"):
        self.cable, self.address, self.guest = cable, frames.ip(address), frames.ip(guest)
        self.mac = b"\x02host" + bytes([next(Host.numbers) & 255])
        self.takers = {}        # (protocol, our port): a function of fields()
        cable.hosts[self.mac] = self.take

    def send(self, payload, kind=IPV4):
        self.cable.guest.send(frames.ether(GUEST_MAC, self.mac, kind, payload))

    def arp(self, operation):
        self.send(frames.arp(operation, self.mac, self.address, GUEST_MAC, self.guest), ARP)

    def introduce(self):
        """The guest has the address in its table before anything else comes from here."""
        self.arp(1)
        self.cable.probe()

    def take(self, frame):
        if frame[12:14] == struct.pack("!H", ARP) and frame[20:22] == b"\0\1" and \
                frame[38:42] == self.address:
            self.arp(2)
        segment = fields(frame)
        if segment and segment["dst"] == self.address:
            taker = self.takers.get((segment["proto"], segment["dport"]))
            if taker:
                taker(segment)

    def send_udp(self, sport, dport, payload, **wrong):
        self.send(frames.ipv4(self.address, self.guest, UDP, frames.udp(
            self.address, self.guest, sport, dport, payload, **wrong)))


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

    def send(self, flags, payload=b"", **wrong):
        """One segment; our numbers go on by what it holds, unless they were overruled."""
        numbers = {"seq": self.seq, "ack": self.ack, "window": self.window, **wrong}
        self.host.send(frames.ipv4(self.host.address, self.host.guest, TCP, frames.tcp(
            self.host.address, self.host.guest, self.sport, self.dport, flags=flags, payload=payload,
            **numbers)))
        if "seq" not in wrong:
            self.seq += len(payload) + bool(flags & (SYN | FIN))

    def wait(self, what, seconds=20):
        """The next segment for which what(segment) is true; data before it is taken and acknowledged."""
        end = time.monotonic() + seconds * PATIENCE
        while time.monotonic() < end:
            try:
                segment = self.came.get(timeout=0.2)
            except queue.Empty:
                continue
            new = segment["payload"][self.ack - segment["seq"] & 0xffffffff:]
            if new:
                self.received += new
                self.ack = self.ack + len(new) & 0xffffffff
                self.send(ACK)
            if what(segment):
                return segment
        raise AssertionError(f"no such segment within {seconds} s")

    def connect(self, tries=20):
        first, answer = self.seq, None
        while not answer:
            self.seq = first
            self.send(SYN, options=b"\2\4\5\xb4", offset=6)
            try:
                answer = self.wait(lambda s: s["flags"] & (SYN | RST), 1)
            except AssertionError:
                tries -= 1
                if not tries:
                    raise
        if answer["flags"] & RST:
            raise ConnectionRefusedError(self.dport)
        self.ack = answer["seq"] + 1
        self.send(ACK)
        return self

    def ask(self, text):
        """Bytes that an echo server gives back."""
        start = len(self.received)
        self.send(ACK | PSH, text)
        while len(self.received) < start + len(text):
            self.wait(lambda s: s["payload"])
        assert self.received[start:] == text

    def reset(self):
        self.send(RST)
