/* SPDX-License-Identifier: BSD-2-Clause */
/* What coredump.c (when and where to) and coredump_elf.c (what) share. */
#ifndef KERNEL_CORE_INTERNAL_H
#define KERNEL_CORE_INTERNAL_H

#include <kernel/wait.h>
#include <lib/list.h>
#include <lib/types.h>
#include <asm/siginfo.h>

struct file;
struct fp_state;
struct task;

/* Lives until the last thread that stopped for it has gone on. Locks:  s  siglock */
struct core_dump {
	refcount_t	refs;
	atomic_t	awaited;	/* threads that have not stopped yet, plus one */
	struct completion ready, written;
	struct list_head threads;	/* s  core_thread.link; constant while dumping */
	int		nr_threads;	/* s  of them */
};

struct core_thread {
	struct list_head link;
	struct task	*task;
	const struct fp_state *fp;	/* NULL: never used */
	u64		tls;
};

/* Where the dump goes, and how much of it may. */
struct core_writer {
	struct file	*file;
	loff_t		pos;
	u64		limit;		/* bytes: RLIMIT_CORE */
};

/*
 * Writes what there is room for: a core that RLIMIT_CORE cuts short is one, as on Linux. False
 * if it was not begun, for lack of memory.
 */
bool coredump_write_elf(struct core_writer *w, struct core_dump *dump, const siginfo_t *info);

#endif
