# SPDX-License-Identifier: BSD-2-Clause
"""Many connections: what the next one costs beside thousands, what an idle one takes, and what
happens when there is no room for more. The programs are usr/tests/inet_many.c."""
import re

import variants
from machine import Outcome
from targets import tessera

COUNTS = (10, 1000, 10000)
WORST = 1.5         # the cost beside 10,000 to that beside 10
IDLE_BYTES = 4096   # of a connection, both ends


def run(boot, command, append="", limit=300, **changes):
    guest = boot(tessera("defconfig", initrd=variants.initramfs("tests"),
                         append=f'quiet {append} RUN="{command}"', **changes), silence=120)
    _, match = guest.expect(r"RUN_EXIT (\d+)", limit)
    assert guest.finish(30) is Outcome.OFF
    return guest.text, match[1]


def test_cost_beside_thousands(boot):
    text, status = run(boot, f"/tests/inet_many --helper cost {' '.join(map(str, COUNTS))}",
                       icount=True, mem="512M")
    assert status == "0", text[-500:]
    cost, memory = {}, {}
    for count, instructions, taken in re.findall(r"cost (\d+) (\d+) memory (-?\d+)", text):
        cost[int(count)], memory[int(count)] = int(instructions), int(taken)
        print(f"beside {count}: {instructions} instructions, {taken} bytes a connection")
    assert tuple(cost) == COUNTS
    assert cost[COUNTS[-1]] < WORST * cost[COUNTS[0]]
    assert memory[COUNTS[-1]] < IDLE_BYTES


def test_no_room_for_more(boot, record_ktap):
    text, _ = run(boot, "/tests/inet_many", append="net.connections=64 net.memory=128")
    report = record_ktap("limits.lwip", text)
    assert not report.problems
    outcomes = {case.name: case.outcome for case in report.cases}
    assert outcomes["full_pool_of_connections_is_enobufs"] == "passed"
    assert outcomes["full_memory_for_packets_is_enobufs"] == "passed"
    assert "failed" not in outcomes.values()


def test_no_room_for_packets(boot, record_ktap):
    text, _ = run(boot, "/tests/inet_pools", append="net.memory=1024")
    report = record_ktap("pools.lwip", text)
    assert not report.problems
    outcomes = {case.name: case.outcome for case in report.cases}
    assert outcomes["memory_held_by_connections"] == outcomes["listeners"] == "passed"
    assert "failed" not in outcomes.values()
