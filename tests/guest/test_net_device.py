# SPDX-License-Identifier: BSD-2-Clause
"""Network devices as the machine shows them: the boot tests of the driver on each kind; frames."""
import re

import pytest

import modules
import variants
from machine import Outcome
from targets import LINUX, targets, tessera

SET_UP = "ip link set lo up; ip link set eth0 up; ip addr add 10.0.2.15/24 dev eth0; sleep 1"
# Of inet_pools: what is about lwIP's own pools, and what wants small ones.
NOT_IN_A_LARGE_MACHINE = {"memory_held_by_connections"}
NOT_ON_LINUX = NOT_IN_A_LARGE_MACHINE | {"listeners", "groups_of_all_sockets"}


@pytest.mark.parametrize("machine", [
    {}, {"legacy": True}, {"cpus": 4, "gic": 3}, {"mem": "32M"},
], ids=lambda machine: "-".join(f"{name}={value}" for name, value in machine.items()) or "modern")
def test_device(boot, record_ktap, machine):
    guest = boot(tessera("selftest", semihosting=True, append="test=net", net="user", **machine),
                 silence=60)
    outcome = guest.finish(120)
    prefix = "boot." + "-".join(["device", *map(str, machine.values())])
    report = record_ktap(prefix, guest.text)
    assert outcome is Outcome.PASS and not report.problems
    kind = "legacy" if machine.get("legacy") else "modern"
    assert re.search(rf"eth0: virtio_mmio@a003e00, 52:54:00:12:34:56, mtu 1500, {kind} virtio",
                     guest.text)
    ran = [case.name for case in report.cases if "device" in case.name and
           case.outcome == "passed"]
    assert len(ran) == 3


@pytest.mark.parametrize("program", ["packet", "inet_limits", "inet_device", "inet_pools"])
@pytest.mark.parametrize("target", targets(checked=True), ids=lambda target: target.name)
def test_programs_that_want_a_device(boot, record_ktap, tmp_path, target, program):
    """The other runs of these have none, and skip much."""
    linux, initrd = target is LINUX, variants.initramfs("tests")
    if linux:
        initrd = modules.add_to(initrd, modules.NET, tmp_path / "tests")
        if not initrd:
            pytest.skip("the reference kernel has no modules beside it")
    guest = boot(target.machine(initrd=initrd, net="user", append="quiet net.ip=off"), silence=90)
    guest.login()
    if linux:
        modules.load(guest, modules.NET)
    if program != "packet":
        guest.check(SET_UP)
    guest.run(f"/tests/{program}", 300)
    report = record_ktap(f"{program}.{target.name}", guest.text)
    assert not report.problems and report.cases
    skipped = {case.name for case in report.cases if case.outcome == "skipped"}
    assert skipped <= (NOT_ON_LINUX if linux else NOT_IN_A_LARGE_MACHINE)
    assert all(case.outcome in ("passed", "skipped") for case in report.cases)
