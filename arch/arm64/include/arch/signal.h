/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signal frames on the user stack, in Linux's layout (<asm/ucontext.h>,
 * <asm/sigcontext.h>): struct rt_sigframe { siginfo; ucontext }, then a frame
 * record. Which signal, mask and stack is decided by kernel/signal.
 */
#ifndef ARCH_SIGNAL_H
#define ARCH_SIGNAL_H

#include <lib/types.h>

struct trap_frame;

struct sigframe_request {
	int         sig;
	u64         handler;
	u64         sa_flags;           /* SA_RESTORER, SA_SIGINFO are looked at */
	u64         restorer;           /* used if SA_RESTORER, else the vDSO's */
	const void *siginfo;            /* 128 bytes, in UAPI layout */
	u64         oldmask;            /* goes to uc_sigmask */
	u64         sp;                 /* build below: the user SP or the alternate stack's end */
	u64         ss_sp;              /* uc_stack: the alternate stack's settings */
	u64         ss_size;
	u32         ss_flags;
};

struct sigreturn_result {
	u64 mask;                       /* uc_sigmask */
	u64 ss_sp;                      /* uc_stack */
	u64 ss_size;
	u32 ss_flags;
};

/*
 * Writes the signal frame and points `frame` (current's) at the handler. On
 * -EFAULT `frame` is unchanged: the caller forces SIGSEGV. May sleep.
 */
int arch_setup_sigframe(struct trap_frame *frame, const struct sigframe_request *req);

/*
 * rt_sigreturn(2): loads the registers and FP state from the signal frame at
 * the user SP into `frame`, sets syscallno to NO_SYSCALL. The caller installs
 * out->mask and the alternate stack and then returns frame->regs[0]. -EFAULT:
 * bad frame, the caller forces SIGSEGV; `frame` is unchanged.
 */
int arch_sigreturn(struct trap_frame *frame, struct sigreturn_result *out);

#endif
