# SPDX-License-Identifier: BSD-2-Clause
"""The build and configuration system: strict values, incremental rebuilds, reproducibility."""

import glob
import os
import re
import shutil
import subprocess
import sys
import time

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from kbuild_tree import TOP, Tree  # noqa: E402

sys.path.insert(0, os.path.join(TOP, "scripts", "kconfig"))
import strict  # noqa: E402


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path / "src")


@pytest.fixture(name="conf", scope="module")
def kconfig_tree():
    os.environ["srctree"] = TOP
    return strict.load_tree()


# --- values come out as written, or make stops --------------------------------------------

BAD = [
    ("CONFIG_HZ=99999", "CONFIG_HZ: wanted 99999, got 250: the range is 100 to 1000"),
    ("CONFIG_HZ=often", "CONFIG_HZ: wanted often, got 250: that is not a number"),
    ("CONFIG_SPM=y", "CONFIG_SPM: wanted y, got nothing: there is no such option; "
                     "did you mean CONFIG_SMP?"),
    ("CONFIG_DEBUG_STALE_USER_RSP=y", "CONFIG_DEBUG_STALE_USER_RSP: wanted y, got n: unmet "
                                      "dependency: DEBUG_EL0_RETURN (DEBUG_EL0_RETURN=n)"),
    ("CONFIG_SMP=yes", "CONFIG_SMP: wanted yes, got y: an on/off option takes y or n"),
    ("CONFIG_SCHED_EEVDF=y\nCONFIG_SCHED_RR=y", "another member of its choice is taken: "
                                                "CONFIG_SCHED_RR=y"),
    ("CONFIG_HZ=100\nCONFIG_HZ=200", "wanted 100, got 200: line 2 says otherwise"),
    ("CONFIG_DEFAULT_HOSTNAME=\"x", "unfinished string"),
    ("SMP=y", "neither an assignment nor a comment: SMP=y"),
]


@pytest.mark.parametrize("text,message", BAD)
def test_defconfig_that_does_not_come_out(tree, text, message):
    tree.write("configs/bad_defconfig", text + "\n")
    output = tree.make("bad_defconfig", status=2)
    assert re.search(r"error: configs/bad_defconfig:\d+: ", output), output
    assert message in output
    assert not os.path.exists(tree.path(".config"))


@pytest.mark.parametrize("text,message", BAD)
def test_fragment_that_does_not_come_out(tree, text, message):
    tree.make("defconfig")
    before = tree.read(".config")
    tree.write("configs/fragments/bad.config", text + "\n")
    output = tree.make("bad.config", status=2)
    assert re.search(r"error: configs/fragments/bad\.config:\d+: ", output), output
    assert message in output
    assert tree.read(".config") == before


def test_config_that_does_not_come_out(tree):
    tree.make("defconfig")
    before = tree.read(".config")
    tree.write(".config", before.replace("CONFIG_HZ=250", "CONFIG_HZ=7"))
    line = tree.read(".config").splitlines().index("CONFIG_HZ=7") + 1
    for goal in "kernel/main.o", "olddefconfig":
        output = tree.make(goal, status=2)
        assert f".config:{line}: CONFIG_HZ: wanted 7, got 250: the range is 100 to 1000" in output
    assert "(adopted)" in tree.make("olddefconfig", "ADOPT=1")
    assert tree.read(".config") == before


def test_unknown_targets_say_what_there_is(tree):
    assert "tiny_defconfig" in tree.make("nosuch_defconfig", status=2)
    assert "debug.config" in tree.make("nosuch.config", status=2)
    assert "make help" in tree.make("nosuchconfig", status=2)
    assert "make defconfig" in tree.make("all", status=2)


def test_fragments_apply_in_order(tree):
    tree.write("configs/fragments/a.config", "CONFIG_HZ=100\nCONFIG_DEBUG_EL0_RETURN=y\n")
    tree.write("configs/fragments/b.config", "CONFIG_HZ=500\nCONFIG_DEBUG_STALE_USER_RSP=y\n")
    tree.make("defconfig", "a.config", "b.config")
    config = tree.read(".config")
    for line in "CONFIG_HZ=500", "CONFIG_DEBUG_EL0_RETURN=y", "CONFIG_DEBUG_STALE_USER_RSP=y":
        assert line in config.splitlines()


def test_new_options_get_defaults_and_are_named(tree):
    tree.make("defconfig")
    config = re.sub(r"CONFIG_HZ=.*\n", "", tree.read(".config"))
    tree.write(".config", config)
    assert tree.make("listnewconfig") == "CONFIG_HZ=250\n"
    assert "Timer ticks" in tree.make("helpnewconfig")
    assert "1 new option at default: HZ" in tree.make("olddefconfig")
    assert tree.make("listnewconfig") == ""


def test_savedefconfig_round_trip(tree):
    tree.make("tiny_defconfig")
    before = tree.read(".config")
    tree.make("savedefconfig")
    tree.write("configs/again_defconfig", tree.read("defconfig"))
    tree.make("again_defconfig")
    assert tree.read(".config") == before


def test_randconfig_repeats(tree):
    tree.make("randconfig", KCONFIG_SEED="11")
    first = tree.read(".config")
    tree.make("randconfig", KCONFIG_SEED="12")
    assert tree.read(".config") != first
    tree.make("KCONFIG_SEED=11", "randconfig")
    assert tree.read(".config") == first


def test_traceconfig(tree):
    tree.make("defconfig")
    output = tree.make("traceconfig", "SYM=DEBUG_STALE_USER_RSP")
    assert "CONFIG_DEBUG_STALE_USER_RSP=n" in output
    assert "NOT met: DEBUG_EL0_RETURN (DEBUG_EL0_RETURN=n)" in output
    output = tree.make("traceconfig", "SYM=DEBUG_EL0_RETURN")
    assert re.search(r"set: +\.config:\d+ says n|default: ", output)
    tree.make("traceconfig", status=2)


@pytest.mark.parametrize("goal", ["alldefconfig", "allyesconfig", "allnoconfig"])
def test_kconfiglib_and_linux_agree(tree, goal):
    """Both readers of our Kconfig files give the same answer."""
    linux = "/usr/lib/linux-kbuild-6.1/scripts/kconfig/conf"
    if not os.path.exists(linux):
        pytest.skip("no linux-kbuild-6.1")
    tree.make(goal)
    tree.run(linux, "--" + goal, "Kconfig", KCONFIG_CONFIG=".config.linux", srctree=tree.top)
    assert values(tree, ".config") == values(tree, ".config.linux")


def values(tree, name):
    return {a.name: a.value for a in strict.parse(tree.path(name))}


# --- the tools ------------------------------------------------------------------------------

def test_config_script(tree):
    tree.make("defconfig")
    config = tree.path("scripts/config")
    before = tree.read(".config")
    output = tree.run(config, "-e", "DEBUG_STALE_USER_RSP", status=1)
    assert "unmet dependency: DEBUG_EL0_RETURN" in output
    assert tree.read(".config") == before
    tree.run(config, "-e", "DEBUG_STALE_USER_RSP", "--enable", "CONFIG_DEBUG_EL0_RETURN",
             "--set-val", "HZ", "100", "--set-str", "DEFAULT_HOSTNAME", 'a "quoted" one')
    output = tree.run(config, "-s", "DEBUG_STALE_USER_RSP", "--get", "HZ", "--state",
                      "DEFAULT_HOSTNAME", "-s", "NO_SUCH")
    assert output == 'y\n100\na "quoted" one\nundef\n'
    output = tree.run(config, "-d", "DEBUG_EL0_RETURN", "-u", "HZ")
    assert "also: CONFIG_DEBUG_STALE_USER_RSP: y -> n" in output
    assert tree.run(config, "-s", "HZ") == "250\n"
    tree.run(config, "-e", "SCHED_RR")
    assert tree.run(config, "-s", "SCHED_EEVDF") == "n\n"
    tree.make("olddefconfig")
    tree.run(config, "--frobnicate", status=2)
    tree.run(config, "-e", status=2)


def test_diffconfig(tree):
    tree.make("defconfig")
    os.rename(tree.path(".config"), tree.path("old"))
    tree.make("tiny_defconfig")
    diffconfig = tree.path("scripts/diffconfig")
    output = tree.run(diffconfig, "old", ".config", status=1)
    assert " SMP y -> n\n" in output and " SCHED_RR n -> y\n" in output
    fragment = tree.run(diffconfig, "-m", "old", ".config", status=1)
    wanted = tree.read(".config")
    tree.write("configs/fragments/tiny.config", fragment)
    tree.make("defconfig", "tiny.config")
    assert tree.read(".config") == wanted
    assert tree.run(diffconfig, ".config", ".config") == ""
    tree.run(diffconfig, "one", status=2)
    tree.run(diffconfig, "no", "file", status=2)


# --- building -------------------------------------------------------------------------------

@pytest.fixture(name="built")
def built_tree(tree):
    tree.make("-j2", "defconfig", "all")
    return tree


def test_incremental(built):
    assert built.compiled("all") == set()
    start = time.monotonic()
    assert built.make() == ""
    assert time.monotonic() - start < 2

    # a header rebuilds those that include it
    os.utime(built.path("include/lib/string.h"))
    assert built.compiled() == {"kernel/main.o", "kernel/kallsyms.o", "lib/string.o"}

    # an option, those that read it (and the copy of the configuration)
    built.run(built.path("scripts/config"), "--set-val", "SCHED_SLICE_US", "4000")
    assert built.compiled() == {"kernel/sched/eevdf.o", "kernel/config_data.o"}

    # a choice, another file
    built.run(built.path("scripts/config"), "-e", "SCHED_RR")
    assert built.compiled() == {"kernel/sched/rr.o", "kernel/config_data.o"}

    # a command line, the files it is for
    makefile = built.read("kernel/Makefile")
    built.write("kernel/Makefile", makefile.replace("-DFLAG=7", "-DFLAG=8"))
    assert built.compiled() == {"kernel/flagged.o"}
    built.write("mm/Makefile", built.read("mm/Makefile") + "ccflags-y += -DMORE\n")
    assert built.compiled() == {"mm/mm.o"}

    # an object less, another link
    size = os.stat(built.path("vmlinux")).st_mtime_ns
    built.write("kernel/main.c", built.read("kernel/main.c").replace(", flagged()", ""))
    built.write("kernel/Makefile", makefile.replace(" flagged.o", ""))
    assert built.compiled() == {"kernel/main.o"}
    assert os.stat(built.path("vmlinux")).st_mtime_ns != size
    assert built.make() == ""


def test_missing_header_is_seen(built):
    built.write("include/lib/string2.h", built.read("include/lib/string.h"))
    os.remove(built.path("include/lib/string.h"))
    assert "string.h" in built.make(status=2)


def test_single_files_and_folders(built):
    built.write("lib/alone.c", "int alone(void);\nint alone(void) { return 0; }\n")
    assert built.compiled("lib/alone.o") == {"lib/alone.o"}
    assert built.compiled("O=other", "defconfig", "lib/") == {"lib/string.o"}
    assert not os.path.exists(built.path("other/vmlinux"))
    assert "nothing is built in nosuch/" in built.make("nosuch/", status=2)


def test_warnings_are_errors(built):
    built.write("lib/string.c", built.read("lib/string.c") + "int unseen(void) { return 0; }\n")
    assert "missing-prototypes" in built.make(status=2)


def test_reproducible(tree, tmp_path):
    """In place, in another folder, from another folder: the same bytes."""
    other = Tree(tmp_path / "elsewhere" / "src2")
    tree.make("-j2", "defconfig", "all")
    tree.make("-j2", f"O={tmp_path}/out", "defconfig", "all")
    other.make("O=below", "defconfig", "all")
    for name in "vmlinux", "arch/arm64/boot/Image":
        first = open(tree.path(name), "rb").read()
        assert first == open(tmp_path / "out" / name, "rb").read(), name
        assert first == open(other.path("below", name), "rb").read(), name


def test_symbol_table(built):
    """Every function is in the table the kernel carries, at its address."""
    nm = subprocess.run(["llvm-nm-19", "-n", "vmlinux"], cwd=built.top, check=True, text=True,
                        stdout=subprocess.PIPE).stdout
    at = {line.split()[2]: int(line.split()[0], 16) for line in nm.splitlines()}
    with open(built.path("arch/arm64/boot/Image"), "rb") as file:
        image = file.read()

    def word(symbol, index):
        start = at[symbol] - at["_text"] + 4 * index
        return int.from_bytes(image[start:start + 4], "little")

    start = at["kallsyms_names"] - at["_text"]
    count = word("kallsyms_count", 0)
    names = image[start:].split(b"\0")[:count]
    table = {n.decode(): at["_text"] + word("kallsyms_offsets", i) for i, n in enumerate(names)}
    for name in "start_kernel", "strlen", "kallsyms_lookup":
        assert table[name] == at[name]


def test_generated_headers_and_vdso(tree):
    """Offsets for assembly, and a vDSO that is linked, embedded and described."""
    tree.write("arch/arm64/asm-offsets.c", """\
void offsets(void);
void offsets(void)
{
	asm volatile("\\n->FIELD %c0" : : "i"(24));
	asm volatile("\\n->BEFORE %c0" : : "i"(-8));
}
""")
    tree.write("arch/arm64/vdso/Makefile", "vdso-y += note.o\n")
    tree.write("arch/arm64/vdso/note.S", """\
	.text
	.global __kernel_note
	.type __kernel_note, %function
__kernel_note: ret
""")
    tree.write("arch/arm64/vdso/vdso.lds.S", """\
SECTIONS { . = SIZEOF_HEADERS; .dynsym : { *(.dynsym) } .dynstr : { *(.dynstr) }
.hash : { *(.hash) } .gnu.hash : { *(.gnu.hash) } .dynamic : { *(.dynamic) }
.text : ALIGN(16) { *(.text) } }
""")
    shutil.copy2(os.path.join(TOP, "arch/arm64/vdso/vdso-image.S"), tree.path("arch/arm64/vdso"))
    tree.write("arch/arm64/Makefile", "obj-y += head.o uses.o\n")
    tree.write("arch/arm64/uses.c", """\
#include <generated/asm-offsets.h>
#include <generated/vdso-offsets.h>
_Static_assert(FIELD == 24 && BEFORE == -8, "");
_Static_assert(vdso_offset___kernel_note != 0, "");
extern const char vdso_image_start[];
const char *const uses = vdso_image_start;
""")
    tree.make("-j2", "defconfig", "vmlinux")
    with open(tree.path("arch/arm64/vdso/vdso.so"), "rb") as file:
        image = file.read()
    assert image[:4] == b"\x7fELF" and b"linux-vdso.so.1" in image
    assert tree.compiled("vmlinux") == set()
    os.utime(tree.path("arch/arm64/vdso/note.S"))
    assert "VDSOLD" in tree.make("vmlinux")


@pytest.mark.parametrize("extra", ["tiny_defconfig", "lto.config", "notrace.config"])
def test_other_configurations_link(tree, extra):
    tree.make("-j2", "defconfig", extra, "vmlinux")


def test_clean_and_mrproper(built):
    kept = {name for name in sources_of(built)}
    built.make("clean")
    assert not os.path.exists(built.path("vmlinux"))
    assert not [path for path in glob.glob(os.path.join(built.top, "*", "**", "*.o"), recursive=True)
                if "/third_party/" not in path]
    assert os.path.exists(built.path(".config"))
    built.make("mrproper")
    assert not os.path.exists(built.path(".config"))
    assert sources_of(built) == kept
    fresh = Tree(built.top + "-fresh")
    assert sources_of(fresh) == sources_of(built)


def sources_of(tree):
    found = set()
    for folder, folders, files in os.walk(tree.top):
        folders[:] = [f for f in folders if f not in ("__pycache__", "usr", "generated", "config")]
        found |= {os.path.relpath(os.path.join(folder, f), tree.top) for f in files
                  if f.endswith((".c", ".h", ".S", "Makefile", "Kconfig", ".mk", ".py"))}
    return found


def test_help_lists_every_target(tree):
    text = tree.make("help")
    for target in ("menuconfig nconfig guiconfig oldconfig olddefconfig savedefconfig defconfig "
                   "alldefconfig allyesconfig allnoconfig randconfig listnewconfig helpnewconfig "
                   "traceconfig all Image run gdb test setup tags compile_commands.json clean "
                   "mrproper tiny_defconfig debug.config").split():
        assert re.search(rf"(^|\s){re.escape(target)}\s", text), target


# --- the Kconfig files themselves -----------------------------------------------------------

def test_every_option_explains_itself(conf):
    for symbol in conf.unique_defined_syms:
        assert any(node.prompt for node in symbol.nodes), f"{symbol.name} has no prompt"
        text = " ".join((node.help or "") for node in symbol.nodes)
        assert len(text.split()) >= 10, f"{symbol.name} has no useful help"


@pytest.mark.skipif(not shutil.which("run-clang-tidy-19"), reason="clang-tidy-19 is not installed")
def test_tidy_of_no_file_is_an_error(tree):
    shutil.copy2(os.path.join(TOP, ".clang-tidy"), tree.top)
    tree.make("defconfig")
    for wrong in ("nonsense", "net/lwip/stack"):
        output = tree.make("tidy", f"ONLY={wrong}", status=2)
        assert f"tidy: ONLY={wrong}: names no file of this configuration\n" in output and "Running" not in output, output
    assert "Running clang-tidy for 1 files" in tree.make("tidy", "ONLY=kernel/main")


def test_a_seed_is_a_number(tree):
    assert "error: KCONFIG_SEED=nonsense: a number wanted\n" in tree.make("randconfig", status=2, KCONFIG_SEED="nonsense")
    assert not os.path.exists(tree.path(".config"))


def test_options_used_are_defined_and_the_reverse(conf):
    used = {}
    for folder in "arch kernel mm fs ipc block net trace drivers lib include scripts/build".split():
        for path in glob.glob(os.path.join(TOP, folder, "**", "*"), recursive=True):
            if not re.search(r"(\.[chS]|\.mk|Makefile)$", path) or "/generated/" in path:
                continue
            with open(path, encoding="utf-8") as file:
                code = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
                for name in re.findall(r"(?<![A-Z_])CONFIG_([A-Z0-9_]*[A-Z0-9])\b", code):
                    used.setdefault(name, os.path.relpath(path, TOP))
    defined = {symbol.name for symbol in conf.unique_defined_syms}
    undefined = {name: path for name, path in used.items()
                 if name not in defined and name not in ("X", "NAME")}
    assert not undefined, f"used but in no Kconfig file: {undefined}"
    # Some exist only for others to depend on, and the default of a choice may need no file.
    needed = {item.name for symbol in conf.unique_defined_syms
              for node in symbol.nodes
              for item in strict.kconfiglib.expr_items(node.dep)
              if isinstance(item, strict.kconfiglib.Symbol)}
    idle = defined - set(used) - needed - {"ARM64", "DEBUG_KERNEL"}
    idle -= {s.name for s in conf.unique_defined_syms if s.choice is not None}
    assert not idle, f"options that change nothing: {sorted(idle)}"


@pytest.mark.parametrize("path", sorted(glob.glob(os.path.join(TOP, "configs", "*defconfig"))))
def test_every_defconfig_comes_out(conf, path):
    conf.unset_values()
    assignments = strict.parse(path)
    strict.apply(conf, assignments)
    assert strict.mismatches(conf, assignments) == []
    with open(path, encoding="utf-8") as file:
        assert file.readline().startswith("# "), "the first line says what it is for"
