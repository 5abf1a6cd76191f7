/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a debugger sees of a thread: register sets, and one instruction at a time.
 *
 * Single stepping is the hardware's (Arm ARM, "Software Step exceptions"): PSTATE.SS in the
 * thread's frame and MDSCR_EL1.SS on the CPU. The first belongs to the thread. The second is
 * set when a stepped thread leaves for EL0 and is cleared by the next step exception, be it a
 * stray one of another thread, so that no switch has to look at it.
 *
 * Context: task; `task` is stopped for current, or is current.
 */
#ifndef ARCH_PTRACE_H
#define ARCH_PTRACE_H

#include <lib/types.h>
#include <linux/uio.h>

struct task;

void arch_enable_step(struct task *task);
void arch_disable_step(struct task *task);
/* entry.c: current is about to run one instruction; interrupts are off. */
void arch_step_arm(void);
void arch_step_disarm(void);

/*
 * The register set NT_* `type` to or from iov, which is cut to its size. 0, -EINVAL no such set,
 * a length that is no multiple of its unit, or values that no program can have, -EFAULT, -ENOMEM.
 */
int arch_regset_get(struct task *task, unsigned int type, struct iovec *iov);
int arch_regset_set(struct task *task, unsigned int type, struct iovec *iov);

#endif
