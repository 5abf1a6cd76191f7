# SPDX-License-Identifier: BSD-2-Clause
"""Configuration files whose values must come out as written.

kconfiglib takes an assignment that cannot be met, warns at most, and goes on. Here each
assignment is compared with what the symbol's value became, and a difference is a Mismatch
that says where it was written, what was wanted, what came out, and why.
"""

import difflib
import os
import re
import sys

sys.path.append("/usr/lib/python3/dist-packages")  # where Debian's package is, for any python3
import kconfiglib  # noqa: E402

SET = re.compile(r"CONFIG_([A-Za-z0-9_]+)=(.*)$")
UNSET = re.compile(r"# CONFIG_([A-Za-z0-9_]+) is not set$")
YES = "y"
NO = "n"
NUMBER_BASE = {kconfiglib.INT: 10, kconfiglib.HEX: 16}


class Fault(Exception):
    """What is wrong, for a person; may have several lines."""


class Assignment:
    """One line of a configuration file."""

    def __init__(self, file, line, name, value):
        self.file, self.line, self.name, self.value = file, line, name, value

    def where(self):
        return f"{self.file}:{self.line}"


def load_tree(path="Kconfig"):
    """The Kconfig tree with no values set. A mistake in it is a Fault."""
    try:
        return kconfiglib.Kconfig(path, warn_to_stderr=False, suppress_traceback=False)
    except (kconfiglib.KconfigError, kconfiglib._KconfigIOError) as err:
        raise Fault(str(err).strip()) from None


def parse(file, shown=None):
    """The assignments of a file, in order. A line that is none of them is a Fault."""
    shown = shown or file
    found = []
    try:
        with open(file, encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                line = line.strip()
                match = SET.match(line)
                if match:
                    value = match.group(2)
                    if value[:1] == '"':
                        if len(value) < 2 or value[-1] != '"':
                            raise Fault(f"{shown}:{number}: unfinished string: {line}")
                        value = kconfiglib.unescape(value[1:-1])
                    found.append(Assignment(shown, number, match.group(1), value))
                    continue
                match = UNSET.match(line)
                if match:
                    found.append(Assignment(shown, number, match.group(1), NO))
                elif line and not line.startswith("#"):
                    raise Fault(f"{shown}:{number}: neither an assignment nor a comment: {line}")
    except OSError as err:
        raise Fault(f"{shown}: {err.strerror}") from None
    return found


def apply(conf, assignments):
    """Sets what the assignments say, as far as the tree allows."""
    for a in assignments:
        symbol = conf.syms.get(a.name)
        if symbol is not None and symbol.nodes:
            symbol.set_value(a.value)


def same(symbol, wanted):
    """Whether the symbol's value is the wanted one; numbers are compared as numbers."""
    got = symbol.str_value
    if is_number(symbol, wanted) and is_number(symbol, got):
        base = NUMBER_BASE[symbol.orig_type]
        return int(wanted, base) == int(got, base)
    return wanted == got


def is_number(symbol, text):
    """Whether the symbol's type is a number and the text is one of that type."""
    try:
        int(text, NUMBER_BASE[symbol.orig_type])
    except (KeyError, ValueError):
        return False
    return True


def terms(expr, operator):
    return kconfiglib.split_expr(expr, operator)


def valued(expr):
    """The expression, and the values of the symbols in it."""
    text = kconfiglib.expr_str(expr)
    seen = []
    for item in sorted(kconfiglib.expr_items(expr), key=lambda i: i.name or ""):
        if isinstance(item, kconfiglib.Symbol) and not item.is_constant:
            seen.append(f"{item.name}={item.str_value}")
        elif isinstance(item, kconfiglib.Choice):
            seen.append(f"{item.name or 'the choice'}={item.str_value}")
    return f"{text} ({', '.join(seen)})" if seen else text


def unmet(symbol):
    """The parts of the symbol's dependencies that do not hold, as text; empty if all do."""
    parts = []
    for term in terms(symbol.direct_dep, kconfiglib.AND):
        if kconfiglib.expr_value(term) == 0:
            parts.append(valued(term))
    if not parts:
        prompts = [node.prompt[1] for node in symbol.nodes if node.prompt]
        if prompts and not any(kconfiglib.expr_value(cond) for cond in prompts):
            for cond in prompts:
                parts += [valued(t) for t in terms(cond, kconfiglib.AND)
                          if kconfiglib.expr_value(t) == 0]
    return "; ".join(dict.fromkeys(parts))


def reason(conf, a):
    """Why the symbol's value is not the one the assignment asked for."""
    symbol = conf.syms.get(a.name)
    if symbol is None or not symbol.nodes:
        near = difflib.get_close_matches(a.name, [s.name for s in conf.unique_defined_syms], 1)
        return "there is no such option" + (f"; did you mean CONFIG_{near[0]}?" if near else "")
    missing = unmet(symbol)
    if missing:
        return f"unmet dependency: {missing}"
    if symbol.choice is not None and symbol.orig_type == kconfiglib.BOOL:
        chosen = symbol.choice.selection
        if a.value == YES and chosen is not None:
            return f"another member of its choice is taken: CONFIG_{chosen.name}=y"
        if a.value == NO:
            return "its choice needs one member, and no other one is set to y"
    if not any(node.prompt for node in symbol.nodes):
        return "it has no prompt: its value follows from other options"
    if symbol.orig_type in (kconfiglib.BOOL, kconfiglib.TRISTATE):
        if a.value not in (YES, NO):
            return "an on/off option takes y or n"
        if a.value == NO:
            by = [valued(t) for t in terms(symbol.rev_dep, kconfiglib.OR)
                  if kconfiglib.expr_value(t)]
            if by:
                return f"selected by {'; '.join(by)}"
    if symbol.orig_type in (kconfiglib.INT, kconfiglib.HEX):
        if not is_number(symbol, a.value):
            return "that is not a number"
        for low, high, cond in symbol.ranges:
            if kconfiglib.expr_value(cond):
                return f"the range is {low.str_value} to {high.str_value}"
    return "the configuration does not allow it"


def mismatches(conf, assignments, derived_too=True):
    """One message for each assignment that did not come out.

    Of several lines about one symbol the last one counts, but they may not contradict each
    other. derived_too=False passes over symbols without a prompt, whose values a written
    .config repeats but nobody chose.
    """
    last, messages = {}, []
    for a in assignments:
        before = last.get(a.name)
        if before is not None and before.value != a.value:
            messages.append(f"{before.where()}: CONFIG_{a.name}: wanted {before.value}, "
                            f"got {a.value}: line {a.line} says otherwise")
        last[a.name] = a
    for a in last.values():
        symbol = conf.syms.get(a.name)
        known = symbol is not None and symbol.nodes
        if known and same(symbol, a.value):
            continue
        if known and not derived_too and not any(node.prompt for node in symbol.nodes):
            continue
        got = symbol.str_value if known else "nothing"
        messages.append(f"{a.where()}: CONFIG_{a.name}: wanted {show(a.value)}, "
                        f"got {show(got)}: {reason(conf, a)}")
    return messages


def show(value):
    return value if value else '""'


def shown_path(path):
    """The path as a person would write it: below the source or the current folder if it is."""
    top = os.environ.get("srctree", "")
    for base in (os.getcwd(), top):
        if base and os.path.abspath(path).startswith(os.path.abspath(base) + os.sep):
            return os.path.relpath(path, base)
    return path
