/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of files below /proc/PID and /proc/PID/task/TID, and the small ones of them.
 */
#include <arch/backtrace.h>
#include <fs/files.h>
#include <kernel/cred.h>
#include <kernel/kallsyms.h>
#include <kernel/sched.h>
#include <kernel/sections.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <mm/oom.h>
#include "../internal.h"
#include "proc_internal.h"

/* ---- links ---- */

static int link_exe(struct proc_view *v, struct path *out)
{
	struct mm *mm = task_mm_get(v->task);
	struct file *file;

	if (!mm)
		return -ENOENT;
	file = mm_exe_file(mm);
	mm_put(mm);
	if (!file)
		return -ENOENT;
	*out = file->f_path;
	path_get(out);
	file_put(file);
	return 0;
}

static int link_cwd(struct proc_view *v, struct path *out)
{
	struct fs_context *fs = task_fs_get(v->task);

	if (!fs)
		return -ENOENT;
	fs_get_pwd(fs, out);
	fs_context_put(fs);
	return 0;
}

static int link_root(struct proc_view *v, struct path *out)
{
	struct fs_context *fs = task_fs_get(v->task);

	if (!fs)
		return -ENOENT;
	fs_get_root(fs, out);
	fs_context_put(fs);
	return 0;
}

/* ---- small texts ---- */

static int mounts_file_show(struct seq_file *m, struct proc_view *v)
{
	mounts_show(m);
	return 0;
}

static int mountinfo_file_show(struct seq_file *m, struct proc_view *v)
{
	mountinfo_show(m);
	return 0;
}

static int oom_score_show(struct seq_file *m, struct proc_view *v)
{
	seq_printf(m, "%ld\n", oom_score(v->proc));
	return 0;
}

/* The first function on a sleeper's stack that is not the scheduler's. */
static bool sleeps_in(void *arg, u64 pc)
{
	u64 *found = arg;

	if (pc >= (u64)__sched_text_start && pc < (u64)__sched_text_end)
		return true;
	*found = pc;
	return false;
}

static int wchan_show(struct seq_file *m, struct proc_view *v)
{
	const char *name = NULL;
	u64 pc = 0;

	if (v->task != current && task_state_char(v->task) != 'R' && !task_may_attach(v->task)) {
		arch_backtrace(NULL, v->task, sleeps_in, &pc);
		/* A return address: the call is in front of it. */
		name = pc ? kallsyms_lookup(pc - 4, NULL, NULL) : NULL;
	}
	seq_puts(m, name ? name : "0");
	return 0;
}

static int cgroup_show(struct seq_file *m, struct proc_view *v)
{
	seq_puts(m, "0::/\n");
	return 0;
}

/* Those that this thread made. */
static int children_show(struct seq_file *m, struct proc_view *v)
{
	struct process *child;

	spin_lock_irq(&tasklist_lock);
	list_for_each_entry(child, &v->proc->children, sibling)
		if (child->group_leader->parent_tid == v->task->tid)
			seq_printf(m, "%d ", child->pid);
	spin_unlock_irq(&tasklist_lock);
	return 0;
}

static int personality_show(struct seq_file *m, struct proc_view *v)
{
	seq_printf(m, "%08x\n", v->proc->personality);
	return 0;
}

/* No page that was made dirty for a disk is taken back. */
static int io_show(struct seq_file *m, struct proc_view *v)
{
	struct usage sum = { .io = v->task->io };
	const struct io_usage *io = &sum.io;

	if (v->whole)
		process_usage(v->proc, &sum);
	seq_printf(m, "rchar: %llu\nwchar: %llu\nsyscr: %llu\nsyscw: %llu\n",
		   (unsigned long long)io->read.bytes, (unsigned long long)io->write.bytes,
		   (unsigned long long)io->read.calls, (unsigned long long)io->write.calls);
	seq_printf(m, "read_bytes: %llu\nwrite_bytes: %llu\ncancelled_write_bytes: 0\n",
		   (unsigned long long)io->read_bytes, (unsigned long long)io->write_bytes);
	return 0;
}

int pid_limits_show(struct seq_file *m, struct proc_view *v)
{
	static const struct {
		const char *name, *unit;
	} names[RLIM_NLIMITS] = {
		[RLIMIT_CPU] = { "Max cpu time", "seconds" },
		[RLIMIT_FSIZE] = { "Max file size", "bytes" },
		[RLIMIT_DATA] = { "Max data size", "bytes" },
		[RLIMIT_STACK] = { "Max stack size", "bytes" },
		[RLIMIT_CORE] = { "Max core file size", "bytes" },
		[RLIMIT_RSS] = { "Max resident set", "bytes" },
		[RLIMIT_NPROC] = { "Max processes", "processes" },
		[RLIMIT_NOFILE] = { "Max open files", "files" },
		[RLIMIT_MEMLOCK] = { "Max locked memory", "bytes" },
		[RLIMIT_AS] = { "Max address space", "bytes" },
		[RLIMIT_LOCKS] = { "Max file locks", "locks" },
		[RLIMIT_SIGPENDING] = { "Max pending signals", "signals" },
		[RLIMIT_MSGQUEUE] = { "Max msgqueue size", "bytes" },
		[RLIMIT_NICE] = { "Max nice priority", "" },
		[RLIMIT_RTPRIO] = { "Max realtime priority", "" },
		[RLIMIT_RTTIME] = { "Max realtime timeout", "us" },
	};

	seq_printf(m, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit", "Hard Limit", "Units");
	for (int i = 0; i < RLIM_NLIMITS; i++) {
		unsigned long value[2] = { READ_ONCE(v->proc->rlim[i].rlim_cur),
					   READ_ONCE(v->proc->rlim[i].rlim_max) };

		seq_printf(m, "%-26s", names[i].name);
		for (int j = 0; j < 2; j++) {
			if (value[j] == RLIM_INFINITY)
				seq_printf(m, "%-21s", "unlimited");
			else
				seq_printf(m, "%-21lu", value[j]);
		}
		seq_printf(m, names[i].unit[0] ? "%-10s\n" : "\n", names[i].unit);
	}
	return 0;
}

/* ---- the table ---- */

#define REG(n, m, w, g, f)   { .name = n, .mode = S_IFREG | (m), .where = w, .guarded = g, .show = f }
#define OPS(n, m, w, g, o)   { .name = n, .mode = S_IFREG | (m), .where = w, .guarded = g, .fops = o }
#define LNK(n, w, f)         { .name = n, .mode = S_IFLNK | 0777, .where = w, .link = f }
#define DIR(n, m, w, i, o)   { .name = n, .mode = S_IFDIR | (m), .where = w, .iops = i, .fops = o }

const struct pid_file pid_files[] = {
	DIR("task", 0555, PID_DIR, &proc_task_iops, &proc_task_fops),
	DIR("fd", 0500, BOTH_DIRS, &proc_fd_iops, &proc_fd_fops),
	DIR("fdinfo", 0555, BOTH_DIRS, &proc_fdinfo_iops, &proc_fdinfo_fops),
	OPS("environ", 0400, BOTH_DIRS, true, &pid_environ_fops),
	OPS("auxv", 0400, BOTH_DIRS, true, &pid_auxv_fops),
	REG("status", 0444, BOTH_DIRS, false, pid_status_show),
	REG("personality", 0400, BOTH_DIRS, true, personality_show),
	REG("limits", 0444, BOTH_DIRS, false, pid_limits_show),
	REG("sched", 0444, BOTH_DIRS, false, pid_sched_show),
	OPS("comm", 0644, BOTH_DIRS, false, &pid_comm_fops),
	OPS("cmdline", 0444, BOTH_DIRS, false, &pid_cmdline_fops),
	REG("stat", 0444, BOTH_DIRS, false, pid_stat_show),
	REG("statm", 0444, BOTH_DIRS, false, pid_statm_show),
	REG("maps", 0444, BOTH_DIRS, true, pid_maps_show),
	OPS("mem", 0600, BOTH_DIRS, true, &pid_mem_fops),
	LNK("cwd", BOTH_DIRS, link_cwd),
	LNK("root", BOTH_DIRS, link_root),
	LNK("exe", BOTH_DIRS, link_exe),
	REG("mounts", 0444, BOTH_DIRS, false, mounts_file_show),
	REG("mountinfo", 0444, BOTH_DIRS, false, mountinfo_file_show),
	REG("smaps", 0444, BOTH_DIRS, true, pid_smaps_show),
	REG("smaps_rollup", 0444, BOTH_DIRS, true, pid_smaps_rollup_show),
	OPS("pagemap", 0400, BOTH_DIRS, true, &pid_pagemap_fops),
	REG("wchan", 0444, BOTH_DIRS, false, wchan_show),
	REG("schedstat", 0444, BOTH_DIRS, false, pid_schedstat_show),
	REG("cgroup", 0444, BOTH_DIRS, false, cgroup_show),
	REG("children", 0444, TASK_DIR, false, children_show),
	REG("io", 0400, BOTH_DIRS, true, io_show),
	REG("oom_score", 0444, BOTH_DIRS, false, oom_score_show),
#ifdef CONFIG_FAULT_INJECTION
	OPS("fail-nth", 0644, BOTH_DIRS, true, &pid_fail_nth_fops),
#endif
	OPS("oom_score_adj", 0644, BOTH_DIRS, false, &pid_oom_adj_fops),
};
const unsigned nr_pid_files = ARRAY_SIZE(pid_files);
