# SPDX-License-Identifier: BSD-2-Clause
"""Functions and instructions of an ELF file, as llvm-objdump shows them."""
import bisect
import re
import shutil
import subprocess
from dataclasses import dataclass, field

LABEL = re.compile(r"^([0-9a-f]+) <([^>]+)>:$")
INSTRUCTION = re.compile(r"^\s*([0-9a-f]+):\s+([a-z][\w.]*)\s*(.*)$")
TARGET = re.compile(r"<([^>+]+)(?:\+0x[0-9a-f]+)?>")
REGISTER = re.compile(r"\b[xw](\d+)\b")


@dataclass
class Instruction:
    address: int
    name: str
    operands: str
    symbol: str = ""    # the function a branch goes to, "" for other instructions

    def registers(self):
        """The numbers of the general registers it names."""
        return {int(number) for number in REGISTER.findall(TARGET.sub("", self.operands))}

    def __str__(self):
        return f"{self.address:x}: {self.name} {self.operands}".rstrip()


@dataclass
class Function:
    name: str
    code: list = field(default_factory=list)


def is_branch(name):
    return name in ("b", "bl", "cbz", "cbnz", "tbz", "tbnz") or name.startswith("b.")


def owner(address, extents):
    """The name of the function whose inside `address` is, "" if none's. Its start is not inside."""
    index = bisect.bisect_left(extents, (address,)) - 1
    return extents[index][2] if index >= 0 and address < extents[index][1] else ""


def parse(text, extents=()):
    """{name: Function} of the output of `objdump -d --no-show-raw-insn`.

    `extents` is a sorted list of (start, end, name) of functions: a label inside of one belongs
    to it, as assembly has them.
    """
    functions, current, labels = {}, None, {}
    for line in text.splitlines():
        if match := LABEL.match(line):
            labels[match[2]] = name = owner(int(match[1], 16), extents) or match[2]
            # Local symbols of two files may share a name: they are one to a reader, too.
            current = functions.setdefault(name, Function(name))
        elif current and (match := INSTRUCTION.match(line)):
            operands = match[3].split("//")[0].split(" ;")[0].strip()
            current.code.append(Instruction(int(match[1], 16), match[2], operands))
    for function in functions.values():
        for instruction in function.code:
            target = TARGET.search(instruction.operands)
            if target and is_branch(instruction.name):
                instruction.symbol = labels.get(target[1], target[1])
    return functions


def _run(tool, *arguments):
    program = next((name for name in (f"{tool}-19", tool) if shutil.which(name)), None)
    if not program:
        raise FileNotFoundError(f"{tool}-19: not found (package llvm-19)")
    return subprocess.run([program, *arguments], check=True, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE).stdout


def disassemble(path):
    """{name: Function} of an ELF file. Raises OSError, or subprocess.CalledProcessError."""
    symbols = re.findall(r"^ *\d+: ([0-9a-f]+) +(\w+) FUNC +\w+ +\w+ +\w+ (\S+)",
                         _run("llvm-readelf", "-sW", path), re.M)
    extents = sorted((int(start, 16), int(start, 16) + int(size, 0), name)
                     for start, size, name in symbols)
    return parse(_run("llvm-objdump", "-d", "--no-show-raw-insn", path), extents)
