# SPDX-License-Identifier: BSD-2-Clause
"""With a trace provider out, or all of them, no instruction of it remains, its arguments included.

Each source file that has events is compiled twice with the compile command of the default build: as
it is but with the provider's option off, and with the text of its TRACE() calls taken out. Both must give
the same instructions. A third time, with the option on, they must differ, or the comparison is blind.
"""
import concurrent.futures
import functools
import glob
import json
import os
import re
import subprocess

import pytest

import variants

TOP = variants.TOP
OUT = variants.folder("defconfig")
USERS_OF_LOCKS = 8      # lock events sit in inline functions: some files that use them
TRACE_ALL = "ALL"


@functools.cache
def providers():
    """{"PROCESS": {"fork_entry", ...}}"""
    found = {}
    for path in glob.glob(os.path.join(TOP, "trace/providers/*.h")):
        with open(path, encoding="utf-8") as file:
            for provider, fn in re.findall(r"^EVENT\((\w+), 0x\w+, \w+, (\w+),", file.read(), re.M):
                found.setdefault(provider, set()).add(fn)
    return found


@functools.cache
def commands():
    """{source path from the top: the arguments that compile it}"""
    path = os.path.join(OUT, "compile_commands.json")
    if not os.path.exists(path):
        pytest.skip("needs the default build")
    with open(path, encoding="utf-8") as file:
        entries = json.load(file)
    result = {}
    for entry in entries:
        source = os.path.relpath(entry["file"], TOP)
        if not source.endswith(".c") or source.startswith(("trace/", "..")) or \
                not os.path.exists(entry["file"]):      # of an older build
            continue
        words = [word for word in entry["arguments"] if word not in ("-c", "-g", "-xc", entry["file"],
                                                                     "-Werror")]
        at = words.index("-o")
        result[source] = words[:at] + words[at + 2:] + ["-w"]
    # What runs the tests inside the kernel is in no default build.
    result.setdefault("kernel/boottest.c", result["kernel/main.c"])
    return result


def text_of(source):
    with open(os.path.join(TOP, source), encoding="utf-8") as file:
        return file.read()


def closing(text, at):
    """The end of the parenthesis that opens at `at`."""
    depth = 0
    while True:
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        at += 1
        if not depth:
            return at


def stripped(text, fns, everything):
    """The source without its TRACE() of these events; of all that traces. Lines stay where they are."""
    def blank(start, end, instead=""):
        return text[:start] + instead + "\n" * text[start:end].count("\n") + text[end:]

    for match in reversed(list(re.finditer(r"\bTRACE\((\w+)", text))):
        if match[1] in fns:
            text = blank(match.start(), closing(text, match.start() + 5))
    if everything:
        for name, instead in (("trace_switch_gate", "0"), ("trace_wake_gate", "0"), ("hist_on", "0"),
                              ("hist_start", "0"), ("hist_end", "")):
            for match in reversed(list(re.finditer(rf"\b{name}\(", text))):
                text = blank(match.start(), closing(text, match.end() - 1), instead)
    return text


def autoconf(tmp_path, provider, on):
    """A copy of the configuration's header with an option, or all of tracing, on or off."""
    with open(os.path.join(OUT, "include/generated/autoconf.h"), encoding="utf-8") as file:
        text = file.read()
    # Who follows a program by ptrace comes in by the same way beside the fast one.
    symbol = r"(?:TRACE\w*|PTRACE|SECCOMP)" if provider == TRACE_ALL else f"TRACE_{provider}"
    if not on:
        text = re.sub(rf"#define CONFIG_{symbol} .*\n", "", text)
    elif f"#define CONFIG_TRACE_{provider} " not in text:
        text += f"#define CONFIG_TRACE_{provider} 1\n"
    path = tmp_path / f"autoconf_{provider}_{on}.h"
    path.write_text(text)
    return str(path)


def instructions(source, tmp_path, config, fns=None, everything=False):
    """What a file compiles to, and the names it refers to. `fns`: without these events."""
    command = [config if word.endswith("generated/autoconf.h") else word for word in commands()[source]]
    tag = os.path.basename(config)[:-2] + ("_stripped" if fns is not None else "")
    base = tmp_path / f"{source.replace('/', '_')}.{tag}"
    text = text_of(source)
    if fns is not None:
        text = stripped(text, fns, everything)
        command[1:1] = ["-I", str(tmp_path / "headers")]
    copy = f"{base}.c"
    with open(copy, "w", encoding="utf-8") as file:
        file.write(f'#line 1 "{source}"\n{text}')
    command += ["-iquote", os.path.dirname(os.path.join(TOP, source)), "-c", copy, "-o", f"{base}.o"]
    done = subprocess.run(command, cwd=OUT, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    run = functools.partial(subprocess.run, check=True, capture_output=True, text=True)
    listing = run(["llvm-objdump-19", "-dr", "--no-show-raw-insn", f"{base}.o"]).stdout
    names = run(["llvm-nm-19", "-j", f"{base}.o"]).stdout.split()
    return listing.split("\n", 3)[3], names


def strip_headers(tmp_path, fns, everything):
    for header in ("kernel/mutex.h", "kernel/rwsem.h"):
        copy = tmp_path / "headers" / header
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(stripped(text_of(f"include/{header}"), fns, everything))


def sources_of(provider):
    fns = set().union(*providers().values()) if provider == TRACE_ALL else providers()[provider]
    call = re.compile(rf"\bTRACE\(({'|'.join(sorted(fns))})\b" +
                      (r"|\bhist_(on|start|end|timed)\(" if provider == TRACE_ALL else ""))
    files = [source for source in sorted(commands()) if call.search(text_of(source))]
    if provider == "LOCK":
        files += [source for source in sorted(commands())
                  if re.search(r"\b(mutex_lock|down_read|down_write)\(", text_of(source))
                  and source not in files][:USERS_OF_LOCKS]
    return fns, files


@pytest.mark.parametrize("provider", sorted(providers()) + [TRACE_ALL])
def test_nothing_of_it_remains(provider, tmp_path):
    fns, files = sources_of(provider)
    if provider == "MARKER":
        assert not files        # its only place is the file that programs write to
        return
    assert files
    off, on = autoconf(tmp_path, provider, False), autoconf(tmp_path, provider, True)
    everything = provider == TRACE_ALL
    strip_headers(tmp_path, fns, everything)
    ours = re.compile(r"trace_(key_|emit|hist|entry_key|switch_key|wake_key)" if everything else
                      rf"trace_key_({'|'.join(fns)})$")

    def check(source):
        is_off, names = instructions(source, tmp_path, off)
        without, _ = instructions(source, tmp_path, off, fns, everything)
        differs = not everything and instructions(source, tmp_path, on)[0] != is_off
        left = [name for name in names if ours.match(name)]
        return (f"{source}: code of it remains" if is_off != without else
                f"{source}: refers to {left}" if left else ""), differs

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(check, files))
    assert [fault for fault, _ in results if fault] == []
    assert everything or any(differs for _, differs in results), "on and off are the same code"


def test_assembly_without_tracing(tmp_path):
    for provider in ("CTX", TRACE_ALL):
        config = autoconf(tmp_path, provider, False)
        words = next(iter(commands().values()))
        words = [config if word.endswith("generated/autoconf.h") else word for word in words]
        for name in ("vectors", "switch"):
            out = str(tmp_path / f"{name}.o")
            subprocess.run(words + ["-D__ASSEMBLER__", "-x", "assembler-with-cpp", "-c", os.path.join(
                TOP, f"arch/arm64/{name}.S"), "-o", out], check=True, cwd=OUT, capture_output=True)
            names = subprocess.run(["llvm-nm-19", "-j", out], check=True, capture_output=True,
                                   text=True).stdout.split()
            gone = r"trace_key_ctx|ret_to_user_traced" + (
                r"|trace_entry_key|trace_enter|\w+_traced" if provider == TRACE_ALL else "")
            assert [symbol for symbol in names if re.match(gone, symbol)] == []


def test_it_would_notice(tmp_path):
    """An argument that is evaluated outside of the question whether the event is on."""
    text = stripped("a;\nTRACE(fork_entry, (u32)f(1,\n\tg(2)));\nTRACE(x, 1);\n", {"fork_entry"}, False)
    assert text == "a;\n\n;\nTRACE(x, 1);\n"
