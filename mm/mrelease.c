/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * process_mrelease(2): takes the memory of a process that is being killed, by whoever killed it
 * to get the memory, without waiting until the process finds a CPU to die on.
 *
 * What is private goes, mappings and all: the dying can only fault on it. Shared mappings stay;
 * what is in them belongs to others, too.
 */
#include <kernel/pid.h>
#include <kernel/pidfd.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <lib/err.h>
#include "internal.h"

static bool process_dying(const struct process *proc)
{
	return (READ_ONCE(proc->sig_flags) & SIGNAL_GROUP_EXIT) && !READ_ONCE(proc->group_exec_task) &&
	       !READ_ONCE(proc->core);
}

/* Has each process that uses it been killed? */
static bool mm_dying(const struct mm *mm)
{
	unsigned long flags;
	struct process *p;
	struct task *t;
	bool dying = true;

	spin_lock_irqsave(&tasklist_lock, flags);
	for_each_process(p)
		for_each_thread(p, t)
			if (READ_ONCE(t->mm) == mm && !process_dying(p))
				dying = false;
	spin_unlock_irqrestore(&tasklist_lock, flags);
	return dying;
}

static int release_private(struct mm *mm)
{
	struct vma *vma, *next;
	int err = 0;

	if (down_write_killable(&mm->mmap_lock))
		return -EINTR;
	for (vma = mm_find_vma(mm, 0); vma && !err; vma = next) {
		vaddr_t end = vma->end;

		if (!(vma->flags & (VM_SHARED | VM_PFNMAP | VM_SPECIAL_MAP)))
			err = unmap_locked(mm, vma->start, end);
		next = mm_find_vma(mm, end);
	}
	mm->released = !err;
	up_write(&mm->mmap_lock);
	return err;
}

/* The memory of whichever thread still has it; NULL when all are past it. */
static struct mm *process_mm_get(struct process *proc)
{
	struct mm *mm = NULL;
	struct task *t;
	pid_t tid = 1;

	for (; !mm && (t = thread_next(proc, tid)); task_put(t)) {
		tid = t->tid + 1;
		mm = task_mm_get(t);
	}
	return mm;
}

SYSCALL_DEFINE2(process_mrelease, int, pidfd, unsigned int, flags)
{
	struct process *proc;
	struct mm *mm;
	int err;

	if (flags)
		return -EINVAL;
	proc = pidfd_process(pidfd, NULL);
	if (IS_ERR(proc))
		return PTR_ERR(proc);
	mm = process_mm_get(proc);
	process_put(proc);
	if (!mm)
		return -ESRCH;
	if (READ_ONCE(mm->released))
		err = 0;
	else
		err = mm_dying(mm) ? release_private(mm) : -EINVAL;
	mm_put(mm);
	return err;
}
