# SPDX-License-Identifier: BSD-2-Clause
"""Composing QEMU's command, and telling the ways a run can end apart."""
import re
import socket
import subprocess
import sys

import pytest

import machine
import variants
from machine import Machine, Outcome, classify, qemu


def command(**settings):
    return " ".join(Machine(kernel="K", **settings).command())


def test_defaults():
    line = command(initrd="I")
    assert "-M virt,gic-version=2 -cpu cortex-a72 -smp 1 -m 256M" in line
    assert "-nic none" in line and "-kernel K -initrd I -append console=ttyAMA0 panic=-1" in line
    assert "semihosting" not in line and "no-reboot" not in line and "icount" not in line


def test_no_initrd():
    assert "-initrd" not in command()


def test_el2_and_gic3():
    assert "-M virt,gic-version=3,virtualization=on" in command(gic=3, el=2)


def test_icount_is_exact():
    assert "-icount shift=0,align=off,sleep=off -seed 1" in command(icount=True)


def test_interrupts_from_the_terminal_go_to_the_guest():
    assert "mux=on,signal=off" in command()
    # A program's console takes no Ctrl-A: what it takes is the escape of the tests.
    line = command(console="pipe")
    assert "signal=off" in line and f"-echr {ord(qemu.ESCAPE)}" in line


def test_disk_and_net_are_modern_virtio():
    line = command(disk="D", net="user,hostfwd=tcp::1-:2")
    assert "virtio-blk-device" in line and "virtio-mmio.force-legacy=false" in line
    assert "user,id=net0,hostfwd=tcp::1-:2" in line and "-nic" not in line


def test_virtio_can_be_legacy():
    assert "virtio-mmio.force-legacy=true" in command(net="user", legacy=True)


def printed(*settings):
    return subprocess.run([f"{variants.TOP}/scripts/qemu", "print", *settings],
                          capture_output=True, text=True, check=True)


def test_a_person_gets_the_user_network_with_telnet():
    done = printed("KERNEL=K")
    assert re.search(r"-netdev user,id=net0,hostfwd=tcp:127.0.0.1:\d+-:2323", done.stdout)
    for settings in (["NET="], ["TEST=1"]):
        assert "-nic none" in printed(*settings).stdout


def test_taken_telnet_port_is_named():
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", 2323))
            taken.listen()
        except OSError:
            pass        # somebody else has it: as good
        done = printed("KERNEL=K")
    port = re.search(r"hostfwd=tcp:127.0.0.1:(\d+)-:2323", done.stdout)[1]
    assert port != "2323"
    assert done.stderr == f"qemu: port 2323 is taken: the guest's is port {port} of 127.0.0.1\n"


def test_append_adds_and_cmdline_replaces():
    assert Machine(kernel="K", append="x=y").kernel_cmdline().endswith("panic=-1 x=y")
    assert Machine(kernel="K", cmdline="only").kernel_cmdline() == "only"


def test_settings_arguments_win():
    settings = qemu.read_settings(["CPUS=2"], {"CPUS": "4", "MEM": "1G", "HOME": "/"})
    assert settings == {"CPUS": "2", "MEM": "1G"}


@pytest.mark.parametrize("argument", ["CPU", "cpus=2", "O"])
def test_settings_unknown(argument):
    with pytest.raises(qemu.Fault, match="not a setting"):
        qemu.read_settings([argument], {})


@pytest.mark.parametrize("settings, complaint", [
    ({"CPUS": "many"}, "a number wanted"), ({"GIC": "4"}, "2 or 3"), ({"EL": "3"}, "1 or 2"),
    ({"CPUS": "9"}, "at most 8"), ({"KERNEL": "/nonexistent"}, "no such file"),
    ({"VIRTIO": "old"}, "modern or legacy"), ({"QEMU": "no-such-qemu"}, "not found"),
    ({"CPUS": "0"}, "CPUS=0: 1 or more"), ({"MEM": "much"}, "MEM=much: a size"), ({"MEM": "0"}, "a size"),
    ({"MEM": "-1G"}, "a size"), ({"CPU": "cortex-a15"}, "64-bit"), ({"DISK": "/tmp"}, "disk /tmp: no such file")])
def test_faults_are_named(settings, complaint):
    with pytest.raises(qemu.Fault, match=complaint):
        qemu.from_settings({"INITRD": "", "KERNEL": __file__, **settings}).check()


def test_program_names_the_fault_in_one_line():
    done = subprocess.run([f"{variants.TOP}/scripts/qemu", "run", "KERNEL=/nonexistent"],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "qemu: kernel /nonexistent: no such file (run make)\n"


@pytest.mark.parametrize("setting", ["TIMEOUT=x", "GDB_PORT=x", "GDB_PORT=99999", "MEM=abc", "CPUS=0", "CPU=z80",
                                     "NET=bogus", "NET=user,x=1", "DISK=/tmp", "INITRD=/nonexistent", "GIC=5",
                                     "CPU=cortex-a7", "MEM=900T", "COLOUR=1"])
def test_a_wrong_value_is_one_line_that_has_it(setting):
    done = subprocess.run([f"{variants.TOP}/scripts/qemu", "run", f"KERNEL={__file__}", "INITRD=", "NET=", setting],
                          capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=60)
    assert done.returncode == 1 and not done.stdout
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert setting.rpartition("=")[2] in done.stderr or re.search("Invalid parameter 'x'|guest memory", done.stderr)


def test_the_name_of_a_disk_may_have_a_comma():
    assert "file=a,,b " in command(disk="a,b")


def test_program_usage_status():
    assert subprocess.run([f"{variants.TOP}/scripts/qemu", "fly"], capture_output=True,
                          check=False).returncode == 2


def test_exit_codes_are_distinct_and_out_of_the_way():
    codes = machine.exit_codes()
    assert set(codes) == {"PASS", "FAIL", "PANIC"} and len(set(codes.values())) == 3
    assert all(1 < code < 126 for code in codes.values())


@pytest.mark.parametrize("status, console, hung, outcome", [
    (32, "", False, Outcome.PASS), (33, "", False, Outcome.FAIL), (34, "", False, Outcome.PANIC),
    (0, "reboot: Power down", False, Outcome.OFF), (1, "", False, Outcome.QEMU_ERROR),
    (-11, "", False, Outcome.QEMU_ERROR), (-9, "booting", True, Outcome.HANG),
    (0, "---[ end Kernel panic - not syncing: x ]---", False, Outcome.PANIC),
    (32, "Kernel panic - not syncing: late", False, Outcome.PANIC),
    (-9, "Kernel panic - not syncing: and halted", True, Outcome.PANIC)])
def test_classify(status, console, hung, outcome):
    assert classify(status, console, hung) is outcome


def fake(script, tmp_path, **limits):
    """A Guest whose QEMU is a Python program."""
    program = tmp_path / "qemu"
    program.write_text(f"#!{sys.executable}\nimport sys, time\n{script}\n")
    program.chmod(0o755)
    return machine.Guest(Machine(kernel=str(program), qemu=str(program)), str(tmp_path / "log"),
                         **limits)


@pytest.mark.parametrize("script, outcome", [
    ("sys.exit(32)", Outcome.PASS), ("print('x'); sys.exit(33)", Outcome.FAIL),
    ("print('---[ end Kernel panic - not syncing: y'); sys.exit(0)", Outcome.PANIC),
    ("print('---[ end Kernel panic - not syncing: z', flush=True); time.sleep(60)", Outcome.PANIC),
    ("print('boot', flush=True); time.sleep(60)", Outcome.HANG),
    ("print('qemu: bad option'); sys.exit(1)", Outcome.QEMU_ERROR),
    ("sys.exit(0)", Outcome.OFF)],
    ids=["pass", "fail", "panic", "panic-halts", "hang", "qemu-error", "off"])
def test_guest_finish(script, outcome, tmp_path):
    with fake(script, tmp_path, silence=1) as guest:
        assert guest.finish(20) is outcome


def test_guest_that_talks_for_ever_meets_the_deadline(tmp_path):
    with fake("while True:\n print('.', flush=True); time.sleep(0.1)", tmp_path) as guest:
        assert guest.finish(1) is Outcome.HANG


def test_guest_expect_says_panic_not_timeout(tmp_path):
    script = "print('---[ end Kernel panic - not syncing: why', flush=True); time.sleep(60)"
    with fake(script, tmp_path) as guest:
        with pytest.raises(machine.GuestError, match="PANIC(.|\n)*why"):
            guest.expect("never")


def test_guest_expect_says_hang(tmp_path):
    with fake("time.sleep(60)", tmp_path, silence=1) as guest:
        with pytest.raises(machine.GuestError, match="^HANG"):
            guest.expect("never")


def test_guest_expect_says_qemu_ended(tmp_path):
    with fake("sys.exit(1)", tmp_path) as guest:
        with pytest.raises(machine.GuestError, match="QEMU ended with status 1"):
            guest.expect("never")


def test_guest_writes_its_log(tmp_path):
    with fake("print('to the log')", tmp_path) as guest:
        guest.finish(10)
    text = (tmp_path / "log").read_text()
    assert "to the log" in text and "-M virt" in text.replace("\\\n\t", "")


def test_reference_is_a_file_or_nothing():
    path = variants.reference()
    assert path == "" or open(path, "rb").read(64)[56:60] == b"ARM\x64"


def test_merge_replaces_and_adds():
    config = "CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_AB=y\n"
    merged = variants.merge(config, {"CONFIG_A": "n", "CONFIG_B": "y", "CONFIG_C": "3"})
    assert sorted(merged.splitlines()) == ["# CONFIG_A is not set", "CONFIG_AB=y", "CONFIG_B=y",
                                           "CONFIG_C=3"]


def test_lost_names_what_did_not_come_out():
    assert variants.lost("CONFIG_A=y\n", {"CONFIG_A": "y", "CONFIG_B": "y", "CONFIG_C": "n"}) == [
        "CONFIG_B=y (is n)"]


@pytest.mark.parametrize("variant", [v for v in variants.NEEDED if v != "defconfig"])
def test_fragments_are_readable(variant):
    base, wanted = variants.fragment(variant)
    assert base == "defconfig" and wanted


def test_every_report_of_a_defect_is_recognized():
    texts = []
    for path, pattern in (("kernel/lockdep.c", r'pr_(?:err|warn)\("((?:WARNING|lockdep): .*?)(?:\\n)?"'),
                          ("kernel/watchdog.c", r'pr_\w+\("(.*?)\\n"'),
                          ("kernel/panic.c", r'"(WARNING: .*?)\\n"'),
                          ("kernel/sched/core.c", r'pr_err\("(sched: .*? context)')):
        with open(f"{variants.TOP}/{path}", encoding="utf-8") as file:
            found = re.findall(pattern, file.read())
        assert found, path
        texts += found
    said = [re.sub(r"%\w*[dus]", "7", text) for text in texts]
    assert [text for text in said if not machine.DEFECT_TEXT.search(f"[    1.500000] {text}")] == []
    assert not machine.DEFECT_TEXT.search("[    1.500000] smp: 2 of 2 CPUs online\nWARNING: no such file")
