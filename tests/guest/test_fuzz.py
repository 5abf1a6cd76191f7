# SPDX-License-Identifier: BSD-2-Clause
"""Random system calls from unprivileged processes (usr/fuzz): no panic, no hang, no leak."""
import pytest

import variants
from machine import Outcome
from targets import tessera


def fuzz(boot, variant, calls, seed, deadline):
    machine = tessera(variant, initrd=variants.initramfs("tests"), cpus=2, mem="512M",
                      append=f'quiet RUN="fuzz -n {calls} -s {seed}"')
    guest = boot(machine, silence=deadline)
    _, match = guest.expect(r"RUN_EXIT (\d+)", deadline)
    assert guest.finish(30) is Outcome.OFF
    assert match[1] == "0", guest.text[-500:]


@pytest.mark.parametrize("seed", [1, 2])
def test_short(boot, seed):
    fuzz(boot, "selftest", 100_000, seed, 300)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 110))
def test_ten_million(boot, seed):
    fuzz(boot, "selftest", 1_000_000, seed, 1200)
