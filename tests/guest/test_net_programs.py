# SPDX-License-Identifier: BSD-2-Clause
"""Unmodified Debian programs on lwIP: clients of servers on this machine, and servers of their own.

The guest reaches this machine's 127.0.0.1 as 10.0.2.2, through QEMU's user network.
"""
import hashlib
import http.server
import re
import threading

import pytest

import debian
from targets import tessera

pytestmark = pytest.mark.xdist_group("net-programs")
BIG = bytes(range(256)) * 8192


class Files(http.server.BaseHTTPRequestHandler):
    """/small is a line, /big is BIG; a PUT is answered with its digest."""

    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(BIG if self.path == "/big" else b"from the host\n")

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(hashlib.md5(body).hexdigest().encode() + b"\n")

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def web():
    """The URL of a server on this machine, as the guest sees it."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://10.0.2.2:{server.server_port}"
    server.shutdown()


@pytest.fixture
def shell(shared_guests, case_log):
    machine = tessera("defconfig", initrd=debian.image("net"), net="user", mem="768M",
                      append="quiet net.ip=dhcp")
    guest = shared_guests.get("net-programs", machine, case_log, "bash --norc --noediting")
    guest.check("mkdir -p /tmp/www && echo served >/tmp/www/x")
    guest.check("for i in $(seq 50); do ping -c 1 -W 1 10.0.2.2 >/dev/null 2>&1 && break; "
                "sleep 0.2; done", 60)      # until DHCP is done
    return guest


def served(shell, port):
    """Until a server of the guest answers: what it answers."""
    return shell.check(f"for i in $(seq 50); do curl -s http://127.0.0.1:{port}/x && break; "
                       "sleep 0.3; done", 60).strip()


def test_ping(shell):
    assert "2 packets received, 0% packet loss" in shell.check("ping -c 2 10.0.2.2")
    assert "0% packet loss" in shell.check("ping -c 2 127.0.0.1")


def test_wget(shell, web):
    assert shell.check(f"busybox wget -q -O - {web}/small") == "from the host\n"


def test_curl_both_ways(shell, web):
    digest = hashlib.md5(BIG).hexdigest()
    assert shell.check(f"curl -s {web}/big | tee /tmp/big | md5sum", 60).split()[0] == digest
    assert shell.check(f"curl -s -T /tmp/big {web}/put", 60).strip() == digest
    assert shell.run("curl -s http://10.0.2.2:1/")[0] == 7       # refused


def test_busybox_httpd(shell):
    shell.check("busybox httpd -p 8081 -h /tmp/www")
    assert served(shell, 8081) == "served"


def test_nc(shell):
    shell.sendline("echo pong | busybox nc -l -p 9002 & sleep 1")
    assert "pong" in shell.check("busybox nc 127.0.0.1 9002 </dev/null")


def test_nginx(shell):
    shell.check("mkdir -p /var/log/nginx /var/lib/nginx && printf '%s' 'pid /tmp/ng.pid; "
                "error_log /tmp/ng.err; events {} http { access_log off; server { listen 8082; "
                "root /tmp/www; } }' >/tmp/ng.conf && nginx -c /tmp/ng.conf")
    assert served(shell, 8082) == "served"


def test_redis(shell):
    shell.check("redis-server --daemonize yes --save '' >/dev/null; sleep 2")
    assert "OK" in shell.check("redis-cli set a b") and "b" in shell.check("redis-cli get a")
    printed = shell.check("redis-benchmark -q -n 2000 -c 20 -t get,set | tr '\\r' '\\n'", 120)
    assert len(re.findall(r"(?:GET|SET): \d+\.\d+ requests per second", printed)) == 2


@pytest.mark.parametrize("options", ["", "-R", "-u -b 20M", "-6 -R"],
                         ids=["tcp", "tcp-reverse", "udp", "ipv6-reverse"])
def test_iperf3(shell, options):
    where = "::1" if "-6" in options else "127.0.0.1"
    shell.check("iperf3 -s -1 -D; sleep 1")
    printed = shell.check(f"iperf3 {options.replace('-6', '')} -c {where} -t 1", 60)
    assert re.search(r"[1-9][\d.]* [KMG]?bits/sec .*receiver", printed), printed


def test_python_http_server(shell):
    shell.check("(python3 -m http.server 8083 -d /tmp/www >/dev/null 2>&1 &)")
    assert served(shell, 8083) == "served"


def test_python_asyncio(shell):
    path = shell.script("""
import asyncio
async def serve(reader, writer):
    writer.write((await reader.readline()).upper())
    await writer.drain()
    writer.close()
async def ask(number):
    reader, writer = await asyncio.open_connection("127.0.0.1", 9001)
    writer.write(b"a%d\\n" % number)
    return await reader.readline()
async def main():
    await asyncio.start_server(serve, "127.0.0.1", 9001)
    print(len(set(await asyncio.gather(*map(ask, range(50))))))
asyncio.run(main())
""", "/tmp/t.py")
    assert shell.check(f"python3 {path}", 60) == "50\n"


def test_ss_and_ip(shell):
    shell.check("(busybox nc -l -p 9004 </dev/null &); sleep 1")
    assert re.search(r"^LISTEN .*:9004 ", shell.check("ss -tln"), re.M)
    assert re.search(r"^default via 10\.0\.2\.2 dev eth0", shell.check("/bin/ip -4 route"), re.M)
    assert "inet 10.0.2.15/24" in shell.check("/bin/ip -br addr show eth0; /bin/ip addr show eth0")
    shell.check("busybox nc 127.0.0.1 9004 </dev/null")


def test_ip_monitor(shell):
    """What changes is told to who listens, in the order in which it happens."""
    shell.check("(timeout 60 /bin/ip monitor link address route >/tmp/heard 2>&1 &); sleep 2; "
                "/bin/ip route add 192.0.2.0/24 via 10.0.2.2; "
                "/bin/ip -6 addr add 2001:db8::1/64 dev eth0; "
                "/bin/ip route del 192.0.2.0/24; /bin/ip -6 addr del 2001:db8::1/64 dev eth0; sleep 2",
                60)
    heard = shell.check("cat /tmp/heard")
    places = [heard.find(text) for text in (
        "\n192.0.2.0/24 via 10.0.2.2 dev eth0", "inet6 2001:db8::1/64",
        "\nDeleted 192.0.2.0/24 via 10.0.2.2 dev eth0", "\nDeleted 2: eth0    inet6 2001:db8::1/64")]
    assert -1 not in places[1:] and "192.0.2.0/24 via" in heard and places == sorted(places), heard


# By iproute2, what Debian's kernel says to the same after the same; "" is success.
CHANGES = (
    ("addr add 10.0.2.15/24 dev eth0", "RTNETLINK answers: File exists"),
    ("addr del 10.0.2.99/24 dev eth0", "RTNETLINK answers: Cannot assign requested address"),
    ("addr replace 10.0.2.15/24 dev eth0", ""),
    ("route add 192.0.2.0/24 via 10.0.2.2", ""),
    ("route add 192.0.2.0/24 via 10.0.2.2", "RTNETLINK answers: File exists"),
    ("route replace 192.0.2.0/24 via 10.0.2.3", ""),
    ("route change 203.0.113.0/24 via 10.0.2.2", "RTNETLINK answers: No such file or directory"),
    ("route add 192.0.2.1/24 via 10.0.2.2", "Error: Invalid prefix for given prefix length."),
    ("route add 203.0.113.0/24 via 172.16.0.1", "Error: Nexthop has invalid gateway."),
    ("route add 203.0.113.0/24 dev eth0 src 10.99.2.15", "Error: Invalid prefsrc address."),
    ("route del 192.0.2.0/24 via 10.0.2.99", "RTNETLINK answers: No such process"),
    ("route del 192.0.2.0/24", ""),
    ("neigh add 10.0.2.50 lladdr 02:00:00:00:00:50 dev eth0", ""),
    ("neigh add 10.0.2.50 lladdr 02:00:00:00:00:51 dev eth0", "RTNETLINK answers: File exists"),
    ("neigh change 10.0.2.60 lladdr 02:00:00:00:00:53 dev eth0",
     "RTNETLINK answers: No such file or directory"),
    ("neigh replace 10.0.2.50 lladdr 02:00:00:00:00:52 dev eth0", ""),
    ("neigh add 10.0.2.53 lladdr 02:00:00 dev eth0", "Error: Invalid link address."),
    ("neigh add 10.0.2.53 dev eth0", "Error: No link layer address given."),
    ("neigh show 10.0.2.50", "10.0.2.50 dev eth0 lladdr 02:00:00:00:00:52 PERMANENT"),
    ("neigh del 10.0.2.50 dev eth0", ""),
    ("neigh del 10.0.2.50 dev eth0", "RTNETLINK answers: No such file or directory"),
    ("link set eth0 mtu 1400", ""),
    ("link set eth0 mtu 67", "Error: mtu less than device minimum."),
    ("link set eth0 mtu 70000", "Error: mtu greater than device maximum."),
    ("link set eth0 mtu 1500", ""),
    ("link set eth0 address 02:00:00:00:00:77", ""),
    ("link set eth0 address 03:00:00:00:00:77", "RTNETLINK answers: Cannot assign requested address"),
    ("link set eth0 address 52:54:00:12:34:56", ""),
    ("link add dummy0 type nosuch", "Error: Unknown device type."),
    ("link del eth0", "RTNETLINK answers: Operation not supported"),
    ("link set nosuch up", 'Cannot find device "nosuch"'),
    # Refused, not ignored: Linux can.
    ("route add 203.0.113.0/24 via 10.0.2.2 table 100", "RTNETLINK answers: Operation not supported"),
    ("route add 203.0.113.0/24 via 10.0.2.2 mtu 1000", "RTNETLINK answers: Operation not supported"),
)


def test_ip_changes(shell):
    said = [(command, shell.run(f"/bin/ip {command} 2>&1")[1].strip()) for command, _ in CHANGES]
    assert said == list(CHANGES)
    assert "0% packet loss" in shell.check("ping -c 1 10.0.2.2")


def test_telnet(shell):
    shell.sendline("echo welcome | busybox nc -l -p 9003 & sleep 1")
    assert "welcome" in shell.run("sleep 2 | busybox telnet 127.0.0.1 9003", 60)[1]


# sesame, as crypt(3) has it.
PASSWORD = "$5$tesserasalt$Iq2WE7sCHKsTvhOwnTxGej8CX5ITO.smdpNGNzfpIZ7"


def test_dropbear(shell):
    """Login by password and by key, a command's status, and a megabyte each way."""
    shell.check(f"grep -v ^root: /etc/passwd >/tmp/passwd; echo 'root:{PASSWORD}:0:0::/root:/bin/sh' "
                "| cat - /tmp/passwd >/etc/passwd; mkdir -p -m 700 /root/.ssh; chown -R 0:0 /root; "
                "chmod 700 /root; ln -sf bash /bin/sh; dropbearkey -t ed25519 -f /tmp/hostkey && "
                "dropbearkey -t ed25519 -f /tmp/key | grep ^ssh >/root/.ssh/authorized_keys; "
                "dropbear -r /tmp/hostkey -p 127.0.0.1:2222; sleep 1", 120)
    ask = "dbclient -y -y -p 2222"
    assert shell.run(f"DROPBEAR_PASSWORD=sesame {ask} root@127.0.0.1 'echo by $((6*7)); exit 9'", 120)[0] \
        == 9
    assert "by 42" in shell.check(f"{ask} -i /tmp/key root@127.0.0.1 'echo by $((6*7))' </dev/null", 120)
    assert shell.run(f"DROPBEAR_PASSWORD=wrong {ask} root@127.0.0.1 true </dev/null", 120)[0]
    shell.check("head -c 1000000 /dev/urandom >/tmp/noise")
    shell.check(f"{ask} -i /tmp/key root@127.0.0.1 cat </tmp/noise | cmp - /tmp/noise", 120)


# a.test has an address of each family; big.test needs TCP, for its answer is cut off over UDP.
DNS = r"""
import socket, socketserver, struct, threading
def answer(question, cut):
    name, at = [], 12
    while question[at]:
        name.append(question[at + 1:at + 1 + question[at]].decode())
        at += 1 + question[at]
    kind, = struct.unpack("!H", question[at + 1:at + 3])
    name, records = ".".join(name), []
    if kind == 1 and name in ("a.test", "big.test"):
        records = [bytes([192, 0, 2, i]) for i in range(1, 60 if name == "big.test" else 2)]
    elif kind == 28 and name == "a.test":
        records = [bytes.fromhex("20010db8") + bytes(11) + b"\x01"]
    cut = cut and len(records) > 1
    flags = 0x8180 | (0x200 if cut else 0) | (0 if name.endswith(".test") else 3)
    records = [] if cut else records
    out = question[:2] + struct.pack("!HHHHH", flags, 1, len(records), 0, 0) + question[12:at + 5]
    return out + b"".join(struct.pack("!HHHIH", 0xc00c, kind, 1, 60, len(r)) + r for r in records)
class Udp(socketserver.BaseRequestHandler):
    def handle(self):
        self.request[1].sendto(answer(self.request[0], True), self.client_address)
class Tcp(socketserver.StreamRequestHandler):
    def handle(self):
        while head := self.rfile.read(2):
            reply = answer(self.rfile.read(struct.unpack("!H", head)[0]), False)
            self.wfile.write(struct.pack("!H", len(reply)) + reply)
socketserver.TCPServer.allow_reuse_address = True
threading.Thread(target=socketserver.UDPServer(("127.0.0.1", 53), Udp).serve_forever).start()
socketserver.TCPServer(("127.0.0.1", 53), Tcp).serve_forever()
"""


def test_dns(shell):
    """glibc's resolver: both families, one after the other over TCP, and a name that is not there."""
    path = shell.script(DNS, "/tmp/dns.py")
    # It is a link to what DHCP told.
    shell.check("rm -f /etc/resolv.conf; echo nameserver 127.0.0.1 >/etc/resolv.conf")
    shell.check(f"python3 {path} >/tmp/dns.log 2>&1 & echo $! >/tmp/pid; sleep 5")
    asked = shell.script("""
import socket
def ask(name, family):
    try:
        return sorted({info[4][0] for info in socket.getaddrinfo(name, 80, family)})
    except socket.gaierror as error:
        return error.errno
print(ask("a.test", socket.AF_INET), ask("a.test", socket.AF_INET6))
print(len(ask("big.test", socket.AF_INET)), ask("nosuch.example", 0) == socket.EAI_NONAME)
""", "/tmp/ask.py")
    printed = shell.check(f"python3 {asked}", 120)
    shell.check("kill -9 $(cat /tmp/pid); ln -sf /proc/net/pnp /etc/resolv.conf; cat /tmp/dns.log")
    assert printed == "['192.0.2.1'] ['2001:db8::1']\n59 True\n"


def test_getifaddrs(shell):
    """glibc's, of which Python has no call of its own."""
    path = shell.script("""
import ctypes
class Entry(ctypes.Structure):
    pass
Entry._fields_ = [("next", ctypes.POINTER(Entry)), ("name", ctypes.c_char_p), ("flags", ctypes.c_uint),
                  ("addr", ctypes.POINTER(ctypes.c_uint16))]
first = ctypes.POINTER(Entry)()
assert ctypes.CDLL(None).getifaddrs(ctypes.byref(first)) == 0
found, entry = set(), first
while entry:
    found.add((entry[0].name.decode(), entry[0].addr[0] if entry[0].addr else 0))
    entry = entry[0].next
print(sorted(found))
""", "/tmp/ifaddrs.py")
    printed = shell.check(f"python3 {path}", 60)
    assert printed == "[('eth0', 2), ('eth0', 10), ('eth0', 17), ('lo', 2), ('lo', 10), ('lo', 17)]\n"
