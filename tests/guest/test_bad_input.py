# SPDX-License-Identifier: BSD-2-Clause
"""Bad images, bad arguments and bad programs: the kernel lives, or says why not and stops."""
import gzip
import random
import re
import time

import pytest

import variants
from machine import PANIC_TEXT, GuestError, Outcome
from targets import TESSERA, on_each_target, shared_shell, tessera

# What the kernel must never say, whatever it is fed.
BROKEN = re.compile(r"Internal error|Unable to handle kernel|BUG:|stack-protector|assertion", re.I)
PROMPT = r"[#$>] (?:\x1b\[6n)?$"

# Linux has little left of 64M beside the initramfs.
shell = shared_shell("bad-input", mem="96M")
on_each = on_each_target("bad-input")


def survives_or_says_why(boot, initrd, quiet_is_fine=False):
    """Boot a broken image: a shell, or one line that says what is wrong, of the kernel, which
    then stops by itself, or of init, which lives on without a shell to run."""
    guest = boot(tessera(initrd=str(initrd)), silence=6)
    try:
        guest.expect([PROMPT, r"init: (cannot run|\S+ ended \d+ times at once)"], 12)
        end = "shell"
    except GuestError:
        outcome = guest.finish(1) if guest.alive else None
        end = "panic" if PANIC_TEXT.search(guest.text) else "hang" if guest.hung else str(outcome)
    assert not BROKEN.search(guest.text), f"the kernel itself broke; log: {guest.log_path}"
    if end == "panic":
        assert len(re.findall(r"Kernel panic - not syncing: .+", guest.text)) >= 1
        assert not guest.hung, "panic=-1 has to stop the machine at once"
    elif not quiet_is_fine:
        assert end == "shell", f"{end}: neither a shell nor a panic; log: {guest.log_path}"


@pytest.fixture
def image():
    with open(variants.initramfs(), "rb") as file:
        return file.read()


# --- the initramfs ----------------------------------------------------------------------

@pytest.mark.parametrize("seed", range(6))
def test_truncated_initramfs(boot, image, tmp_path, seed):
    length = random.Random(seed).choice([1, 6, 109, 110, 111, 113, len(image) // 2,
                                         len(image) - 600, random.Random(seed).randrange(len(image))])
    (tmp_path / "cpio").write_bytes(image[:length])
    survives_or_says_why(boot, tmp_path / "cpio")


def headers(image):
    """The offsets of the newc headers of an archive."""
    offset, found = 0, []
    while image[offset:offset + 6] == b"070701":
        found.append(offset)
        size, name = int(image[offset + 54:offset + 62], 16), int(image[offset + 94:offset + 102], 16)
        offset = (offset + 110 + name + 3 & ~3) + (size + 3 & ~3)
    return found


@pytest.mark.parametrize("seed", range(8))
def test_bit_flips_in_initramfs_headers(boot, image, tmp_path, seed):
    chance = random.Random(1000 + seed)
    data = bytearray(image)
    for header in chance.sample(headers(image), 3):
        data[header + chance.randrange(130)] ^= 1 << chance.randrange(8)
    (tmp_path / "cpio").write_bytes(data)
    survives_or_says_why(boot, tmp_path / "cpio", quiet_is_fine=True)


@pytest.mark.parametrize("seed", range(4))
def test_bit_flips_anywhere_in_the_initramfs(boot, image, tmp_path, seed):
    chance = random.Random(2000 + seed)
    data = bytearray(image)
    for _ in range(200):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    (tmp_path / "cpio").write_bytes(data)
    # A damaged busybox may well hang; the kernel must not break.
    survives_or_says_why(boot, tmp_path / "cpio", quiet_is_fine=True)


@pytest.mark.parametrize("what", ["noise", "zeros", "text", "huge-name", "huge-size", "bad-gzip"])
def test_initramfs_that_is_none(boot, tmp_path, what):
    record = b"070701" + b"00000000" * 13
    data = {"noise": random.Random(1).randbytes(65536), "zeros": bytes(65536),
            "text": b"not an archive\n" * 100,
            "huge-name": record[:94] + b"FFFFFFFF" + record[102:] + bytes(200),
            "huge-size": record[:14] + b"000081A4" + record[22:54] + b"FFFFFFF0" + record[62:94]
            + b"00000002" + record[102:] + b"a\0" + bytes(100),
            "bad-gzip": gzip.compress(bytes(100000))[:80] + bytes(50)}[what]
    (tmp_path / "cpio").write_bytes(data)
    survives_or_says_why(boot, tmp_path / "cpio")


def test_absent_initramfs(boot):
    guest = boot(tessera(initrd=""))
    assert guest.finish(30) is Outcome.PANIC
    assert not guest.hung and not BROKEN.search(guest.text)
    assert re.search(r"Kernel panic - not syncing: .*(root|init)", guest.text)


def test_concatenated_archives(boot, image, tmp_path):
    """Linux takes several archives in a row, zero-padded; the later one wins."""
    name = b"etc/added\0"
    body = b"second archive\n"
    fields = [1, 0o100644, 0, 0, 1, 0, len(body), 0, 0, 0, 0, len(name), 0]
    extra = b"070701" + b"".join(b"%08X" % value for value in fields) + name
    extra += bytes(-len(extra) % 4) + body + bytes(-len(body) % 4)
    trailer = [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 11, 0]
    extra += b"070701" + b"".join(b"%08X" % value for value in trailer) + b"TRAILER!!!\0" + bytes(3)
    (tmp_path / "cpio").write_bytes(image + bytes(512) + extra)
    guest = boot(tessera(initrd=str(tmp_path / "cpio")))
    guest.login()
    assert guest.check("cat /etc/added") == "second archive\n"


# --- the command line -------------------------------------------------------------------

NO_INIT = "rdinit=/nonexistent init=/nonexistent"


@pytest.mark.parametrize("path", ["/nonexistent", "/etc", "/etc/passwd"])
def test_init_that_cannot_run(boot, path):
    guest = boot(tessera(append=f"rdinit={path} init={path}"))
    outcome = guest.finish(30)
    assert outcome is Outcome.PANIC and not guest.hung
    assert not BROKEN.search(guest.text)
    assert re.search(rf"Kernel panic - not syncing: .*init.* {path} ", guest.text)


@pytest.mark.parametrize("path", ["/nonexistent", "/etc", "/etc/passwd"])
def test_rdinit_that_cannot_run(boot, path):
    """The kernel says so and goes on to the usual places, where our image has an init."""
    guest = boot(tessera(append=f"rdinit={path}"))
    guest.login()
    assert re.search(rf"rdinit={path} failed", guest.text)


@on_each
def test_unknown_init_is_not_used_while_rdinit_is_there(boot, target):
    guest = boot(target.machine(append="init=/nonexistent"))
    guest.login()


def test_panic_zero_stays(boot):
    """Without panic= the machine stands still, with the reason on the screen."""
    guest = boot(tessera(cmdline=f"console=ttyAMA0 {NO_INIT}"))
    assert guest.finish(20) is Outcome.PANIC
    assert guest.hung


def test_panic_seconds_waits(boot):
    guest = boot(tessera(cmdline=f"console=ttyAMA0 panic=2 {NO_INIT}"), silence=30)
    assert guest.finish(30) is Outcome.PANIC
    assert not guest.hung


def test_init_that_exits(boot):
    guest = boot(tessera(append="rdinit=/bin/true"))
    assert guest.finish(30) is Outcome.PANIC
    assert "Attempted to kill init" in guest.text


@pytest.mark.parametrize("append", [
    "x" * 1500, "=", "= =", "mem=", "mem=1", "mem=99999G", "loglevel=-1 maxcpus=0", "console=",
    "console=nope", '"unterminated', "panic=99999999999999999999", "root=/dev/none rw",
    "trace=nonsense", "test=", "-- --", "quiet quiet quiet"],
    ids=lambda append: append[:30])
def test_odd_command_line(boot, append):
    guest = boot(tessera(append=append), silence=6)
    try:
        guest.expect(PROMPT, 12)
    except GuestError:
        # mem=1 leaves no memory and console=nope nothing to say; neither may break the kernel.
        guest.finish(1)
    assert not BROKEN.search(guest.text), guest.log_path


# --- programs ---------------------------------------------------------------------------

@on_each
def test_malformed_programs(shell, target):
    """Cut and flipped ELF files: an error or a signal for them, nothing for the rest."""
    shell.script(r"""
cd /tmp; cp /bin/true t 2>/dev/null || cp /bin/busybox t
n=0
for len in 1 3 4 16 40 63 64 65 100 120 200 1000 4096 4097 100000; do
	head -c $len t >cut; chmod +x cut; timeout 3 ./cut </dev/null >/dev/null 2>&1
	[ $? -ge 1 ] || echo "cut $len ran"; n=$((n+1))
done
i=0
while [ $i -lt 300 ]; do
	cp t flip; printf "\\$(printf %o $(( (i * 37 + 11) % 256 )))" |
		dd of=flip bs=1 seek=$i conv=notrunc 2>/dev/null
	chmod +x flip; timeout 3 ./flip </dev/null >/dev/null 2>&1
	i=$((i + 3)); n=$((n+1))
done
echo "tried $n"
""")
    printed = shell.check("sh /tmp/t.sh", 240)
    assert "tried 115" in printed and "ran" not in printed
    assert shell.check("echo alive") == "alive\n"


@on_each
def test_stack_overflow(shell, target):
    """Without an end the stack grows to its limit and the process dies of SIGSEGV."""
    status, _ = shell.run("sh -c 'f() { f; }; f' 2>/dev/null", 60)
    assert status == 139
    assert shell.check("echo alive") == "alive\n"


def free_kb(shell):
    return int(re.search(r"MemFree: +(\d+)", shell.check("cat /proc/meminfo"))[1])


@on_each
def test_memory_hog_is_killed(shell, target):
    """tail keeps all of an endless line: it is the largest, so it dies, and says nobody else."""
    before = free_kb(shell)
    assert shell.run("tail /dev/zero", 120)[0] == 137
    assert shell.run("dmesg | grep 'Out of memory.* (tail)'")[0] == 0
    assert shell.check("echo alive") == "alive\n"
    assert free_kb(shell) > before - 3000


def test_memory_hogs_at_once(boot):
    guest = boot(TESSERA.machine(mem="64M"))
    guest.login()
    guest.check("for i in 1 2 3 4 5; do tail /dev/zero 2>/dev/null & done; wait", 240)
    assert guest.check("echo alive") == "alive\n"
    assert not BROKEN.search(guest.text)


@on_each
def test_forks_are_refused_at_the_limit(shell, target):
    """RLIMIT_NPROC of a user: EAGAIN for the one process too many, nothing for the others."""
    shell.script(r"""
ulimit -u 20
n=0
while [ $n -lt 40 ]; do
	sleep 1000 & n=$((n+1))
done
""", "/tmp/many.sh")
    assert shell.run("chmod 755 /tmp/many.sh; su -s /bin/sh nobody -c 'sh /tmp/many.sh' >/tmp/said 2>&1")[0]
    assert "can't fork" in shell.check("cat /tmp/said")
    assert 10 <= int(shell.check("pidof sleep | wc -w")) <= 20
    shell.check("killall -9 sleep")


def take_back(guest, tries=8):
    """Get a prompt from a machine that is full of processes, and end them all."""
    for _ in range(tries):
        try:
            guest.control("c")
            guest.settle()
            # The shell's own kill needs no fork. It does not reach init or the shell.
            guest.sendline("kill -9 -1")
            guest.settle()
            return
        except GuestError:
            if not guest.alive:
                raise
    guest.settle()


@on_each
def test_flood_of_processes(boot, target):
    """Processes until memory is full. Some die for it, init goes on, the memory comes back."""
    guest = boot(target.machine(mem="64M"), silence=60)
    guest.login()
    before = free_kb(guest)
    guest.script("n=0; while [ $n -lt 4000 ]; do (sleep 1000) & n=$((n+1)); done 2>/dev/null",
                 "/tmp/many.sh")
    guest.sendline("sh /tmp/many.sh")
    guest.expect([r"Out of memory", r"can't fork", re.escape(guest.PROMPT)], 120, silence=120)
    take_back(guest)
    guest.run("sleep 2")
    assert guest.check("echo alive") == "alive\n"
    assert free_kb(guest) > before - 4000
    assert not BROKEN.search(guest.text)


def test_fork_bomb(boot):
    """b() { b | b & }; b: the console shell can still end it. (Linux with 64 MB cannot.)"""
    guest = boot(TESSERA.machine(mem="64M"), silence=60)
    guest.login()
    guest.sendline("(b() { b | b & }; b) >/dev/null 2>&1")
    time.sleep(10)
    take_back(guest)
    take_back(guest)
    guest.run("sleep 1", 60)
    assert guest.check("echo alive", 60) == "alive\n"
    assert int(guest.check("pidof sh | wc -w", 60)) < 40
    assert not BROKEN.search(guest.text)


def test_memory_is_back_after_10000_processes(boot):
    """fork, exec, exit: what is lost each time would show after so many."""
    guest = boot(TESSERA.machine(), silence=240)
    guest.login()
    guest.script("i=0; while [ $i -lt $1 ]; do /bin/true; i=$((i+1)); done", "/tmp/loop.sh")
    guest.check("sh /tmp/loop.sh 200", 60)
    before = free_kb(guest)
    guest.check("sh /tmp/loop.sh 10000", 400)
    assert free_kb(guest) >= before - 64


@on_each
def test_tmpfs_fills_up(shell, target):
    shell.check("mkdir -p /tmp/full; mount -t tmpfs -o size=2m none /tmp/full")
    assert shell.run("cat /dev/zero >/tmp/full/f")[0] != 0
    shell.check("rm /tmp/full/f; echo fits >/tmp/full/g; umount /tmp/full")


@on_each
def test_too_many_open_files(shell, target):
    assert shell.run("sh -c 'ulimit -n 8; exec 3<. 4<. 5<. 6<. 7<. 8<.'")[0] != 0
    assert shell.check("echo alive") == "alive\n"


@on_each
@pytest.mark.parametrize("path", ["/dev/mem", "/proc/kcore", "/dev/kmem"])
def test_memory_of_the_kernel_is_not_offered(shell, target, path):
    if target.name == "linux":
        pytest.skip("a Linux configuration may offer it to root")
    assert shell.run(f"head -c 16 {path} >/dev/null")[0] != 0


@on_each
def test_reading_everything_in_proc(shell, target):
    """Every regular file of /proc can be read, or refuses with an error."""
    shell.check("find /proc -maxdepth 1 -type f ! -name kmsg ! -name kpage* ! -name kcore "
                "-exec timeout 5 head -c 65536 {} ';' >/dev/null 2>&1; "
                "find /proc/self /proc/1 /proc/sys -maxdepth 2 -type f "
                "-exec timeout 5 head -c 65536 {} ';' >/dev/null 2>&1; true", 240)
    assert shell.check("echo alive") == "alive\n"


def test_machine_whose_interrupt_controller_has_no_driver(boot):
    guest = boot(tessera("tiny_defconfig", initrd=variants.initramfs("tiny"), gic=3))
    assert guest.finish(20) is Outcome.PANIC
    assert re.search(r"panic - not syncing: irq: no driver .* \(arm,gic-v3\)", guest.text)
