# SPDX-License-Identifier: BSD-2-Clause
"""A cable that a test holds in its hands: between a guest and QEMU's user network.

Each frame is a UDP datagram on this host. The Wire passes frames on, loses, repeats, delays and
reorders them as told, and puts in frames of the test's own. Hosts that a test plays are on the same
cable (peer.py).
"""
import heapq
import random
import select
import socket
import subprocess
import threading
import time

from scapy.config import conf
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Packet

from machine import qemu

GUEST_MAC = bytes.fromhex("525400123456")    # what QEMU gives the first network device
BROADCAST = b"\xff" * 6
GUEST_IP, GUEST_IP6, GATEWAY = "10.0.2.15", "fe80::5054:ff:fe12:3456", "10.0.2.2"
PROBE_MAC, PROBE_IP = b"\x02probe", "10.0.2.99"
conf.padding = False        # what fills a frame up is no data of its packet
STATIC = "net.ip=10.0.2.15/24,gw=10.0.2.2,dns=10.0.2.3"


def udp_socket():
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    return sock


def built(packet):
    """Its bytes. By bytes() scapy would first copy it, in case that a field stands for several values."""
    if isinstance(packet, Packet):
        for layer in packet.iterpayloads():
            layer.explicit = 1
    return bytes(packet)


class End:
    """One end of the wire: our socket, and the port of the QEMU there."""

    def __init__(self):
        self.sock = udp_socket()
        with udp_socket() as other:
            self.port = other.getsockname()[1]

    def own(self):
        return self.sock.getsockname()[1]

    def send(self, frame):
        """`frame` is bytes or a packet of scapy."""
        try:
            self.sock.sendto(built(frame), ("127.0.0.1", self.port))
        except OSError:
            pass        # that QEMU is not there yet, or any more


class Wire(threading.Thread):
    """Use as a context manager; give `net` to the guest's Machine."""

    def __init__(self, loss=0.0, twice=0.0, late=0.0, delay=0.002, seed=1):
        super().__init__(daemon=True)
        self.loss, self.twice, self.late, self.delay = loss, twice, late, delay
        self.rng = random.Random(seed)
        self.guest, self.user = End(), End()
        self.net = qemu.wire(self.guest.port, self.guest.own())
        self.lose = None    # of each frame of the guest: is it to be lost?
        self.hosts = {}     # that the test plays: by MAC, a function of each frame that comes
        self.quiet = False  # nothing of QEMU's network gets through to the guest
        self.answers = threading.Semaphore(0)   # of the guest, to probes
        self.counts = {"passed": 0, "lost": 0, "twice": 0, "late": 0}
        self.waiting, self.order = [], 0
        self.running = True
        self.process = None

    def __enter__(self):
        self.process = subprocess.Popen(qemu.user_network(self.user.port, self.user.own()),
                                        stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.start()
        return self

    def __exit__(self, *exception):
        self.running = False
        self.join()
        self.process.terminate()
        self.process.wait()
        self.guest.sock.close()
        self.user.sock.close()

    # --- passing on ---------------------------------------------------------------------

    def run(self):
        ends = [self.guest.sock, self.user.sock]
        while self.running:
            pause = 0.1
            if self.waiting:
                pause = max(0, min(pause, self.waiting[0][0] - time.monotonic()))
            for sock in select.select(ends, [], [], pause)[0]:
                frame = sock.recv(65536)
                if sock is self.user.sock:
                    if not self.quiet:
                        self.carry(frame, self.guest)
                elif self.lose and self.lose(frame):
                    self.counts["lost"] += 1
                elif not self.heard(frame):
                    self.carry(frame, self.user)
            while self.waiting and self.waiting[0][0] <= time.monotonic():
                _, _, end, frame = heapq.heappop(self.waiting)
                end.send(frame)

    def heard(self, frame):
        """True if a host of the test's own is whom the guest's frame is for, and QEMU's network not."""
        if frame[:6] == PROBE_MAC:
            self.answers.release()
            return True
        if frame[0] & 1:
            for host in list(self.hosts.values()):
                host(frame)
            return False
        host = self.hosts.get(frame[:6])
        if host:
            host(frame)
        return host is not None

    def carry(self, frame, end):
        if self.rng.random() < self.loss:
            self.counts["lost"] += 1
            return
        if self.rng.random() < self.late:
            self.counts["late"] += 1
            self.order += 1
            when = time.monotonic() + self.rng.random() * self.delay
            heapq.heappush(self.waiting, (when, self.order, end, frame))
        else:
            end.send(frame)
        self.counts["passed"] += 1
        if self.rng.random() < self.twice:
            self.counts["twice"] += 1
            end.send(frame)

    # --- frames of our own --------------------------------------------------------------

    def probe(self, patience=60):
        """Ask the guest for its address until it answers: all that was sent before has been seen."""
        question = bytes(Ether(src=PROBE_MAC, dst=GUEST_MAC) / ARP(
            op="who-has", hwsrc=PROBE_MAC, psrc=PROBE_IP, hwdst=bytes(6), pdst=GUEST_IP))
        while self.answers.acquire(blocking=False):
            pass
        end = time.monotonic() + patience
        while time.monotonic() < end:
            self.guest.send(question)
            if self.answers.acquire(timeout=1):
                return
        raise AssertionError(f"the guest did not answer ARP for {patience} s")

    def flood(self, make, count, burst=64):
        """`count` frames made by make(), no faster than the guest takes them."""
        for i in range(count):
            self.guest.send(make())
            if i % burst == burst - 1:
                self.probe()
        self.probe()
