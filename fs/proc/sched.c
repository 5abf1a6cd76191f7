/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What /proc tells of scheduling: schedstat of each CPU, sched and schedstat of each task.
 * Formats as in Linux's Documentation/scheduler/sched-stats.rst, version 15.
 */
#include <kernel/cpu.h>
#include <kernel/init.h>
#include <kernel/sched.h>
#include <kernel/time.h>
#include "proc_internal.h"

static int schedstat_show(struct seq_file *m, void *data)
{
	struct sched_cpu_stat s;

	seq_printf(m, "version 15\ntimestamp %llu\n",
		   (unsigned long long)(ktime_get() / (NSEC_PER_SEC / CONFIG_HZ)));
	for_each_online_cpu(cpu) {
		sched_cpu_stat(cpu, &s);
		seq_printf(m, "cpu%u %llu 0 %llu %llu %llu %llu %llu %llu %llu\n", cpu,
			   (unsigned long long)s.yields, (unsigned long long)s.schedules,
			   (unsigned long long)s.to_idle, (unsigned long long)s.woken,
			   (unsigned long long)s.woken_here, (unsigned long long)s.busy,
			   (unsigned long long)s.run_delay, (unsigned long long)s.turns);
	}
	return 0;
}

int pid_schedstat_show(struct seq_file *m, struct proc_view *v)
{
	seq_printf(m, "%llu %llu %llu\n", (unsigned long long)task_sum_exec(v->task),
		   (unsigned long long)READ_ONCE(v->task->run_delay),
		   (unsigned long long)task_turns(v->task));
	return 0;
}

static void count_line(struct seq_file *m, const char *name, u64 n)
{
	seq_printf(m, "%-45s:%21llu\n", name, (unsigned long long)n);
}

int pid_sched_show(struct seq_file *m, struct proc_view *v)
{
	struct task *t = v->task;
	u64 voluntary = READ_ONCE(t->nvcsw), others = READ_ONCE(t->nivcsw);
	nsec_t ran = task_sum_exec(t);
	char comm[TASK_COMM_LEN];

	task_comm(t, comm);
	seq_printf(m, "%s (%d, #threads: %d)\n", comm, t->tid, READ_ONCE(v->proc->nr_threads));
	seq_puts(m, "-------------------------------------------------------------------\n");
	seq_printf(m, "%-45s:%14llu.%06llu\n", "se.sum_exec_runtime",
		   (unsigned long long)(ran / NSEC_PER_MSEC),
		   (unsigned long long)(ran % NSEC_PER_MSEC));
	count_line(m, "nr_switches", voluntary + others);
	count_line(m, "nr_voluntary_switches", voluntary);
	count_line(m, "nr_involuntary_switches", others);
	count_line(m, "se.load.weight", t->se.weight);
	count_line(m, "policy", (u64)t->policy);
	count_line(m, "prio", (u64)task_shown_prio(t));
	return 0;
}

static int __init sched_files_init(void)
{
	return proc_create("schedstat", 0444, schedstat_show, NULL);
}
device_initcall(sched_files_init);
