/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /proc files about the running system: stat, uptime, loadavg, version, cmdline,
 * interrupts, vmstat and the short lists. Formats as in proc(5).
 */
#include <block/block.h>
#include <fs/chrdev.h>
#include <kernel/cpu.h>
#include <kernel/init.h>
#include <kernel/irq.h>
#include <kernel/pid.h>
#include <kernel/sched.h>
#include <kernel/time.h>
#include <kernel/uts.h>
#include <lib/math64.h>
#include <mm/oom.h>
#include <mm/page.h>
#include <trace/counters.h>
#include "proc_internal.h"

#define TICK_NS (NSEC_PER_SEC / USER_HZ)

static void cpu_line(struct seq_file *m, const struct cpu_usage *u)
{
	seq_printf(m, " %llu %llu %llu %llu 0 %llu 0 0 0 0\n", (unsigned long long)(u->user / TICK_NS),
		   (unsigned long long)(u->nice / TICK_NS), (unsigned long long)(u->system / TICK_NS),
		   (unsigned long long)(u->idle / TICK_NS), (unsigned long long)(u->irq / TICK_NS));
}

/* Tasks in an uninterruptible sleep. */
static unsigned blocked_tasks(void)
{
	struct process *proc;
	struct task *task;
	unsigned n = 0;

	spin_lock_irq(&tasklist_lock);
	for_each_process(proc)
		for_each_thread(proc, task)
			if (READ_ONCE(task->state) & TASK_UNINTERRUPTIBLE)
				n++;
	spin_unlock_irq(&tasklist_lock);
	return n;
}

static int stat_show(struct seq_file *m, void *data)
{
	struct cpu_usage sum = { 0 }, one;
	nsec_t boot = ktime_get_real() - ktime_get();

	for_each_online_cpu(cpu) {
		sched_cpu_usage(cpu, &one);
		sum.user += one.user;
		sum.nice += one.nice;
		sum.system += one.system;
		sum.idle += one.idle;
		sum.irq += one.irq;
	}
	seq_puts(m, "cpu ");
	cpu_line(m, &sum);
	for_each_online_cpu(cpu) {
		sched_cpu_usage(cpu, &one);
		seq_printf(m, "cpu%u", cpu);
		cpu_line(m, &one);
	}
	seq_printf(m, "intr %llu\nctxt %llu\nbtime %llu\nprocesses %llu\n",
		   (unsigned long long)irq_total(), (unsigned long long)sched_nr_switches(),
		   (unsigned long long)(boot / NSEC_PER_SEC),
		   (unsigned long long)trace_counter_sum(FORK_TOTAL));
	seq_printf(m, "procs_running %u\nprocs_blocked %u\nsoftirq 0 0 0 0 0 0 0 0 0 0 0\n",
		   sched_nr_running(), blocked_tasks());
	return 0;
}

static int uptime_show(struct seq_file *m, void *data)
{
	nsec_t up = ktime_get(), idle = 0;
	struct cpu_usage one;

	for_each_online_cpu(cpu) {
		sched_cpu_usage(cpu, &one);
		idle += one.idle;
	}
	seq_printf(m, "%llu.%02llu %llu.%02llu\n", (unsigned long long)(up / NSEC_PER_SEC),
		   (unsigned long long)(up % NSEC_PER_SEC / TICK_NS),
		   (unsigned long long)(idle / NSEC_PER_SEC),
		   (unsigned long long)(idle % NSEC_PER_SEC / TICK_NS));
	return 0;
}

static int loadavg_show(struct seq_file *m, void *data)
{
	unsigned long avg[3];

	loadavg_get(avg);
	for (int i = 0; i < 3; i++) {
		unsigned long v = avg[i] + 2048 / 200;		/* rounded, 11 bits of fraction */

		seq_printf(m, "%lu.%02lu ", v >> 11, (v & 2047) * 100 >> 11);
	}
	seq_printf(m, "%u/%d %d\n", sched_nr_running(), atomic_read(&nr_threads), READ_ONCE(last_pid));
	return 0;
}

static int version_show(struct seq_file *m, void *data)
{
	seq_puts(m, linux_banner);
	return 0;
}

static int cmdline_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%s\n", boot_command_line);
	return 0;
}

static int interrupts_show(struct seq_file *m, void *data)
{
	irq_show(m);
	return 0;
}

static int filesystems_file_show(struct seq_file *m, void *data)
{
	filesystems_show(m);
	return 0;
}

static int devices_show(struct seq_file *m, void *data)
{
	chrdev_show(m);
	return 0;
}

static int locks_file_show(struct seq_file *m, void *data)
{
	locks_show(m);
	return 0;
}

static int text_show(struct seq_file *m, void *data)
{
	seq_puts(m, data);
	return 0;
}

static u64 moved_kb(enum block_op op)
{
	return IS_ENABLED(CONFIG_BLOCK) ? block_moved(op) / 2 : 0;
}

static int vmstat_show(struct seq_file *m, void *data)
{
	struct meminfo i;

	meminfo_get(&i);
	const struct {
		const char *name;
		u64 value;
	} lines[] = {
		{ "nr_free_pages", i.free },
		{ "nr_inactive_anon", i.inactive_anon }, { "nr_active_anon", i.active_anon },
		{ "nr_inactive_file", i.inactive_file }, { "nr_active_file", i.active_file },
		{ "nr_unevictable", i.unevictable }, { "nr_mlock", i.mlocked },
		{ "nr_anon_pages", i.anon }, { "nr_mapped", i.mapped }, { "nr_file_pages", i.cached },
		{ "nr_dirty", i.dirty }, { "nr_writeback", i.writeback }, { "nr_shmem", i.shmem },
		{ "nr_slab_reclaimable", i.slab_reclaimable },
		{ "nr_slab_unreclaimable", i.slab_unreclaimable },
		{ "nr_page_table_pages", i.page_tables },
		{ "pgpgin", moved_kb(BLOCK_READ) }, { "pgpgout", moved_kb(BLOCK_WRITE) },
		{ "pswpin", 0 }, { "pswpout", 0 }, { "pgfault", trace_counter_sum(PAGE_FAULT_TOTAL) },
		{ "pgmajfault", 0 }, { "oom_kill", oom_kill_count() },
	};

	for (size_t n = 0; n < ARRAY_SIZE(lines); n++)
		seq_printf(m, "%s %llu\n", lines[n].name, (unsigned long long)lines[n].value);
	return 0;
}

static int __init system_init(void)
{
	static const struct {
		const char *path;
		int (*show)(struct seq_file *m, void *data);
		const char *text;
	} files[] = {
		{ "stat", stat_show }, { "uptime", uptime_show }, { "loadavg", loadavg_show },
		{ "version", version_show }, { "cmdline", cmdline_show },
		{ "interrupts", interrupts_show }, { "filesystems", filesystems_file_show },
		{ "devices", devices_show }, { "locks", locks_file_show }, { "vmstat", vmstat_show },
		{ "swaps", text_show, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n" },
	};
	int err = 0;

	for (size_t i = 0; i < ARRAY_SIZE(files) && !err; i++)
		err = proc_create(files[i].path, 0444, files[i].show, (void *)files[i].text);
	return err;
}
device_initcall(system_init);
