# SPDX-License-Identifier: BSD-2-Clause
"""What virtio-net may leave to the other side: checksums, and cutting segments of TCP.

The other side is this host's kernel behind a tap; what a frame says of itself is read on the way.
"""
import hashlib
import os
import socket
import threading

import pytest
from scapy.layers.inet import IP, TCP, in4_pseudoheader
from scapy.layers.inet6 import in6_pseudoheader
from scapy.layers.l2 import Ether
from scapy.utils import checksum

import debian
import tap
from targets import tessera

SIZE = 4 << 20
MTU_FRAME = 1514
NEEDS_CSUM = 1                      # virtio_net_hdr.flags
GSO_TYPE = {4: 1, 6: 4}             # .gso_type of TCP
ADDRESS = {4: (tap.HOST, tap.GUEST), 6: (tap.HOST6, tap.GUEST6)}

pytestmark = pytest.mark.skipif(bool(tap.why_not()), reason=f"no tap device: {tap.why_not()}")


@pytest.fixture
def cable():
    with tap.Tap() as cable:
        yield cable


def booted(boot, cable, **changes):
    guest = boot(tessera("defconfig", net=cable.net, netns=cable.netns, mem="512M",
                         initrd=debian.image("net"), append=f"quiet net.ip={tap.GUEST}/24", **changes))
    guest.login()
    guest.sendline("exec bash --norc --noediting")      # for its /dev/tcp
    guest.settle()
    # An address of IPv6 is used once nobody else was found to have it.
    guest.check(f"ip -6 addr add {tap.GUEST6}/64 dev eth0; for i in $(seq 50); do ip -6 addr show eth0 | "
                "grep -q tentative || break; sleep 0.2; done", 60)
    return guest


class Transfer:
    """One connection of the guest to this host, in one direction."""

    def __init__(self, cable, version, data=None):
        self.listener = cable.listen(ADDRESS[version][0])
        self.where = "%s/%d" % self.listener.getsockname()[:2]
        self.digest = hashlib.sha256()
        self.thread = threading.Thread(target=self.work, args=(data,), daemon=True)
        self.thread.start()

    def work(self, data):
        connection, _ = self.listener.accept()
        with connection, self.listener:
            if data:
                connection.sendall(data)
                return
            while chunk := connection.recv(1 << 18):
                self.digest.update(chunk)

    def done(self):
        self.thread.join(60)
        assert not self.thread.is_alive()
        return self.digest.hexdigest()


def pseudo_sum(ip, size):
    """What a TCP checksum field holds that is still to be completed."""
    header = (in4_pseudoheader if isinstance(ip, IP) else in6_pseudoheader)(6, ip, size)
    return ~checksum(bytes(header)) & 0xffff


@pytest.mark.parametrize("version", [4, 6])
def test_large_segments_out(boot, cable, version):
    guest = booted(boot, cable)
    digest = guest.check(f"head -c {SIZE} /dev/urandom >/tmp/big; sha256sum /tmp/big", 60).split()[0]
    cable.look_on()
    transfer = Transfer(cable, version)
    guest.check(f"cat /tmp/big >/dev/tcp/{transfer.where}", 120)
    assert transfer.done() == digest
    cable.look_away()
    start = {4: 34, 6: 54}[version]
    sent = [frame for frame in cable.frames if not frame.outgoing and frame.size > 100]
    large = [frame for frame in sent if frame.size > MTU_FRAME]
    # Nearly all of it, but for what the congestion window lets go piece by piece at first.
    assert sum(frame.size for frame in large) > SIZE * 3 // 4, (len(large), len(sent))
    for frame in sent:
        assert frame.flags & NEEDS_CSUM
        assert (frame.csum_start, frame.csum_offset) == (start, 16)
        ip = Ether(frame.bytes).payload
        assert ip[TCP].chksum == pseudo_sum(ip, frame.size - start)
        assert (ip.len + 14 if version == 4 else ip.plen + 54) == frame.size
        assert version == 6 or checksum(frame.bytes[14:34]) == 0
    assert {(frame.gso_type, frame.gso_size) for frame in large} == {(GSO_TYPE[version], 1500 - (start - 14) - 32)}
    assert all(frame.gso_type == 0 for frame in sent if frame.size <= MTU_FRAME)


@pytest.mark.parametrize("version", [4, 6])
def test_large_segments_in(boot, cable, version):
    guest = booted(boot, cable)
    data = os.urandom(SIZE)
    cable.look_on()
    transfer = Transfer(cable, version, data)
    guest.check(f"cat </dev/tcp/{transfer.where} >/tmp/big", 120)
    transfer.done()
    cable.look_away()
    assert guest.check("sha256sum /tmp/big", 60).split()[0] == hashlib.sha256(data).hexdigest()
    assert max(frame.size for frame in cable.frames if frame.outgoing) > 10 * MTU_FRAME
    counts = guest.check("sed -n 's/.*eth0://p' /proc/net/dev").split()
    octets, packets, errors = map(int, counts[:3])
    assert octets / packets > 2 * MTU_FRAME and errors == 0


@pytest.mark.parametrize("version", [4, 6])
def test_udp_checksums(boot, cable, version):
    guest = booted(boot, cable)
    family = {4: socket.AF_INET, 6: socket.AF_INET6}[version]
    receiver = cable.socket(family, socket.SOCK_DGRAM)
    receiver.bind((ADDRESS[version][0], 0))
    receiver.settimeout(30)
    port = receiver.getsockname()[1]
    cable.look_on(3000)
    where = f"/dev/udp/{ADDRESS[version][0]}/{port}"
    guest.check(f"echo over the wire >{where}")
    # One that has to be sent in fragments has its sum made here.
    guest.check(f"head -c 4000 /dev/zero | tr '\\0' x >/tmp/long; cat /tmp/long >{where}")
    assert receiver.recv(100) == b"over the wire\n"
    assert receiver.recv(8000) == b"x" * 4000
    cable.look_away()
    short = next(frame for frame in cable.frames if b"over the wire" in frame.bytes)
    assert short.flags & NEEDS_CSUM and short.csum_offset == 6


def test_without_offload(boot, cable):
    """The same device without these abilities gets what it can carry."""
    features = "csum=off,guest_csum=off,host_tso4=off,host_tso6=off,guest_tso4=off,guest_tso6=off"
    guest = booted(boot, cable, extra=[word for feature in features.split(",") for word in (
        "-global", "virtio-net-device." + feature)])
    digest = guest.check("head -c 1000000 /dev/urandom >/tmp/big; sha256sum /tmp/big", 60).split()[0]
    cable.look_on()
    transfer = Transfer(cable, 4)
    guest.check(f"cat /tmp/big >/dev/tcp/{transfer.where}", 120)
    assert transfer.done() == digest
    cable.look_away()
    sent = [frame for frame in cable.frames if not frame.outgoing]
    assert sent and all(frame.size <= MTU_FRAME and not frame.flags & NEEDS_CSUM for frame in sent)
