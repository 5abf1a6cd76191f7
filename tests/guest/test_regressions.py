# SPDX-License-Identifier: BSD-2-Clause
"""The bugs this kernel was founded on, by name.

irq_return_keeps_x16_x17, fork_child_x0_zero, l0_511_walk, jump_to_zero_is_sigsegv and
data_abort_is_sigsegv are programs of usr/tests (test_programs.py sees that they ran); here are
those that need a kernel of their own, or the kernel's disassembly.
"""
import os
import re
import subprocess

import pytest

import variants
from machine import GuestError, Outcome
from targets import tessera

# Busy processes that the timer switches between, and pipes that switch on their own.
STORM = """
for i in 1 2 3 4 5 6 7 8; do (n=0; while [ $n -lt 20000 ]; do n=$((n+1)); done) & done
(seq 2000 | cat | cat | cat | md5sum) &
for i in $(seq 60); do /bin/true; done
wait
echo storm over
"""


def test_el0_return_sp(boot):
    """Many processes switching on interrupts, each entry from EL0 checked."""
    guest = boot(tessera("selftest"), silence=120)
    guest.login()
    guest.script(STORM)
    assert "storm over" in guest.check("sh /tmp/t.sh", 240)
    guest.sendline("poweroff")
    assert guest.finish(30) is Outcome.OFF


def test_el0_return_sp_stale_scratch_is_caught(boot):
    """The bug itself, built in: the check has to panic and name task and both values."""
    guest = boot(tessera("stale_rsp"), silence=60)
    try:
        guest.login(30)
        guest.script(STORM)
        guest.run("sh /tmp/t.sh", 120)
    except GuestError:
        pass
    assert guest.finish(20) is Outcome.PANIC
    match = re.search(r"EL0 entry of (\S+)\[(\d+)\]: SP_EL1 (\w+), user_rsp_scratch (\w+), "
                      r"stack top (\w+)", guest.text)
    assert match, "the panic names neither the task nor the values"
    assert match[4] != match[5], "the scratch was not stale"
    assert "EL0 return left SP_EL1 on another task's stack" in guest.text


def run_check(name, *arguments):
    done = subprocess.run([os.path.join(variants.TOP, "scripts", name), *arguments],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    print(done.stdout)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("variant", ["defconfig", "selftest"] + variants.defconfigs())
def test_one_exit_to_el0(variant):
    run_check("check-eret", os.path.join(variants.folder(variant), "vmlinux"))


@pytest.mark.parametrize("variant", ["defconfig", "selftest"])
def test_no_print_in_hot_paths(variant):
    run_check("check-hot-paths", os.path.join(variants.folder(variant), "vmlinux"))


def test_layers():
    run_check("check-layers")


def test_no_simd_in_the_kernel():
    """-mgeneral-regs-only holds everywhere but where the registers are saved and restored."""
    import disasm
    functions = disasm.disassemble(os.path.join(variants.folder("defconfig"), "vmlinux"))
    simd = re.compile(r"\b[qdv]\d+\b")
    users = {name for name, function in functions.items()
             if any(simd.search(i.operands.split("<")[0]) for i in function.code)}
    assert not {name for name in users if not re.search(r"fp|simd|fdt|elf_aux", name)}
