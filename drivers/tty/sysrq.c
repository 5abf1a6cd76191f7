/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SysRq: the commands. Those that end the machine act at once, in whatever context; those
 * that print or walk lists run as a work item.
 */
#include <arch/backtrace.h>
#include <arch/power.h>
#include <kernel/panic.h>
#include <kernel/pid.h>
#include <kernel/printk.h>
#include <kernel/signal.h>
#include <kernel/sysrq.h>
#include <kernel/task.h>
#include <kernel/workqueue.h>
#include <mm/page.h>

static void sysrq_work_fn(struct work *w);
static struct work sysrq_work = WORK_INIT(sysrq_work, sysrq_work_fn);
static u32 pending;		/* atomic: bit (letter - 'a') */

/* What it waits for is where it sleeps. */
static void show_task(struct task *task)
{
	char comm[TASK_COMM_LEN];

	task_comm(task, comm);
	pr_info("  %-18s  %c  %6d %6d\n", comm, task_state_char(task), task->proc->pid, task->tid);
	if (READ_ONCE(task->state) != TASK_RUNNING && task_off_cpu(task))
		arch_show_backtrace(NULL, task);
}

static void show_tasks(void)
{
	struct process *proc;
	struct task *task;

	pr_info("  task                state  pid   tid\n");
	for (pid_t pid = 1; (proc = process_next(pid)); pid = proc->pid + 1, process_put(proc)) {
		for (pid_t tid = 0; (task = thread_next(proc, tid)); tid = task->tid + 1, task_put(task))
			show_task(task);
	}
}

static void show_memory(void)
{
	struct meminfo info;

	meminfo_get(&info);
	pr_info("mem: %llu kB total, %llu free, %llu available, %llu cached, %llu anonymous, %llu slab\n",
		(unsigned long long)info.total * 4, (unsigned long long)info.free * 4,
		(unsigned long long)info.available * 4, (unsigned long long)info.cached * 4,
		(unsigned long long)info.anon * 4, (unsigned long long)info.slab * 4);
}

static void signal_all(int sig)
{
	struct process *proc;

	for (pid_t pid = 2; (proc = process_next(pid)); pid = proc->pid + 1, process_put(proc))
		if (task_is_user(proc->group_leader))
			signal_send_process(sig, SEND_SIG_KERNEL, proc);
}

static void obey_later(char letter)
{
	switch (letter) {
	case 't':
		show_tasks();
		break;
	case 'm':
		show_memory();
		break;
	case 'e':
		signal_all(SIGTERM);
		break;
	case 'i':
		signal_all(SIGKILL);
		break;
	}
}

static void sysrq_work_fn(struct work *w)
{
	u32 bits = __atomic_exchange_n(&pending, 0, __ATOMIC_ACQUIRE);

	for (int i = 0; i < 26; i++)
		if (bits & 1u << i)
			obey_later((char)('a' + i));
}

void sysrq_handle(char command)
{
	switch (command) {
	case 'b':
		pr_emerg("sysrq: Resetting\n");
		arch_reboot();
	case 'o':
		pr_emerg("sysrq: Power Off\n");
		arch_poweroff();
	case 'c':
		panic("sysrq triggered crash");
	case 'l':
		pr_info("sysrq: Show backtrace of this CPU\n");
		dump_stack();
		return;
	case '0' ... '9':
		console_loglevel = command - '0';
		pr_info("sysrq: Loglevel set to %d\n", console_loglevel);
		return;
	case 't':
		pr_info("sysrq: Show State\n");
		break;
	case 'm':
		pr_info("sysrq: Show Memory\n");
		break;
	case 'e':
		pr_info("sysrq: Terminate All Tasks\n");
		break;
	case 'i':
		pr_info("sysrq: Kill All Tasks\n");
		break;
	default:
		pr_info("sysrq: HELP : loglevel(0-9) reboot(b) crash(c) terminate-all-tasks(e) kill-all-tasks(i) show-backtrace(l) show-memory-usage(m) poweroff(o) show-task-states(t)\n");
		return;
	}
	__atomic_fetch_or(&pending, 1u << (command - 'a'), __ATOMIC_RELEASE);
	schedule_work(&sysrq_work);
}
