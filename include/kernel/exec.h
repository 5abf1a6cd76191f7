/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_EXEC_H
#define KERNEL_EXEC_H

/*
 * execve: replaces the program of current.
 *
 * A struct exec collects what the new program will be while the old one is whole. A
 * loader that recognises the file builds the complete new address space in exec->mm,
 * stack included. Only then exec_commit() makes the change: it kills the other threads
 * and exchanges mm, credentials and the rest. So every error that the file, the
 * arguments or memory can cause is returned to the old program.
 *
 * Strings are gathered in kernel pages that mirror the top of the new stack: distances
 * are counted in bytes downwards from the top.
 *
 * Context: task context, may sleep; called by the task that execs.
 */
#include <lib/types.h>
#include <lib/compiler.h>
#include <linux/binfmts.h>

struct file;
struct mm;
struct cred;

#define EXEC_DEPTH_MAX	5		/* #! rewrites; more is ELOOP */
#define EXEC_NAME_MAX	48		/* "/dev/fd/N/" and a bit; longer paths are cut */

struct exec {
	struct file	*file;		/* write access is denied while we hold it */
	const char	*filename;	/* as the caller gave it: AT_EXECFN, comm */
	char		*interp;	/* kmalloc'd: the interpreter a script named, or NULL */
	bool		lost_script;	/* the script is behind a close-on-exec descriptor */
	bool		secure;		/* AT_SECURE */
	int		depth;
	u32		argc, envc;
	u8		head[BINPRM_BUF_SIZE];	/* start of the file, zero padded */

	void		**pages;	/* index 0 holds the highest bytes */
	u32		nr_pages;
	unsigned long	used;		/* bytes in use */
	unsigned long	limit;		/* most bytes that strings may use */
	unsigned long	execfn_used;	/* `used` after the file name */
	unsigned long	env_used;	/* `used` after the environment */

	struct mm	*mm;		/* the new address space */
	struct cred	*cred;
	vaddr_t		stack_top;
	vaddr_t		entry, sp;	/* where to start */
};

/* A loader: -ENOEXEC not mine; 0 and *again: look at exec->file anew; 0: loaded. */
struct exec_loader {
	const char *name;
	int (*load)(struct exec *exec, bool *again);
};
extern const struct exec_loader elf_loader, script_loader;

/* What the auxiliary vector says about the program and its interpreter. */
struct exec_image {
	vaddr_t	phdr;			/* AT_PHDR */
	u32	phnum;
	vaddr_t	entry;			/* AT_ENTRY: the program's, not the interpreter's */
	vaddr_t	interp_base;		/* AT_BASE, 0 without an interpreter */
};

/*
 * Runs `path` with kernel strings: PID 1, and helpers that have no user program yet.
 * 0: current's user frame is set up; returning from the thread's function enters it.
 * Negative errno: nothing happened.
 */
int kernel_execve(const char *path, const char *const argv[], const char *const envp[]);

/* --- Shared by the files of kernel/exec/ --- */

/* Reads exactly `len` bytes. 0; -EIO or -ENOEXEC if there are fewer; an error of the file. */
int exec_read(struct file *file, void *buf, size_t len, u64 offset);
/* Denies writing to what is opened, until exec_close(). ERR_PTR. */
struct file *exec_open(const char *path);
void exec_close(struct file *file);

/* Puts one string, NUL included, below the others. 0, -E2BIG, -ENOMEM. */
int exec_push(struct exec *exec, const char *string);
/* The same from user space; -EFAULT too. */
int exec_push_user(struct exec *exec, const char __user *string);
/* Takes the lowest string away: the old argv[0] of a script. */
void exec_pop(struct exec *exec);
void exec_free_strings(struct exec *exec);

/* Writes strings, vectors and auxv to the new stack, and sets exec->sp. 0 or -errno. */
int exec_build_stack(struct exec *exec, const struct exec_image *image);

/* The credentials of the new program, into exec->cred and exec->secure. 0, -ENOMEM. */
int exec_prepare_cred(struct exec *exec);

/*
 * The point of no return. 0: current runs in the new mm. -EAGAIN or -ENOMEM before
 * anything happened; -EINTR: the process is being killed.
 */
int exec_commit(struct exec *exec);
/* Ends all other threads; current becomes the leader. 0 or -EAGAIN (being killed). */
int exec_kill_threads(void);

#endif
