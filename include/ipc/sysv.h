/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System V IPC: what the life of tasks has to do with it.
 *
 * A task that used SEM_UNDO has a list of adjustments, which CLONE_SYSVSEM shares. When the
 * last user of the list exits, or leaves it by unshare(2), the adjustments are made.
 * Attached segments need no call from here: they are mappings.
 *
 * Context: task, may sleep.
 */
#ifndef IPC_SYSV_H
#define IPC_SYSV_H

#include <lib/compiler.h>
#include <lib/types.h>

struct task;

#if IS_ENABLED(CONFIG_SYSVIPC)
/* For clone: gives the child its creator's list, or none. 0, -ENOMEM. */
int sysvsem_clone(struct task *child, u64 flags);
/* current leaves its list. For exit and unshare(CLONE_SYSVSEM). */
void sysvsem_exit(void);
/* A child that never ran leaves it. */
void sysvsem_drop(struct task *child);
#else
static inline int sysvsem_clone(struct task *child, u64 flags)
{
	return 0;
}
static inline void sysvsem_exit(void)
{
}
static inline void sysvsem_drop(struct task *child)
{
}
#endif

#endif
