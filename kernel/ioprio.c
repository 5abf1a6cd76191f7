/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ioprio_set(2) and ioprio_get(2): the I/O priority of threads. It is kept and inherited; no
 * device here has a queue in which it would make a difference.
 */
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <linux/ioprio.h>
#include <linux/sched.h>

/* A thread that was never given one has what its nice value stands for. */
static int effective_prio(const struct task *t)
{
	int prio = READ_ONCE(t->ioprio);

	if (IOPRIO_PRIO_CLASS(prio) != IOPRIO_CLASS_NONE)
		return prio;
	if (t->policy == SCHED_IDLE)
		return IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0);
	return IOPRIO_PRIO_VALUE(t->rt_priority ? IOPRIO_CLASS_RT : IOPRIO_CLASS_BE,
				 (t->se.nice + 20) / 5);
}

static bool matches(struct process *p, int which, int who)
{
	struct cred *cred;
	bool match;

	if (which == IOPRIO_WHO_PGRP)
		return p->pgrp == (who ? who : current->proc->pgrp);
	cred = task_cred_get(p->group_leader);
	match = cred->uid == (who ? (uid_t)who : current_uid());
	cred_put(cred);
	return match;
}

/* Calls fn for each thread that (which, who) names, until it fails. -ESRCH: there is none. */
static int for_each(int which, int who, int (*fn)(struct task *t, int arg, int so_far), int arg)
{
	int ret = -ESRCH;

	if (which == IOPRIO_WHO_PROCESS) {
		struct task *t = who ? task_find(who) : task_get(current);

		if (t) {
			ret = fn(t, arg, ret);
			task_put(t);
		}
		return ret;
	}
	for (struct process *p = process_next(1), *next; p; p = next) {
		struct task *t = matches(p, which, who) ? thread_next(p, 0) : NULL;

		while (t) {
			pid_t after = t->tid + 1;

			if (ret >= 0 || ret == -ESRCH)
				ret = fn(t, arg, ret);
			task_put(t);
			t = thread_next(p, after);
		}
		next = process_next(p->pid + 1);
		process_put(p);
	}
	return ret;
}

static int set_one(struct task *t, int prio, int so_far)
{
	struct cred *cred = task_cred_get(t);
	bool mine = cred->uid == current_euid() || cred->uid == current_uid();

	cred_put(cred);
	if (!mine && !capable(CAP_SYS_NICE))
		return -EPERM;
	WRITE_ONCE(t->ioprio, (u16)prio);
	return 0;
}

SYSCALL_DEFINE3(ioprio_set, int, which, int, who, int, prio)
{
	switch (IOPRIO_PRIO_CLASS(prio)) {
	case IOPRIO_CLASS_RT:
		if (!capable(CAP_SYS_ADMIN) && !capable(CAP_SYS_NICE))
			return -EPERM;
		fallthrough;
	case IOPRIO_CLASS_BE:
	case IOPRIO_CLASS_IDLE:
		break;
	case IOPRIO_CLASS_NONE:
		if (IOPRIO_PRIO_LEVEL(prio))
			return -EINVAL;
		break;
	default:
		return -EINVAL;
	}
	if (which < IOPRIO_WHO_PROCESS || which > IOPRIO_WHO_USER)
		return -EINVAL;
	return for_each(which, who, set_one, prio);
}

static int get_one(struct task *t, int unused, int so_far)
{
	return READ_ONCE(t->ioprio);
}

/* The lowest number is the best. */
static int get_best(struct task *t, int unused, int so_far)
{
	int prio = effective_prio(t);

	return so_far < 0 ? prio : min(so_far, prio);
}

SYSCALL_DEFINE2(ioprio_get, int, which, int, who)
{
	if (which < IOPRIO_WHO_PROCESS || which > IOPRIO_WHO_USER)
		return -EINVAL;
	return for_each(which, who, which == IOPRIO_WHO_PROCESS ? get_one : get_best, 0);
}
