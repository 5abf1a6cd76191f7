/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sequence counters: readers of a small record retry instead of locking.
 *
 * The writer holds a lock of its own; the count is odd while the record
 * changes. Readers may see torn values inside the loop and must not follow
 * pointers read there.
 */
#ifndef KERNEL_SEQCOUNT_H
#define KERNEL_SEQCOUNT_H

#include <arch/barrier.h>
#include <lib/compiler.h>

struct seqcount {
	u32 seq;
};

static inline u32 read_seqcount_begin(const struct seqcount *s)
{
	u32 seq;

	while ((seq = __atomic_load_n(&s->seq, __ATOMIC_ACQUIRE)) & 1)
		cpu_relax();
	return seq;
}

static inline bool read_seqcount_retry(const struct seqcount *s, u32 start)
{
	smp_rmb();
	return READ_ONCE(s->seq) != start;
}

static inline void write_seqcount_begin(struct seqcount *s)
{
	WRITE_ONCE(s->seq, s->seq + 1);
	smp_wmb();
}

static inline void write_seqcount_end(struct seqcount *s)
{
	smp_wmb();
	WRITE_ONCE(s->seq, s->seq + 1);
}

#endif
