# SPDX-License-Identifier: BSD-2-Clause
"""Exact sequences of events with exact payloads, of operations that are known to the last detail.

usr/tests/trace_events does them between two marks and says what has to be in the trace; that is read
from the CTF by babeltrace2's bindings, on 1 and on 4 CPUs. Each actor's events are in order; between
actors on two CPUs there is none.
"""
import re

import pytest

import variants
from targets import tessera
from test_trace import fetch, read_ctf

# Which events a step is about; all others of these providers, and of others, are ignored.
STEPS = {
    "fork": "FORK_ENTRY FORK_EXIT SPAWN_FRONT WAITPID_BLOCK WAITPID_WAKE THREAD_EXIT PROCESS_EXIT",
    "exec": "EXEC_ENTRY EXEC_EXIT STACK_MAP THREAD_EXIT PROCESS_EXIT",
    "thread": "FORK_ENTRY FORK_EXIT SPAWN_FRONT THREAD_EXIT PROCESS_EXIT EXEC_ENTRY",
    "cow": "DATA_ABORT COW_FAULT COW_COPY COW_LOCK_FAIL",
    "fault": "DATA_ABORT PAGE_FAULT COW_FAULT SIGNAL_GENERATE",
    "segv": "DATA_ABORT PAGE_FAULT SIGNAL_GENERATE SIGNAL_DELIVER SIGNAL_RETURN PROCESS_EXIT",
    "signal": "SIGNAL_GENERATE SIGNAL_DELIVER SIGNAL_RETURN MARKER",
}


@pytest.fixture(params=[1, 4], ids=["1cpu", "4cpus"])
def shell(request, shared_guests, case_log):
    machine = tessera(cpus=request.param, initrd=variants.initramfs("tests"), append="quiet")
    return shared_guests.get(("trace_exact", request.param), machine, case_log)


def wanted_of(text):
    """{actor: [(event, {field: (low, high)})]}"""
    found = {}
    for actor, name, rest in re.findall(r"^(\d+) ([A-Z_]+)((?: \w+=[-\d.]+)*)$", text, re.M):
        fields = {}
        for field, low, high in re.findall(r"(\w+)=(-?\d+)(?:\.\.(-?\d+))?", rest):
            fields[field] = (int(low), int(high or low))
        found.setdefault(int(actor), []).append((name, fields))
    return found


def between_marks(events):
    """(who set the marks, the events from a mark 1 to the next mark 2) of each pair."""
    pieces, piece, who = [], None, None
    for name, _, _, fields in events:
        if name == "MARKER" and fields["value"] == 1:
            piece, who = [], fields["tid"]
        elif name == "MARKER" and fields["value"] == 2 and piece is not None and fields["tid"] == who:
            pieces.append((who, piece))
            piece = None
        elif piece is not None:
            piece.append((name, fields))
    return pieces


def actor_of(name, fields, parent):
    if name in ("FORK_EXIT", "PAGE_FAULT"):     # without an id of its own
        return parent
    if name == "EXEC_EXIT" and not fields["pid"]:
        return None
    return next(iter(fields.values()))


def same(event, wanted):
    name, fields = event
    return name == wanted[0] and set(fields) == set(wanted[1]) and all(
        wanted[1][field][0] <= value <= wanted[1][field][1] for field, value in fields.items())


@pytest.mark.parametrize("step", STEPS)
def test_exact_sequence(shell, tmp_path, step):
    text = shell.check("echo 1 >/proc/trace/on; trace record -e process,signal,marker,mm:page_fault "
                       f"-o /tmp/t /tests/trace_events --helper {step}", 60)
    wanted = wanted_of(text)
    assert wanted, text
    events, lost = read_ctf(fetch(shell, "/tmp/t/ctf", tmp_path / "ctf"))
    assert lost == 0
    seen = {}
    for parent, piece in between_marks(events):
        last = None
        for name, fields in piece:
            if name not in STEPS[step].split():
                continue
            actor = actor_of(name, fields, parent)
            last = actor = last if actor is None else actor
            if actor < parent:      # who records is older
                continue
            seen.setdefault(actor, []).append((name, fields))
    assert set(seen) == set(wanted), seen
    for actor, sequence in wanted.items():
        assert len(seen[actor]) == len(sequence) and all(map(same, seen[actor], sequence)), \
            f"{actor}: {seen[actor]}\nwanted {sequence}"
