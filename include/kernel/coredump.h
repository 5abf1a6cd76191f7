/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Core dumps: what a process was when a signal with the default action "core" ended it, as
 * an ELF file (core(5)).
 *
 * The thread that takes the signal ends the others. Each of them stops in its exit, before it
 * gives anything back, until the dump is written: so their registers and the memory of all
 * are as they were.
 *
 * Context: task, no lock held; may sleep.
 */
#ifndef KERNEL_COREDUMP_H
#define KERNEL_COREDUMP_H

#include <lib/compiler.h>
#include <lib/types.h>
#include <asm/siginfo.h>

struct core_dump;

#if IS_ENABLED(CONFIG_COREDUMP)
/*
 * Begins the end of current's process by `sig` and dumps it if RLIMIT_CORE, dumpable and
 * core_pattern allow. True if there is a core now: the wait status says so.
 */
bool coredump(int sig, const siginfo_t *info);
/* A thread counted by `dump` (proc->core, read under siglock) has begun to exit: waits. */
void coredump_park(struct core_dump *dump);
#else
static inline bool coredump(int sig, const siginfo_t *info)
{
	return false;
}
static inline void coredump_park(struct core_dump *dump)
{
}
#endif

#endif
