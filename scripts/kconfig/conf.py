#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The configuration targets of the Makefile.

Runs in the output folder with $srctree set. Reads the Kconfig tree, reads or makes .config,
and refuses what does not come out as written (strict.py).

usage: conf.py COMMAND [ARGUMENT]...
  defconfig FILE        a new .config from FILE
  merge FILE...         .config with the assignments of FILEs laid over it
  olddefconfig          .config brought up to date, new options at their defaults
  sync                  the same, and the generated files for make and C
  alldefconfig | allyesconfig | allnoconfig | randconfig
  savedefconfig FILE    only what differs from the defaults
  listnewconfig | helpnewconfig
  trace SYMBOL          why the option has its value
"""

import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import strict  # noqa: E402
from strict import Fault, kconfiglib  # noqa: E402

CONFIG = os.environ.get("KCONFIG_CONFIG", ".config")
LINUX_CONF = "/usr/lib/linux-kbuild-6.1/scripts/kconfig/conf"
HEADER = "#\n# Tessera configuration. Change it by `make menuconfig` or scripts/config.\n#\n"


def say(text):
    if os.environ.get("quiet") != "1":
        print(text)


def tree():
    return strict.load_tree(os.environ.get("KCONFIG_ROOT", "Kconfig"))


def refuse(messages, advice=""):
    if messages:
        count = f"{len(messages)} value{'s do' if len(messages) > 1 else ' does'} not come out"
        raise Fault("\n".join(messages + [f"{count} as written{advice}"]))


def write(conf):
    conf.write_config(CONFIG, header=HEADER)
    return conf


def need_config():
    if not os.path.exists(CONFIG):
        raise Fault(f"there is no {CONFIG} yet: make defconfig, or another *_defconfig")


def load_current(conf):
    """Reads .config, strictly unless ADOPT=1 says to take what comes out."""
    need_config()
    assignments = strict.parse(CONFIG)
    strict.apply(conf, assignments)
    wrong = strict.mismatches(conf, assignments, derived_too=False)
    if wrong and os.environ.get("ADOPT") == "1":
        for message in wrong:
            print(f"{message} (adopted)", file=sys.stderr)
    else:
        refuse(wrong, "; `make olddefconfig ADOPT=1` takes what came out, "
                      "`make menuconfig` lets you choose")
    return {a.name for a in assignments}


def new_symbols(conf, known):
    """Options a person can set now that .config does not mention."""
    return [s for s in conf.unique_defined_syms
            if s.name not in known and s.visibility and s.config_string]


def say_new(symbols):
    if symbols:
        say(f"{CONFIG}: {len(symbols)} new option{'s' if len(symbols) > 1 else ''} at default: "
            + " ".join(s.name for s in symbols))


def cmd_defconfig(file):
    conf = tree()
    assignments = strict.parse(file, strict.shown_path(file))
    strict.apply(conf, assignments)
    refuse(strict.mismatches(conf, assignments))
    write(conf)
    say(f"{CONFIG} written from {strict.shown_path(file)}")


def cmd_merge(*files):
    """Later files win over earlier ones, and all over .config; each must come out whole."""
    need_config()
    conf = tree()
    strict.apply(conf, strict.parse(CONFIG))
    before = {s.name: s.str_value for s in conf.unique_defined_syms}
    asked = {}
    for file in files:
        assignments = strict.parse(file, strict.shown_path(file))
        refuse([m for m in strict.mismatches(conf, assignments) if "says otherwise" in m])
        asked.update((a.name, a) for a in assignments)
    strict.apply(conf, asked.values())
    refuse(strict.mismatches(conf, asked.values()))
    write(conf)
    for symbol in conf.unique_defined_syms:
        old, new = before[symbol.name], symbol.str_value
        if old != new and symbol.name not in asked:
            say(f"  also changed: CONFIG_{symbol.name}: {strict.show(old)} -> {strict.show(new)}")
    say(f"{CONFIG} changed by {', '.join(strict.shown_path(f) for f in files)}")


def cmd_olddefconfig():
    conf = tree()
    new = new_symbols(conf, load_current(conf))
    write(conf)
    say_new(new)


def write_if_changed(path, text):
    try:
        with open(path, encoding="utf-8") as file:
            if file.read() == text:
                return
    except FileNotFoundError:
        pass
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(path + ".new", path)


def touch_changed(old, new):
    """include/config/X is touched when X changed; objects that read X depend on that file."""
    for name in old.keys() | new.keys():
        path = f"include/config/{name}"
        if old.get(name) != new.get(name) or not os.path.exists(path):
            with open(path, "w", encoding="utf-8"):
                pass


def read_auto(path):
    try:
        with open(path, encoding="utf-8") as file:
            return dict(line.rstrip("\n").split("=", 1) for line in file if "=" in line)
    except FileNotFoundError:
        return {}


def cmd_sync():
    conf = tree()
    new = new_symbols(conf, load_current(conf))
    write(conf)
    say_new(new)
    os.makedirs("include/config", exist_ok=True)
    os.makedirs("include/generated", exist_ok=True)
    values = {}
    for symbol in conf.unique_defined_syms:
        line = symbol.config_string.rstrip("\n")
        match = strict.SET.match(line)
        if match:
            values[match.group(1)] = match.group(2)
    touch_changed(read_auto("include/config/auto.conf.old"), values)
    lines = [f"CONFIG_{name}={value}\n" for name, value in values.items()]
    flat = "".join(f"{name}={value}\n" for name, value in values.items())
    write_if_changed("include/config/auto.conf.old", flat)
    conf.write_autoconf("include/generated/autoconf.h", header="/* Generated from .config. */\n")
    top = os.environ.get("srctree", ".")
    files = [os.path.join(top, f) for f in conf.kconfig_filenames]
    deps = " \\\n\t".join(files)
    write_if_changed("include/config/auto.conf.cmd",
                     f"include/config/auto.conf: \\\n\t{deps}\n\n{deps}: ;\n")
    # Last, for it is what make compares with .config: its time says that all is done.
    with open("include/config/auto.conf", "w", encoding="utf-8") as file:
        file.writelines(["# Generated from .config.\n"] + lines)


def all_set(value):
    conf = tree()
    for symbol in conf.unique_defined_syms:
        if symbol.orig_type in (kconfiglib.BOOL, kconfiglib.TRISTATE) and symbol.choice is None:
            symbol.set_value(value)
    write(conf)


def cmd_alldefconfig():
    write(tree())


def cmd_allyesconfig():
    all_set(strict.YES)


def cmd_allnoconfig():
    all_set(strict.NO)


def cmd_randconfig():
    """Linux's conf draws; the same KCONFIG_SEED gives the same configuration."""
    seed = os.environ.get("KCONFIG_SEED") or str(random.SystemRandom().randrange(1, 1 << 31))
    if not seed.isdigit():
        raise Fault(f"KCONFIG_SEED={seed}: a number wanted")    # Linux's conf would take another
    env = dict(os.environ, KCONFIG_SEED=seed, KCONFIG_CONFIG=CONFIG)
    try:
        run = subprocess.run([LINUX_CONF, "--randconfig", "Kconfig"], env=env, check=False,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    except FileNotFoundError:
        raise Fault(f"{LINUX_CONF} is missing (package linux-kbuild-6.1): make setup") from None
    if run.returncode:
        raise Fault(run.stdout.strip())
    conf = tree()
    load_current(conf)
    write(conf)
    say(f"KCONFIG_SEED={seed}")


def cmd_savedefconfig(file):
    conf = tree()
    load_current(conf)
    conf.write_min_config(file, header="# Say here what this configuration is for.\n")
    say(f"{file} written")


def cmd_listnewconfig():
    conf = tree()
    for symbol in new_symbols(conf, load_current(conf)):
        print(symbol.config_string.rstrip("\n"))


def cmd_helpnewconfig():
    conf = tree()
    for symbol in new_symbols(conf, load_current(conf)):
        describe(symbol)
        print("-" * 72)


def describe(symbol):
    print(f"CONFIG_{symbol.name}={strict.show(symbol.str_value)}"
          f"  ({kconfiglib.TYPE_TO_STR[symbol.orig_type]})")
    for node in symbol.nodes:
        if node.prompt:
            print(f"  {node.prompt[0]}")
        print(f"  defined at {node.filename}:{node.linenr}")
        for line in (node.help or "").splitlines():
            print(f"    {line}")


def cmd_trace(name):
    """Why the option has its value: every rule that had a say, with the values behind it."""
    name = name[len("CONFIG_"):] if name.startswith("CONFIG_") else name
    conf = tree()
    need_config()
    assignments = strict.parse(CONFIG)
    strict.apply(conf, assignments)
    symbol = conf.syms.get(name)
    asked = strict.Assignment(CONFIG, 0, name, "")
    if symbol is None or not symbol.nodes:
        raise Fault(f"CONFIG_{name}: {strict.reason(conf, asked)}")
    describe(symbol)
    for a in assignments:
        if a.name == name:
            print(f"set:      {a.where()} says {strict.show(a.value)}"
                  + ("" if strict.same(symbol, a.value) else
                     f", which does not come out: {strict.reason(conf, a)}"))
    if symbol.direct_dep is not conf.y:
        met = "met" if kconfiglib.expr_value(symbol.direct_dep) else "NOT met"
        print(f"depends:  {met}: {strict.valued(symbol.direct_dep)}")
    for value, cond in symbol.defaults:
        met = kconfiglib.expr_value(cond)
        text = strict.valued(value) if isinstance(value, tuple) else kconfiglib.expr_str(value)
        print(f"default:  {text}" + ("" if cond is conf.y else
              f" if {strict.valued(cond)}: {'holds' if met else 'does not hold'}"))
    for low, high, cond in symbol.ranges:
        print(f"range:    {low.str_value} to {high.str_value}"
              + ("" if cond is conf.y else f" if {strict.valued(cond)}"))
    if symbol.choice is not None:
        members = " ".join(f"{s.name}={s.str_value}" for s in symbol.choice.syms)
        print(f"choice:   one of {members}")
    for term in strict.terms(symbol.rev_dep, kconfiglib.OR):
        if term is not conf.n:
            does = "selects it now" if kconfiglib.expr_value(term) else "would select it"
            print(f"select:   {strict.valued(term)} {does}")
    users = [s.name for s in conf.unique_defined_syms
             if symbol in kconfiglib.expr_items(s.direct_dep)]
    if users:
        print(f"needed by: {' '.join(users)}")


def main(argv):
    name = "cmd_" + (argv[1] if len(argv) > 1 else "")
    if name not in globals():
        print(__doc__.strip(), file=sys.stderr)
        return 2
    try:
        globals()[name](*argv[2:])
    except (Fault, kconfiglib.KconfigError) as err:
        for line in str(err).splitlines():
            print(f"error: {line}", file=sys.stderr)
        return 1
    except OSError as err:
        print(f"error: {err.filename}: {err.strerror}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
