/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /proc/PID/stat, status and statm: the state of a process in numbers, see proc(5).
 * Everything is a snapshot taken lock by lock; the fields need not agree to the tick.
 */
#include <fs/files.h>
#include <kernel/cpu.h>
#include <kernel/cred.h>
#include <kernel/ptrace.h>
#include <kernel/sched.h>
#include <kernel/seccomp.h>
#include <kernel/signal.h>
#include <kernel/time.h>
#include <kernel/tty.h>
#include <lib/bitops.h>
#include <lib/string.h>
#include <mm/mm.h>
#include "../internal.h"
#include "proc_internal.h"

#define TICK_NS (NSEC_PER_SEC / USER_HZ)

static unsigned long long ticks(u64 ns)
{
	return ns / TICK_NS;
}

/* Our PF_* as the bits that user space knows of Linux. */
static u32 linux_flags(u32 flags)
{
	static const struct {
		u32 ours, theirs;
	} map[] = {
		{ PF_IDLE, 0x2 }, { PF_EXITING, 0x4 }, { PF_FORKNOEXEC, 0x40 },
		{ PF_SUPERPRIV, 0x100 }, { PF_DUMPCORE, 0x200 }, { PF_SIGNALED, 0x400 },
		{ PF_MEMALLOC, 0x800 }, { PF_KTHREAD, 0x200000 },
	};
	u32 out = 0;

	for (size_t i = 0; i < ARRAY_SIZE(map); i++)
		if (flags & map[i].ours)
			out |= map[i].theirs;
	return out;
}

/* What stat and status print and what needs a lock. */
struct ids {
	pid_t ppid, pgrp, session;
	struct usage self, children;
	int   threads;
};

static void get_ids(struct proc_view *v, struct ids *out)
{
	struct process *proc = v->proc;

	spin_lock_irq(&tasklist_lock);
	out->ppid = proc->ppid;
	out->pgrp = proc->pgrp;
	out->session = proc->session;
	spin_unlock_irq(&tasklist_lock);
	spin_lock_irq(&proc->siglock);
	out->children = proc->children_usage;
	out->threads = proc->nr_threads;
	spin_unlock_irq(&proc->siglock);
	if (v->whole) {
		process_usage(proc, &out->self);
	} else {
		memset(&out->self, 0, sizeof(out->self));
		task_cputime(v->task, &out->self.utime, &out->self.stime);
		out->self.min_flt = v->task->min_flt;
		out->self.maj_flt = v->task->maj_flt;
	}
}

int pid_stat_show(struct seq_file *m, struct proc_view *v)
{
	struct task *t = v->task;
	struct mm *mm = task_mm_get(t);
	bool look = !task_may_look(v->task);
	sigset_t pending, shared, blocked, ignored, caught;
	char comm[TASK_COMM_LEN];
	struct ids ids;
	pid_t fg;
	u32 queued;
	dev_t tty;

	get_ids(v, &ids);
	tty_of_process(v->proc, &tty, &fg);
	signal_collect(t, &pending, &shared, &blocked, &ignored, &caught, &queued);
	task_comm(t, comm);
	seq_printf(m, "%d (%s) %c %d %d %d %d %d %u", v->whole ? v->proc->pid : t->tid, comm,
		   task_state_char(t), ids.ppid, ids.pgrp, ids.session, (int)dev_encode(tty), fg,
		   linux_flags(t->flags));
	seq_printf(m, " %llu %llu %llu %llu %llu %llu %lld %lld", (unsigned long long)ids.self.min_flt,
		   (unsigned long long)ids.children.min_flt, (unsigned long long)ids.self.maj_flt,
		   (unsigned long long)ids.children.maj_flt, ticks(ids.self.utime),
		   ticks(ids.self.stime), ticks(ids.children.utime), ticks(ids.children.stime));
	seq_printf(m, " %d %d %d 0 %llu %llu %llu %lu", task_shown_prio(t) - 100, t->nice, ids.threads,
		   ticks(v->whole ? v->proc->start_boottime : t->start_time),
		   (unsigned long long)(mm ? mm->total_vm << PAGE_SHIFT : 0),
		   (unsigned long long)(mm ? mm_rss(mm) : 0), task_rlimit(t, RLIMIT_RSS));
	seq_printf(m, " %llu %llu %llu 0 0", (unsigned long long)(mm ? look ? mm->start_code : 1 : 0),
		   (unsigned long long)(mm ? look ? mm->end_code : 1 : 0),
		   (unsigned long long)(mm && look ? mm->start_stack : 0));
	seq_printf(m, " %llu %llu %llu %llu %d 0 0 %d %d %d %d 0 0 0",
		   (unsigned long long)(pending & 0x7fffffff), (unsigned long long)(blocked & 0x7fffffff),
		   (unsigned long long)(ignored & 0x7fffffff), (unsigned long long)(caught & 0x7fffffff),
		   look && task_state_char(t) != 'R', t->exit_signal, t->cpu, t->rt_priority, t->policy);
	if (mm && look)
		seq_printf(m, " %llu %llu %llu %llu %llu %llu %llu", (unsigned long long)mm->start_data,
			   (unsigned long long)mm->end_data, (unsigned long long)mm->start_brk,
			   (unsigned long long)mm->arg_start, (unsigned long long)mm->arg_end,
			   (unsigned long long)mm->env_start, (unsigned long long)mm->env_end);
	else
		seq_puts(m, " 0 0 0 0 0 0 0");
	seq_printf(m, " %d\n", look ? v->proc->exit_code : 0);
	if (mm)
		mm_put(mm);
	return 0;
}

/* ---- status ---- */

static const char *state_name(char state)
{
	switch (state) {
	case 'R':
		return "R (running)";
	case 'S':
		return "S (sleeping)";
	case 'D':
		return "D (disk sleep)";
	case 'T':
		return "T (stopped)";
	case 't':
		return "t (tracing stop)";
	case 'Z':
		return "Z (zombie)";
	case 'I':
		return "I (idle)";
	default:
		return "X (dead)";
	}
}

static void show_creds(struct seq_file *m, const struct cred *c, u32 fdsize)
{
	seq_printf(m, "Uid:\t%u\t%u\t%u\t%u\n", c->uid, c->euid, c->suid, c->fsuid);
	seq_printf(m, "Gid:\t%u\t%u\t%u\t%u\n", c->gid, c->egid, c->sgid, c->fsgid);
	seq_printf(m, "FDSize:\t%u\nGroups:\t", fdsize);
	for (u32 i = 0; c->groups && i < c->groups->count; i++)
		seq_printf(m, i ? " %u" : "%u", c->groups->gid[i]);
	seq_puts(m, " \n");
}

static void kb(struct seq_file *m, const char *name, u64 pages)
{
	seq_printf(m, "%s:\t%8llu kB\n", name, (unsigned long long)pages << (PAGE_SHIFT - 10));
}

/* Pages that [start, end) touches. */
static u64 span(vaddr_t start, vaddr_t end)
{
	return (ALIGN(end, PAGE_SIZE) - ALIGN_DOWN(start, PAGE_SIZE)) >> PAGE_SHIFT;
}

static void show_memory(struct seq_file *m, struct mm *mm)
{
	u64 text = min(span(mm->start_code, mm->end_code), mm->exec_vm);

	kb(m, "VmPeak", max(mm->hiwater_vm, mm->total_vm));
	kb(m, "VmSize", mm->total_vm);
	kb(m, "VmLck", mm->locked_vm);
	kb(m, "VmPin", 0);
	kb(m, "VmHWM", mm_rss_peak(mm));
	kb(m, "VmRSS", mm_rss(mm));
	kb(m, "RssAnon", (u64)max(READ_ONCE(mm->rss[MM_ANON]), 0l));
	kb(m, "RssFile", (u64)max(READ_ONCE(mm->rss[MM_FILE]), 0l));
	kb(m, "RssShmem", (u64)max(READ_ONCE(mm->rss[MM_SHMEM]), 0l));
	kb(m, "VmData", mm->data_vm);
	kb(m, "VmStk", mm->stack_vm);
	kb(m, "VmExe", text);
	kb(m, "VmLib", mm->exec_vm - text);
	kb(m, "VmPTE", mm->table_pages);
	kb(m, "VmSwap", 0);
	seq_puts(m, "HugetlbPages:\t       0 kB\nCoreDumping:\t0\nTHP_enabled:\t0\n");
}

static void show_signals(struct seq_file *m, struct proc_view *v)
{
	sigset_t pending, shared, blocked, ignored, caught;
	u32 queued;

	signal_collect(v->task, &pending, &shared, &blocked, &ignored, &caught, &queued);
	seq_printf(m, "Threads:\t%d\n", READ_ONCE(v->proc->nr_threads));
	seq_printf(m, "SigQ:\t%u/%lu\n", queued, task_rlimit(v->task, RLIMIT_SIGPENDING));
	seq_printf(m, "SigPnd:\t%016llx\nShdPnd:\t%016llx\nSigBlk:\t%016llx\n",
		   (unsigned long long)pending, (unsigned long long)shared, (unsigned long long)blocked);
	seq_printf(m, "SigIgn:\t%016llx\nSigCgt:\t%016llx\n", (unsigned long long)ignored,
		   (unsigned long long)caught);
}

static void show_caps(struct seq_file *m, struct task *task, const struct cred *c)
{
	seq_printf(m, "CapInh:\t%016llx\nCapPrm:\t%016llx\nCapEff:\t%016llx\n",
		   (unsigned long long)c->cap_inheritable, (unsigned long long)c->cap_permitted,
		   (unsigned long long)c->cap_effective);
	seq_printf(m, "CapBnd:\t%016llx\nCapAmb:\t%016llx\nNoNewPrivs:\t%d\n",
		   (unsigned long long)c->cap_bset, (unsigned long long)c->cap_ambient,
		   task->no_new_privs);
	if (IS_ENABLED(CONFIG_SECCOMP))
		seq_printf(m, "Seccomp:\t%u\nSeccomp_filters:\t%u\n", task->seccomp_mode,
			   seccomp_count(task));
	seq_puts(m, "Speculation_Store_Bypass:\tunknown\nSpeculationIndirectBranch:\tunknown\n");
}

/* "0-3,5" */
static void show_cpu_list(struct seq_file *m, u64 mask)
{
	const char *gap = "";

	for (int i = 0; i < 64; i++) {
		int first = i;

		if (!(mask >> i & 1))
			continue;
		while (i < 63 && mask >> (i + 1) & 1)
			i++;
		seq_printf(m, first == i ? "%s%d" : "%s%d-%d", gap, first, i);
		gap = ",";
	}
	seq_putc(m, '\n');
}

int pid_status_show(struct seq_file *m, struct proc_view *v)
{
	struct task *t = v->task;
	struct files *files = task_files_get(t);
	struct fs_context *fs = task_fs_get(t);
	struct mm *mm = task_mm_get(t);
	struct cred *cred = task_cred_get(t);
	u64 cpus = t->cpus_allowed & cpus_online_mask();
	pid_t pid = v->whole ? v->proc->pid : t->tid;
	char comm[TASK_COMM_LEN];
	struct ids ids;

	get_ids(v, &ids);
	task_comm(t, comm);
	seq_puts(m, "Name:\t");
	seq_escape(m, comm, "\n\\");
	seq_putc(m, '\n');
	if (fs)
		seq_printf(m, "Umask:\t%#04o\n", fs->umask);
	seq_printf(m, "State:\t%s\nTgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\nTracerPid:\t%d\n",
		   state_name(task_state_char(t)), v->proc->pid, pid, ids.ppid,
		   ptrace_tracer_tid(t));
	show_creds(m, cred, files ? files->max : 0);
	seq_printf(m, "NStgid:\t%d\nNSpid:\t%d\nNSpgid:\t%d\nNSsid:\t%d\n", v->proc->pid, pid, ids.pgrp,
		   ids.session);
	if (mm)
		show_memory(m, mm);
	show_signals(m, v);
	show_caps(m, t, cred);
	seq_printf(m, "Cpus_allowed:\t%llx\nCpus_allowed_list:\t", (unsigned long long)cpus);
	show_cpu_list(m, cpus);
	seq_puts(m, "Mems_allowed:\t1\nMems_allowed_list:\t0\n");
	seq_printf(m, "voluntary_ctxt_switches:\t%llu\nnonvoluntary_ctxt_switches:\t%llu\n",
		   (unsigned long long)t->nvcsw, (unsigned long long)t->nivcsw);
	cred_put(cred);
	if (mm)
		mm_put(mm);
	if (fs)
		fs_context_put(fs);
	if (files)
		files_put(files);
	return 0;
}

int pid_statm_show(struct seq_file *m, struct proc_view *v)
{
	struct mm *mm = task_mm_get(v->task);

	if (!mm) {
		seq_puts(m, "0 0 0 0 0 0 0\n");
		return 0;
	}
	seq_printf(m, "%llu %llu %llu %llu 0 %llu 0\n", (unsigned long long)mm->total_vm,
		   (unsigned long long)mm_rss(mm),
		   (unsigned long long)(max(mm->rss[MM_FILE], 0l) + max(mm->rss[MM_SHMEM], 0l)),
		   (unsigned long long)span(mm->start_code, mm->end_code),
		   (unsigned long long)(mm->data_vm + mm->stack_vm));
	mm_put(mm);
	return 0;
}
