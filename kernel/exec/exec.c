/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * execve(2) and execveat(2): gathers the arguments, finds the loader, and cleans up after
 * either outcome.
 */
#include <arch/uaccess.h>
#include <fs/files.h>
#include <fs/fs.h>
#include <fs/namei.h>
#include <kernel/clone.h>
#include <kernel/cred.h>
#include <kernel/exec.h>
#include <kernel/printk.h>
#include <kernel/ptrace.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <lib/err.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <linux/fcntl.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <trace/counters.h>
#include <trace/process.h>

/* A vector of strings in user or in kernel memory; NULL is an empty one. */
struct string_vector {
	const char *const *kernel;
	const char __user *const __user *user;
};

static int vector_get(const struct string_vector *v, u32 i, const char **string)
{
	const char __user *from = NULL;

	if (!v->kernel && v->user && get_user(from, v->user + i))
		return -EFAULT;
	*string = v->kernel ? v->kernel[i] : (__force const char *)from;
	return 0;
}

static long vector_count(const struct string_vector *v)
{
	const char *string;

	for (u32 i = 0; i < MAX_ARG_STRINGS; i++) {
		if (vector_get(v, i, &string))
			return -EFAULT;
		if (!string)
			return i;
		if (unlikely(i % 1024 == 1023)) {
			if (fatal_signal_pending(current))
				return -ERESTARTNOHAND;
			cond_resched();
		}
	}
	return -E2BIG;
}

/* From the last to the first, so that they end up in order. */
static int vector_push(struct exec *exec, const struct string_vector *v, u32 count)
{
	const char *string;

	while (count--) {
		int error = vector_get(v, count, &string);

		if (error)
			return error;
		if (!string)
			return -EFAULT;		/* another thread cut the vector */
		error = v->kernel ? exec_push(exec, string) : exec_push_user(exec, (__force const char __user *)string);
		if (error)
			return error;
		if (unlikely(count % 1024 == 1023)) {
			if (fatal_signal_pending(current))
				return -ERESTARTNOHAND;
			cond_resched();
		}
	}
	return 0;
}

/*
 * Strings and pointers together may take a quarter of the stack limit and never more than
 * three quarters of the default one; 128 KB are always granted.
 */
static int set_limit(struct exec *exec)
{
	unsigned long limit = min(rlimit(RLIMIT_STACK) / 4, (unsigned long)_STK_LIM / 4 * 3);
	unsigned long pointers = ((unsigned long)max(exec->argc, 1u) + exec->envc) * sizeof(void *);

	limit = max(limit, (unsigned long)ARG_MAX);
	if (limit <= pointers)
		return -E2BIG;
	exec->limit = limit - pointers;
	return 0;
}

static int gather_strings(struct exec *exec, const struct string_vector *argv,
			  const struct string_vector *envp)
{
	long argc = vector_count(argv), envc = argc < 0 ? argc : vector_count(envp);
	int error;

	if (envc < 0)
		return (int)envc;
	exec->argc = (u32)argc;
	exec->envc = (u32)envc;
	error = set_limit(exec);
	/* The eight bytes above the file name are zero: eight empty strings. */
	for (size_t i = 0; !error && i < sizeof(u64); i++)
		error = exec_push(exec, "");
	if (!error)
		error = exec_push(exec, exec->filename);
	if (error)
		return error;
	exec->execfn_used = exec->used;
	error = vector_push(exec, envp, exec->envc);
	if (error)
		return error;
	exec->env_used = exec->used;
	error = vector_push(exec, argv, exec->argc);
	if (!error && !exec->argc) {
		/* Programs take argv[0] for granted, set-id ones to their cost. */
		printk_once(KERN_WARNING "exec: %s is started without any argument\n",
			    exec->filename);
		error = exec_push(exec, "");
		exec->argc = 1;
	}
	return error;
}

int exec_read(struct file *file, void *buf, size_t len, u64 offset)
{
	loff_t pos = (loff_t)offset;
	ssize_t done = kernel_read(file, buf, len, &pos);

	if (done < 0)
		return (int)done;
	return (size_t)done == len ? 0 : -ENOEXEC;
}

struct file *exec_open(const char *path)
{
	return file_open_exec(AT_FDCWD, path, 0);
}

void exec_close(struct file *file)
{
	file_allow_write(file);
	file_put(file);
}

int exec_prepare_cred(struct exec *exec)
{
	struct inode *inode = file_inode(exec->file);
	/* Somebody outside this process could change root or cwd under a set-id program. */
	bool shared_fs = refcount_read(&current->fs->count) > current->proc->nr_threads &&
			 !(current->flags & PF_KTHREAD) && !capable(CAP_SETUID);
	bool nosuid = shared_fs || !file_may_suid(exec->file) || ptrace_limits_exec();

	exec->cred = cred_for_exec(inode->i_uid, inode->i_gid, inode->i_mode, nosuid,
				   &exec->secure);
	return exec->cred ? 0 : -ENOMEM;
}

static int read_head(struct exec *exec)
{
	loff_t pos = 0;
	ssize_t done;

	memset(exec->head, 0, sizeof(exec->head));
	done = kernel_read(exec->file, exec->head, sizeof(exec->head), &pos);
	return done < 0 ? (int)done : 0;
}

static int run_loaders(struct exec *exec)
{
	static const struct exec_loader *const loaders[] = {
		&elf_loader,
#ifdef CONFIG_BINFMT_SCRIPT
		&script_loader,
#endif
	};

	for (;;) {
		bool again = false;
		int error = read_head(exec);

		for (size_t i = 0; i < ARRAY_SIZE(loaders) && !error; i++) {
			error = loaders[i]->load(exec, &again);
			if (error != -ENOEXEC)
				break;
			if (i + 1 < ARRAY_SIZE(loaders))
				error = 0;
		}
		if (error || !again)
			return error;
		if (++exec->depth > EXEC_DEPTH_MAX)
			return -ELOOP;
	}
}

static void exec_free(struct exec *exec)
{
	if (exec->file)
		exec_close(exec->file);
	if (exec->mm)
		mm_put(exec->mm);
	if (exec->cred)
		cred_put(exec->cred);
	exec_free_strings(exec);
	kfree(exec->interp);
	kfree(exec);
}

static int exec_path(int dfd, const char *path, int at_flags, const char *filename,
		     bool lost_script, const struct string_vector *argv,
		     const struct string_vector *envp)
{
	pid_t old_tid = current->tid;
	struct exec *exec;
	int error;

	/* setuid(2) may exceed the limit, for the sake of careless daemons; exec may not. */
	if ((current->flags & PF_NPROC_EXCEEDED) &&
	    (unsigned long)atomic_read(&current->cred->user->processes) > rlimit(RLIMIT_NPROC))
		return -EAGAIN;
	current->flags &= ~PF_NPROC_EXCEEDED;

	exec = kzalloc(sizeof(*exec), GFP_KERNEL);
	if (!exec)
		return -ENOMEM;
	TRACE(exec_entry, (u32)current->proc->pid);
	exec->filename = filename;
	exec->lost_script = lost_script;
	/* Bad arguments are told before a bad name, as programs that probe expect. */
	error = gather_strings(exec, argv, envp);
	if (!error) {
		exec->file = file_open_exec(dfd, path, at_flags);
		if (IS_ERR(exec->file)) {
			error = (int)PTR_ERR(exec->file);
			exec->file = NULL;
		}
	}
	if (!error)
		error = run_loaders(exec);
	if (!error) {
		count_event(EXEC_TOTAL);
		if (task_is_traced(current))
			ptrace_event(PTRACE_EVENT_EXEC, (unsigned long)old_tid);
	}
	TRACE(exec_exit, error ? 0 : (u32)current->proc->pid);
	exec_free(exec);
	return error;
}

int kernel_execve(const char *path, const char *const argv[], const char *const envp[])
{
	struct string_vector args = { .kernel = argv }, env = { .kernel = envp };
	int error = fs_context_unshare();	/* kernel threads keep the kernel's root */

	return error ? error : exec_path(AT_FDCWD, path, 0, path, false, &args, &env);
}

static int exec_user(int dfd, const char __user *upath, int at_flags,
		     const char __user *const __user *uargv,
		     const char __user *const __user *uenvp)
{
	struct string_vector argv = { .user = uargv }, envp = { .user = uenvp };
	bool empty_ok = at_flags & AT_EMPTY_PATH, lost = false, cloexec = false;
	const char *shown;
	char *fdpath = NULL;
	struct filename name;
	int error = getname_flags(&name, upath, empty_ok);

	if (error)
		return error;
	shown = name.name;
	/* Relative to a descriptor the program is known as /dev/fd/N or /dev/fd/N/path. */
	if (dfd != AT_FDCWD && name.name[0] != '/') {
		size_t size = strlen(name.name) + 24;

		fdpath = kmalloc(size, GFP_KERNEL);
		if (!fdpath) {
			putname(&name);
			return -ENOMEM;
		}
		snprintf(fdpath, size, name.name[0] ? "/dev/fd/%d/%s" : "/dev/fd/%d", dfd,
			 name.name);
		shown = fdpath;
		lost = dfd >= 0 && files_next_fd(current->files, (unsigned)dfd, &cloexec) == dfd &&
		       cloexec;
	}
	error = exec_path(dfd, name.name, at_flags, shown, lost, &argv, &envp);
	kfree(fdpath);
	putname(&name);
	return error;
}

SYSCALL_DEFINE3(execve, const char __user *, path, const char __user *const __user *, argv,
		const char __user *const __user *, envp)
{
	return exec_user(AT_FDCWD, path, 0, argv, envp);
}

SYSCALL_DEFINE5(execveat, int, dfd, const char __user *, path,
		const char __user *const __user *, argv,
		const char __user *const __user *, envp, int, flags)
{
	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	return exec_user(dfd, path, flags, argv, envp);
}
