# SPDX-License-Identifier: BSD-2-Clause
"""Children: pipes, time-outs, groups, sessions, limits, ptys, asyncio."""
import asyncio
import os
import pty
import resource
import select
import signal
import subprocess

run = subprocess.run
print(run(["sh", "-c", "echo out; echo err >&2; exit 3"], capture_output=True))
print(run(["tr", "a-z", "A-Z"], input=b"x" * 100000, capture_output=True).stdout == b"X" * 100000)
try:
    run(["sleep", "10"], timeout=0.1)
except subprocess.TimeoutExpired:
    print("timed out")
try:
    run(["/nonexistent"])
except OSError as error:
    print(error)
child = subprocess.Popen(["sleep", "100"], start_new_session=True)
print(os.getsid(child.pid) == child.pid, child.poll())
child.send_signal(signal.SIGSTOP)
print(os.WSTOPSIG(os.waitpid(child.pid, os.WUNTRACED)[1]))
os.killpg(child.pid, signal.SIGKILL)
print(child.wait())
children = [subprocess.Popen(["sh", "-c", f"exit {n}"]) for n in range(30)]
print([child.wait() for child in children] == list(range(30)))
first = subprocess.Popen(["seq", "100000"], stdout=subprocess.PIPE)
second = subprocess.Popen(["tail", "-n", "1"], stdin=first.stdout, stdout=subprocess.PIPE)
first.stdout.close()
print(second.communicate()[0], first.wait())
first = subprocess.Popen(["yes"], stdout=subprocess.PIPE)
first.stdout.close()
print(first.wait() == -signal.SIGPIPE)
print(run(["id", "-un"], user=0, group=0, extra_groups=[4], umask=0o77, cwd="/", text=True,
          capture_output=True).stdout)
print(run(["sh", "-c", "ulimit -n; umask; pwd"], text=True, capture_output=True, cwd="/usr", umask=0o27,
          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (50, 50))).stdout)
pid = os.posix_spawn("/bin/sh", ["sh", "-c", "exit 9"], {}, setpgroup=0)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
fd = os.pidfd_open(subprocess.Popen(["sleep", "0.1"]).pid)
print(len(select.select([fd], [], [], 30)[0]), os.waitid(os.P_PIDFD, fd, os.WEXITED).si_status)

pid, master = pty.fork()
if pid == 0:
    os.execvp("sh", ["sh", "-c", "stty -echo; tty >/dev/null && echo tty; read x; echo \"<$x>\""])
os.write(master, b"typed\n")
text = b""
try:
    while piece := os.read(master, 1000):
        text += piece
except OSError as error:
    print(error)
print(text.split()[-2:], os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


async def gather():
    async def one(number):
        process = await asyncio.create_subprocess_exec(
            "sh", "-c", f"sleep 0.0{number}; echo {number}; exit {number}", stdout=asyncio.subprocess.PIPE)
        out, _ = await process.communicate()
        return out, process.returncode
    return await asyncio.gather(*(one(number) for number in range(8)))
print(asyncio.run(gather()))
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss > 0)
