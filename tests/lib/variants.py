# SPDX-License-Identifier: BSD-2-Clause
"""The kernels the tests run: which there are, where they are built, and how.

A variant is a configs/NAME_defconfig, or tests/variants/NAME.config: assignments on top of the
configuration named in its first line. Each is built in a folder of its own below build/test.
"""
import glob
import os
import re
import subprocess

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("TEST_BUILD") or os.path.join(TOP, "build/test"))

# The order is the order of building: what most tests need comes first.
NEEDED = ("defconfig", "selftest", "stale_rsp", "net_none",
          "trace_all")

# Built to see that they build, and some booted: the goals of make that configure each.
GOALS = {"lto": ["defconfig", "lto.config"], "notrace": ["defconfig", "notrace.config"],
         "allno": ["allnoconfig"], "allyes": ["allyesconfig"],
         **{f"random_{seed}": [f"KCONFIG_SEED={seed}", "randconfig"] for seed in range(1, 7)}}

# Each scheduling policy with each of the two extremes of preemption, and all that checks locks:
# sched_<policy>_<preemption>. Those of SCHED_PAIRED have each value once; the others are for --long.
POLICIES = ("rr", "prio", "mlfq", "eevdf")
PREEMPT = ("none", "voluntary", "full")


def choice(prefix, members, chosen):
    return {f"CONFIG_{prefix}_{name.upper()}": "y" if name == chosen else "n" for name in members}


SCHED = {f"sched_{policy}_{preempt}": {
    **choice("SCHED", POLICIES, policy), **choice("PREEMPT", PREEMPT, preempt),
    "CONFIG_SEMIHOSTING": "y", "CONFIG_BOOT_TESTS": "y", "CONFIG_DEBUG_KERNEL": "y",
    "CONFIG_DEBUG_LOCKS": "y", "CONFIG_LOCKDEP": "y", "CONFIG_DETECT_LOCKUP": "y"}
    for policy in POLICIES for preempt in ("none", "full")}
SCHED_PAIRED = ("sched_rr_none", "sched_prio_full", "sched_mlfq_none", "sched_eevdf_full")


class BuildError(Exception):
    """A variant did not build; says where the log is."""


def folder(variant):
    """The O= folder of a variant; TEST_O_<VARIANT> points elsewhere, e.g. at a build at hand."""
    return os.path.abspath(os.environ.get(f"TEST_O_{variant.upper()}") or
                           os.path.join(BUILD, variant))


def image(variant="defconfig"):
    return os.path.join(folder(variant), "arch/arm64/boot/Image")


def initramfs(name="initramfs"):
    return os.environ.get(f"TEST_{name.upper()}") or os.path.join(
        folder("defconfig"), f"usr/{name}.cpio")


def defconfigs():
    """The names of configs/*_defconfig other than the default, sorted."""
    paths = glob.glob(os.path.join(TOP, "configs/*_defconfig"))
    names = sorted(os.path.basename(path) for path in paths)
    return [name for name in names if name != "defconfig"]


def variants(long=False):
    """All that scripts/test builds; some only with --long."""
    return (list(NEEDED) + defconfigs() + list(SCHED_PAIRED) + list(GOALS) +
            [name for name in SCHED if long and name not in SCHED_PAIRED])


def fragment(variant):
    """(base configuration, {symbol: value}) of tests/variants/<variant>.config, or of SCHED."""
    if variant in SCHED:
        return "defconfig", SCHED[variant]
    path = os.path.join(TOP, "tests/variants", f"{variant}.config")
    with open(path, encoding="ascii") as file:
        text = file.read()
    base = re.match(r"# base: (\w+)\n", text)
    if not base:
        raise BuildError(f"{path}: the first line has to be '# base: NAME'")
    return base[1], dict(re.findall(r"^(CONFIG_\w+)=(.*)$", text, re.M))


def merge(config, wanted):
    """The text of a .config with the assignments `wanted` put in place."""
    lines = [line for line in config.splitlines()
             if not (match := re.match(r"(?:# )?(CONFIG_\w+)[= ]", line)) or match[1] not in wanted]
    lines += [f"# {symbol} is not set" if value == "n" else f"{symbol}={value}"
              for symbol, value in wanted.items()]
    return "\n".join(lines) + "\n"


def lost(config, wanted):
    """The assignments of `wanted` that a finished .config does not have."""
    have = dict(re.findall(r"^(CONFIG_\w+)=(.*)$", config, re.M))
    return [f"{symbol}={value} (is {have.get(symbol, 'n')})" for symbol, value in wanted.items()
            if have.get(symbol, "n") != value]


def _make(out, log, *targets):
    command = ["make", "-C", TOP, f"O={out}", f"-j{os.cpu_count() or 1}", *targets]
    log.write("$ " + " ".join(command) + "\n")
    log.flush()
    if subprocess.call(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log):
        raise BuildError(f"make {' '.join(targets)} failed; log: {log.name}")


def _change(out, log, wanted):
    """Put assignments into a .config; the ones that do not come out."""
    path = os.path.join(out, ".config")
    with open(path, encoding="utf-8") as file:
        config = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(merge(config, wanted))
    # What depends on what was changed may go; whether the wanted ones came out is looked at below.
    _make(out, log, "ADOPT=1", "olddefconfig")
    with open(path, encoding="utf-8") as file:
        return lost(file.read(), wanted)


def build(variant, log_path, changes=None):
    """Configure and build a variant; incremental. `changes`: {symbol: value} on top. BuildError."""
    out = folder(variant)
    os.makedirs(out, exist_ok=True)
    os.makedirs(os.path.dirname(log_path), exist_ok=True)
    with open(log_path, "w", encoding="utf-8") as log:
        if variant in defconfigs() or variant == "defconfig":
            _make(out, log, variant)
            if changes and _change(out, log, changes):
                raise BuildError(f"{variant}: cannot have {changes}")
        elif variant in GOALS:
            _make(out, log, *GOALS[variant])
            if variant != "lto":
                # Everything at once, by one linker: slow, and one variant of it is enough.
                _change(out, log, {"CONFIG_LTO_CLANG": "n"})
        else:
            base, wanted = fragment(variant)
            _make(out, log, base)
            missing = _change(out, log, wanted)
            if missing:
                raise BuildError(f"{variant}: not as wanted: {', '.join(missing)}")
        # Only the default needs programs and images; the others boot with its initramfs.
        _make(out, log, "all" if variant == "defconfig" else "Image")
        if variant == "defconfig":
            _make(out, log, "-f", os.path.join(TOP, "usr/Makefile"), f"SRCTREE={TOP}",
                  "initramfs", "tests", "tiny")
    if not os.path.isfile(image(variant)):
        raise BuildError(f"{variant}: the build made no {image(variant)}; log: {log_path}")


def reference():
    """The path of the reference kernel, "" if it is not there (scripts/setup --reference)."""
    candidates = [os.environ.get("TEST_REFERENCE", ""),
                  os.path.join(TOP, "third_party/linux/Image")]
    candidates += sorted(glob.glob(os.path.join(TOP, "third_party/linux/boot/vmlinuz-*")))
    return next((path for path in candidates if path and os.path.isfile(path)), "")
