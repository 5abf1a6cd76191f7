/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Resource limits: getrlimit, setrlimit, prlimit64. The limits themselves are enforced
 * where the resource is handed out.
 */
#include <arch/uaccess.h>
#include <kernel/boottest.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <linux/fs.h>

#define NR_OPEN_MAX	(1024UL * 1024)	/* fs.nr_open */

/* Each word is written whole, since readers take no lock. */
static int rlimit_exchange(struct process *proc, unsigned int which, const struct rlimit *new,
			   struct rlimit *old)
{
	struct rlimit *limit = &proc->rlim[which];
	int error = 0;

	if (new) {
		if (new->rlim_cur > new->rlim_max)
			return -EINVAL;
		if (which == RLIMIT_NOFILE && new->rlim_max > NR_OPEN_MAX)
			return -EPERM;
	}
	spin_lock_irq(&proc->siglock);
	if (new && new->rlim_max > limit->rlim_max && !capable(CAP_SYS_RESOURCE))
		error = -EPERM;
	if (!error) {
		if (old)
			*old = *limit;
		if (new) {
			WRITE_ONCE(limit->rlim_cur, new->rlim_cur);
			WRITE_ONCE(limit->rlim_max, new->rlim_max);
		}
	}
	spin_unlock_irq(&proc->siglock);
	return error;
}

SYSCALL_DEFINE2(getrlimit, unsigned int, which, struct rlimit __user *, urlim)
{
	struct rlimit old;

	if (which >= RLIM_NLIMITS)
		return -EINVAL;
	rlimit_exchange(current->proc, which, NULL, &old);
	return copy_to_user(urlim, &old, sizeof(old)) ? -EFAULT : 0;
}

SYSCALL_DEFINE2(setrlimit, unsigned int, which, const struct rlimit __user *, urlim)
{
	struct rlimit new;

	if (copy_from_user(&new, urlim, sizeof(new)))
		return -EFAULT;
	if (which >= RLIM_NLIMITS)
		return -EINVAL;
	return rlimit_exchange(current->proc, which, &new, NULL);
}

/* All ids of the target must be the caller's real ones, or it has CAP_SYS_RESOURCE. */
static int prlimit_allowed(struct task *task)
{
	const struct cred *self = current_cred();
	struct cred *other;
	bool same;

	if (task->proc == current->proc)
		return 0;
	other = task_cred_get(task);
	same = self->uid == other->euid && self->uid == other->suid && self->uid == other->uid &&
	       self->gid == other->egid && self->gid == other->sgid && self->gid == other->gid;
	cred_put(other);
	return same || capable(CAP_SYS_RESOURCE) ? 0 : -EPERM;
}

SYSCALL_DEFINE4(prlimit64, pid_t, pid, unsigned int, which, const struct rlimit64 __user *, unew,
		struct rlimit64 __user *, uold)
{
	struct rlimit new, old;
	struct task *task;
	int error;

	_Static_assert(sizeof(struct rlimit) == sizeof(struct rlimit64), "64-bit limits");
	if (unew && copy_from_user(&new, unew, sizeof(new)))
		return -EFAULT;
	task = pid ? task_find(pid) : task_get(current);
	if (!task)
		return -ESRCH;
	error = prlimit_allowed(task);
	if (!error && which >= RLIM_NLIMITS)
		error = -EINVAL;
	if (!error)
		error = rlimit_exchange(task->proc, which, unew ? &new : NULL, &old);
	task_put(task);
	if (!error && uold && copy_to_user(uold, &old, sizeof(old)))
		error = -EFAULT;
	return error;
}

BOOT_TEST(process, rlimit_rules)
{
	struct process *proc = current->proc;
	struct rlimit saved, bad = { 10, 5 }, lower = { 100, 200 }, higher = { 100, 201 }, out;
	struct cred *root = current->cred, *plain = cred_prepare();

	bt_expect_eq(rlimit_exchange(proc, RLIMIT_NOFILE, NULL, &saved), 0);
	bt_expect_eq(rlimit_exchange(proc, RLIMIT_NOFILE, &bad, NULL), -EINVAL);
	bt_expect_eq(rlimit_exchange(proc, RLIMIT_NOFILE, &lower, &out), 0);
	bt_expect_eq(out.rlim_cur, saved.rlim_cur);
	bt_expect_eq(rlimit(RLIMIT_NOFILE), 100);
	bad = (struct rlimit){ 5, NR_OPEN_MAX + 1 };
	bt_expect_eq(rlimit_exchange(proc, RLIMIT_NOFILE, &bad, NULL), -EPERM);
	bt_assert(plain);
	plain->cap_effective = 0;
	current->cred = plain;
	bt_expect_eq(rlimit_exchange(proc, RLIMIT_NOFILE, &higher, NULL), -EPERM);
	current->cred = root;
	cred_put(plain);
	bt_expect_eq(rlimit_exchange(proc, RLIMIT_NOFILE, &higher, NULL), 0);
	bt_expect_eq(rlimit_exchange(proc, RLIMIT_NOFILE, &saved, NULL), 0);
}
