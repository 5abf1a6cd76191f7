# SPDX-License-Identifier: BSD-2-Clause
"""Frames that no honest host sends: a generator of them, and attacks on one open connection.

Each layer is given its addresses: for those that are not, scapy would ask this machine's tables.
"""
import random

from scapy.contrib.igmp import IGMP
from scapy.layers.dhcp import BOOTP, DHCP, RandDHCPOptions
from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption, IPOption_Router_Alert, IPOption_SSRR, RandTCPOptions
from scapy.layers.inet6 import (
    HBHOptUnknown, ICMPv6EchoRequest, ICMPv6MLQuery, ICMPv6ND_NA, ICMPv6ND_NS, ICMPv6ND_RA, ICMPv6ND_Redirect,
    ICMPv6NDOptMTU, ICMPv6NDOptPrefixInfo, ICMPv6NDOptRDNSS, ICMPv6NDOptRouteInfo, ICMPv6NDOptSrcLLAddr, IPv6,
    IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop, IPv6ExtHdrRouting, Jumbo, PadN, RouterAlert,
    icmp6ndoptscls, icmp6typescls)
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Raw, fuzz

from wire import BROADCAST, GATEWAY, GUEST_IP, GUEST_IP6, GUEST_MAC, built

ALL_NODES, ALL_NODES_MAC = "ff02::1", "33:33:00:00:00:01"
ARP_TYPE, IPV4, IPV6 = 0x0806, 0x0800, 0x86dd
NUMBER = {ICMP: 1, TCP: 6, UDP: 17}     # of a protocol, where its layer is not there to say it
MESSAGES6 = [kind for kind in icmp6typescls.values() if kind is not Raw]
DISCOVERY6 = [icmp6typescls[number] for number in range(133, 138)]
OPTIONS6 = list(icmp6ndoptscls.values())
OPTIONS = [kind for kind in IPOption.registered_ip_options.values() if kind is not IPOption_SSRR]  # like LSRR


class Hostile:
    """Endless hostile frames to a guest; `rng` makes them repeatable."""

    def __init__(self, rng, tcp_ports=(), udp_ports=()):
        self.rng = rng
        self.tcp_ports, self.udp_ports = list(tcp_ports) or [1], list(udp_ports) or [1]
        self.kinds = [self.noise, self.truncated, self.bad_ip, self.fragments, self.bad_sums,
                      self.syn, self.rst, self.spoof, self.echo, self.icmp_errors, self.options,
                      self.ipv6, self.flipped, self.chains, self.fragments6, self.neighbours,
                      self.routers, self.overlaps, self.land, self.sizes, self.groups,
                      self.any_options, self.any_icmp6]
        self.pending = []       # what belongs together and comes one after the other

    def frame(self):
        return self.pending.pop() if self.pending else self.rng.choice(self.kinds)()

    # --- parts --------------------------------------------------------------------------

    def some(self, most, least=0):
        return self.rng.randbytes(self.rng.randint(least, most))

    def source(self, least=100, most=250):
        return f"10.0.2.{self.rng.randint(least, most)}"

    def ether(self, dst=GUEST_MAC, **fields):
        return Ether(src=b"\x52\x55\x0a" + self.rng.randbytes(3), dst=dst, **fields)

    def ip(self, **fields):
        """The headers of a packet to the guest."""
        return self.ether() / IP(**{"src": self.source(), "dst": GUEST_IP, **fields})

    def udp(self, **fields):
        return UDP(**{"sport": self.rng.randint(1, 65535), "dport": self.rng.choice(self.udp_ports), **fields})

    def tcp(self, **fields):
        return TCP(**{"sport": self.rng.randint(1, 65535), "dport": self.rng.choice(self.tcp_ports),
                      "seq": self.rng.getrandbits(32), "window": 65535, **fields})

    def fuzzed(self, packet):
        """The bytes of it, with all that is not given by lot; scapy draws from Python's own generator."""
        random.seed(self.rng.getrandbits(64))
        return bytes(fuzz(packet))

    def good(self):
        """A datagram or segment that nothing is wrong with."""
        if self.rng.random() < 0.5:
            return self.ip() / self.udp() / self.some(1400)
        return self.ip() / self.tcp(ack=self.rng.getrandbits(32), flags=self.rng.randrange(64)) / self.some(1000)

    # --- kinds --------------------------------------------------------------------------

    def noise(self):
        kind = self.rng.choice([ARP_TYPE, IPV4, IPV6, self.rng.getrandbits(16)])
        return self.ether(type=kind) / self.some(1500)

    def truncated(self):
        whole = built(self.good())
        return whole[:self.rng.randint(1, len(whole))]

    def flipped(self):
        """One bit or more of a good packet: sums that are right by luck go through."""
        frame = bytearray(built(self.good()))
        for _ in range(self.rng.randint(1, 8)):
            frame[self.rng.randrange(12, len(frame))] ^= 1 << self.rng.randrange(8)
        return frame

    def bad_ip(self):
        body = self.some(600)
        return self.ip(
            dst=self.rng.choice([GUEST_IP, "255.255.255.255", "127.0.0.1", "0.0.0.0", "224.0.0.1"]),
            proto=self.rng.choice([*NUMBER.values(), 2, 41, 255]),
            len=self.rng.choice([0, 1, 19, 20, 21, 65535, len(body) + 21, None]),
            ihl=self.rng.randrange(16), version=self.rng.choice([4, 4, 4, 0, 6, 15]),
            ttl=self.rng.choice([0, 1, 64])) / body

    def fragments(self):
        """Pieces with holes and overlaps, beyond 64 KB, of few packets at once."""
        return self.ip(
            src=self.source(100, 103), proto=self.rng.choice([*NUMBER.values()]), id=self.rng.randrange(4),
            flags=self.rng.choice(["", "MF", "MF", "MF"]),
            frag=self.rng.choice([0, 1, 2, 100, 185, 8191, self.rng.randrange(8192)])) / self.some(1480)

    def bad_sums(self):
        wrong = self.rng.getrandbits(16)
        if self.rng.random() < 0.3:
            return self.ip(proto=NUMBER[UDP], chksum=wrong) / (b"x" * 20)
        if self.rng.random() < 0.5:
            return self.ip() / self.udp(len=self.rng.choice([None, 0, 7, 8, 9, 65535]), chksum=wrong) / \
                self.some(300)
        return self.ip() / self.tcp(dataofs=self.rng.randrange(16), flags=self.rng.randrange(64),
                                    chksum=wrong) / self.some(300)

    def syn(self):
        options = self.rng.choice([b"\2\4\5\xb4", b"\2\0\0\0", b"\2\4\0\0", b"\3\3\xff\0"])
        return self.ip() / self.tcp(flags="S", dataofs=6) / options

    def rst(self, src=None, **ports):
        """Resets with guessed numbers, also as if from the gateway, where the open connection goes."""
        return self.ip(src=src or self.rng.choice([self.source(), GATEWAY])) / \
            self.tcp(flags=self.rng.choice(["R", "RA", "SA", "FA"]), **ports)

    def spoof(self):
        """ARP with lies: of the guest's own address, of strangers', with wrong sizes."""
        liar = b"\x02" + self.rng.randbytes(5)
        frame = bytearray(bytes(Ether(src=liar, dst=self.rng.choice([GUEST_MAC, BROADCAST])) / ARP(
            op=self.rng.choice([0, 1, 2, 3, 65535]), hwsrc=liar,
            psrc=self.rng.choice([GUEST_IP, GATEWAY, self.source(), "0.0.0.0", "255.255.255.255"]),
            hwdst=self.rng.choice([GUEST_MAC, BROADCAST, bytes(6)]),
            pdst=self.rng.choice([GUEST_IP, self.source()]))))
        if self.rng.random() < 0.2:
            frame[18:20] = self.rng.randbytes(2)    # a layer with these sizes would have addresses of them
        return frame

    def echo(self):
        return self.ip(dst=self.rng.choice([GUEST_IP, "255.255.255.255"])) / \
            ICMP(id=self.rng.getrandbits(16), seq=self.rng.getrandbits(16)) / \
            self.rng.randbytes(self.rng.choice([0, 8, 56, 1400]))

    def icmp_errors(self):
        inner = built(self.good())[14:][:self.rng.randint(0, 60)]
        return self.ip(proto=NUMBER[ICMP]) / self.fuzzed(ICMP(
            type=self.rng.choice([3, 4, 5, 11, 12, 13, 17, self.rng.randrange(256)]),
            code=self.rng.randrange(16), ts_ori=0, ts_rx=0, ts_tx=0) / inner)

    def options(self):
        """IP and TCP options of random lengths and kinds."""
        odd = self.rng.randbytes(4 * self.rng.randint(1, 10))
        more = {} if self.rng.random() < 0.5 else {"options": Raw(odd)}
        return self.ip(**more) / self.tcp(flags="S", dataofs=5 + len(odd) // 4) / odd

    def ipv6(self):
        """Chains of extension headers, fragments, and neighbour discovery of nonsense."""
        nxt = self.rng.choice([0, 43, 44, 50, 51, 58, 59, 60, 6, 17, 255])
        body = b""
        for _ in range(self.rng.randrange(6)):
            body += bytes([self.rng.choice([0, 43, 44, 60, 58]), self.rng.randrange(4)]) + self.some(30, 6)
        if nxt == 58:
            body = bytes([self.rng.choice([1, 2, 3, 128, 130, 133, 134, 135, 136, 137]), 0]) + \
                self.some(120, 2)
        return self.ether(self.rng.choice([GUEST_MAC, ALL_NODES_MAC])) / IPv6(
            src="fe80::" + ":".join(f"{self.rng.getrandbits(16):x}" for _ in range(4)), dst=ALL_NODES, nh=nxt,
            plen=self.rng.choice([len(body), len(body) + 9, 0, 65535]),
            hlim=self.rng.choice([0, 64, 255])) / body

    # --- IPv6, well formed: what is wrong lies deeper -------------------------------------

    def ip6(self, **fields):
        mac, dst = (ALL_NODES_MAC, ALL_NODES) if self.rng.random() < 0.3 else (GUEST_MAC, GUEST_IP6)
        return self.ether(mac) / IPv6(**{"src": self.source6(), "dst": dst, "hlim": 255, **fields})

    def source6(self):
        return f"fe80::52:{self.rng.randint(1, 255):x}"

    def inside6(self):
        """What a packet of IPv6 may carry; its sum comes out right."""
        return self.rng.choice([
            ICMPv6EchoRequest(id=self.rng.getrandbits(16), data=self.some(200)),
            self.udp(sport=9) / self.some(300),
            self.tcp(sport=9, flags=self.rng.randrange(64)) / self.some(300)])

    def chains(self):
        """Extension headers one behind the other, up to a full frame, with options that ask for errors."""
        packet = self.ip6()
        for _ in range(self.rng.choice([1, 2, 3, 8, 60])):
            kind = self.rng.choice([IPv6ExtHdrHopByHop, IPv6ExtHdrRouting, IPv6ExtHdrDestOpt, IPv6ExtHdrDestOpt])
            if kind is IPv6ExtHdrRouting:
                header = kind(type=self.rng.choice([0, 2, 4, 255]), segleft=self.rng.choice([0, 1, 255]))
            else:
                header = kind(options=self.rng.choice([
                    HBHOptUnknown(otype=self.rng.choice([0x1e, 0x5e, 0x9e, 0xde]), optdata=self.rng.randbytes(4)),
                    PadN(optdata=bytes(4)), Jumbo(jumboplen=1 << 16), RouterAlert(value=0),
                    HBHOptUnknown(otype=0x1e, optlen=255, optdata=bytes(4))]))      # ends beyond
            packet.add_payload(header)      # with `/` all before it would be copied each time
        packet.add_payload(self.inside6())
        return packet

    def fragments6(self):
        """Pieces with holes and overlaps, lengths that are no multiple of 8, beyond 64 KB, and whole ones."""
        whole = IPv6(src="fe80::52:9", dst=GUEST_IP6) / self.inside6()
        more = self.rng.choice([0, 1, 1, 1])
        body = self.rng.choice([bytes(whole.payload), self.some(8), self.some(1400)])
        if more and self.rng.random() < 0.7:
            body = body[:len(body) & ~7]
        packet = IPv6ExtHdrFragment(
            nh=whole.nh, m=more, id=self.rng.randrange(4),
            offset=self.rng.choice([0, 0, 1, 2, 20, 100, 8191, self.rng.randrange(8192)])) / body
        if self.rng.random() < 0.2:
            packet = IPv6ExtHdrHopByHop(options=PadN(optdata=bytes(4))) / packet
        return self.ip6(src=whole.src) / packet

    def neighbours(self):
        """Neighbour discovery with the right sum and hop limit, and lies."""
        whose = self.rng.choice([GUEST_IP6, self.source6(), "fe80::2", ALL_NODES])
        answer = ICMPv6ND_NA(tgt=whose, R=self.rng.getrandbits(1), S=self.rng.getrandbits(1),
                             O=self.rng.getrandbits(1))
        liar = ICMPv6NDOptSrcLLAddr(
            type=self.rng.choice([1, 2]), len=self.rng.choice([0, 1, 1, 1, 4, 32]),
            lladdr=self.rng.choice([b"\x02", GUEST_MAC[:1]]) + self.rng.randbytes(5))
        return self.ip6(src=self.rng.choice([self.source6(), GUEST_IP6, "::"])) / self.rng.choice([
            ICMPv6ND_NS(tgt=whose), answer, answer,
            ICMPv6ND_Redirect(tgt=whose, dst=self.rng.choice([whose, self.source6()]))
        ]) / bytes(liar)[:self.rng.choice([0, 1, 2, 8, 8, 8])]

    def routers(self):
        """Advertisements: routers that come and go, prefixes without end, an MTU of next to nothing."""
        managed = self.rng.getrandbits(1)
        packet = self.ip6() / ICMPv6ND_RA(
            chlim=self.rng.choice([0, 64, 255]), M=managed, O=managed, prf=0,
            routerlifetime=self.rng.choice([0, 1, 1800, 65535]))
        for _ in range(self.rng.randrange(6)):
            packet /= self.rng.choice([
                ICMPv6NDOptPrefixInfo(
                    prefixlen=self.rng.choice([64, 0, 128, 255]),
                    validlifetime=self.rng.choice([0, 1, 0xffffffff]),
                    preferredlifetime=self.rng.choice([0, 0xffffffff]),
                    prefix=f"2001:db8:0:{self.rng.getrandbits(16):x}::"),
                ICMPv6NDOptMTU(mtu=self.rng.choice([0, 68, 1280, 9000, 0xffffffff])),
                ICMPv6NDOptSrcLLAddr(lladdr=b"\2" + self.rng.randbytes(5)),
                ICMPv6NDOptRDNSS(lifetime=0, dns=["::"]), ICMPv6NDOptRouteInfo(len=0)])
        return packet

    # --- more of IPv4 ---------------------------------------------------------------------

    def overlaps(self):
        """A datagram in pieces that overlap and yet make it whole, in any order."""
        same = {"src": self.source(104, 108), "id": self.rng.getrandbits(16), "proto": NUMBER[UDP]}
        whole = bytes((self.ip(**same) / self.udp(sport=9) / self.some(1200, 200))[UDP])
        at = 0
        while at * 8 < len(whole):
            size = self.rng.choice([8, 16, 64, 400])
            start = max(0, at - self.rng.choice([0, 0, 1, 3]))
            data = whole[start * 8:at * 8 + size]
            at += size // 8
            self.pending.append(self.ip(frag=start, flags="MF" if at * 8 < len(whole) else "", **same) / data)
        self.rng.shuffle(self.pending)
        return self.pending.pop()

    def land(self):
        """From the guest itself, from nobody, from everybody: to its open port, too."""
        packet = self.ip(src=self.rng.choice([GUEST_IP, "127.0.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1",
                                              "10.0.2.255"]))
        if self.rng.random() < 0.5:
            port = self.rng.choice(self.tcp_ports)
            return packet / self.tcp(sport=port, dport=port, flags="S")
        port = self.rng.choice(self.udp_ports)
        return packet / self.udp(sport=port, dport=port) / self.some(64)

    def sizes(self):
        """Frames shorter than their header and longer than the MTU."""
        if self.rng.random() < 0.5:
            return bytes(self.ether(type=IPV4))[:self.rng.randint(1, 14)]
        return self.ip() / self.udp(sport=9) / bytes(self.rng.choice([1473, 1500, 4000, 9000]))

    def groups(self):
        """Queries and reports of IGMP and MLD, for groups that are none."""
        if self.rng.random() < 0.5:
            return self.ip(dst="224.0.0.1", ttl=1, options=IPOption_Router_Alert()) / IGMP(
                type=self.rng.choice([0x11, 0x12, 0x16, 0x17, 0x22]), mrcode=self.rng.choice([0, 1, 255]),
                gaddr=self.rng.choice(["0.0.0.0", "224.0.0.1", GUEST_IP, "255.255.255.255"])) / self.some(12)
        return self.ip6(hlim=1) / IPv6ExtHdrHopByHop(options=RouterAlert(value=0)) / ICMPv6MLQuery(
            type=self.rng.choice([130, 131, 132, 143]), mrd=self.rng.choice([0, 1, 65535]),
            mladdr=self.rng.choice(["::", ALL_NODES]))

    # --- by lot -------------------------------------------------------------------------

    def known(self, kind):
        """A layer to be fuzzed: of the kind that it is, and mostly of the right length."""
        layer = kind()
        for name in "type", "option", "code", "len", "length":
            if name in layer.default_fields:
                layer.setfieldval(name, layer.getfieldval(name))
        for name in "len", "length":
            if name in layer.default_fields and self.rng.random() < 0.3:
                layer.setfieldval(name, self.rng.randrange(256))
        for name, make in ("dns", self.source6), ("addrlist", self.source6), ("sources", self.source6), \
                ("routers", self.source):
            if name in layer.default_fields:
                layer.setfieldval(name, [make() for _ in range(self.rng.randrange(3))])
        return layer

    def any_options(self):
        """Options that IP and TCP know, with any values, and no more than a header has room for."""
        options = [self.known(kind) for kind in self.rng.sample(OPTIONS, self.rng.randrange(4))]
        return self.fuzzed(self.ip(version=4, flags=0, frag=0, options=options) / self.tcp(
            flags=self.rng.choice(["S", "A", "SA", "PA"]),
            options=RandTCPOptions(self.rng.randint(1, 2))) / Raw(self.some(100)))

    def any_icmp6(self):
        """Messages that ICMPv6 knows, most of them of neighbour discovery, with any values and options."""
        packet = self.ip6(version=6) / self.known(self.rng.choice(self.rng.choice([MESSAGES6, DISCOVERY6])))
        for _ in range(self.rng.randrange(4)):
            packet /= self.known(self.rng.choice(OPTIONS6))
        return self.fuzzed(packet)

    def dhcp_options(self, *some):
        """With others that a client looks at, of lengths that are mostly right; an end is mostly there."""
        options = [*some, *((kind, self.rng.randbytes(self.rng.choice([4, 4, 4, 4, 0, 1, 5, 8, 12, 255])))
                            for kind in self.rng.choices([1, 3, 6, 42, 51, 58, 59], k=self.rng.randrange(4)))]
        self.rng.shuffle(options)
        return DHCP(options=options + self.rng.choice([[], ["end"], ["end"], ["end"]]))

    def any_dhcp(self, xid, kinds):
        """An answer to a request of DHCP: whose it is and what it may be are right, all else is by lot."""
        answer = self.dhcp_options(
            ("message-type", self.rng.choice(kinds)), ("server_id", GATEWAY),
            ("dhcp-option-overload", self.rng.choice([0, 0, 1, 2, 3, 255])))
        return self.fuzzed(
            self.ip(src=GATEWAY, version=4, flags=0, frag=0) / UDP(sport=67, dport=68) /
            BOOTP(op=2, htype=1, hlen=6, xid=xid, chaddr=GUEST_MAC, yiaddr=self.source(),
                  file=bytes(self.dhcp_options())) /
            DHCP(options=RandDHCPOptions(self.rng.randrange(4))) / answer)


class Attack:
    """Segments of somebody who knows a connection's ends, and more of its numbers than he should.

    None of them is a right reset, nor has bytes that belong to the stream, so that the connection has
    to go on. Give see() to the Wire as its `lose`: it learns the numbers from the guest's segments.
    """

    def __init__(self, rng, port):
        self.rng, self.port = rng, port
        self.sport = self.seq = self.ack = None
        self.kinds = [self.reset_nearby, self.reset_far, self.syn, self.blind, self.future_ack,
                      self.old_ack, self.options, self.sack, self.urgent, self.old_data,
                      self.data_beyond, self.no_ack, self.icmp]

    def see(self, frame):
        packet = Ether(frame)
        if TCP in packet and packet.payload.dst == GATEWAY and packet[TCP].dport == self.port:
            segment = packet[TCP]
            self.sport, self.ack = segment.sport, segment.ack
            self.seq = segment.seq + len(segment.payload) + bool(segment.flags & "SF")
        return False

    def frame(self):
        return self.rng.choice(self.kinds)()

    def ip(self):
        return Ether(src="52:55:0a:00:02:02", dst=GUEST_MAC) / IP(src=GATEWAY, dst=GUEST_IP)

    def segment(self, *, seq, ack, payload=b"", **fields):
        return self.ip() / TCP(**{"sport": self.port, "dport": self.sport, "seq": seq & 0xffffffff,
                                  "ack": ack & 0xffffffff, "window": 65535, **fields}) / payload

    def near(self, least=1, most=50000):
        return self.rng.randint(least, most)

    def far(self):
        return self.rng.randint(1 << 22, (1 << 32) - (1 << 22))

    def reset_nearby(self):
        return self.segment(seq=self.ack + self.near(), ack=self.seq, flags=self.rng.choice(["R", "RA"]))

    def reset_far(self):
        return self.segment(seq=self.ack + self.far(), ack=self.seq, flags="R")

    def syn(self):
        return self.segment(seq=self.ack + self.rng.choice([0, self.near(), self.far()]), ack=self.seq,
                            flags=self.rng.choice(["S", "SA"]))

    def blind(self):
        """Nothing but the ends is right; the window is closed."""
        return self.segment(seq=self.ack + self.far(), ack=self.rng.getrandbits(32), window=0,
                            flags=self.rng.choice(["A", "FA", "PA"]),
                            payload=self.rng.choice([b"", b"evil"]))

    def future_ack(self):
        return self.segment(seq=self.ack, ack=self.seq + self.near(1, 1 << 30), flags="A", window=0)

    def old_ack(self):
        return self.segment(seq=self.ack, ack=self.seq - self.near(1 << 22, 1 << 30), flags="A", window=0)

    def odd(self, options):
        """Options that are none of scapy's: they come as data, and the header is said to reach behind them."""
        return self.segment(seq=self.ack, ack=self.seq, flags="A", dataofs=5 + len(options) // 4,
                            payload=options)

    def options(self):
        return self.odd(self.rng.randbytes(4 * self.rng.randint(1, 10)))

    def sack(self):
        edges = b"".join(edge.to_bytes(4, "big") for _ in range(self.rng.randint(1, 4)) for edge in (
            self.rng.getrandbits(32), (self.seq + self.near()) & 0xffffffff))
        return self.odd(b"\1\1\5" + bytes([self.rng.choice([len(edges) + 2, 2, 3, 255])]) + edges)

    def urgent(self):
        return self.segment(seq=self.ack, ack=self.seq, flags="UA")

    def old_data(self):
        data = self.rng.randbytes(self.near(1, 1000))
        return self.segment(seq=self.ack - len(data) - self.near(0, 1000), ack=self.seq, flags="PA",
                            payload=data)

    def data_beyond(self):
        return self.segment(seq=self.ack + self.near(1 << 22, 1 << 24), ack=self.seq, flags="FA",
                            payload=b"beyond")

    def no_ack(self):
        return self.segment(seq=self.ack, ack=self.seq, flags=self.rng.choice(["", "P", "F", "FPU"]),
                            payload=self.rng.choice([b"", b"none"]))

    def icmp(self):
        """Errors about a segment the guest might have sent: unreachable, and that it be shorter."""
        quote = IP(src=GUEST_IP, dst=GATEWAY) / TCP(sport=self.sport, dport=self.port,
                                                    seq=self.rng.getrandbits(32))
        return self.ip() / ICMP(type=3, code=self.rng.choice([0, 1, 2, 3, 4, 13]),
                                nexthopmtu=self.rng.choice([0, 68, 576])) / bytes(quote)[:28]
