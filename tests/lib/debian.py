# SPDX-License-Identifier: BSD-2-Clause
"""Initramfs images with unmodified Debian arm64 programs: those of tests/images*.txt, by name."""
import glob
import os
import subprocess

import variants

LISTS = sorted(glob.glob(os.path.join(variants.TOP, "tests/images*.txt")))
MKINITRAMFS = os.path.join(variants.TOP, "scripts/mkinitramfs")
SYSROOT = os.path.join(variants.TOP, "third_party/sysroot")


def packages(name):
    """The packages of an image, in the order of its line."""
    for path in LISTS:
        with open(path, encoding="ascii") as file:
            for line in file:
                head, colon, rest = line.partition(":")
                if colon and head == name:
                    return rest.split()
    raise LookupError(f"{' and '.join(LISTS)} have no image {name}")


def busybox():
    return next(path for path in (os.path.join(SYSROOT, where)
                                  for where in ("bin/busybox", "usr/bin/busybox"))
                if os.path.exists(path))


def image(name, *arguments):
    """The path of an image; built if it is not there or older than what it is made of.

    `arguments` go to scripts/mkinitramfs, for the files of a test: --file SRC:DST:MODE and others.
    TEST_IMAGE_<NAME> names one at hand.
    """
    given = os.environ.get(f"TEST_IMAGE_{name.upper()}")
    if given:
        return given
    path = os.path.join(variants.BUILD, f"{name}.cpio")
    init = os.path.join(variants.folder("defconfig"), "usr/out/bin/init")
    etc = os.path.join(variants.TOP, "usr/etc")
    command = [MKINITRAMFS, "-o", path, "--busybox", busybox(),
               *(["--package", *names] if (names := packages(name)) else []),
               "--file", f"{init}:/init:755", "--file", f"{etc}/hosts:/etc/hosts:644", "--file", f"{etc}/passwd:/etc/passwd:644",
               "--file", f"{etc}/group:/etc/group:644", *arguments]
    sources = [*LISTS, MKINITRAMFS, init, __file__]
    sources += [argument.partition(":")[0] for argument in arguments]
    newest = max(os.path.getmtime(source) for source in sources if os.path.exists(source))
    recipe, made = f"{path}.cmd", ""
    if os.path.exists(recipe):
        with open(recipe, encoding="utf-8") as file:
            made = file.read()
    if made != "\n".join(command) or not os.path.exists(path) or os.path.getmtime(path) < newest:
        subprocess.run(command, check=True, timeout=600)
        with open(recipe, "w", encoding="utf-8") as file:
            file.write("\n".join(command))
    return path
