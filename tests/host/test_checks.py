# SPDX-License-Identifier: BSD-2-Clause
"""The check scripts find what they are there to find: each fault, put in on purpose."""
import os
import subprocess

import pytest

import disasm
import mutations
import script
import variants

SCRIPTS = os.path.join(variants.TOP, "scripts")

check_eret, hot_paths, layers = (
    script.load(f"scripts/check-{name}") for name in ("eret", "hot-paths", "layers"))

RESTORE = "\n".join([f"ldp x{n}, x{n + 1}, [sp, #{n * 8}]" for n in range(0, 30, 2)] +
                    ["ldr x30, [sp, #240]", "add sp, sp, #272"])
SOUND = {"el2_drop": "msr elr_el2, lr\neret",
         "ret_to_user": f"ldr x0, [sp, #248]\nmsr elr_el1, x0\n{RESTORE}\neret",
         "ret_to_kernel": f"{RESTORE}\neret"}


@pytest.fixture
def assemble(tmp_path):
    """assemble({symbol: code}) -> functions, through the real assembler and disassembler."""
    def build(functions):
        text = "".join(f".globl {name}\n{name}:\n{code}\n" for name, code in functions.items())
        (tmp_path / "a.S").write_text(f".text\n{text}")
        subprocess.run(["clang-19", "--target=aarch64-none-elf", "-c", "-o", tmp_path / "a.o",
                        tmp_path / "a.S"], check=True)
        subprocess.run(["ld.lld-19", "-e", "0", "-o", tmp_path / "a", tmp_path / "a.o"], check=True)
        return disasm.disassemble(str(tmp_path / "a"))
    return build


def test_eret_sound_kernel(assemble):
    assert check_eret.check(assemble(SOUND)) == []


def test_eret_elsewhere(assemble):
    faults = check_eret.check(assemble({**SOUND, "sneaky": "nop\neret"}))
    assert len(faults) == 1 and "sneaky" in faults[0]


def test_eret_twice_in_the_exit(assemble):
    code = SOUND["ret_to_user"]
    assert check_eret.check(assemble({**SOUND, "ret_to_user": f"{code}\n{code}"}))


def test_eret_exit_is_missing(assemble):
    sound = {name: code for name, code in SOUND.items() if name != "ret_to_user"}
    assert check_eret.check(assemble(sound)) == ["ret_to_user: no such symbol"]


@pytest.mark.parametrize("late", ["mov x16, x0", "msr sp_el0, x17", "ldr w16, [sp]", "ldr x16, [sp]",
                                  "cbnz x3, ret_to_user"])
def test_eret_restored_register_used_again(assemble, late):
    code = SOUND["ret_to_user"].replace("eret", f"{late}\neret")
    faults = check_eret.check(assemble({**SOUND, "ret_to_user": code}))
    assert faults and all(fault.startswith("ret_to_user: x") for fault in faults)


def test_eret_register_not_restored(assemble):
    code = SOUND["ret_to_kernel"].replace("ldp x16, x17, [sp, #128]\n", "")
    assert check_eret.check(assemble({**SOUND, "ret_to_kernel": code})) == [
        "ret_to_kernel: not restored on the way to eret: x16 x17"]


def test_eret_base_overwritten_by_its_own_load(assemble):
    code = SOUND["ret_to_kernel"].replace("ldr x30, [sp, #240]", "ldr x30, [x30, #240]")
    assert check_eret.check(assemble({**SOUND, "ret_to_kernel": code}))


def test_labels_inside_a_function_are_its_own(assemble):
    code = SOUND["ret_to_user"].replace("msr elr_el1, x0", "msr elr_el1, x0\ninner_label:\nnop")
    code = f".type ret_to_user, %function\n{code}\n.size ret_to_user, . - ret_to_user"
    functions = assemble({**SOUND, "ret_to_user": code, "other": "b inner_label"})
    assert check_eret.check(functions) == []
    assert functions["other"].code[0].symbol == "ret_to_user"


HOT = {"irq_handle": "bl step\nret", "step": "cbz x0, 1f\nb tail\n1: ret", "tail": "bl printk\nret",
       "printk": "ret", "panic": "bl printk\nret", "unrelated": "bl printk\nret"}
RULES = {"root": ["irq_*"], "sink": ["printk"], "stop": ["panic"], "allow": []}


def test_hot_path_through_a_tail_call_is_found(assemble):
    assert hot_paths.check(assemble(HOT), RULES) == ["irq_handle -> step -> tail -> printk"]


def test_hot_path_may_panic(assemble):
    assert hot_paths.check(assemble({**HOT, "tail": "bl panic\nret"}), RULES) == []


def test_hot_path_allowed_call(assemble):
    assert hot_paths.check(assemble(HOT), {**RULES, "allow": [("tail", "printk")]}) == []


def test_hot_path_rule_about_nothing(assemble):
    with pytest.raises(hot_paths.Fault):
        hot_paths.check(assemble(HOT), {**RULES, "root": ["irq_*", "renamed"]})


def test_hot_path_rules_of_the_tree_are_readable():
    rules = hot_paths.read_rules(os.path.join(variants.TOP, "tests/hot_paths.txt"))
    assert rules["root"] and rules["sink"]


@pytest.fixture
def tree(tmp_path):
    def build(files):
        for path, text in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
        return str(tmp_path)
    return build


BLOCKS = [(["lib/*"], [("allow", ["lib/*"]), ("deny", ["*"])]), (["fs/*"], [("deny", ["net/*"])])]


def test_layers_sound_tree(tree):
    top = tree({"lib/a.c": "#include <lib/a.h>\n", "fs/b.c": "#include <mm/page.h>\n"})
    assert layers.check(top, BLOCKS) == []


def test_layers_faults_have_file_and_line(tree):
    top = tree({"lib/a.c": "\n# include <kernel/task.h>\n", "fs/b.c": "#include <net/socket.h>\n"})
    assert layers.check(top, BLOCKS) == ["fs/b.c:1: may not include net/socket.h",
                                         "lib/a.c:2: may not include kernel/task.h"]


def test_layers_quoted_headers_count_from_the_top(tree):
    top = tree({"fs/b.c": '#include "../net/secret.h"\n', "lib/a.c": ""})
    assert layers.check(top, BLOCKS) == ["fs/b.c:1: may not include net/secret.h"]


def test_layers_rule_about_nothing(tree):
    top = tree({"lib/a.c": "", "fs/b.c": ""})
    with pytest.raises(layers.Fault):
        layers.check(top, BLOCKS + [(["fs/renamed.c"], [("deny", ["*"])])])


def test_layers_of_the_tree():
    rules = layers.read_rules(os.path.join(variants.TOP, "tests/layers.txt"))
    assert layers.check(variants.TOP, rules) == []


def test_each_mutation_still_fits():
    """scripts/mutate finds the text to break in its file, once."""
    def found(mutation):
        with open(os.path.join(variants.TOP, mutation.file), encoding="utf-8") as file:
            return file.read().count(mutation.old)
    assert [(m.file, m.what) for m in mutations.MUTATIONS if found(m) != 1] == []
