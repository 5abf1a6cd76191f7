/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * clone(2), clone3(2), set_tid_address(2): from registers and struct clone_args to a
 * struct clone_request. arm64 has no fork(2) and vfork(2); C libraries use clone.
 */
#include <arch/uaccess.h>
#include <fs/files.h>
#include <ipc/sysv.h>
#include <kernel/clone.h>
#include <kernel/cred.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <lib/string.h>

SYSCALL_DEFINE5(clone, unsigned long, flags, unsigned long, stack, int __user *, parent_tid,
		unsigned long, tls, int __user *, child_tid)
{
	struct clone_request request = {
		.flags		= (u32)flags & ~CSIGNAL,
		.exit_signal	= (int)(flags & CSIGNAL),
		.pidfd		= parent_tid,
		.parent_tid	= parent_tid,
		.child_tid	= child_tid,
		.stack		= stack,
		.tls		= tls,
	};

	return task_clone(&request);
}

static int clone_args_read(struct clone_args *args, const struct clone_args __user *uargs,
			   size_t size)
{
	if (size > PAGE_SIZE)
		return -E2BIG;
	if (size < CLONE_ARGS_SIZE_VER0)
		return -EINVAL;
	return copy_struct_from_user(args, sizeof(*args), uargs, size);
}

static int clone_set_tid(struct clone_request *request, const struct clone_args *args)
{
	if (args->set_tid_size > 32 || (!args->set_tid && args->set_tid_size) ||
	    (args->set_tid && !args->set_tid_size))
		return -EINVAL;
	if (!args->set_tid)
		return 0;
	/* One level: there are no pid namespaces. */
	if (args->set_tid_size > 1)
		return -EINVAL;
	if (get_user(request->set_tid, (pid_t __user *)args->set_tid))
		return -EFAULT;
	if (request->set_tid < 1 || request->set_tid >= pid_max)
		return -EINVAL;
	return capable(CAP_SYS_ADMIN) || capable(CAP_CHECKPOINT_RESTORE) ? 0 : -EPERM;
}

#define CLONE3_FLAGS ((u64)~CSIGNAL & 0xffffffffULL & ~(u64)CLONE_DETACHED)

SYSCALL_DEFINE2(clone3, const struct clone_args __user *, uargs, size_t, size)
{
	struct clone_request request = { };
	struct clone_args args;
	int error = clone_args_read(&args, uargs, size);

	if (error)
		return error;
	if (args.flags & ~(CLONE3_FLAGS | CLONE_CLEAR_SIGHAND | CLONE_INTO_CGROUP | CLONE_NEWTIME))
		return -EINVAL;
	if ((args.flags & (CLONE_THREAD | CLONE_PARENT)) && args.exit_signal)
		return -EINVAL;
	if (args.exit_signal > _NSIG)
		return -EINVAL;
	if (!args.stack != !args.stack_size)
		return -EINVAL;
	if (args.stack && !access_ok(args.stack, args.stack_size))
		return -EINVAL;
	error = clone_set_tid(&request, &args);
	if (error)
		return error;
	request.flags = args.flags;
	request.exit_signal = (int)args.exit_signal;
	request.pidfd = (int __user *)args.pidfd;
	request.child_tid = (int __user *)args.child_tid;
	request.parent_tid = (int __user *)args.parent_tid;
	request.stack = args.stack + args.stack_size;
	request.tls = args.tls;
	return task_clone(&request);
}

SYSCALL_DEFINE1(set_tid_address, int __user *, where)
{
	current->clear_child_tid = where;
	return current->tid;
}

/*
 * unshare(2) of what a task has of its own: descriptors, the file system context, undo lists.
 * Threads, memory and signal actions cannot be unshared once shared; there are no namespaces.
 */
SYSCALL_DEFINE1(unshare, unsigned long, flags)
{
	int error;

	if (flags & ~(unsigned long)(CLONE_THREAD | CLONE_FS | CLONE_NEWNS | CLONE_SIGHAND |
				     CLONE_VM | CLONE_FILES | CLONE_SYSVSEM | CLONE_NEWUTS |
				     CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWUSER | CLONE_NEWPID |
				     CLONE_NEWCGROUP | CLONE_NEWTIME))
		return -EINVAL;
	if ((flags & (CLONE_THREAD | CLONE_SIGHAND | CLONE_VM)) && current->proc->nr_threads > 1)
		return -EINVAL;
	if (flags & CLONE_NEWUSER)
		return -EINVAL;
	if (flags & (CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWPID |
		     CLONE_NEWCGROUP | CLONE_NEWTIME))
		return capable(CAP_SYS_ADMIN) ? -EINVAL : -EPERM;
	if (flags & CLONE_FS) {
		error = fs_context_unshare();
		if (error)
			return error;
	}
	if (flags & CLONE_FILES) {
		error = files_unshare();
		if (error)
			return error;
	}
	if (flags & CLONE_SYSVSEM)
		sysvsem_exit();
	return 0;
}
