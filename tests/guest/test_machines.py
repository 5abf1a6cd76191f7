# SPDX-License-Identifier: BSD-2-Clause
"""Every supported machine boots to a shell, runs programs and powers off."""
import pytest

import variants
from machine import Outcome
from targets import tessera

CPUS = ("cortex-a53", "cortex-a72", "max")


def boots(boot, machine):
    guest = boot(machine)
    guest.login()
    assert guest.check("uname -m") == "aarch64\n"
    assert guest.check("seq 100 | sort -n | tail -n 1") == "100\n"
    free = guest.check("free -m")
    guest.sendline("poweroff")
    assert guest.finish(30) is Outcome.OFF
    assert guest.status() == 0
    return free


@pytest.mark.parametrize("el", [1, 2])
@pytest.mark.parametrize("gic", [2, 3])
@pytest.mark.parametrize("cpu", CPUS)
def test_cpu_gic_and_entry_level(boot, cpu, gic, el):
    boots(boot, tessera(cpu=cpu, gic=gic, el=el))


@pytest.mark.parametrize("gic", [2, 3])
@pytest.mark.parametrize("mem, least", [("16M", 4), ("24M", 10), ("64M", 40), ("1G", 950),
                                        ("3G", 2900), ("16G", 15500)])
def test_memory(boot, mem, least, gic):
    total = int(boots(boot, tessera(mem=mem, gic=gic)).split("Mem:")[1].split()[0])
    assert total >= least


def test_mem_argument_limits_memory(boot):
    free = boots(boot, tessera(append="mem=64M"))
    assert 30 <= int(free.split("Mem:")[1].split()[0]) <= 64


def test_more_cpus_than_are_used(boot):
    boots(boot, tessera(cpus=4))


def test_disk_and_network(boot, tmp_path):
    disk = tmp_path / "disk"
    disk.write_bytes(bytes(1 << 20))
    boots(boot, tessera(disk=str(disk), net="user"))


@pytest.mark.parametrize("variant", variants.defconfigs() or ["none"])
def test_defconfig(boot, variant):
    """Every configs/*_defconfig boots to some shell."""
    if variant == "none":
        pytest.skip("there is no configs/*_defconfig but the default")
    small = "tiny" in variant
    guest = boot(tessera(variant, initrd=variants.initramfs("tiny" if small else "initramfs"),
                         mem="8M" if small else "64M"))
    guest.expect(r"[#$>] ")
    guest.sendline("echo he''llo")
    guest.expect("hello")
    guest.sendline("exit")


@pytest.mark.parametrize("variant", ["debug_defconfig", "lto"])
def test_configuration(boot, variant):
    """Every check at once, and the kernel that the linker optimised as a whole."""
    boots(boot, tessera(variant))
