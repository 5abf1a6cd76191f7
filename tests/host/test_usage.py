# SPDX-License-Identifier: BSD-2-Clause
"""What people type wrong is answered by one line that names it, at once, and by an exit status."""
import os
import subprocess

import pytest

import variants

WRONG = """
bench --variant nonsense
bench --base nonsense
bench --nonsense
format nonsense
lava-job nonsense
profile --nonsense getppid
randconfig-boot -n nonsense
randconfig-boot -n -5
report --nonsense
sizes --stack nonsense
sizes --stack -5
test --variant nonsense
test --matrix variant=nonsense
trace nonsense
trace dat nonsense
"""


@pytest.mark.parametrize("line", WRONG.strip().splitlines())
def test_what_is_wrong_is_said_in_a_line(line):
    program, *words = line.split()
    done = subprocess.run([os.path.join(variants.TOP, "scripts", program), *words], capture_output=True, text=True,
                          timeout=60, check=False)
    wrong = "-5" if "-5" in words else "dat" if "dat" in words else "nonsense"
    assert done.returncode in (1, 2) and done.stdout == ""
    assert done.stderr.count("\n") == 1 and wrong in done.stderr


@pytest.mark.parametrize("layer", ["host", "guest"])
def test_an_expression_has_to_match_a_case(layer):
    wrong = "no_such" + "_case"
    done = subprocess.run([os.path.join(variants.TOP, "scripts/test"), "--layer", layer, "--folder", "virtio", "-k", wrong],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.count("\n") == 1 and wrong in done.stderr


def test_a_boot_test_needs_a_kernel_with_tests(tmp_path):
    kernel = tmp_path / "arch/arm64/boot/Image"
    kernel.parent.mkdir(parents=True)
    kernel.write_bytes(b"")
    (tmp_path / ".config").write_text("# CONFIG_BOOT_TESTS is not set\n")
    done = subprocess.run([os.path.join(variants.TOP, "scripts/qemu"), "record", "CASE=mm", f"KERNEL={kernel}",
                           "INITRD=", f"RR={tmp_path}/recording"], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert "CASE=mm" in done.stderr and "CONFIG_BOOT_TESTS" in done.stderr


@pytest.mark.skipif(not os.path.exists(os.path.join(variants.TOP, ".git")), reason="not a working tree of git")
def test_git_sees_nothing_of_a_build_in_the_source_folder():
    folder = variants.folder("defconfig")
    made = [os.path.relpath(os.path.join(where, name), folder) for where, _, names in os.walk(folder)
            for name in names]
    if not made:
        pytest.skip("defconfig is not built")
    done = subprocess.run(["git", "-C", variants.TOP, "check-ignore", "--no-index", "--stdin"],
                          input="\n".join(made), capture_output=True, text=True, check=False)
    assert sorted(set(made) - set(done.stdout.splitlines())) == []
