/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_SECCOMP_H
#define KERNEL_SECCOMP_H

/*
 * seccomp(2): a task gives up system calls, for itself and all that it will start.
 *
 * In strict mode it keeps read, write, exit and rt_sigreturn. In filter mode programs of
 * classic BPF judge each call by its number and the words of its arguments. A task has a chain
 * of them, the newest first, to which it can add and from which it cannot take; the strictest
 * of their answers counts. Filters never change and are shared: a child has its parent's chain,
 * SECCOMP_FILTER_FLAG_TSYNC gives the caller's to all threads of its process. task->seccomp is
 * the newest, task->seccomp_mode the mode; both are written under siglock, and read by the task
 * itself without, since what it reads stays part of its chain for as long as it lives.
 *
 * While any task has a mode all system calls take the slow way in (el0_slow_follow), where
 * WORK_SECCOMP is looked at; otherwise nothing asks. A tracer sees a call before its filters.
 *
 * Filters cannot hand calls to another process to decide (SECCOMP_FILTER_FLAG_NEW_LISTENER):
 * refused with EINVAL, and as an action that is not available.
 */
#include <kernel/task.h>

struct trap_frame;

#if IS_ENABLED(CONFIG_SECCOMP)

/*
 * Is the call of `frame` to be made? If not, its result is in the frame. May stop for a tracer,
 * which may change the call, and may not return at all. No lock held.
 */
bool seccomp_enter(struct trap_frame *frame);

/* A new task has what current has, which is something. siglock of current held. */
void seccomp_fork(struct task *child);
/* current makes no more calls. */
void seccomp_exit(void);

/* prctl(PR_SET_SECCOMP): errors as seccomp(2). */
long seccomp_set_mode(unsigned long mode, void __user *filter);
/* How many filters `task` has. */
u32 seccomp_count(struct task *task);

#else

static inline bool seccomp_enter(struct trap_frame *frame) { return true; }
static inline void seccomp_fork(struct task *child) { }
static inline void seccomp_exit(void) { }
static inline long seccomp_set_mode(unsigned long mode, void __user *filter) { return -EINVAL; }
static inline u32 seccomp_count(struct task *task) { return 0; }

#endif
#endif
