# SPDX-License-Identifier: BSD-2-Clause
"""The commands of scripts/gdb on a running guest, on a dump of its memory, and by `make gdb`."""
import os
import re
import shutil
import socket
import subprocess

import pexpect
import pytest

import variants
from targets import tessera

GDB = "gdb-multiarch"
HELPERS = os.path.join(variants.TOP, "scripts/gdb/tessera.py")
VMLINUX = os.path.join(variants.folder("defconfig"), "vmlinux")

pytestmark = pytest.mark.skipif(not shutil.which(GDB), reason=f"{GDB} is not installed")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def gdb(target, *commands):
    """What gdb prints for the commands; `target` are the arguments that say of what."""
    arguments = [GDB, "-q", "-nx", "-batch", VMLINUX, *target, "-ex", f"source {HELPERS}"]
    for command in commands:
        arguments += ["-ex", f"echo @@{command}@@\\n", "-ex", command]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=120, check=False)
    parts = re.split(r"@@(.*?)@@\n", done.stdout)[1:]
    return dict(zip(parts[::2], parts[1::2])), done.stderr


@pytest.fixture(name="guest")
def traced_guest(boot, tmp_path):
    """A guest with something to see in it; its gdb port and the path of its monitor."""
    port, monitor = free_port(), str(tmp_path / "monitor")
    guest = boot(tessera(cpus=2, mem="64M", append="quiet", extra=[
        "-gdb", f"tcp:127.0.0.1:{port}", "-monitor", f"unix:{monitor},server=on,wait=off"]))
    guest.login()
    guest.check("sleep 1000 & echo process,sched,mm >/proc/trace/enable; ls / >/dev/null;"
                "echo none >/proc/trace/enable; cat /proc/trace/buffer >/tmp/b")
    guest.port, guest.monitor = port, monitor
    return guest


def ranges(maps):
    return [(int(start, 16), int(end, 16), mode) for start, end, mode in
            re.findall(r"^([0-9a-f]+)-([0-9a-f]+) (\S+)", maps, re.M)]


def check(guest, target):
    sleeper = guest.check("pidof sleep").split()[0]
    lines = guest.check("tail -n 40 /tmp/b").split("\n")[:40]
    counters = dict(re.findall(r"(\w+) (\d+)", guest.check("cat /proc/trace/counters")))
    maps = guest.check(f"cat /proc/{sleeper}/maps")
    commands = ["tessera-ps", "tessera-dmesg", "tessera-trace 40", "tessera-counters",
                f"tessera-maps {sleeper}", f"tessera-bt {sleeper}", "tessera-maps 99999",
                "tessera-bt nonsense"]
    shown, errors = gdb(target(), *commands)

    assert re.search(rf"^ *{sleeper} +{sleeper} +\d+ S .* sleep$", shown["tessera-ps"], re.M)
    assert "Tessera version" in shown["tessera-dmesg"]
    assert shown["tessera-trace 40"].split("\n")[:40] == lines
    now = dict(re.findall(r"^(\w+) +(\d+)$", shown["tessera-counters"], re.M))
    assert set(now) == set(counters)
    assert all(int(now[name]) >= int(counters[name]) for name in counters)
    assert now["FORK_TOTAL"] != "0"
    assert ranges(shown[f"tessera-maps {sleeper}"]) == ranges(maps)
    assert "schedule" in shown[f"tessera-bt {sleeper}"] and "nanosleep" in shown[
        f"tessera-bt {sleeper}"]
    assert "no task 99999" in errors and "'nonsense' is not a process or thread id" in errors


def test_live(guest):
    check(guest, lambda: ["-ex", "set confirm off", "-ex", f"target remote 127.0.0.1:{guest.port}"])


def test_dump(guest, tmp_path):
    dump, core = str(tmp_path / "dump"), str(tmp_path / "core")

    def take():
        with socket.socket(socket.AF_UNIX) as monitor:
            monitor.connect(guest.monitor)
            monitor.settimeout(120)
            said = b""
            while not said.rstrip().endswith(b"(qemu)"):
                said += monitor.recv(4096)
            monitor.sendall(f"dump-guest-memory {dump}\n".encode())
            said = b""
            while not re.search(rb"\n\(qemu\) $", said):
                said += monitor.recv(4096)
        subprocess.run([os.path.join(variants.TOP, "scripts/gdb/vcore"), VMLINUX, dump, core],
                       check=True)
        return [core]
    check(guest, take)


def test_make_gdb(case_log):
    with open(case_log, "w", encoding="utf-8") as log:
        child = pexpect.spawn("make", ["-C", variants.TOP, "gdb", f"O={variants.folder('defconfig')}",
                                       f"GDB_PORT={free_port()}"], encoding="utf-8", timeout=120,
                              logfile=log, dimensions=(50, 200))
        child.expect(r"\(gdb\) ")
        child.sendline("set pagination off")
        child.expect(r"\(gdb\) ")
        child.sendline("hbreak find_init")
        child.expect(r"reakpoint 1 at.*\(gdb\) ")
        child.sendline("continue")
        child.expect(r"reakpoint 1, .*\(gdb\) ")
        child.sendline("tessera-ps")
        child.expect(r"TID +PID.*\(gdb\) ")
        child.sendline("quit")
        child.expect(pexpect.EOF)
        child.close(force=True)
