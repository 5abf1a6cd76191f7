/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_PTRACE_INTERNAL_H
#define KERNEL_PTRACE_INTERNAL_H

/* What the files of kernel/ptrace/ share. */
#include <kernel/ptrace.h>

/* PTRACE_ATTACH, PTRACE_SEIZE, PTRACE_TRACEME; errors as ptrace(2). */
int ptrace_attach(struct task *task, bool seize, u64 addr, u64 options);
int ptrace_traceme(void);
/* PTRACE_DETACH of a stopped tracee; `sig` is delivered to it. */
int ptrace_detach(struct task *task, unsigned int sig);

/*
 * The tracee `task` of current, stopped and off its CPU; 0 or -ESRCH. `any_state`: only that it
 * is ours (PTRACE_INTERRUPT, PTRACE_KILL).
 */
int ptrace_freeze(struct task *task, bool any_state);

/* Lets a stopped tracee go on; siglock held. */
void ptrace_wake(struct task *task);

#endif
