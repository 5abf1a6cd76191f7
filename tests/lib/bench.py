# SPDX-License-Identifier: BSD-2-Clause
"""The table of budgets, what the bench program measured, and the verdict on each row."""
import os
import re
from dataclasses import dataclass

import variants

BUDGETS = os.path.join(variants.TOP, "tests/budgets.tsv")
REPORT = os.path.join(os.path.dirname(variants.BUILD), "bench.tsv")
TOO_MUCH = 2.0      # times the budget

ROW = re.compile(r"^([a-z]\w*)\t(\d+)\t(\d+(?:\.\d+)?)\s*$", re.M)


@dataclass
class Budget:
    name: str
    linux: float        # of usr/bench on Linux; 0: not measured
    lmbench: float      # of lmbench on Linux, where the budgets come from; 0: not measured
    limit: float
    enforced: bool


def read_budgets(path=BUDGETS):
    budgets = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                name, linux, lmbench, limit, enforced = line.rstrip("\n").split("\t")
                linux, lmbench = (0 if text == "-" else float(text) for text in (linux, lmbench))
                budgets.append(Budget(name, linux, lmbench, float(limit), enforced == "yes"))
    return budgets


def read_rows(console):
    """{name: ns an operation} of the TSV lines (name, iterations, ns) among other output."""
    return {name: float(value) for name, _, value in ROW.findall(console.replace("\r", ""))}


def judge(budget, value):
    """(outcome, sentence) of one row; value None: it was not measured."""
    if value is None:
        return ("failed", "not measured") if budget.enforced else ("skipped", "not measured yet")
    ratio = value / budget.limit
    text = f"{value:,.0f}, {ratio:.2f} of the budget {budget.limit:,.0f}"
    if budget.linux:
        text += f", {value / budget.linux:.2f} of Linux"
    late = ratio > TOO_MUCH
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
