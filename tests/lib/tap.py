# SPDX-License-Identifier: BSD-2-Clause
"""A cable to this host's own kernel: a tap device in a network namespace of its own.

The tap passes on what virtio-net says of a frame besides its bytes, so the host takes segments that are
larger than the MTU, with checksums not yet made, and sends such ones. It needs root and /dev/net/tun.
"""
import concurrent.futures
import ctypes
import fcntl
import os
import socket
import struct
import threading
import time

from machine import qemu

NAME = "tap0"
HOST, GUEST = "10.9.0.1", "10.9.0.2"
HOST6, GUEST6 = "fd09::1", "fd09::2"
CLONE_NEWNET = 0x40000000
TUNSETIFF, TUNSETPERSIST = 0x400454ca, 0x400454cb
IFF_TAP, IFF_NO_PI, IFF_VNET_HDR, IFF_UP = 0x0002, 0x1000, 0x4000, 0x1
SIOCSIFFLAGS, SIOCSIFADDR, SIOCSIFNETMASK, SIOCGIFINDEX = 0x8914, 0x8916, 0x891c, 0x8933
SOL_PACKET, PACKET_VNET_HDR, ETH_P_ALL, SO_RCVBUFFORCE = 263, 15, 3, 33
VNET_HDR = struct.Struct("=BBHHHH")     # struct virtio_net_hdr, of this machine's byte order


def why_not():
    """The reason why there can be no Tap here, or ""."""
    if os.geteuid():
        return "not root"
    try:
        os.close(os.open("/dev/net/tun", os.O_RDWR))
    except OSError as error:
        return str(error)
    return ""


class Frame:
    """One frame as it passed the tap, with what was said about it."""

    def __init__(self, data, snap, outgoing):
        self.flags, self.gso_type, self.hdr_len, self.gso_size, self.csum_start, self.csum_offset = \
            VNET_HDR.unpack_from(data)
        self.bytes, self.size = data[VNET_HDR.size:][:snap], len(data) - VNET_HDR.size
        self.outgoing = outgoing    # of the host


class Tap:
    """Use as a context manager; give `net` and `netns` to the guest's Machine.

    One thread is in the namespace; what it opens belongs there, whoever uses it.
    """

    def __init__(self):
        self.pool = concurrent.futures.ThreadPoolExecutor(1)
        self.net = qemu.tap(NAME)
        self.netns = ""
        self.frames, self.looking = [], None

    def __enter__(self):
        self.netns = self.inside(self._enter_namespace)
        self.inside(self._create)
        return self

    def __exit__(self, *exception):
        self.look_away()
        self.pool.shutdown()

    def inside(self, function, *arguments):
        """Call it in the namespace."""
        return self.pool.submit(function, *arguments).result()

    @staticmethod
    def _enter_namespace():
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "unshare")
        return f"/proc/{os.getpid()}/task/{threading.get_native_id()}/ns/net"

    @staticmethod
    def _create():
        fd = os.open("/dev/net/tun", os.O_RDWR)
        fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", NAME.encode(), IFF_TAP | IFF_NO_PI | IFF_VNET_HDR))
        fcntl.ioctl(fd, TUNSETPERSIST, 1)
        os.close(fd)        # QEMU opens it again
        with socket.socket() as sock, socket.socket(socket.AF_INET6) as sock6:
            for request, address in ((SIOCSIFADDR, HOST), (SIOCSIFNETMASK, "255.255.255.0")):
                fcntl.ioctl(sock, request, struct.pack("16sHH4s8x", NAME.encode(), socket.AF_INET, 0,
                                                       socket.inet_aton(address)))
            answer = fcntl.ioctl(sock, SIOCGIFINDEX, struct.pack("16s16x", NAME.encode()))
            index, = struct.unpack_from("i", answer, 16)
            with open(f"/proc/sys/net/ipv6/conf/{NAME}/accept_dad", "w", encoding="ascii") as file:
                file.write("0")     # or the address could not be used for a second or two
            fcntl.ioctl(sock6, SIOCSIFADDR, socket.inet_pton(socket.AF_INET6, HOST6) +
                        struct.pack("=Ii", 64, index))
            fcntl.ioctl(sock, SIOCSIFFLAGS, struct.pack("16sH14x", NAME.encode(), IFF_UP))

    def listen(self, address=HOST):
        """A TCP socket that listens there."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return self.inside(lambda: socket.create_server((address, 0), family=family))

    def socket(self, family=socket.AF_INET, kind=socket.SOCK_STREAM):
        return self.inside(socket.socket, family, kind)

    # --- looking on ---------------------------------------------------------------------

    def look_on(self, snap=200):
        """From now on self.frames gets what passes, the first `snap` bytes of each."""
        def sniffer():
            sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            sock.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
            sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
            sock.bind((NAME, ETH_P_ALL))
            sock.settimeout(0.2)
            return sock

        def read(sock, stop):
            while not stop.is_set():
                try:
                    data, (_, _, kind, _, _) = sock.recvfrom(1 << 17)
                except TimeoutError:
                    continue
                self.frames.append(Frame(data, snap, kind == socket.PACKET_OUTGOING))
            sock.close()
        stop = threading.Event()
        thread = threading.Thread(target=read, args=(self.inside(sniffer), stop), daemon=True)
        thread.start()
        self.looking = stop, thread

    def look_away(self):
        """No more of them; what had passed before is all there."""
        if self.looking:
            stop, thread = self.looking
            time.sleep(0.3)
            stop.set()
            thread.join()
            self.looking = None
