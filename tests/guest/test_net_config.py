# SPDX-License-Identifier: BSD-2-Clause
"""Links, addresses and routes by busybox' ip, ifconfig, route, udhcpc and arping."""
import re

import pytest
from scapy.layers.inet6 import ICMPv6ND_NS
from scapy.layers.l2 import ARP, Ether

import wire
from peer import Connection, Host
from talk import booted, until
from targets import on_each_target, shared_shell, tessera

# What both kernels print of lo, once it is up; qdisc and the order of fields are Linux's.
LO = r"""1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
    inet6 ::1/128 scope host 
       valid_lft forever preferred_lft forever
"""

lo_shell = shared_shell("net_config")


@on_each_target("net_config")
def test_lo(lo_shell, target):
    lo_shell.check("ip link set lo up")
    assert LO in lo_shell.check("ip addr")
    assert "inet addr:127.0.0.1  Mask:255.0.0.0" in lo_shell.check("ifconfig lo")
    assert re.search(r"inet6 addr: ::1/128 Scope:Host\n +UP LOOPBACK RUNNING  MTU:65536  Metric:1",
                     lo_shell.check("ifconfig lo"))
    assert re.search(r"^ {4}lo: +\d+ +\d+ {4}0 {4}0 {4}0 {5}0 {10}0 {9}0 ",
                     lo_shell.check("cat /proc/net/dev"), re.M)
    assert "local 127.0.0.0/8 dev lo scope host  src 127.0.0.1 \n" in \
        lo_shell.check("ip route show table local")
    assert lo_shell.check("ip route get 127.0.0.5").startswith(
        "local 127.0.0.5 dev lo  src 127.0.0.1 ")


def lo_counts(shell):
    """Bytes and packets in, bytes and packets out, of /proc/net/dev."""
    fields = shell.check("sed -n 's/^ *lo://p' /proc/net/dev").split()
    return [int(fields[place]) for place in (0, 1, 8, 9)]


@on_each_target("net_config")
def test_counts_of_lo(lo_shell, target):
    lo_shell.check("ip link set lo up")
    before = lo_counts(lo_shell)
    lo_shell.check("ping -c 3 127.0.0.1")
    after = lo_counts(lo_shell)
    assert [b - a for a, b in zip(before, after)] == [6 * 84, 6] * 2
    assert lo_shell.check("cat /sys/class/net/lo/statistics/tx_packets") == f"{after[3]}\n"


# What this kernel has of sysfs-class-net, of lo; counters apart.
SYS_LO = {"addr_len": "6", "address": "00:00:00:00:00:00", "broadcast": "00:00:00:00:00:00",
          "carrier": "1", "dev_id": "0x0", "dormant": "0", "flags": "0x9", "ifindex": "1",
          "iflink": "1", "link_mode": "0", "mtu": "65536", "operstate": "unknown",
          "tx_queue_len": "1000", "type": "772"}


@on_each_target("net_config")
def test_sys_class_net(lo_shell, target):
    lo_shell.check("ip link set lo up; mount -t sysfs none /sys 2>/dev/null || true")
    printed = lo_shell.check(f"cd /sys/class/net/lo; head -n 1 {' '.join(SYS_LO)}; cd /")
    assert dict(re.findall(r"==> (\S+) <==\n(.*)\n", printed)) == SYS_LO
    assert lo_shell.check("ls /sys/class/net/lo/statistics | wc -l") == "24\n"
    assert lo_shell.check("ls /sys/class/net").split() == ["lo"]
    assert lo_shell.check("cat /sys/class/net/lo/uevent") == "INTERFACE=lo\nIFINDEX=1\n"
    assert re.search(r"^l.* lo -> \.\./\.\./devices/virtual/net/lo$", lo_shell.check("ls -l /sys/class/net"),
                     re.M)
    assert lo_shell.check("readlink -f /sys/class/net/lo/subsystem") == "/sys/class/net\n"
    assert lo_shell.check("find /sys/class/net/ -type d") == "/sys/class/net/\n"


@pytest.mark.parametrize("command, says", [
    ("ip link set nosuch up", "SIOCGIFFLAGS: No such device"),
    ("ip link add dummy0 type dummy", "RTNETLINK answers: Operation not supported"),
    ("ip addr del 192.0.2.1/24 dev lo", "RTNETLINK answers: Cannot assign requested address"),
    ("ifconfig nosuch", "nosuch: error fetching interface information: Device not found"),
])
@on_each_target("net_config")
def test_refusals(lo_shell, target, command, says):
    status, printed = lo_shell.run(command)
    assert status and says in printed


@pytest.fixture
def eth0(boot):
    """A shell on a machine with a device that nobody has configured."""
    guest = boot(tessera("defconfig", net="user", append="net.ip=off"))
    guest.login()
    return guest


def test_by_hand(eth0):
    eth0.check("ip link set eth0 up; ip addr add 10.0.2.15/24 dev eth0; "
               "ip route add default via 10.0.2.2")
    assert sorted(eth0.check("ip route").splitlines()) == [
        "10.0.2.0/24 dev eth0 scope link  src 10.0.2.15 ", "default via 10.0.2.2 dev eth0 "]
    assert " 0% packet loss" in eth0.check("ping -c 1 10.0.2.2")
    assert re.search(r"10\.0\.2\.2 dev eth0 lladdr 52:55:0a:00:02:02 .* REACHABLE",
                     eth0.check("ip neigh"))
    assert "10.0.2.2         0x1         0x2         52:55:0a:00:02:02     *        eth0" in \
        eth0.check("cat /proc/net/arp")
    assert eth0.check("ip route get 192.0.2.1").startswith("192.0.2.1 via 10.0.2.2 dev eth0")
    status, printed = eth0.run("ip addr add 10.0.2.15/24 dev eth0")
    assert status and "File exists" in printed
    eth0.check("ip addr del 10.0.2.15/24 dev eth0")
    assert eth0.check("ip route") == ""
    eth0.check("mount -t sysfs none /sys 2>/dev/null || true")
    assert eth0.check("cd /sys/class/net/eth0 && cat address mtu operstate flags type; cd /") == \
        "52:54:00:12:34:56\n1500\nup\n0x1003\n1\n"
    assert re.fullmatch(r"\.\./\.\./devices/platform/[^/]+/net/eth0\n",
                        eth0.check("readlink /sys/class/net/eth0"))
    assert eth0.check("cd /sys/class/net/eth0/device/net/eth0/subsystem/eth0; pwd -P; cd /") == \
        eth0.check("readlink -f /sys/class/net/eth0")


ADDRESSES = """    inet 10.0.2.15/24 brd 10.0.2.255 scope global eth0
    inet 192.168.5.1/24 brd 192.168.5.255 scope global eth0
    inet 10.0.2.16/24 brd 10.0.2.255 scope global secondary eth0
"""
ROUTES = """default via 10.0.2.2 dev eth0 
10.0.2.0/24 dev eth0 scope link  src 10.0.2.15 
192.168.5.0/24 dev eth0 scope link  src 192.168.5.1 
"""


def test_more_addresses(boot):
    """In the link's network and in another: each accepts, answers ARP, and is the source of its own."""
    with wire.Wire() as cable:
        guest = booted(boot, cable)
        guest.check("ip addr add 192.168.5.1/24 dev eth0; ip addr add 10.0.2.16/24 dev eth0")
        assert guest.check("ip addr show eth0 | grep 'inet '") == ADDRESSES
        assert "".join(sorted(guest.check("ip route").splitlines(True), reverse=True)) == \
            "".join(sorted(ROUTES.splitlines(True), reverse=True))
        for again in ("192.168.5.1/24", "10.0.2.16/24"):
            status, printed = guest.run(f"ip addr add {again} dev eth0")
            assert status and "File exists" in printed
        # A neighbour in the other network asks for the address, talks to it, and is talked to.
        heard, other = [], Host(cable, "192.168.5.9", guest="192.168.5.1")
        take = cable.hosts[other.mac]
        cable.hosts[other.mac] = lambda frame: (heard.append(Ether(frame)), take(frame))
        other.introduce()
        assert [frame[ARP].psrc for frame in heard] == ["192.168.5.1"]
        guest.check("(nc -ll -p 7777 -e cat </dev/null >/dev/null 2>&1 &) ; sleep 1")
        opened = Connection(other, 7777).connect()
        opened.ask(b"hello\n")
        guest.check("ip route add 198.51.100.0/24 via 192.168.5.9")
        for to in ("192.168.5.9", "198.51.100.1 via 192.168.5.9"):
            assert f"{to} dev eth0 src 192.168.5.1" in re.sub(" +", " ", guest.check(
                f"ip route get {to.split()[0]}"))
        Connection(Host(cable, "10.0.2.100", guest="10.0.2.16"), 7777).connect().ask(b"hello\n")
        assert " 0% packet loss" in guest.check("ping -c 1 -I 10.0.2.16 10.0.2.2")
        # Without the first of its network the second goes, too; the third stays.
        guest.check("ip addr del 10.0.2.15/24 dev eth0")
        assert guest.check("ip addr show eth0 | grep 'inet '") == ADDRESSES.splitlines(True)[1]
        opened.ask(b"still here\n")
        guest.check("ip link set eth0 down; ip link set eth0 up")
        opened.ask(b"and now\n")
        guest.check("ip addr del 192.168.5.1/24 dev eth0")
        assert guest.check("ip addr show eth0 | grep 'inet ' || true; ip route") == ""


def test_ipv6_by_a_router(eth0):
    """QEMU's router advertises a prefix; it is reached by its address there and by the one of the link."""
    eth0.check("ip link set eth0 up; for i in $(seq 60); do "
               "ip -6 addr show eth0 | grep -q 'fec0.*scope' && break; sleep 0.5; done; sleep 3", 120)
    assert "inet6 fec0::5054:ff:fe12:3456/64" in eth0.check("ip -6 addr show eth0")
    assert re.search(r"^default via fe80::2 dev eth0", eth0.check("ip -6 route"), re.M)
    assert " 0% packet loss" in eth0.check("ping6 -c 1 fec0::2")
    assert " 0% packet loss" in eth0.check("ping6 -c 1 fe80::2%eth0")


def test_mtu_of_known_destinations(boot):
    """What is sent follows a change of the link's, both ways, in IPv6 fragments, too."""
    with wire.Wire() as cable:
        sizes = []
        cable.lose = lambda frame: sizes.append(len(frame) - 14) if frame[12:14] == b"\x86\xdd" else False
        guest = booted(boot, cable)
        until(guest, "ping6 -c 1 fe80::2%eth0")
        for mtu, largest in (1300, 1296), (1500, 1448):
            guest.check(f"ip link set eth0 mtu {mtu}")
            sizes.clear()
            guest.run("ping6 -c 1 -W 1 -s 1400 fe80::2%eth0")
            cable.probe()
            assert max(sizes) == largest


def test_ipv6_routes_by_hand(boot):
    """By a router and on the link, seen on the wire; QEMU's router, which advertises itself, is not asked."""
    with wire.Wire() as cable:
        seen = []
        cable.lose = lambda frame: seen.append(frame) if frame[12:14] == b"\x86\xdd" else False
        guest = booted(boot, cable)
        until(guest, "ip -6 addr show dev eth0 | grep fec0 | grep -qv tentative")
        guest.check("ip -6 route add 2001:db8::/32 via fe80::77 dev eth0; "
                    "ip -6 route add 2001:db9::/64 dev eth0")
        routes = re.sub(" +", " ", guest.check("ip -6 route"))
        assert "2001:db8::/32 via fe80::77 dev eth0 metric 1024 \n" in routes
        assert "2001:db9::/64 dev eth0 metric 1024 \n" in routes
        for to, hop in ("2001:db8::1", "fe80::77"), ("2001:db9::9", "2001:db9::9"):
            via = "" if hop == to else f" via {hop}"
            assert guest.check(f"ip -6 route get {to}").startswith(f"{to}{via} dev eth0")
            guest.run(f"ping6 -c 1 -W 1 {to}")
            assert hop in [packet[ICMPv6ND_NS].tgt for packet in map(Ether, seen) if ICMPv6ND_NS in packet]
        for command, says in (
                ("add 2001:db9::/64 dev eth0", "File exists"),
                ("add 2001:dba::/64 via 2001:dbb::1 dev eth0", "No route to host"),
                ("add 2001:dba::/64 via fe80::77", "Invalid argument"),
                ("add 2001:dba::/64 dev eth0 src fe80::1", "Operation not supported"),
                ("del 2001:dba::/64 dev eth0", "No such process")):
            status, printed = guest.run(f"ip -6 route {command}")
            assert status and says in printed
        guest.check("ip -6 route add 2001:dba::/64 via fec0::9")
        assert "2001:dba::/64 via fec0::9 dev eth0 " in guest.check("ip -6 route")
        guest.check("ip -6 route del 2001:dba::/64; ip -6 route del 2001:db8::/32; "
                    "ip -6 route del 2001:db9::/64 dev eth0")
        assert "2001:db" not in guest.check("ip -6 route")


def test_with_the_older_tools(eth0):
    eth0.check("ifconfig eth0 10.0.2.20 netmask 255.255.255.0 up; route add default gw 10.0.2.2")
    assert " 0% packet loss" in eth0.check("ping -c 1 10.0.2.2")
    assert "inet addr:10.0.2.20  Bcast:10.0.2.255  Mask:255.255.255.0" in eth0.check("ifconfig eth0")
    assert re.search(r"0\.0\.0\.0 +10\.0\.2\.2 +0\.0\.0\.0 +UG +0 +0 +0 eth0", eth0.check("route -n"))
    eth0.check("ifconfig eth0 mtu 1000")
    assert "MTU:1000" in eth0.check("ifconfig eth0")
    assert eth0.run("ifconfig eth0 mtu 20")[0]
    eth0.check("ifconfig eth0 down")
    assert "<BROADCAST,MULTICAST> mtu 1000" in eth0.check("ip link show eth0")
    eth0.check("ifconfig eth0 up")
    assert " 0% packet loss" in eth0.check("ping -c 1 10.0.2.2")


def test_udhcpc_and_arping(eth0):
    eth0.check("ip link set eth0 up")
    eth0.script("#!/bin/sh\n[ $1 = bound ] && ip addr add $ip/$mask dev $interface && "
                "ip route add default via $router", "/tmp/dhcp.sh")
    eth0.check("chmod +x /tmp/dhcp.sh; udhcpc -i eth0 -n -q -t 5 -s /tmp/dhcp.sh", 60)
    assert "inet 10.0.2.15/24 brd 10.0.2.255 scope global eth0" in eth0.check("ip addr")
    assert " 0% packet loss" in eth0.check("ping -c 1 10.0.2.2")
    assert "Unicast reply from 10.0.2.2 [52:55:0a:00:02:02]" in eth0.check(
        "arping -c 1 -I eth0 10.0.2.2")
