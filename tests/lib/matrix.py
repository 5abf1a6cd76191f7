# SPDX-License-Identifier: BSD-2-Clause
"""The cases of tests/matrix.yaml: all combinations that make sense, cut down to pairs of values."""
import itertools
import os

import yaml

import variants

PATH = os.path.join(variants.TOP, "tests/matrix.yaml")


class Fault(Exception):
    """What is wrong with the matrix or with a choice from it, in one line."""


def _listed(value):
    return value if isinstance(value, list) else [value]


def _check(axes, rules):
    for rule in rules:
        for axis, values in rule.items():
            if axis == "why":
                continue
            if axis not in axes:
                raise Fault(f"{PATH}: except: no axis '{axis}'")
            for value in _listed(values):
                if value not in axes[axis]:
                    raise Fault(f"{PATH}: except: axis {axis} has no value '{value}'")


def read(path=PATH):
    """(axes, exceptions)."""
    with open(path, encoding="utf-8") as file:
        text = yaml.safe_load(file)
    axes, rules = text["axes"], text.get("except", [])
    _check(axes, rules)
    if set(axes["suite"]) != set(text["suites"]):
        raise Fault(f"{path}: suites: does not describe the values of axis suite")
    return axes, rules


def makes_sense(case, rules):
    """False if one of the rules names the case."""
    return not any(all(case[axis] in _listed(values) for axis, values in rule.items()
                       if axis != "why") for rule in rules)


def pairs(case):
    """The pairs of values that a case has."""
    return set(itertools.combinations(case.items(), 2))


def _cover(everything):
    """Few of the cases, with every pair of values that any of them has: the best one, again and again."""
    rest = [(case, pairs(case)) for case in everything]
    missing = set().union(*(has for _, has in rest))
    found = []
    while missing:
        case, has = max(rest, key=lambda entry: len(entry[1] & missing))
        found.append(case)
        missing -= has
    return found


def cases(path=PATH, full=False, shard="1/1", **chosen):
    """The cases as dictionaries; `chosen` narrows axes (variant="rt"), shard "2/3" takes every third."""
    axes, rules = read(path)
    for axis, value in chosen.items():
        if value not in map(str, axes[axis]):
            raise Fault(f"{axis} '{value}': one of {' '.join(map(str, axes[axis]))} wanted")
        axes[axis] = [known for known in axes[axis] if str(known) == value]
    found = [dict(zip(axes, row)) for row in itertools.product(*axes.values())]
    found = [case for case in found if makes_sense(case, rules)]
    if not full:
        found = _cover(found)
    try:
        index, count = map(int, shard.split("/"))
        if not 1 <= index <= count:
            raise ValueError
    except ValueError:
        raise Fault(f"shard '{shard}': i/n wanted, 1 <= i <= n") from None
    return found[index - 1::count]


def name(case):
    """variant-suite-cpu-..., in the order of the axes."""
    units = {"gic": "gic{}", "cpus": "{}cpu", "el": "el{}"}
    return "-".join(units.get(axis, "{}").format(value) for axis, value in case.items())


def variant(case):
    """The name that variants.py knows the kernel by."""
    return "defconfig" if case["variant"] == "defconfig" else f"{case['variant']}_defconfig"
