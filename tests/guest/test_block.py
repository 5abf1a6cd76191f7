# SPDX-License-Identifier: BSD-2-Clause
"""Disks: what is written stays, is listed, and fails as it should."""
import hashlib
import os
import re

import pytest

import debian
import variants
from machine import Outcome
from targets import tessera
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
