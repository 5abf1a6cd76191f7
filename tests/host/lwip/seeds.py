#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Writes inputs for fuzz_lwip into the folder named: one way each into the depth of the stack."""
import os
import sys

RAW, IPV4, IPV6, UDP, TCP, TIME, DHCP = range(7)
SYN, ACK, PUSH_ACK, FIN_ACK, RST = 0x02, 0x10, 0x18, 0x11, 0x04


def frame(kind, *parts):
    data = b"".join(bytes(part) for part in parts)
    return bytes([kind, len(data) & 255, len(data) >> 8]) + data


def tcp(flags, data=b"", ahead=0, words=0):
    """A segment of the connection, `ahead` bytes beyond the next, its data begun by options."""
    return frame(TCP, [flags, ahead, 0, 0xfc | words], data)


def fragment6(offset, more, size):
    return frame(IPV6, [44, 17, 0, offset >> 5, (offset << 3) & 0xf8 | more, 0, 0, 0, 7], b"C" * size)


def dhcp(kind, *options, how=0, words=0):
    """A server's OFFER (2), ACK (5) or NAK (6)."""
    return frame(DHCP, [how, words, 53, 1, kind], *options, [255])


def udp6(data):
    return frame(IPV6, [17, 0, 9, 0, 7, 0, 8 + len(data), 0, 0], data)


TICK = frame(TIME)
PEER6 = [0xfe, 0x80] + [0] * 13 + [2]
LEASE = [54, 4, 10, 9, 0, 1, 51, 4, 0, 0, 2, 88, 1, 4, 255, 255, 255, 0, 3, 4, 10, 9, 0, 1, 6, 8] + [9] * 8
OPEN = tcp(SYN) + tcp(ACK)
STAMPED = tcp(SYN, [2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1], words=3) + tcp(ACK)
FIRST4 = frame(IPV4, [17, 0x20, 0], [0, 9, 0, 7, 0, 40, 0, 0], b"A" * 16)
LAST4 = frame(IPV4, [17, 0, 3], b"B" * 16)
ROUTER = [134, 0, 0, 0, 64, 0, 7, 8] + [0] * 8 + [3, 4, 64, 0xc0, 0, 0, 14, 16, 0, 0, 14, 16] + \
    [0] * 4 + [0x20, 1] + [0] * 14
NEIGHBOUR = [136, 0, 0, 0, 0x60, 0, 0, 0] + PEER6 + [2, 1, 2, 0, 0, 0, 0, 2]
ARP = [255] * 6 + [2, 0, 0, 0, 0, 2, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 2, 10, 0, 2, 2] + \
    [0] * 6 + [10, 0, 2, 15]

SEEDS = [
    OPEN + tcp(PUSH_ACK, b"hello world") + tcp(FIN_ACK) + tcp(ACK) + TICK * 5,
    OPEN + tcp(PUSH_ACK, b"x" * 30, ahead=20) + tcp(PUSH_ACK, b"y" * 20) + tcp(FIN_ACK) + TICK,
    STAMPED + tcp(PUSH_ACK, [1, 1, 8, 10, 0, 0, 0, 2, 0, 0, 0, 0] + [65] * 4, words=3) + tcp(RST),
    FIRST4 + LAST4, LAST4 + FIRST4, FIRST4 + TICK * 40,
    fragment6(0, 1, 16) + fragment6(2, 0, 16), fragment6(2, 0, 16) + fragment6(0, 1, 16),
    fragment6(4, 0, 16) + fragment6(0, 1, 16) + TICK * 60,
    frame(UDP, b"ping"), frame(IPV4, [1, 0, 0, 8, 0, 0, 0, 0, 1, 0, 1], b"p" * 30),
    frame(IPV4, [2, 0, 0, 0x11, 10, 0, 0, 224, 0, 0, 1]),
    frame(IPV6, [58, 128, 0, 0, 0, 0, 1, 0, 2], b"p" * 20), frame(IPV6, [58], ROUTER),
    frame(IPV6, [58], NEIGHBOUR), frame(RAW, ARP), frame(RAW, ARP[:30]),
    dhcp(2, LEASE) + dhcp(5, LEASE, [59, 4, 0, 0, 0, 9]) + TICK * 30,
    *[dhcp(2, LEASE) + dhcp(5, LEASE) + TICK * n + dhcp(5, LEASE) + TICK * 3 + dhcp(6) for n in (5, 14, 19)],
    dhcp(2, LEASE) + dhcp(6), dhcp(2, LEASE, [52, 1, 3], how=12) + dhcp(5, LEASE, words=8) + TICK * 9,
    # A path that carries no byte of a fragment.
    udp6(b"ping") + frame(IPV6, [58], NEIGHBOUR) +
    frame(IPV6, [58, 2, 0, 0, 0, 0, 0, 0, 48, 0x60, 0, 0, 0, 0, 0, 17, 64], [0] * 16, PEER6) +
    udp6(b"x" * 100),
    # Addresses of no host, and a mask with holes.
    *[dhcp(2, LEASE, how=n) + dhcp(5, LEASE, how=n) + TICK * 9 for n in range(1, 4)],
    dhcp(2, LEASE) + dhcp(5, [1, 4, 255, 0, 255, 0], LEASE) + TICK * 9,
    # An option longer than the fragment it goes on in.
    dhcp(2, [43, 250], [9] * 250, LEASE, words=8),
    # Segments of nearly nothing are asked for: at first, and in the middle of a connection.
    tcp(SYN, [2, 4, 0, 4], words=1) + tcp(ACK) + tcp(PUSH_ACK, b"hello world") + tcp(ACK),
    OPEN + tcp(PUSH_ACK, b"x" * 99) * 2 + tcp(PUSH_ACK, [2, 4, 0, 4] + [65] * 20, words=1) * 2,
    # IP headers that end after two bytes, the first word, or just short of their end.
    *[frame(RAW, ARP[:12], kind, header[:n]) for kind, header in (([8, 0], [0x45] + [0] * 19),
      ([0x86, 0xdd], [0x60] + [0] * 39)) for n in (2, 4, len(header) - 1)],
]

os.makedirs(sys.argv[1], exist_ok=True)
for number, seed in enumerate(SEEDS):
    with open(os.path.join(sys.argv[1], f"seed{number}"), "wb") as file:
        file.write(seed)
