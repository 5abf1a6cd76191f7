# SPDX-License-Identifier: BSD-2-Clause
"""The bench program's rows, exactly: running it, the budgets, and the verdict on each row."""
import os
import re
import subprocess
from dataclasses import dataclass

import variants

BUDGETS = os.path.join(variants.TOP, "tests/budgets.tsv")
REPORT = os.path.join(os.path.dirname(variants.BUILD), "bench.tsv")
TOO_MUCH = 2.0      # times the budget
# The gate: rows whose committed number a change may not pass by more than 2 %.
BASELINE = os.path.join(variants.TOP, "tests/bench_baseline.tsv")
GATE = ("getppid", "read", "write", "stat", "open_close", "signal", "fork", "fork_exec", "pipe",
        "unix", "ctx_2", "page_fault_anon", "page_fault_file", "udp", "tcp", "tcp_bw")
WORSE = 1.02

ROW = re.compile(r"^([a-z]\w*)\t(\d+)\t(\d+(?:\.\d+)?)\s*$", re.M)


@dataclass
class Budget:
    name: str
    linux: float        # of usr/bench on Linux; 0: not measured
    lmbench: float      # of lmbench on Linux, where the budgets come from; 0: not measured
    limit: float
    enforced: bool
    most: float = TOO_MUCH  # times the limit


def read_budgets(path=BUDGETS):
    budgets = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                name, linux, lmbench, limit, enforced = line.rstrip("\n").split("\t")
                linux, lmbench = (0 if text == "-" else float(text) for text in (linux, lmbench))
                budgets.append(Budget(name, linux, lmbench, float(limit), enforced != "no",
                                      1 if enforced == "strict" else TOO_MUCH))
    return budgets


def read_rows(console):
    """{name: ns an operation} of the TSV lines (name, iterations, ns) among other output."""
    return {name: float(value) for name, _, value in ROW.findall(console.replace("\r", ""))}


class Fault(Exception):
    """A measurement that could not be made; why, in one line."""


def console(machine, seconds):
    """What a guest that ends by itself prints. `machine` is counted by instructions."""
    machine = machine.with_(icount=True, console="pipe", reboot=False)
    try:
        done = subprocess.run(machine.command(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace",
                              timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        raise Fault(f"the guest did not end within {seconds} s") from None
    return done.stdout.replace("\r", "")


def running(machine, command):
    """The machine whose boot runs a command, where programs lie in memory as in every other boot.

    A heap that happens to begin below a border of 2 MiB and to end above it has one page table more:
    1,400 instructions of each fork.
    """
    return machine.with_(append=f'{machine.append} quiet norandmaps RUN="{command}"'.strip())


def _run(machine, command, seconds):
    text = console(running(machine, command), seconds)
    if "RUN_EXIT 0" not in text:
        last = " / ".join(text.strip().splitlines()[-3:])
        raise Fault(f"{command} failed in the guest: {last}")
    return text


def measure(machine, rows=(), seconds=900):
    """{row: instructions an operation} of the bench program on a machine; all rows, or some."""
    only = f" --only {','.join(rows)}" if rows else ""
    return read_rows(_run(machine, f"/bin/bench{only}", seconds))


def measure_boot(machine, seconds=300):
    """Instructions from reset to the first program, without the console's own cost."""
    text = _run(machine, "dmesg | grep init.process", seconds)
    match = re.search(r"\[ *(\d+)\.(\d{6})\] Run /init as init process", text)
    return int(match[1]) * 10**9 + int(match[2]) * 1000


def read_baseline(path=BASELINE):
    with open(path, encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
    return {name: float(value) for name, value in rows}


def write_baseline(measured, path=BASELINE):
    with open(path, "w", encoding="utf-8") as file:
        file.write("# Instructions an operation as last accepted (scripts/bench --accept): the tests fail on a\n"
                   "# row more than 2 % above. The count is exact, so there is no noise to allow for.\n")
        file.writelines(f"{name}\t{measured[name]:.1f}\n" for name in GATE if name in measured)


def worse(measured, base):
    """A sentence for each row that costs more than WORSE times what it did."""
    return [f"{name}: {measured[name]:,.1f} instructions, {measured[name] / base[name]:.3f} of the "
            f"{base[name]:,.1f} it was" for name in measured
            if base.get(name) and measured[name] > WORSE * base[name]]


def judge(budget, value):
    """(outcome, sentence) of one row; value None: it was not measured."""
    if value is None:
        return ("failed", "not measured") if budget.enforced else ("skipped", "not measured yet")
    ratio = value / budget.limit
    text = f"{value:,.0f}, {ratio:.2f} of the budget {budget.limit:,.0f}"
    if budget.linux:
        text += f", {value / budget.linux:.2f} of Linux"
    late = ratio > budget.most
    return ("failed" if late and budget.enforced else "skipped" if late else "passed"), text


def table(budgets, measured):
    """The report as TSV, and what was measured without having a budget at its end.

    Of Linux: the same bench program there, so the programs' own cost is in both numbers.
    """
    lines = ["name\tmeasured\tbudget\tof budget\tlinux\tof linux\tlmbench"]
    for budget in budgets:
        value = measured.get(budget.name)
        lines.append("\t".join([
            budget.name, f"{value:.0f}" if value is not None else "-", f"{budget.limit:.0f}",
            f"{value / budget.limit:.2f}" if value is not None else "-",
            f"{budget.linux:.0f}" if budget.linux else "-",
            f"{value / budget.linux:.3f}" if value is not None and budget.linux else "-",
            f"{budget.lmbench:.0f}" if budget.lmbench else "-"]))
    known = {budget.name for budget in budgets}
    lines += [f"{name}\t{value:.0f}\t-\t-\t-\t-\t-" for name, value in measured.items()
              if name not in known]
    return "\n".join(lines) + "\n"
