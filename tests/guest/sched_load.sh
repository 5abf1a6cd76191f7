#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# On the guest, with Debian's programs: load that a scheduler has to bear. $1 is the seconds for
# each stressor. Exit status 0 if all of them ended well.
seconds=$1
failed=

try()
{
	echo "== $*"
	timeout -s KILL 300 "$@" >/tmp/out 2>&1 || { cat /tmp/out; failed="$failed $1"; }
}

try hackbench -l 20 -g 2
try hackbench -l 20 -g 2 -T
try hackbench -l 20 -g 2 -p
try cyclictest -q -l 100 -t 2 -p 80 -i 2000 --policy=fifo
try cyclictest -q -l 100 -t 2 -i 2000 --policy=other
try pi_stress --duration="$seconds" --groups=1 --quiet
try stress-ng --cpu 2 --cpu-method loop -t "$seconds"
# Before 0.21 it does not wait for the thread that it makes when its time is up, and leaves the stack
# that it has handed it an address on: a thread that begins late dies of that, on Linux as well.
try sh -c "stress-ng --pthread 2 -t $seconds || stress-ng --pthread 2 -t $seconds"
for stressor in affinity clone daemon exit-group fork futex hrtimers loadavg membarrier mutex nanosleep \
		nice pipe poll schedpolicy sem sleep switch timer vfork wait yield; do
	try stress-ng --$stressor 2 -t "$seconds"
done
echo "failed:$failed"
[ -z "$failed" ]
