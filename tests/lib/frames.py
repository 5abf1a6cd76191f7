# SPDX-License-Identifier: BSD-2-Clause
"""Ethernet frames, right and wrong ones: building blocks, and a generator of hostile frames."""
import struct

BROADCAST = b"\xff" * 6
ARP, IPV4, IPV6 = 0x0806, 0x0800, 0x86dd
ICMP, TCP, UDP, ICMP6 = 1, 6, 17, 58
FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32


def ip(text):
    return bytes(map(int, text.split(".")))


def checksum(data, start=0):
    if len(data) % 2:
        data += b"\0"
    total = start + sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ether(dst, src, kind, payload):
    return dst + src + struct.pack("!H", kind) + payload


def arp(op, src_mac, src_ip, dst_mac, dst_ip):
    return struct.pack("!HHBBH", 1, IPV4, 6, 4, op) + src_mac + src_ip + dst_mac + dst_ip


def ipv4(src, dst, proto, payload, *, ident=0, flags=0, offset=0, length=None, ihl=5, ttl=64,
         version=4, options=b"", total=None):
    """`offset` in units of 8 bytes; `total` and `length` overrule what is right."""
    size = len(payload) + 20 + len(options) if length is None else length
    head = struct.pack("!BBHHHBBH4s4s", version << 4 | ihl, 0, size & 0xffff, ident & 0xffff,
                       flags << 13 | offset, ttl, proto, 0, src, dst) + options
    right = checksum(head) if total is None else total
    return head[:10] + struct.pack("!H", right) + head[12:] + payload


def pseudo(src, dst, proto, size):
    return src + dst + struct.pack("!BBH", 0, proto, size & 0xffff)


def udp(src, dst, sport, dport, payload, *, length=None, total=None):
    size = 8 + len(payload) if length is None else length
    head = struct.pack("!HHHH", sport, dport, size & 0xffff, 0)
    right = checksum(pseudo(src, dst, UDP, size) + head + payload) if total is None else total
    return head[:6] + struct.pack("!H", right) + payload


def tcp(src, dst, sport, dport, *, seq=0, ack=0, flags=ACK, window=65535, payload=b"",
        offset=5, options=b"", total=None):
    head = struct.pack("!HHIIBBHHH", sport, dport, seq & 0xffffffff, ack & 0xffffffff,
                       offset << 4, flags, window, 0, 0) + options
    whole = head + payload
    right = checksum(pseudo(src, dst, TCP, len(whole)) + whole) if total is None else total
    return whole[:16] + struct.pack("!H", right) + whole[18:]


def icmp(kind, code, body, total=None):
    head = struct.pack("!BBH", kind, code, 0)
    right = checksum(head + body) if total is None else total
    return head[:2] + struct.pack("!H", right) + body


class Hostile:
    """Endless hostile frames to a guest; `rng` makes them repeatable."""

    def __init__(self, rng, mac, addr, gateway, tcp_ports=(), udp_ports=()):
        self.rng, self.mac, self.addr, self.gateway = rng, mac, addr, gateway
        self.tcp_ports, self.udp_ports = list(tcp_ports) or [1], list(udp_ports) or [1]
        self.kinds = [self.noise, self.truncated, self.bad_ip, self.fragments, self.bad_sums,
                      self.syn, self.rst, self.spoof, self.echo, self.icmp_errors, self.options,
                      self.ipv6, self.flipped]

    def frame(self):
        return self.rng.choice(self.kinds)()

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
                   self.rng.choice([self.addr, self.source(), b"\0" * 4, b"\xff" * 4]),
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
