# SPDX-License-Identifier: BSD-2-Clause
"""Network devices as the machine shows them: the boot tests of the driver on each kind; frames."""
import re

import pytest

import variants
from machine import Outcome
from targets import targets, tessera


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


@pytest.mark.parametrize("target", targets(), ids=lambda target: target.name)
def test_packet_sockets(boot, record_ktap, target):
    """The other runs of the program have no device."""
    guest = boot(target.machine(initrd=variants.initramfs("tests"), net="user",
                                append='net.ip=off RUN="/tests/packet"'), silence=60)
    guest.expect(r"RUN_EXIT 0", 120)
    assert guest.finish(30) is Outcome.OFF
    report = record_ktap(f"packet.{target.name}", guest.text)
    assert not report.problems
    wanted = ("passed",) if target.name == "tessera" else ("passed", "skipped")
    assert report.cases and all(case.outcome in wanted for case in report.cases)
