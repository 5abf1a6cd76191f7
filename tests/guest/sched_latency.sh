#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# On the guest, with Debian's programs: how late a real-time task runs while all sorts of other
# things happen. $1: how often. The last line of cyclictest has the worst case in ns.
cd /tmp
(while :; do hackbench -l 50 -g 1; hackbench -l 50 -g 1 -T -p; done) >/dev/null 2>&1 &
(while :; do /bin/true; ls -lR /proc/self /sys; done) >/dev/null 2>&1 &
(while :; do dd if=/dev/zero of=file bs=64k count=100; cp file copy; rm file copy; done) >/dev/null 2>&1 &
(while :; do stress-ng --vm 1 --vm-bytes 16M --mmap 1 --mmap-bytes 4M -t 2; done) >/dev/null 2>&1 &
cyclictest -q -m -N -p 90 -i 1000 -l "$1" -t 1
