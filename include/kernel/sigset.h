/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_SIGSET_H
#define KERNEL_SIGSET_H

/*
 * Signal numbers and sets. In the kernel a sigset_t is one u64, bit N-1 for signal N,
 * which is exactly the layout that user space passes on arm64.
 *
 * The UAPI headers call their struct sigset_t too, so they may only be included through
 * this header (or after it). After it, <asm/ucontext.h> uses our u64, same layout.
 */
#include <lib/types.h>

#define sigset_t uapi_sigset_t
#include <linux/signal.h>
#undef sigset_t

typedef u64 sigset_t;

_Static_assert(sizeof(sigset_t) == sizeof(uapi_sigset_t), "signal set is one word");

#define sigmask(sig)		(1ULL << ((sig) - 1))

#define SIG_KERNEL_ONLY_MASK	(sigmask(SIGKILL) | sigmask(SIGSTOP))
#define SIG_KERNEL_STOP_MASK	(sigmask(SIGSTOP) | sigmask(SIGTSTP) | \
				 sigmask(SIGTTIN) | sigmask(SIGTTOU))
#define SIG_KERNEL_COREDUMP_MASK (sigmask(SIGQUIT) | sigmask(SIGILL) | sigmask(SIGTRAP) | \
				 sigmask(SIGABRT) | sigmask(SIGFPE) | sigmask(SIGSEGV) | \
				 sigmask(SIGBUS) | sigmask(SIGSYS) | sigmask(SIGXCPU) | \
				 sigmask(SIGXFSZ))
#define SIG_KERNEL_IGNORE_MASK	(sigmask(SIGCONT) | sigmask(SIGCHLD) | \
				 sigmask(SIGWINCH) | sigmask(SIGURG))
/* Signals that a fault of the running instruction raises; taken before all others. */
#define SIG_SYNCHRONOUS_MASK	(sigmask(SIGSEGV) | sigmask(SIGBUS) | sigmask(SIGILL) | \
				 sigmask(SIGTRAP) | sigmask(SIGFPE) | sigmask(SIGSYS))

static inline bool valid_signal(unsigned long sig)
{
	return sig <= _NSIG;
}

static inline bool sig_in(int sig, sigset_t mask)
{
	return sig >= 1 && (mask & sigmask(sig));
}

static inline void sigaddset(sigset_t *set, int sig)
{
	*set |= sigmask(sig);
}

static inline void sigdelset(sigset_t *set, int sig)
{
	*set &= ~sigmask(sig);
}

static inline bool sigismember(const sigset_t *set, int sig)
{
	return (*set & sigmask(sig)) != 0;
}

#endif
