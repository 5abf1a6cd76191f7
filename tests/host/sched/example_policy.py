#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Build the kernel with the example policy of Documentation/scheduler.md.

usage: example_policy.py [--full] [-j N] DIR   copy the sources to DIR/src, add the policy, build
       example_policy.py --extract FILE        write only the policy's C file

Adds what the documentation shows and nothing else: the .c file, one entry in kernel/sched/Kconfig,
one line in kernel/sched/Makefile. Builds in DIR/out, kernel/sched/ or, with --full, all; then the
last line names the Image to boot. Exit status: 0 built, 1 not, 2 usage.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
DOC = os.path.join(TOP, "Documentation/scheduler.md")


class Fault(Exception):
    pass


def blocks():
    """{file: text} of the blocks in the documentation that follow a line naming their file."""
    with open(DOC, encoding="utf-8") as file:
        text = file.read()
    found = dict(re.findall(r"^`(kernel/sched/[\w.]+)`[^\n]*:\n\n```\w+\n(.*?)^```$", text,
                            re.M | re.S))
    sources = [name for name in found if name.endswith(".c")]
    if len(sources) != 1 or len(found) != 3:
        raise Fault(f"{DOC}: expected a .c, a Kconfig and a Makefile block, found {list(found)}")
    return sources[0], found


def copy_sources(target):
    names = subprocess.run(["git", "-C", TOP, "ls-files", "-z", "--cached", "--others",
                            "--exclude-standard"], check=True, stdout=subprocess.PIPE).stdout
    for name in names.decode().split("\0"):
        source = os.path.join(TOP, name)
        if not name or not os.path.exists(source):      # deleted, not yet committed
            continue
        os.makedirs(os.path.dirname(os.path.join(target, name)), exist_ok=True)
        shutil.copy2(source, os.path.join(target, name), follow_symlinks=False)
    os.symlink(os.path.join(TOP, "third_party"), os.path.join(target, "third_party"))


def add_policy(tree):
    """Puts the three blocks in place; returns the name of the Kconfig symbol."""
    source, found = blocks()
    with open(os.path.join(tree, source), "x", encoding="utf-8") as file:
        file.write(found[source])
    path = os.path.join(tree, "kernel/sched/Kconfig")
    with open(path, encoding="utf-8") as file:
        before, end, after = file.read().partition("endchoice\n")
    with open(path, "w", encoding="utf-8") as file:
        file.write(before + found["kernel/sched/Kconfig"] + "\n" + end + after)
    with open(os.path.join(tree, "kernel/sched/Makefile"), "a", encoding="utf-8") as file:
        file.write(found["kernel/sched/Makefile"])
    return re.search(r"^config (\w+)$", found["kernel/sched/Kconfig"], re.M)[1]


def configured(config, symbol):
    """The .config text with `symbol` chosen as the policy."""
    config = re.sub(r"^CONFIG_SCHED_(EEVDF|RR|PRIO|MLFQ)=y$", r"# CONFIG_SCHED_\1 is not set",
                    config, flags=re.M)
    return re.sub(rf"^# CONFIG_{symbol} is not set\n", "", config, flags=re.M) + \
        f"CONFIG_{symbol}=y\n"


def build(work, full, jobs):
    tree, out = os.path.join(work, "src"), os.path.join(work, "out")
    for folder in (tree, out):
        shutil.rmtree(folder, ignore_errors=True)
    copy_sources(tree)
    symbol = add_policy(tree)
    make = ["make", "-C", tree, f"O={out}", f"-j{jobs}"]
    subprocess.run(make + ["defconfig"], check=True)
    path = os.path.join(out, ".config")
    with open(path, encoding="utf-8") as file:
        text = configured(file.read(), symbol)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    subprocess.run(make + ["olddefconfig"], check=True)
    with open(path, encoding="utf-8") as file:
        if f"CONFIG_{symbol}=y\n" not in file.read():
            raise Fault(f"{path}: CONFIG_{symbol} did not stay chosen")
    subprocess.run(make + ([] if full else ["kernel/sched/"]), check=True)
    print(os.path.join(out, "arch/arm64/boot/Image") if full else out)


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n\n")[0])
    parser.add_argument("--extract", metavar="FILE")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("-j", dest="jobs", type=int, default=1)
    parser.add_argument("work", metavar="DIR", nargs="?")
    args = parser.parse_args()
    if bool(args.extract) == bool(args.work):
        parser.error("give either --extract FILE or DIR")
    try:
        if args.extract:
            source, found = blocks()
            with open(args.extract, "w", encoding="utf-8") as file:
                file.write(found[source])
        else:
            build(os.path.abspath(args.work), args.full, args.jobs)
    except (Fault, OSError, subprocess.CalledProcessError) as fault:
        print(f"example_policy.py: {fault}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
