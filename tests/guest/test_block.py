# SPDX-License-Identifier: BSD-2-Clause
"""Disks: what is written stays, is listed, and fails as it should."""
import hashlib
import os
import re
import struct
import subprocess
import zlib

import pytest

import debian
import modules
import variants
from machine import Outcome
from targets import TESSERA, targets, tessera
from test_trace import record

SIZE = 64 << 20


def disk_of(tmp_path, size=SIZE, random=False):
    path = tmp_path / "disk"
    with open(path, "wb") as file:
        for _ in range(size >> 20 if random else 0):
            file.write(os.urandom(1 << 20))
        file.truncate(size)
    return path


def drive(node):
    """The arguments of a disk that is not just a file."""
    return ["-global", "virtio-mmio.force-legacy=false", *node,
            "-device", "virtio-blk-device,drive=disk0"]


@pytest.mark.parametrize("legacy", [False, True], ids=["modern", "legacy"])
def test_program(boot, record_ktap, tmp_path, legacy):
    guest = boot(tessera(disk=str(disk_of(tmp_path, 8 << 20)), legacy=legacy,
                         initrd=variants.initramfs("tests"),
                         append="quiet scratch_disk RUN=/tests/blockdev"))
    guest.expect(r"RUN_EXIT 0", 120)
    cases = record_ktap(f"block.{'legacy' if legacy else 'modern'}", guest.text).cases
    assert cases and all(case.outcome == "passed" for case in cases)


@pytest.fixture(name="booted", params=targets(), ids=lambda target: target.name)
def a_machine_with_a_disk(request, boot, tmp_path):
    """booted(disk, initrd, append): a guest of either kernel at its shell, with the driver there."""
    def start(disk, initrd=None, append="quiet"):
        target, initrd = request.param, initrd or variants.initramfs()
        if target is not TESSERA:
            initrd = modules.add_to(initrd, modules.BLOCK, tmp_path / "with_modules")
            if not initrd:
                pytest.skip("the reference kernel has no modules beside it")
        guest = boot(target.machine(disk=str(disk), initrd=initrd, append=append, mem="512M"))
        guest.login()
        if target is not TESSERA:
            modules.load(guest, modules.BLOCK)
        return guest
    return start


def test_program_on_both(booted, record_ktap, tmp_path):
    """The last page of this disk is one in part."""
    guest = booted(disk_of(tmp_path, (8 << 20) + 1536), variants.initramfs("tests"), "quiet scratch_disk")
    status, text = guest.run("/tests/blockdev", 120)
    cases = record_ktap("block.both", text).cases
    assert status == 0 and len(cases) > 10, text
    assert all(case.outcome == "passed" for case in cases)


def test_tcp_while_files_fill_memory(booted, record_ktap, tmp_path):
    """A file larger than memory was read: what packets need is freed for them."""
    guest = booted(disk_of(tmp_path, 600 << 20), variants.initramfs("tests"))
    guest.check("cat /dev/vda >/dev/null", 120)
    status, text = guest.run("/tests/tcp_trickle", 120)
    record_ktap("block.full_memory", text)
    assert status == 0, text


def mbr(*entries):
    """A table of DOS: (type, start, sectors) each."""
    table = b"".join(struct.pack("<B3xB3xII", 0, *entry) for entry in entries)
    return bytes(446) + table.ljust(64, b"\0") + b"\x55\xaa"


def gpt(*parts, spoil=False):
    """A protective table, a header and the array: (first, last) each; 64 MB."""
    array = b"".join(struct.pack("<16s16sQQ80x", b"a type", b"%16d" % number, *part) if part else bytes(128)
                     for number, part in enumerate(parts)).ljust(128 * 128, b"\0")
    last = SIZE // 512 - 1

    def header(crc):
        return struct.pack("<8sIIIIQQQQ16sQIII", b"EFI PART", 0x10000, 92, crc, 0, 1, last, 34, last - 33,
                           b"a disk", 2, 128, 128, zlib.crc32(array) ^ spoil)
    head = header(zlib.crc32(header(0)))
    return mbr((0xee, 1, last)) + head.ljust(512, b"\0") + array


# name: ({sector: bytes}, the partitions of it: {number: (start, sectors)})
TABLES = {
    "none": ({}, {}),
    "primary": ({0: mbr((0x83, 2048, 4096), (0, 0, 0), (0x0c, 8192, 100))}, {1: (2048, 4096), 3: (8192, 100)}),
    "logical": ({0: mbr((0x83, 2048, 1000), (5, 4096, 20000)), 4096: mbr((0x83, 8, 992), (5, 1000, 5000)),
                 5096: mbr((0x82, 8, 992))}, {1: (2048, 1000), 2: (4096, 2), 5: (4104, 992), 6: (5104, 992)}),
    "beyond": ({0: mbr((0x83, 100000, 1 << 20), (0x83, 1 << 20, 5))}, {1: (100000, SIZE // 512 - 100000)}),
    "gpt": ({0: gpt((40, 2087), None, (4096, 4096), (5000, 1 << 40))}, {1: (40, 2048), 3: (4096, 1)}),
    "broken_gpt": ({0: gpt((40, 2087), spoil=True)}, {}),
    "code": ({0: bytes(range(256)) + bytes(range(254)) + b"\x55\xaa"}, {}),
}


@pytest.mark.parametrize("name", TABLES)
def test_partitions(booted, tmp_path, name):
    content, wanted = TABLES[name]
    path = disk_of(tmp_path)
    with open(path, "r+b") as file:
        for sector, data in content.items():
            file.seek(512 * sector)
            file.write(data)
    guest = booted(path)
    text = guest.check("cat /proc/partitions; cd /sys/block/vda; for p in vda*; do"
                       " [ -d $p ] && echo $p $(cat $p/partition $p/start $p/size $p/ro); done; cd /")
    assert {int(number): (int(start), int(size)) for number, start, size in
            re.findall(r"^vda\d+ (\d+) (\d+) (\d+) 0$", text, re.M)} == wanted
    assert {int(number): int(kb) for kb, number in re.findall(r"(\d+) vda(\d+)$", text, re.M)} == {
        number: size // 2 for number, (_, size) in wanted.items()}


def test_table_is_read_again(booted, tmp_path):
    """What is written to a partition lands behind its start; a table in use stays, a new one comes."""
    guest = booted(disk_of(tmp_path))
    fdisk = "printf 'n\\np\\n1\\n{}\\n{}\\nw\\n' | fdisk /dev/vda >/dev/null 2>&1"
    guest.check(fdisk.format("2048", "4095"))
    guest.check("[ -b /dev/vda1 ] && [ $(cat /sys/block/vda/vda1/size) = 2048 ]")
    guest.check("echo first >/dev/vda1; dd if=/dev/zero of=/dev/vda1 bs=4k seek=1 count=1 conv=fsync 2>/dev/null")
    assert guest.check("dd if=/dev/vda bs=512 skip=2048 count=1 2>/dev/null | head -n 1") == "first\n"
    assert "No space" in guest.run("dd if=/dev/zero of=/dev/vda1 bs=64k count=17")[1]
    assert re.search(r" vda1 \d+ \d+ \d+ \d+ [1-9]", guest.check("cat /proc/diskstats"))
    # In use: nothing changes.
    status, text = guest.run("exec 3</dev/vda1; blockdev --rereadpt /dev/vda")
    assert status == 1 and "busy" in text
    guest.check("exec 3<&-; dd if=/dev/zero of=/dev/vda bs=512 count=1 2>/dev/null; blockdev --rereadpt /dev/vda")
    assert guest.check("ls /dev/vda* /sys/class/block | grep vda").split() == ["/dev/vda", "vda"]
    guest.check(fdisk.format("8192", "8291"))
    guest.check("[ $(cat /sys/class/block/vda1/start) = 8192 ] && [ $(cat /sys/class/block/vda1/size) = 100 ]")
    assert guest.check("head -c 5 /dev/vda1 | tr '\\0' .") == "....."


def test_tools_see_what_they_see_on_linux(boot, tmp_path):
    """Of the same disk both kernels say the same. BLKSECTGET is the driver's own matter."""
    asked = ("for o in ro ss pbsz iomin ioopt alignoff bsz sz size64 ra fra discardzeroes; do"
             " echo $o $(/usr/sbin/blockdev --get$o /dev/vda); done; /usr/sbin/blockdev --setra 64 /dev/vda;"
             " /usr/sbin/blockdev --getra /dev/vda; /usr/sbin/blkid /dev/vda; lsblk -no NAME,SIZE,RO,TYPE;"
             " fdisk -l /dev/vda | head -n 3")
    answers = {}
    for target in targets():
        path = disk_of(tmp_path)
        subprocess.run(["mke2fs", "-q", "-F", "-L", "a_label", "-U", "clear", path], check=True)
        initrd = debian.image("tools")
        if target is not TESSERA:
            initrd = modules.add_to(initrd, modules.BLOCK, tmp_path / "with_modules")
            if not initrd:
                continue
        guest = boot(target.machine(disk=str(path), initrd=initrd, append="quiet", mem="512M"))
        guest.login()
        if target is not TESSERA:
            modules.load(guest, modules.BLOCK)
        answers[target.name] = guest.run(asked, 60)[1]
        guest.close()
    if "tessera" in answers:
        assert "ra 256\n" in answers["tessera"] and "130 cylinders" in answers["tessera"]
        assert 'LABEL="a_label"' in answers["tessera"]
    assert len(set(answers.values())) <= 1


def test_whole_disk_on_a_machine_smaller_than_it(boot, tmp_path):
    """Clean pages give way: nobody is killed for them."""
    path = disk_of(tmp_path, random=True)
    wanted = hashlib.sha256(path.read_bytes()).hexdigest()
    guest = boot(tessera(disk=str(path), mem="32M", append="quiet"))
    guest.login()
    assert wanted in guest.check("sha256sum /dev/vda", 120)
    # The same the other way: more dirty data than there is memory.
    guest.check("dd if=/dev/zero of=/dev/vda bs=1M count=48", 240)
    assert "Out of memory" not in guest.check("dmesg")
    reads = int(re.search(r" vda (\d+) ", guest.check("cat /proc/diskstats"))[1])
    assert reads >= SIZE // (32 * 4096)


def test_second_boot_reads_what_the_first_wrote(boot, tmp_path):
    path = disk_of(tmp_path, 8 << 20)
    guest = boot(tessera(disk=str(path)))
    guest.login()
    guest.check("echo kept | dd of=/dev/vda bs=512 seek=7 2>/dev/null")
    guest.sendline("poweroff")
    assert guest.finish(30) is Outcome.OFF
    assert path.read_bytes()[7 * 512:][:5] == b"kept\n"
    guest = boot(tessera(disk=str(path)))
    guest.login()
    assert "kept" in guest.check("dd if=/dev/vda bs=512 skip=7 count=1 2>/dev/null | head -n 1")


def test_dirty_pages_are_written_by_themselves(boot, tmp_path):
    path = disk_of(tmp_path, 8 << 20)
    guest = boot(tessera(disk=str(path)))
    guest.login()
    guest.check("exec 3>/dev/vda; echo late >&3; sleep 8", 60)
    assert path.read_bytes()[:5] == b"late\n"


def test_read_only(boot, tmp_path):
    path = disk_of(tmp_path, 1 << 20)
    guest = boot(tessera(extra=drive(["-drive", f"if=none,id=disk0,format=raw,readonly=on,file={path}"])))
    guest.login()
    assert guest.check("cat /sys/block/vda/ro") == "1\n"
    assert "not permitted" in guest.run("echo no >/dev/vda")[1]
    assert guest.check("head -c 4 /dev/vda | wc -c") == "4\n"


def test_errors_reach_the_program(boot, tmp_path):
    """QEMU fails every read of sector 4096 and every flush; the rest of the disk works."""
    path = disk_of(tmp_path)
    (tmp_path / "rules").write_text(
        '[inject-error]\nevent = "read_aio"\nerrno = "5"\nsector = "4096"\n'
        '[inject-error]\nevent = "flush_to_disk"\nerrno = "5"\n')
    guest = boot(tessera(append="quiet trace=block", extra=drive([
        "-drive", "if=none,id=disk0,format=raw,werror=report,rerror=report,"
        f"file=blkdebug:{tmp_path}/rules:{path}"])))
    guest.login()
    status, text = guest.run("dd if=/dev/vda of=/dev/null bs=4k skip=512 count=1", 60)
    assert status == 1 and "Input/output error" in text
    # What was to be read ahead with it is fine.
    guest.check("dd if=/dev/vda of=/dev/null bs=4k skip=510 count=2; "
                "dd if=/dev/vda of=/dev/null bs=4k skip=520 count=16")
    assert "BLOCK_ERROR" in guest.check("cut -d' ' -f5 /proc/trace/buffer")
    guest.check("echo none >/proc/trace/enable")
    assert guest.run("dd if=/dev/zero of=/dev/vda bs=4k count=1 conv=fsync", 60)[0] == 1


@pytest.mark.parametrize("cpus", [1, 4])
def test_exact_trace(boot, tmp_path, cpus):
    """One read of 4 KB, one write and its flush, field by field, as babeltrace2 reads them."""
    guest = boot(tessera(disk=str(disk_of(tmp_path)), cpus=cpus, append="quiet"))
    guest.login()
    status, events = record(guest, tmp_path, "block", "sh -c '"
                            "dd if=/dev/vda of=/dev/null bs=4k skip=100 count=1;"
                            "dd if=/dev/zero of=/dev/vda bs=4k seek=200 count=1 conv=fsync'")
    assert status == 0
    events = [(name, fields) for name, _, _, fields in sorted(events, key=lambda event: event[2])]
    dev = os.makedev(254, 0)
    times = [fields.pop("ns") for name, fields in events if name == "BLOCK_COMPLETE"]
    assert len(times) == 3 and all(0 < ns < 60e9 for ns in times)
    assert events == [
        ("BLOCK_READ", {"dev": dev, "sector": 800, "sectors": 8}),
        ("BLOCK_COMPLETE", {"dev": dev, "sector": 800}),
        ("BLOCK_WRITE", {"dev": dev, "sector": 1600, "sectors": 8}),
        ("BLOCK_COMPLETE", {"dev": dev, "sector": 1600}),
        ("BLOCK_FLUSH", {"dev": dev}),
        ("BLOCK_COMPLETE", {"dev": dev, "sector": 0})]


def test_lsblk(boot, tmp_path):
    """util-linux finds the disk, all links and sizes."""
    guest = boot(tessera(disk=str(disk_of(tmp_path)), mem="512M", append="quiet",
                         initrd=debian.image("tools")))
    guest.login()
    text = guest.check("lsblk -b -n -o NAME,MAJ:MIN,RM,SIZE,RO,TYPE,LOG-SEC,SCHED")
    assert text.split() == ["vda", "254:0", "0", str(SIZE), "0", "disk", "512", "none"]
    assert str(SIZE) in guest.check("fdisk -l /dev/vda || busybox fdisk -l /dev/vda")


def test_cached_read_costs_what_a_file_costs(boot, record_ktap, tmp_path):
    """In instructions: 4 KB of the disk's cache beside 4 KB of a file in memory."""
    guest = boot(tessera(disk=str(disk_of(tmp_path)), icount=True,
                         initrd=variants.initramfs("tests"),
                         append='quiet scratch_disk RUN="/tests/blockdev cached_read"'), silence=60)
    guest.expect(r"RUN_EXIT 0", 120)
    disk, file = map(int, re.search(r"disk (\d+) ns, file (\d+) ns", guest.text).groups())
    print(f"instructions of a cached read of 4 KB: disk {disk}, file {file}")
    assert disk <= file * 1.25
