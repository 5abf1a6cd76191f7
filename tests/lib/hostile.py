# SPDX-License-Identifier: BSD-2-Clause
"""Frames that no honest host sends: a generator of them, and attacks on one open connection."""
import struct

import frames
from frames import (ACK, ARP, BROADCAST, FIN, ICMP, ICMP6, IPV4, IPV6, PSH, RST, SYN, TCP, UDP, URG, arp,
                    ether, extension, fragment6, icmp, icmp6, ipv4, ipv6, tcp, udp)

ALL_NODES, ALL_NODES_MAC = frames.ip6("ff02::1"), b"\x33\x33\0\0\0\1"
HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION, NOTHING = 0, 43, 44, 60, 59


class Hostile:
    """Endless hostile frames to a guest; `rng` makes them repeatable."""

    def __init__(self, rng, mac, addr, gateway, tcp_ports=(), udp_ports=()):
        self.rng, self.mac, self.addr, self.gateway = rng, mac, addr, gateway
        self.tcp_ports, self.udp_ports = list(tcp_ports) or [1], list(udp_ports) or [1]
        self.addr6 = frames.link_local(mac)
        self.kinds = [self.noise, self.truncated, self.bad_ip, self.fragments, self.bad_sums,
                      self.syn, self.rst, self.spoof, self.echo, self.icmp_errors, self.options,
                      self.ipv6, self.flipped, self.chains, self.fragments6, self.neighbours,
                      self.routers, self.overlaps, self.land, self.sizes, self.groups]
        self.pending = []       # what belongs together and comes one after the other

    def frame(self):
        return self.pending.pop() if self.pending else self.rng.choice(self.kinds)()

    # --- parts --------------------------------------------------------------------------

    def some(self, most, least=0):
        return self.rng.randbytes(self.rng.randint(least, most))

    def source(self):
        return bytes([10, 0, 2, self.rng.randint(100, 250)])

    def to_guest(self, payload, kind=IPV4):
        return ether(self.mac, b"\x52\x55\x0a" + self.rng.randbytes(3), kind, payload)

    def good(self):
        """A datagram or segment that nothing is wrong with."""
        src = self.source()
        if self.rng.random() < 0.5:
            body = udp(src, self.addr, self.rng.randint(1, 65535), self.rng.choice(self.udp_ports),
                       self.some(1400))
            return ipv4(src, self.addr, UDP, body)
        body = tcp(src, self.addr, self.rng.randint(1, 65535), self.rng.choice(self.tcp_ports),
                   seq=self.rng.getrandbits(32), ack=self.rng.getrandbits(32),
                   flags=self.rng.randrange(64), payload=self.some(1000))
        return ipv4(src, self.addr, TCP, body)

    # --- kinds --------------------------------------------------------------------------

    def noise(self):
        kind = self.rng.choice([ARP, IPV4, IPV6, self.rng.getrandbits(16)])
        return self.to_guest(self.some(1500), kind)

    def truncated(self):
        whole = self.to_guest(self.good())
        return whole[:self.rng.randint(1, len(whole))]

    def flipped(self):
        """One bit or more of a good packet: sums that are right by luck go through."""
        frame = bytearray(self.to_guest(self.good()))
        for _ in range(self.rng.randint(1, 8)):
            frame[self.rng.randrange(12, len(frame))] ^= 1 << self.rng.randrange(8)
        return bytes(frame)

    def bad_ip(self):
        src, body = self.source(), self.some(600)
        return self.to_guest(ipv4(
            src, self.rng.choice([self.addr, b"\xff" * 4, b"\x7f\0\0\1", b"\0" * 4, b"\xe0\0\0\1"]),
            self.rng.choice([ICMP, TCP, UDP, 2, 41, 255]), body,
            length=self.rng.choice([0, 1, 19, 20, 21, 65535, len(body) + 21, None]),
            ihl=self.rng.randrange(16), version=self.rng.choice([4, 4, 4, 0, 6, 15]),
            ttl=self.rng.choice([0, 1, 64])))

    def fragments(self):
        """Pieces with holes and overlaps, beyond 64 KB, of few packets at once."""
        src = bytes([10, 0, 2, self.rng.randint(100, 103)])
        return self.to_guest(ipv4(
            src, self.addr, self.rng.choice([UDP, TCP, ICMP]), self.some(1480),
            ident=self.rng.randrange(4), flags=self.rng.choice([0, 1, 1, 1]),
            offset=self.rng.choice([0, 1, 2, 100, 185, 8191, self.rng.randrange(8192)])))

    def bad_sums(self):
        src = self.source()
        wrong = self.rng.getrandbits(16)
        if self.rng.random() < 0.3:
            return self.to_guest(ipv4(src, self.addr, UDP, b"x" * 20, total=wrong))
        if self.rng.random() < 0.5:
            body = udp(src, self.addr, 1, self.rng.choice(self.udp_ports), self.some(300),
                       length=self.rng.choice([None, 0, 7, 8, 9, 65535]), total=wrong)
            return self.to_guest(ipv4(src, self.addr, UDP, body))
        body = tcp(src, self.addr, 1, self.rng.choice(self.tcp_ports), payload=self.some(300),
                   offset=self.rng.randrange(16), flags=self.rng.randrange(64), total=wrong)
        return self.to_guest(ipv4(src, self.addr, TCP, body))

    def syn(self):
        src = self.source()
        body = tcp(src, self.addr, self.rng.randint(1, 65535), self.rng.choice(self.tcp_ports),
                   seq=self.rng.getrandbits(32), flags=SYN, offset=6,
                   options=self.rng.choice([b"\2\4\5\xb4", b"\2\0\0\0", b"\2\4\0\0", b"\3\3\xff\0"]))
        return self.to_guest(ipv4(src, self.addr, TCP, body))

    def rst(self, src=None, sport=None, dport=None):
        """Resets with guessed numbers, also as if from the gateway, where the open connection goes."""
        src = src or self.rng.choice([self.source(), self.gateway])
        body = tcp(src, self.addr, sport or self.rng.randint(1, 65535),
                   dport or self.rng.choice(self.tcp_ports), seq=self.rng.getrandbits(32),
                   flags=self.rng.choice([RST, RST | ACK, SYN | ACK, FIN | ACK]))
        return self.to_guest(ipv4(src, self.addr, TCP, body))

    def spoof(self):
        """ARP with lies: of the guest's own address, of strangers', with wrong sizes."""
        liar = b"\x02" + self.rng.randbytes(5)
        body = arp(self.rng.choice([0, 1, 2, 3, 65535]), liar,
                   self.rng.choice([self.addr, self.gateway, self.source(), b"\0" * 4, b"\xff" * 4]),
                   self.rng.choice([self.mac, BROADCAST, b"\0" * 6]),
                   self.rng.choice([self.addr, self.source()]))
        if self.rng.random() < 0.2:
            body = body[:4] + self.rng.randbytes(2) + body[6:]
        return ether(self.rng.choice([self.mac, BROADCAST]), liar, ARP, body)

    def echo(self):
        src = self.source()
        size = self.rng.choice([0, 8, 56, 1400])
        return self.to_guest(ipv4(src, self.rng.choice([self.addr, b"\xff" * 4]), ICMP, icmp(
            8, 0, self.rng.randbytes(4 + size))))

    def icmp_errors(self):
        src = self.source()
        inner = self.good()[:self.rng.randint(0, 60)]
        return self.to_guest(ipv4(src, self.addr, ICMP, icmp(
            self.rng.choice([3, 4, 5, 11, 12, 13, 17, self.rng.randrange(256)]),
            self.rng.randrange(16), self.some(4, 4) + inner)))

    def options(self):
        """IP and TCP options of random lengths and kinds."""
        src = self.source()
        words = self.rng.randint(1, 10)
        odd = self.rng.randbytes(4 * words)
        body = tcp(src, self.addr, 1, self.rng.choice(self.tcp_ports), flags=SYN,
                   offset=min(15, 5 + words), options=odd)
        if self.rng.random() < 0.5:
            return self.to_guest(ipv4(src, self.addr, TCP, body))
        return self.to_guest(ipv4(src, self.addr, TCP, body, ihl=5 + words, options=odd))

    def ipv6(self):
        """Chains of extension headers, fragments, and neighbour discovery of nonsense."""
        src = bytes.fromhex("fe80000000000000") + self.rng.randbytes(8)
        dst = bytes.fromhex("ff020000000000000000000000000001")
        nxt = self.rng.choice([0, 43, 44, 50, 51, 58, 59, 60, 6, 17, 255])
        body = b""
        for _ in range(self.rng.randrange(6)):
            body += bytes([self.rng.choice([0, 43, 44, 60, 58]), self.rng.randrange(4)]) + self.some(30, 6)
        if nxt == ICMP6:
            body = bytes([self.rng.choice([1, 2, 3, 128, 130, 133, 134, 135, 136, 137]), 0]) + \
                self.some(120, 2)
        head = struct.pack("!IHBB", 6 << 28, self.rng.choice([len(body), len(body) + 9, 0, 65535]),
                           nxt, self.rng.choice([0, 64, 255]))
        return ether(self.rng.choice([self.mac, b"\x33\x33\0\0\0\1"]), b"\x52\x55\x0a\1\1\1", IPV6,
                     head + src + dst + body)

    # --- IPv6, well formed: what is wrong lies deeper -------------------------------------

    def to_guest6(self, nxt, payload, src=None, hops=255, **wrong):
        src = src or self.source6()
        group = self.rng.random() < 0.3
        mac, dst = (ALL_NODES_MAC, ALL_NODES) if group else (self.mac, self.addr6)
        return ether(mac, b"\x52\x55\x0a" + self.rng.randbytes(3), IPV6,
                     ipv6(src, dst, nxt, payload, hops=hops, **wrong))

    def source6(self):
        return frames.ip6("fe80::52:0")[:15] + bytes([self.rng.randint(1, 255)])

    def inside6(self, src):
        """(next header, bytes) of a packet from src to the guest with a right sum."""
        kind = self.rng.choice([UDP, TCP, ICMP6])
        if kind == ICMP6:
            return kind, icmp6(src, self.addr6, 128, 0, self.some(200, 4))
        if kind == UDP:     # the sum over IPv6's pseudo header comes out as over IPv4's
            return kind, udp(src, self.addr6, 9, self.rng.choice(self.udp_ports), self.some(300))
        return kind, tcp(src, self.addr6, 9, self.rng.choice(self.tcp_ports),
                         seq=self.rng.getrandbits(32), flags=self.rng.randrange(64),
                         payload=self.some(300))

    def chains(self):
        """Extension headers one behind the other, up to a full frame, with options that ask for errors."""
        src = self.source6()
        nxt, body = self.inside6(src)
        for _ in range(self.rng.choice([1, 2, 3, 8, 60])):
            kind = self.rng.choice([HOP_BY_HOP, ROUTING, DESTINATION, DESTINATION])
            if kind == ROUTING:     # type, segments left
                inside = bytes([self.rng.choice([0, 2, 4, 255]), self.rng.choice([0, 1, 255])]) + bytes(4)
            else:                   # an option unknown, padding, a jumbo length, one that ends beyond
                inside = self.rng.choice([
                    bytes([self.rng.choice([0x1e, 0x5e, 0x9e, 0xde]), 4]) + self.rng.randbytes(4),
                    b"\1\4\0\0\0\0", b"\xc2\4\0\1\0\0", b"\5\2\0\0\1\0", b"\x1e\xff" + bytes(4)])
            more = extension(nxt, inside)
            if len(more) + len(body) > 1400:
                break
            nxt, body = kind, more + body
        return self.to_guest6(nxt, body, src)

    def fragments6(self):
        """Pieces with holes and overlaps, lengths that are no multiple of 8, beyond 64 KB, and whole ones."""
        src = frames.ip6("fe80::52:9")
        nxt, body = self.inside6(src)
        more = self.rng.choice([0, 1, 1, 1])
        offset = self.rng.choice([0, 0, 1, 2, 20, 100, 8191, self.rng.randrange(8192)])
        body = self.rng.choice([body, self.some(8), self.some(1400)])
        if more and self.rng.random() < 0.7:
            body = body[:len(body) & ~7]
        packet = fragment6(nxt, offset, more, self.rng.randrange(4), body)
        if self.rng.random() < 0.2:
            return self.to_guest6(HOP_BY_HOP, extension(FRAGMENT, b"\1\4\0\0\0\0") + packet, src)
        return self.to_guest6(FRAGMENT, packet, src)

    def neighbours(self):
        """Neighbour discovery with the right sum and hop limit, and lies."""
        src = self.rng.choice([self.source6(), self.addr6, frames.ip6("::")])
        whose = self.rng.choice([self.addr6, self.source6(), frames.ip6("fe80::2"), ALL_NODES])
        liar = bytes([self.rng.choice([1, 2]), self.rng.choice([0, 1, 1, 1, 4, 32])]) + \
            self.rng.choice([b"\x02", self.mac[:1]]) + self.rng.randbytes(5)
        kind = self.rng.choice([135, 136, 136, 137])
        flags = self.rng.getrandbits(3) << 29 if kind == 136 else 0
        body = struct.pack("!I", flags) + whose
        if kind == 137:
            body += self.rng.choice([whose, self.source6()])
        body += liar[:self.rng.choice([0, 1, 2, 8, 8, 8])]
        return self.to_guest6(ICMP6, icmp6(src, self.addr6, kind, 0, body), src)

    def routers(self):
        """Advertisements: routers that come and go, prefixes without end, an MTU of next to nothing."""
        src = self.source6()
        body = struct.pack("!BBHII", self.rng.choice([0, 64, 255]), self.rng.choice([0, 0xc0]),
                           self.rng.choice([0, 1, 1800, 65535]), 0, 0)
        for _ in range(self.rng.randrange(6)):
            body += self.rng.choice([
                struct.pack("!BBBBIII", 3, 4, self.rng.choice([64, 0, 128, 255]), 0xc0,
                            self.rng.choice([0, 1, 0xffffffff]), self.rng.choice([0, 0xffffffff]), 0) +
                frames.ip6("2001:db8::")[:6] + self.rng.randbytes(2) + bytes(8),
                struct.pack("!BBHI", 5, 1, 0, self.rng.choice([0, 68, 1280, 9000, 0xffffffff])),
                b"\1\1\2" + self.rng.randbytes(5), b"\x19\3" + bytes(22), b"\x18\0" + bytes(6)])
        return self.to_guest6(ICMP6, icmp6(src, self.addr6, 134, 0, body), src)

    # --- more of IPv4 ---------------------------------------------------------------------

    def overlaps(self):
        """A datagram in pieces that overlap and yet make it whole, in any order."""
        src, ident = bytes([10, 0, 2, self.rng.randint(104, 108)]), self.rng.getrandbits(16)
        whole = udp(src, self.addr, 9, self.rng.choice(self.udp_ports), self.some(1200, 200))
        pieces, at = [], 0
        while at * 8 < len(whole):
            size = self.rng.choice([8, 16, 64, 400])
            back = self.rng.choice([0, 0, 1, 3])
            start = max(0, at - back)
            data = whole[start * 8:at * 8 + size]
            at += size // 8
            pieces.append(ipv4(src, self.addr, UDP, data, ident=ident, flags=at * 8 < len(whole),
                               offset=start))
        self.rng.shuffle(pieces)
        self.pending += [self.to_guest(piece) for piece in pieces[1:]]
        return self.to_guest(pieces[0])

    def land(self):
        """From the guest itself, from nobody, from everybody: to its open port, too."""
        src = self.rng.choice([self.addr, *map(frames.ip, (
            "127.0.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1", "10.0.2.255"))])
        port = self.rng.choice(self.tcp_ports)
        if self.rng.random() < 0.5:
            return self.to_guest(ipv4(src, self.addr, TCP, tcp(
                src, self.addr, port, port, seq=self.rng.getrandbits(32), flags=SYN)))
        port = self.rng.choice(self.udp_ports)
        return self.to_guest(ipv4(src, self.addr, UDP, udp(src, self.addr, port, port, self.some(64))))

    def sizes(self):
        """Frames shorter than their header and longer than the MTU."""
        if self.rng.random() < 0.5:
            return self.to_guest(b"")[:self.rng.randint(1, 14)]
        src, size = self.source(), self.rng.choice([1473, 1500, 4000, 9000])
        return self.to_guest(ipv4(src, self.addr, UDP, udp(
            src, self.addr, 9, self.rng.choice(self.udp_ports), bytes(size))))

    def groups(self):
        """Queries and reports of IGMP and MLD, for groups that are none."""
        kind = self.rng.choice([0x11, 0x12, 0x16, 0x17, 0x22])
        if self.rng.random() < 0.5:
            group = self.rng.choice([b"\0" * 4, b"\xe0\0\0\1", self.addr, b"\xff" * 4])
            return self.to_guest(ipv4(self.source(), b"\xe0\0\0\1", 2, icmp(
                kind, self.rng.choice([0, 1, 255]), group + self.some(12)), ttl=1,
                ihl=6, options=b"\x94\4\0\0"))
        src = self.source6()
        return self.to_guest6(HOP_BY_HOP, extension(ICMP6, b"\5\2\0\0\1\0") + icmp6(
            src, self.addr6, self.rng.choice([130, 131, 132, 143]), 0,
            struct.pack("!HH", self.rng.choice([0, 1, 65535]), 0) + self.rng.choice([bytes(16), ALL_NODES])),
            src, hops=1)


class Attack:
    """Segments of somebody who knows a connection's ends, and more of its numbers than he should.

    None of them is a right reset, nor has bytes that belong to the stream, so that the connection has
    to go on. Give see() to the Wire as its `lose`: it learns the numbers from the guest's segments.
    """

    def __init__(self, rng, mac, guest, other, port):
        self.rng, self.mac, self.guest, self.other, self.port = rng, mac, guest, other, port
        self.sport = self.seq = self.ack = None
        self.kinds = [self.reset_nearby, self.reset_far, self.syn, self.blind, self.future_ack,
                      self.old_ack, self.options, self.sack, self.urgent, self.old_data,
                      self.data_beyond, self.no_ack, self.icmp]

    def see(self, frame):
        if frame[12:14] == b"\x08\0" and frame[23] == TCP and frame[30:34] == self.other:
            segment = frame[14 + (frame[14] & 15) * 4:14 + int.from_bytes(frame[16:18], "big")]
            sport, dport, seq, ack = struct.unpack("!HHII", segment[:12])
            if dport == self.port:
                size = len(segment) - (segment[12] >> 4) * 4 + bool(segment[13] & (SYN | FIN))
                self.sport, self.seq, self.ack = sport, seq + size, ack
        return False

    def frame(self):
        return self.rng.choice(self.kinds)()

    def segment(self, *, seq, ack, flags, **more):
        return ether(self.mac, b"\x52\x55\x0a\0\2\2", IPV4, ipv4(self.other, self.guest, TCP, tcp(
            self.other, self.guest, self.port, self.sport, seq=seq, ack=ack, flags=flags, **more)))

    def near(self, least=1, most=50000):
        return self.rng.randint(least, most)

    def far(self):
        return self.rng.randint(1 << 22, (1 << 32) - (1 << 22))

    def reset_nearby(self):
        return self.segment(seq=self.ack + self.near(), ack=self.seq,
                            flags=self.rng.choice([RST, RST | ACK]))

    def reset_far(self):
        return self.segment(seq=self.ack + self.far(), ack=self.seq, flags=RST)

    def syn(self):
        return self.segment(seq=self.ack + self.rng.choice([0, self.near(), self.far()]), ack=self.seq,
                            flags=self.rng.choice([SYN, SYN | ACK]))

    def blind(self):
        """Nothing but the ends is right; the window is closed."""
        return self.segment(seq=self.ack + self.far(), ack=self.rng.getrandbits(32), window=0,
                            flags=self.rng.choice([ACK, ACK | FIN, ACK | PSH]),
                            payload=self.rng.choice([b"", b"evil"]))

    def future_ack(self):
        return self.segment(seq=self.ack, ack=self.seq + self.near(1, 1 << 30), flags=ACK, window=0)

    def old_ack(self):
        return self.segment(seq=self.ack, ack=self.seq - self.near(1 << 22, 1 << 30), flags=ACK, window=0)

    def options(self):
        odd = self.rng.randbytes(4 * self.rng.randint(1, 10))
        return self.segment(seq=self.ack, ack=self.seq, flags=ACK, offset=5 + len(odd) // 4, options=odd)

    def sack(self):
        edges = b"".join(struct.pack("!II", self.rng.getrandbits(32), (self.seq + self.near()) & 0xffffffff)
                         for _ in range(self.rng.randint(1, 4)))
        odd = b"\1\1\5" + bytes([self.rng.choice([len(edges) + 2, 2, 3, 255])]) + edges
        return self.segment(seq=self.ack, ack=self.seq, flags=ACK, offset=5 + len(odd) // 4, options=odd)

    def urgent(self):
        return self.segment(seq=self.ack, ack=self.seq, flags=ACK | URG)

    def old_data(self):
        data = self.rng.randbytes(self.near(1, 1000))
        return self.segment(seq=self.ack - len(data) - self.near(0, 1000), ack=self.seq, flags=ACK | PSH,
                            payload=data)

    def data_beyond(self):
        return self.segment(seq=self.ack + self.near(1 << 22, 1 << 24), ack=self.seq, flags=ACK | FIN,
                            payload=b"beyond")

    def no_ack(self):
        return self.segment(seq=self.ack, ack=self.seq, flags=self.rng.choice([0, PSH, FIN, FIN | URG | PSH]),
                            payload=self.rng.choice([b"", b"none"]))

    def icmp(self):
        """Errors about a segment the guest might have sent: unreachable, and that it be shorter."""
        quote = ipv4(self.guest, self.other, TCP, tcp(self.guest, self.other, self.sport, self.port,
                                                      seq=self.rng.getrandbits(32)))[:28]
        return ether(self.mac, b"\x52\x55\x0a\0\2\2", IPV4, ipv4(
            self.other, self.guest, ICMP, icmp(3, self.rng.choice([0, 1, 2, 3, 4, 13]),
                                               struct.pack("!HH", 0, self.rng.choice([0, 68, 576])) + quote)))
