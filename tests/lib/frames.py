# SPDX-License-Identifier: BSD-2-Clause
"""Ethernet frames, right and wrong ones, from their parts; hostile.py makes the wrong ones."""
import socket
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


def ip6(text):
    return socket.inet_pton(socket.AF_INET6, text)


def link_local(mac):
    return ip6("fe80::")[:8] + bytes([mac[0] ^ 2]) + mac[1:3] + b"\xff\xfe" + mac[3:]


def ipv6(src, dst, nxt, payload, *, hops=64, length=None):
    size = len(payload) if length is None else length
    return struct.pack("!IHBB", 6 << 28, size & 0xffff, nxt, hops) + src + dst + payload


def pseudo6(src, dst, proto, size):
    return src + dst + struct.pack("!II", size, proto)


def icmp6(src, dst, kind, code, body, total=None):
    head = struct.pack("!BBH", kind, code, 0)
    right = checksum(pseudo6(src, dst, ICMP6, 4 + len(body)) + head + body) if total is None else total
    return head[:2] + struct.pack("!H", right) + body


def extension(nxt, body, size=None):
    """A hop-by-hop, routing or destination header; `size` in units of 8 bytes behind the first."""
    body += bytes(-(len(body) + 2) % 8)
    return bytes([nxt, (len(body) + 2) // 8 - 1 if size is None else size]) + body


def fragment6(nxt, offset, more, ident, payload):
    """`offset` in units of 8 bytes."""
    return struct.pack("!BBHI", nxt, 0, (offset << 3 | more) & 0xffff, ident) + payload


def icmp(kind, code, body, total=None):
    head = struct.pack("!BBH", kind, code, 0)
    right = checksum(head + body) if total is None else total
    return head[:2] + struct.pack("!H", right) + body
