# SPDX-License-Identifier: BSD-2-Clause
"""Recordings of runs that are worth one: those in which the kernel panics."""
import glob
import os

from machine import PANIC_TEXT, qemu


class Recording:
    """Of one run, in `path` and files beside it."""

    def __init__(self, path):
        self.path = path

    def machine(self, machine):
        """The Machine, recording if QEMU can: one CPU, and a kernel that is told what to run, for
        nothing can be typed."""
        self.remove()
        told = any(word in machine.append for word in ("test=", "RUN="))
        return qemu.prepare_recording(machine, self.path) if machine.cpus == 1 and told else machine

    def end(self, guest):
        """The run is over: what a panic leaves is kept, and its log says how to see it again."""
        guest.close()
        if not guest.machine.recording or not PANIC_TEXT.search(guest.text):
            self.remove()
            return
        with open(guest.log_path, "a", encoding="utf-8") as log:
            log.write(f"\nrecorded: make replay RR={self.path}\n")

    def remove(self):
        for path in glob.glob(glob.escape(self.path) + "*"):
            os.unlink(path)
