# SPDX-License-Identifier: BSD-2-Clause
"""Debian's gdbserver in the guest, gdb-multiarch on this machine, the console between them."""
import os
import re
import shutil
import socket
import subprocess
import termios
import threading

import pytest

import debian
import variants
from targets import tessera

COMMANDS = """\
set pagination off
set architecture aarch64
set remotetimeout 60
set sysroot /nonexistent
target remote 127.0.0.1:{port}
break getpid
continue
backtrace 3
stepi
info registers pc
continue
"""


def bridge(guest, server):
    """Pass bytes between gdb and the guest's console until gdb hangs up."""
    connection, _ = server.accept()
    fd = guest.child.child_fd
    # QEMU leaves its terminal turning line ends into two characters, which data cannot bear.
    attributes = termios.tcgetattr(fd)
    attributes[1] &= ~termios.OPOST
    termios.tcsetattr(fd, termios.TCSANOW, attributes)

    def to_gdb():
        try:
            while True:
                connection.sendall(os.read(fd, 4096))
        except OSError:
            pass
    threading.Thread(target=to_gdb, daemon=True).start()
    while True:
        data = connection.recv(4096)
        if not data:
            return
        os.write(fd, data)


def test_breakpoint_step_backtrace(boot, case_log):
    if not shutil.which("gdb-multiarch"):
        pytest.skip("gdb-multiarch is not installed")
    program = os.path.join(variants.folder("defconfig"), "usr/out/bin/init")
    image = debian.image("tools", "--file", f"{program}:/bin/debugged:755")
    guest = boot(tessera(initrd=image, append="quiet", mem="512M"))
    guest.login()
    guest.sendline("stty raw -echo; echo rea''dy; gdbserver - /bin/debugged 2>/dev/null")
    guest.expect("ready")
    server = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=bridge, args=(guest, server), daemon=True).start()
    commands = COMMANDS.format(port=server.getsockname()[1])
    arguments = [word for line in commands.splitlines() for word in ("-ex", line)]
    done = subprocess.run(["gdb-multiarch", "-nx", "-batch", *arguments, program + ".debug"],
                          capture_output=True, text=True, timeout=240, check=False)
    text = done.stdout + done.stderr
    with open(case_log, "a", encoding="utf-8") as log:
        log.write(text)
    assert re.search(r"^Breakpoint 1, .*getpid", text, re.M)
    assert re.search(r"^#0 .*getpid.*\n#1 .* main ", text, re.M)
    assert "exited with code 01" in text        # init refuses to be anybody but process 1
