# SPDX-License-Identifier: BSD-2-Clause
"""scripts/format touches changed lines only; the configurations of the other tools are readable."""
import json
import os
import re
import shutil
import subprocess

import pytest
import yaml

import variants

SCRIPT = "scripts/format"
needs_clang_format = pytest.mark.skipif(not shutil.which("git-clang-format-19"),
                                        reason="clang-format-19 is not installed")


@pytest.fixture(name="tree")
def repository(tmp_path):
    """A repository with one badly laid out line, and a second one added."""
    (tmp_path / "scripts").mkdir()
    shutil.copy2(os.path.join(variants.TOP, SCRIPT), tmp_path / "scripts")
    shutil.copy2(os.path.join(variants.TOP, ".clang-format"), tmp_path)
    git = ["git", "-C", str(tmp_path), "-c", "user.name=t", "-c", "user.email=t@t"]
    (tmp_path / "a.c").write_text("int  old( void );\n\n")
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run([*git, *command], check=True)
    (tmp_path / "a.c").write_text("int  old( void );\n\nint new( int   a )\n{\n    return   a;\n}\n")
    return tmp_path


def run(tree, *arguments):
    return subprocess.run([str(tree / SCRIPT), *arguments], capture_output=True, text=True, check=False)


@needs_clang_format
def test_only_changed_lines_change(tree):
    assert run(tree, "--check").returncode == 1
    assert run(tree).returncode == 0
    assert (tree / "a.c").read_text() == "int  old( void );\n\nint new(int a)\n{\n\treturn a;\n}\n"
    assert run(tree, "--check").returncode == 0


@needs_clang_format
def test_staged_is_what_counts(tree):
    assert run(tree, "--check", "--staged").returncode == 0
    subprocess.run(["git", "-C", str(tree), "add", "a.c"], check=True)
    done = run(tree, "--check", "--staged")
    assert done.returncode == 1 and "+int new(int a)" in done.stdout


@needs_clang_format
def test_wrong_use_is_said(tree):
    assert run(tree, "--staged").returncode == 2 and run(tree, "--wrong").returncode == 2
    done = run(tree, "no-such-commit")
    assert done.returncode == 2 and "no-such-commit" in done.stderr


@needs_clang_format
def test_the_tree_is_nearly_in_that_style():
    """A style that rewrote the neighbours of each change would not be the tree's."""
    changed = total = 0
    for name in ("kernel/wait.c", "kernel/panic.c", "mm/fault.c", "fs/pipe.c", "arch/arm64/show.c"):
        path = os.path.join(variants.TOP, name)
        with open(path, encoding="utf-8") as file:
            old = file.read().splitlines()
        new = subprocess.run(["clang-format-19", path], capture_output=True, text=True,
                             check=True).stdout.splitlines()
        changed += sum(line not in new for line in old)
        total += len(old)
    assert changed / total < 0.05


def test_hooks_are_scripts_of_this_tree():
    with open(os.path.join(variants.TOP, ".pre-commit-config.yaml"), encoding="utf-8") as file:
        repos = yaml.safe_load(file)["repos"]
    assert [repo["repo"] for repo in repos] == ["local"]
    for hook in repos[0]["hooks"]:
        assert os.access(os.path.join(variants.TOP, hook["entry"].split()[0]), os.X_OK)
        assert {"id", "name", "entry", "language"} <= set(hook)
        re.compile(hook["files"])


@pytest.mark.skipif(not shutil.which("clang-tidy-19"), reason="clang-tidy-19 is not installed")
def test_tidy_finds_a_mistake(tmp_path):
    (tmp_path / "a.c").write_text("int f(void);\nint f(void)\n{\n\tchar *p = 0;\n\tint n = 0;\n"
                                  "\twhile (n < 3)\n\t\tp = (char *)sizeof(sizeof(p));\n\treturn p != 0;\n}\n")
    done = subprocess.run(["clang-tidy-19", f"--config-file={variants.TOP}/.clang-tidy", "--quiet",
                           str(tmp_path / "a.c"), "--"], capture_output=True, text=True, check=False)
    assert done.returncode != 0 and "bugprone-infinite-loop" in done.stdout, done.stdout


@pytest.mark.skipif(not shutil.which("sparse"), reason="sparse is not installed")
def test_sparse_finds_a_pointer_on_the_wrong_side(tmp_path):
    (tmp_path / "a.c").write_text("#include <lib/compiler.h>\nint peek(const int __user *p);\n"
                                  "int peek(const int __user *p)\n{\n\treturn *p;\n}\n")
    (tmp_path / "b.c").write_text("#include <lib/compiler.h>\nu64 number(int __user *p);\n"
                                  "u64 number(int __user *p)\n{\n\treturn (u64)(__force int *)p;\n}\n")
    # What is not asked about fills the hundred complaints after which sparse gives up.
    (tmp_path / "d.c").write_text("#include <lib/compiler.h>\nu64 sum(int __user *p);\nu64 sum(int __user *p)\n{\n"
                                  "\tu64 s = 0;\n\n" + "\ts += (u64)p;\n" * 120 + "\treturn s;\n}\n")
    commands = [{"directory": str(tmp_path), "file": str(tmp_path / name), "arguments": [
        "clang", "-std=gnu11", "-ffreestanding", "-I", f"{variants.TOP}/include", "-Wall", "-c", name]}
        for name in ("a.c", "b.c", "d.c")]
    (tmp_path / "compile_commands.json").write_text(json.dumps(commands))

    def sparse(*names):
        return subprocess.run([f"{variants.TOP}/scripts/sparse", str(tmp_path), *names], capture_output=True,
                              text=True, check=False)
    done = sparse()
    assert done.returncode == 1 and f"{tmp_path}/a.c:5:" in done.stdout, done.stdout + done.stderr
    assert "3 files, 1 complaints" in done.stdout, done.stdout
    assert sparse("b.c", "d.c").returncode == 0
    done = sparse("a.c", "c.c")
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "c.c" in done.stderr and done.stdout == ""
    assert subprocess.run([f"{variants.TOP}/scripts/sparse", str(tmp_path / "none")], capture_output=True,
                          check=False).returncode == 1
