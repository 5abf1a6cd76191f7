/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The filter by process or thread id. It is asked from emit functions, in any
 * context, and only while it is set.
 */
#include <arch/current.h>
#include <kernel/task.h>
#include <lib/compiler.h>
#include <trace/ctx.h>
#include <trace/filter.h>
#include <trace/ring.h>

static u32 filter_ids[TRACE_FILTER_MAX];
static unsigned nr_filter_ids;

static bool has_id(u32 id)
{
	unsigned n = READ_ONCE(nr_filter_ids);

	for (unsigned i = 0; i < n; i++)
		if (READ_ONCE(filter_ids[i]) == id)
			return true;
	return false;
}

bool trace_filter_pass(u16 type, u64 a, u64 b)
{
	if (!READ_ONCE(nr_filter_ids) || has_id((u32)current->tid) ||
	    has_id((u32)current->proc->pid))
		return true;
	/* A switch to the task in question is still another's doing. */
	return IS_ENABLED(CONFIG_TRACE_CTX) && type == TRACE_SWITCH && (has_id((u32)a) || has_id((u32)b));
}

void trace_filter_set(const u32 *ids, unsigned n)
{
	WRITE_ONCE(nr_filter_ids, 0);
	for (unsigned i = 0; i < n; i++)
		WRITE_ONCE(filter_ids[i], ids[i]);
	WRITE_ONCE(nr_filter_ids, n);
}

unsigned trace_filter_get(u32 *ids)
{
	for (unsigned i = 0; i < nr_filter_ids; i++)
		ids[i] = filter_ids[i];
	return nr_filter_ids;
}

u32 trace_current_tid(void)
{
	return (u32)current->tid;
}
