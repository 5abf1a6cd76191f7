/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Overcommit: how many pages of private writable memory have been promised, and
 * whether one more may be. Heuristic (0): refuse only what could never be; always
 * (1); never (2) beyond the ratio of RAM.
 */
#include <arch/atomic.h>
#include <lib/errno.h>
#include "internal.h"

int sysctl_overcommit_memory = CONFIG_OVERCOMMIT_DEFAULT;
int sysctl_overcommit_ratio = 50;

static atomic64_t committed = ATOMIC64_INIT(0);

u64 mm_committed(void)
{
	s64 now = atomic64_read(&committed);

	return now > 0 ? (u64)now : 0;
}

u64 mm_commit_limit(void)
{
	return totalram_pages * (u64)sysctl_overcommit_ratio / 100;
}

int mm_commit(long pages)
{
	s64 now;

	if (pages <= 0 || sysctl_overcommit_memory == 1) {
		atomic64_add(pages, &committed);
		return 0;
	}
	if (sysctl_overcommit_memory == 0) {
		if ((u64)pages > totalram_pages)
			return -ENOMEM;
		atomic64_add(pages, &committed);
		return 0;
	}
	now = atomic64_add_return(pages, &committed);
	if ((u64)now <= mm_commit_limit())
		return 0;
	atomic64_sub(pages, &committed);
	return -ENOMEM;
}
