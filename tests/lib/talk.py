# SPDX-License-Identifier: BSD-2-Clause
"""A guest on a wire and this host in conversation: a connection through QEMU's user network that has to
survive what a test does meanwhile."""
import re
import socket
import threading

import wire
from targets import tessera


class Server:
    """One TCP connection from the guest to this host: serve(connection) runs in a thread."""

    def __init__(self, serve):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.result = None
        self.thread = threading.Thread(target=self.work, args=(serve,), daemon=True)
        self.thread.start()

    def work(self, serve):
        connection, _ = self.listener.accept()
        with connection:
            self.result = serve(connection)

    def done(self, patience):
        self.thread.join(patience)
        assert not self.thread.is_alive(), "the connection did not come to its end"
        self.listener.close()
        return self.result


def echo(connection):
    while data := connection.recv(65536):
        connection.sendall(data)


def booted(boot, cable, append="", **changes):
    guest = boot(tessera("defconfig", net=cable.net, append=f"quiet {wire.STATIC} {append}", **changes),
                 silence=90)
    guest.login()
    cable.probe()
    return guest


def memory(guest):
    """kB free, and what lwIP's pools hold, once what takes a moment is over."""
    guest.check("sleep 2")
    free = int(re.search(r"MemFree:\s+(\d+)", guest.check("cat /proc/meminfo"))[1])
    held = int(re.search(r"packets (\d+)", guest.check("cat /proc/net/lwip"))[1])
    return free, held


def pool(guest, name):
    """(used, limit, refused) of a pool in /proc/net/lwip."""
    line = re.search(rf"^{name} (\d+) (\d+) (\d+)$", guest.check("cat /proc/net/lwip"), re.M)
    return tuple(map(int, line.groups()))


def until(guest, condition, seconds=60):
    """Wait until a shell condition of the guest's is true."""
    guest.check(f"for i in $(seq {seconds}); do {condition} && break; sleep 1; done; {condition}",
                seconds * 2)


def connect(guest, port):
    """An open connection with its input on descriptor 3 of the shell."""
    guest.check("rm -f /tmp/f; mkfifo /tmp/f")
    guest.check(f"(nc 10.0.2.2 {port} </tmp/f >/tmp/out &) ; exec 3>/tmp/f")


def say(guest, text):
    """Send a line over it and wait for its echo."""
    guest.check(f"echo {text} >&3")
    guest.check(f"for i in $(seq 100); do grep -q {text} /tmp/out && break; sleep 0.2; done; "
                f"grep -q {text} /tmp/out", 90)
