/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /proc/meminfo and slabinfo.
 */
#include <kernel/init.h>
#include <mm/page.h>
#include <mm/slab.h>
#include "proc_internal.h"

static int meminfo_show(struct seq_file *m, void *data)
{
	struct meminfo i;

	meminfo_get(&i);
	const struct {
		const char *name;
		u64 pages;
	} lines[] = {
		{ "MemTotal:", i.total }, { "MemFree:", i.free }, { "MemAvailable:", i.available },
		{ "Buffers:", i.buffers }, { "Cached:", i.cached }, { "SwapCached:", i.swap_cached },
		{ "Active:", i.active }, { "Inactive:", i.inactive },
		{ "Active(anon):", i.active_anon }, { "Inactive(anon):", i.inactive_anon },
		{ "Active(file):", i.active_file }, { "Inactive(file):", i.inactive_file },
		{ "Unevictable:", i.unevictable }, { "Mlocked:", i.mlocked },
		{ "SwapTotal:", 0 }, { "SwapFree:", 0 }, { "Dirty:", i.dirty },
		{ "Writeback:", i.writeback }, { "AnonPages:", i.anon }, { "Mapped:", i.mapped },
		{ "Shmem:", i.shmem }, { "KReclaimable:", i.slab_reclaimable }, { "Slab:", i.slab },
		{ "SReclaimable:", i.slab_reclaimable }, { "SUnreclaim:", i.slab_unreclaimable },
		{ "KernelStack:", i.kernel_stack }, { "PageTables:", i.page_tables },
		{ "NFS_Unstable:", 0 }, { "Bounce:", 0 }, { "WritebackTmp:", 0 },
		{ "CommitLimit:", i.commit_limit }, { "Committed_AS:", i.committed },
		{ "VmallocTotal:", i.vmalloc_total }, { "VmallocUsed:", i.vmalloc_used },
		{ "VmallocChunk:", 0 }, { "Percpu:", 0 },
	};

	for (size_t n = 0; n < ARRAY_SIZE(lines); n++)
		seq_printf(m, "%-16s%8llu kB\n", lines[n].name,
			   (unsigned long long)lines[n].pages << (PAGE_SHIFT - 10));
	return 0;
}

static int slab_line(const struct slab_info *i, void *data)
{
	seq_printf(data, "%-17s %6llu %6llu %6u %4u %4u : tunables    0    0    0 : slabdata %6llu %6llu      0\n",
		   i->name, (unsigned long long)i->active, (unsigned long long)i->total, i->size,
		   i->per_slab, i->pages_per_slab, (unsigned long long)i->slabs,
		   (unsigned long long)i->slabs);
	return 0;
}

static int slabinfo_show(struct seq_file *m, void *data)
{
	seq_puts(m, "slabinfo - version: 2.1\n");
	seq_puts(m, "# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>\n");
	return slab_walk(slab_line, m);
}

static int __init meminfo_init(void)
{
	int err = proc_create("meminfo", 0444, meminfo_show, NULL);

	return err ?: proc_create("slabinfo", 0400, slabinfo_show, NULL);
}
device_initcall(meminfo_init);
