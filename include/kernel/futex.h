/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_FUTEX_H
#define KERNEL_FUTEX_H

/*
 * Futexes: sleep while a word of user memory holds a value.
 *
 * A waiter is known by a key: address space and address for private futexes and for
 * anonymous private memory, page cache and offset for shared mappings. The hash bucket's
 * lock orders "look at the word, then queue" of the waiter against "change the word,
 * then wake" of the other side; the word is read with faults off under it.
 *
 * Context: may sleep, except where noted. Lock order: bucket lock(s, by address), then
 * tasklist_lock or pi_graph, then runqueue lock.
 */
#include <lib/compiler.h>
#include <lib/errno.h>

#if IS_ENABLED(CONFIG_FUTEX)

/* Wakes up to `count` waiters of the word at `uaddr`. Number woken or -errno. */
int futex_wake(u32 __user *uaddr, bool shared, int count, u32 bitset);
/* The running thread ends or execs: its robust list is marked, its PI locks are passed on. */
void futex_exit(void);

#else

static inline int futex_wake(u32 __user *uaddr, bool shared, int count, u32 bitset)
{
	return -ENOSYS;
}

static inline void futex_exit(void)
{
}

#endif

#endif
