/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_SECCOMP_INTERNAL_H
#define KERNEL_SECCOMP_INTERNAL_H

/* What seccomp.c and seccomp_set.c share. */
#include <arch/atomic.h>
#include <lib/cbpf.h>

/* Nothing of it changes once a task has it. */
struct seccomp_filter {
	refcount_t		refs;		/* a task's, and that of a newer filter */
	bool			log;		/* what it does not allow is logged */
	u32			count;		/* of the chain, itself included */
	u32			cost;		/* of the chain: instructions, and a few for each filter */
	u32			len;
	struct seccomp_filter	*older;
	struct sock_filter	program[];
};

#endif
