# SPDX-License-Identifier: BSD-2-Clause
"""What comes over the wire: hostile frames, and a cable that loses, repeats and reorders.

The guest keeps an open connection through QEMU's user network meanwhile, which has to survive.
"""
import hashlib
import os
import random
import re

import pytest
from scapy.layers.inet import TCP
from scapy.layers.l2 import Ether

import hostile
import wire
from talk import Server, booted, connect, echo, memory, say

SECONDS = 60


def survives(boot, count, seed):
    server = Server(echo)
    with wire.Wire(seed=seed) as cable:
        guest = booted(boot, cable)
        guest.check("(busybox nc -ll -p 7777 -e cat </dev/null >/dev/null 2>&1 &)")
        connect(guest, server.port)
        say(guest, "before")
        before = memory(guest)
        local = guest.check("cat /proc/net/tcp")
        ours = int(re.search(r"0F02000A:([0-9A-F]{4}) 0202000A", local)[1], 16)
        maker = hostile.Hostile(random.Random(seed), tcp_ports=[7777, ours, 1], udp_ports=[68, 1])
        cable.flood(maker.frame, count)
        # Resets of the very connection, with all numbers right but the sequence.
        cable.flood(lambda: maker.rst(wire.GATEWAY, sport=server.port, dport=ours), count // 20)
        say(guest, "after")
        # Half-open connections of the SYN flood time out, fragments after a while, too.
        guest.check("for i in $(seq 60); do grep -q ' 03 ' /proc/net/tcp || break; sleep 2; done", 150)
        after = memory(guest)
        assert after[0] > before[0] - 2048, (before, after)
        assert "inet6 fe80::5054:ff:fe12:3456/64 scope link \n" in guest.check("ip -6 addr show eth0")
        guest.check("exec 3>&-")


def test_hostile_frames(boot):
    survives(boot, 15000, 1)


@pytest.mark.long
def test_a_million_hostile_frames(boot):
    survives(boot, 1_000_000, 2)


# --- a bad cable ------------------------------------------------------------------------

def take(size):
    def serve(connection):
        digest, left = hashlib.sha256(), size
        while left:
            data = connection.recv(min(left, 1 << 16))
            if not data:
                break
            digest.update(data)
            left -= len(data)
        return digest.hexdigest(), size - left
    return serve


def bad_cable(boot, megabytes, patience):
    size = megabytes << 20
    with wire.Wire(loss=0.01, twice=0.01, late=0.02) as cable:
        guest = booted(boot, cable)
        # Out of the guest.
        server = Server(take(size))
        guest.check(f"dd if=/dev/urandom of=/tmp/big bs=1M count={megabytes} 2>/dev/null", 120)
        ours = guest.check("sha256sum /tmp/big").split()[0]
        guest.check(f"nc 10.0.2.2 {server.port} </tmp/big", patience)
        assert server.done(SECONDS) == (ours, size)
        # Into it.
        data = os.urandom(size)
        server = Server(lambda connection: connection.sendall(data))
        guest.check(f"nc 10.0.2.2 {server.port} </dev/null >/tmp/big", patience)
        server.done(SECONDS)
        assert guest.check("sha256sum /tmp/big").split()[0] == hashlib.sha256(data).hexdigest()
        assert cable.counts["lost"] and cable.counts["twice"] and cable.counts["late"]


def test_a_bad_cable(boot):
    bad_cable(boot, 2, 300)


class Segments:
    """The guest's TCP segments as the wire sees them: some lost on purpose, those that came again noted."""

    def __init__(self, *lost):
        self.lost = set(lost)
        self.ends, self.again, self.number = {}, [], 0

    def lose(self, frame):
        segment = Ether(frame).getlayer(TCP)
        if not segment:
            return False
        port, seq, size = segment.sport, segment.seq, len(segment.payload)
        end = seq + size + segment.flags.F + segment.flags.S
        if end == seq:
            return False
        known = self.ends.get(port)
        if known is not None and (known - end) % (1 << 32) < 1 << 31:
            self.again.append((port, size))
            return False
        self.ends[port] = end % (1 << 32)
        self.number += 1
        return self.number - 1 in self.lost


def test_retransmissions_are_traced(boot):
    """The SYN, a segment with many behind it (fast retransmit), and one of the last (timeout)."""
    size = 200_000
    with wire.Wire() as cable:
        guest = booted(boot, cable)
        guest.check(f"head -c {size} /dev/urandom >/tmp/big; echo net:tcp_retransmit >/proc/trace/enable")
        ours = guest.check("sha256sum /tmp/big").split()[0]
        segments = Segments(0, 40, size // 1460)
        cable.lose = segments.lose
        server = Server(take(size))
        guest.check(f"nc 10.0.2.2 {server.port} </tmp/big", SECONDS * 2)
        assert server.done(SECONDS) == (ours, size)
        guest.check("sleep 1; echo none >/proc/trace/enable")
        traced = [(int(port), int(size)) for port, size in re.findall(
            r"TCP_RETRANSMIT port=(\d+) bytes=(\d+)", guest.check("cat /proc/trace/buffer"))]
    assert cable.counts["lost"] == 3
    assert traced == segments.again
    assert len(traced) >= 3 and traced[0][1] == 0 and all(size > 0 for _, size in traced[1:3])


@pytest.mark.long
def test_64_megabytes_over_a_bad_cable(boot):
    bad_cable(boot, 64, 3600)
