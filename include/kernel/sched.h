/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scheduler core: what the rest of the kernel may ask of it.
 *
 * The core (kernel/sched/core.c) owns the run queues' locks, wake-up, switching,
 * accounting, the tick and idle; the order in which ordinary tasks run belongs to
 * the one policy that Kconfig chose (kernel/sched_policy.h).
 *
 * Sleeping: set_current_state(TASK_x), test the condition, schedule(), and back to
 * TASK_RUNNING. task_wake() after the condition became true never gets lost:
 * both sides look at the state under the run queue's lock.
 *
 * No interrupt handler ever switches: it sets WORK_RESCHED, and the switch
 * happens in the exit's work loop, in preempt_enable() or in schedule().
 */
#ifndef KERNEL_SCHED_H
#define KERNEL_SCHED_H

#include <kernel/preempt.h>
#include <kernel/time.h>
#include <lib/types.h>

struct task;
struct trap_frame;

#define TASK_RUNNING		0u
#define TASK_INTERRUPTIBLE	(1u << 0)
#define TASK_UNINTERRUPTIBLE	(1u << 1)
#define TASK_STOPPED		(1u << 2)	/* by a stop signal */
#define TASK_TRACED		(1u << 3)
#define TASK_WAKEKILL		(1u << 4)	/* a fatal signal ends this sleep */
#define TASK_ZOMBIE		(1u << 5)
#define TASK_DEAD		(1u << 6)	/* never runs again */
#define TASK_NEW		(1u << 7)
#define TASK_KILLABLE		(TASK_UNINTERRUPTIBLE | TASK_WAKEKILL)
#define TASK_NORMAL		(TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE)

/* A full barrier stands between the store and the caller's test of its condition. */
void set_current_state(unsigned state);

/* Gives up the CPU. Context: task, IRQs on, preemption on. Returns when woken. */
void schedule(void);
/* The same for at most `ns`; the caller has set its state. Returns what is left, 0 if it expired. */
nsec_t schedule_timeout(nsec_t ns);
/* Sleeps until the absolute monotonic time; the caller has set its state. True if time passed. */
bool schedule_until(nsec_t deadline);
void sched_yield_current(void);

/* Makes `t` runnable if its state is in `states`. True if it did. Any context. */
bool task_wake(struct task *t, unsigned states);

/* Has t, which sleeps, been switched away from, so that its registers are in memory? */
bool task_off_cpu(struct task *t);

/*
 * Life cycle, called by clone and exit. sched_fork() readies child->se and its
 * scheduling attributes from current; wake_up_new_task() lets it run for the
 * first time; sched_exit() ends the accounting of current. Task context.
 */
void sched_fork(struct task *child);
void wake_up_new_task(struct task *child);
void sched_exit(struct task *t);
/* The last thing a dying task calls. */
void __noreturn sched_die(void);

/* First C code of a new task, from its entry stub: drops the lock the switch held. IRQs off -> on. */
void schedule_tail(struct task *prev);

/* Ask `cpu` or the current CPU to look for a better task. Any context. */
void resched_cpu(unsigned cpu);
void set_need_resched(void);

/* From the exit's work loop and from the EL1 IRQ exit: IRQs off, returns with IRQs off. */
void preempt_schedule_irq(void);

/* The periodic tick of this CPU, from the timer interrupt. `user`: it hit EL0. */
void sched_tick(bool user);

/* ns on the CPU in user and kernel mode, summing to the exact run time. Any context. */
void task_cputime(struct task *t, nsec_t *utime, nsec_t *stime);
/* Exact run time of t up to now. */
nsec_t task_sum_exec(struct task *t);

/* nice -20..19. Task context. */
void task_set_nice(struct task *t, int nice);

/*
 * task->prio, in effect: the lower the more urgent. Real-time priorities 99..1 are 0..98,
 * nice -20..19 are 100..139, then comes SCHED_IDLE, then nobody.
 */
#define PRIO_RT_END	100
#define PRIO_NICE0	120
#define PRIO_IDLE	140
#define PRIO_NONE	141

/*
 * Priority inheritance (kernel/pi.c): t runs as if it were at least as urgent as `prio`, a
 * task->prio; PRIO_NONE lends nothing. Any context but a runqueue lock held.
 */
void sched_lend(struct task *t, int prio);
/* task->prio as Linux shows it, 0..139. */
int task_shown_prio(const struct task *t);

void sched_init(void);
/* Makes the caller this CPU's idle task and never returns. */
void __noreturn cpu_idle(void);
/* The boot task becomes idle task 0. */
void sched_init_idle(struct task *idle, unsigned cpu);

/* Averages over 1, 5 and 15 minutes, fixed point with 11 fraction bits. */
void loadavg_get(unsigned long avg[3]);
unsigned sched_nr_running(void);
u64 sched_nr_switches(void);
/* ns the CPU spent in user, system, idle and IRQ since boot. */
struct cpu_usage {
	nsec_t user, nice, system, idle, irq;
};
void sched_cpu_usage(unsigned cpu, struct cpu_usage *out);

/* What /proc/schedstat says of a CPU; times in ns since boot. */
struct sched_cpu_stat {
	u64 yields, schedules, to_idle, woken, woken_here, turns;
	nsec_t busy, run_delay;
};
void sched_cpu_stat(unsigned cpu, struct sched_cpu_stat *out);
/* How often t was given a CPU. */
u64 task_turns(struct task *t);

#endif
