# SPDX-License-Identifier: BSD-2-Clause
"""What tracing costs, in exact instructions: compiled out, compiled in and off, and all on.

Writes build/trace_cost.tsv, the table of Documentation/tracing.md. Off has to cost less than 1 %
over out on every row of the bench, and an event that is on may take 40 instructions.
"""
import os

import pytest

import bench
import variants
from targets import tessera

REPORT = os.path.join(os.path.dirname(variants.BUILD), "trace_cost.tsv")
LIMIT_OFF = 1.01        # exclusive: a switch of 776 instructions has 2 more with tracing in
MOST_EVENT = 40


def measure(variant, trace="", rows=()):
    return bench.measure(tessera(variant, append=trace and f"trace={trace}"), rows)


def dear(off, out):
    return off / out >= LIMIT_OFF


def test_off_costs_what_out_does(request, case_log):
    out, off, on = measure("notrace"), measure("defconfig"), measure("defconfig", "all")
    assert out and set(out) == set(off) == set(on)
    for row in out:
        # Where the tick and the rows before fall may cost a row more than tracing does: alone.
        if dear(off[row], out[row]):
            out[row] = measure("notrace", rows=[row])[row]
            off[row] = measure("defconfig", rows=[row])[row]
    lines = ["row\tout\toff\toff/out\ton\ton/out"]
    lines += [f"{row}\t{out[row]:.0f}\t{off[row]:.0f}\t{off[row] / out[row]:.4f}\t{on[row]:.0f}\t"
              f"{on[row] / out[row]:.2f}" for row in out]
    with open(REPORT, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    request.node.user_properties.append(("cases", [
        {"name": f"trace_cost.{row}", "outcome": "failed" if dear(off[row], out[row]) else
         "passed", "seconds": 0, "message": f"out {out[row]:.1f}, off {off[row]:.1f}",
         "log": case_log, "rerun": "scripts/test -k test_off_costs"} for row in out]))
    assert [row for row in out if dear(off[row], out[row])] == []


# Places of all events: tests/host/test_trace_sites.py. Here an event of each size, and a row whose every operation has exactly one of it.
@pytest.mark.parametrize("event, row", [
    ("signal:signal_return", "signal"), ("vfs:vfs_read", "read"), ("vfs:vfs_write", "write"),
    ("mm:page_fault", "page_fault_cow"), ("process:cow_fault", "page_fault_cow"),
    ("process:data_abort", "page_fault_cow")])
def test_an_event_takes_at_most_40_instructions(event, row):
    cost = measure("defconfig", event, [row])[row] - measure("defconfig", rows=[row])[row]
    print(f"{event}: {cost:.1f} instructions")
    assert 20 < cost <= MOST_EVENT
