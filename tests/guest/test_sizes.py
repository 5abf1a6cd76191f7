# SPDX-License-Identifier: BSD-2-Clause
"""make size and checkstack, and the limit on stack frames."""
import os
import subprocess

import pytest

import disasm
import script
import variants

FOLDER = variants.folder("defconfig")
# Of 16 KB, which an interrupt on top of the deepest path has to fit into as well.
FRAME_LIMIT = 2048
# Once, at the bottom of the first thread's stack, before there are programs.
DEEP = {"inflate": 4096}


@pytest.fixture(name="sizes", scope="module")
def loaded():
    return script.load("scripts/sizes")


@pytest.mark.parametrize("variant", ["defconfig", "loopback_defconfig", "server_defconfig"])
def test_no_frame_is_too_large(sizes, variant):
    vmlinux = os.path.join(variants.folder(variant), "vmlinux")
    if not os.path.exists(vmlinux):
        pytest.skip(f"{variant} is not built")
    frames = sizes.frames(vmlinux)
    assert len(frames) > 1000 and frames[0][0] > 500, "the frames are not seen at all"
    assert [(size, name) for size, name in frames if size > DEEP.get(name, FRAME_LIMIT)] == []


def test_frames_are_counted(sizes, tmp_path):
    source, program = tmp_path / "a.c", tmp_path / "a.o"
    source.write_text("void use(char *);\nvoid small(void) { char c[64]; use(c); }\n"
                      "void large(void) { char c[6000]; use(c); }\nvoid none(void) { }\n")
    subprocess.run(["clang-19", "--target=aarch64-none-elf", "-O2", "-c", "-o", program, source], check=True)
    found = {name: size for size, name in sizes.frames(str(program))}
    assert 64 <= found["small"] <= 128 and 6000 <= found["large"] <= 6100 and found["none"] == 0


def test_folders_and_options_add_up(sizes):
    sections, files = sizes.read_map(os.path.join(FOLDER, "vmlinux.map"))
    total = sizes.folders(files)
    # What the linker itself puts in and padding are the rest.
    assert 0.9 < sum(files.values()) / sum(sections.values()) <= 1.0
    assert total["net"] == total["net/lwip"] + sum(
        size for name, size in files.items() if name.startswith("net/") and "net/lwip/" not in name)
    by_option = sizes.options(files)
    assert by_option["NET_LWIP"] == total["net/lwip"] > 0
    assert by_option["EPOLL"] == files["fs/epoll.o"] + files["fs/epoll_wait.o"] > 0 and by_option["NET_LOOPBACK"] == 0


def test_make_prints_them():
    make = ["make", "-s", "-C", variants.TOP, f"O={FOLDER}"]
    text = subprocess.run([*make, "size"], capture_output=True, text=True, check=True).stdout
    assert all(title in text for title in ("sections", "folders", "options", "Image", "drivers/tty"))
    text = subprocess.run([*make, "checkstack", "N=3"], capture_output=True, text=True, check=True).stdout
    assert len(text.strip().splitlines()) == 3


def test_labels_of_disasm_have_frames_too(sizes):
    function = disasm.Function("f", [disasm.Instruction(0, "stp", "x29, x30, [sp, #-0x20]!"),
                                     disasm.Instruction(4, "sub", "sp, sp, #0x1, lsl #12")])
    assert sizes.frame_size(function) == 0x20 + 4096
