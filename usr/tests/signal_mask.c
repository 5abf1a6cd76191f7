/* SPDX-License-Identifier: BSD-2-Clause */
/* What is blocked while a handler runs, after it, and when it could not be entered. */
#include <setjmp.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <ucontext.h>

#include "helpers.h"

static sigset_t inside, in_frame;
static sigjmp_buf out;

static void look(int sig, siginfo_t *info, void *context)
{
	in_frame = ((ucontext_t *)context)->uc_sigmask;
	sigprocmask(SIG_BLOCK, NULL, &inside);
}

static void look_and_leave(int sig, siginfo_t *info, void *context)
{
	look(sig, info, context);
	siglongjmp(out, 1);
}

static void handle_with(int sig, void (*handler)(int, siginfo_t *, void *), int flags, int mask)
{
	struct sigaction act = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags };

	sigemptyset(&act.sa_mask);
	if (mask)
		sigaddset(&act.sa_mask, mask);
	MUST(sigaction(sig, &act, NULL));
}

TEST(of_a_handler)
{
	sigset_t now;

	handle_with(SIGUSR1, look, 0, SIGTERM);
	raise(SIGUSR1);
	EXPECT(sigismember(&inside, SIGUSR1) && sigismember(&inside, SIGTERM));
	EXPECT(!sigismember(&inside, SIGUSR2));
	EXPECT(!sigismember(&in_frame, SIGUSR1) && !sigismember(&in_frame, SIGTERM));
	MUST(sigprocmask(SIG_BLOCK, NULL, &now));
	EXPECT(!sigismember(&now, SIGUSR1) && !sigismember(&now, SIGTERM));
	handle_with(SIGUSR1, look, SA_NODEFER, SIGTERM);
	raise(SIGUSR1);
	EXPECT(!sigismember(&inside, SIGUSR1) && sigismember(&inside, SIGTERM));
}

/* No room for a frame: the SIGSEGV that comes instead finds the mask from before. */
TEST(of_a_handler_that_was_not_reached)
{
	stack_t stack = { .ss_sp = malloc(65536), .ss_size = 65536 };
	pid_t me = getpid();

	SKIP_IN_EMULATOR("leaves the mask");
	MUST(sigaltstack(&stack, NULL));
	handle_with(SIGUSR1, look, 0, SIGTERM);
	handle_with(SIGSEGV, look_and_leave, SA_ONSTACK, 0);
	if (!sigsetjmp(out, 1)) {
		register long x0 __asm__("x0") = me, x1 __asm__("x1") = SIGUSR1;
		register long x8 __asm__("x8") = SYS_kill;

		__asm__ volatile("mov x9, sp\n\tmov x10, #4096\n\tmov sp, x10\n\tsvc #0\n\tmov sp, x9"
				 : "+r"(x0) : "r"(x1), "r"(x8) : "x9", "x10", "memory");
		EXPECT(!"reached");
	}
	EXPECT(sigismember(&inside, SIGSEGV));
	EXPECT(!sigismember(&in_frame, SIGUSR1) && !sigismember(&in_frame, SIGTERM));
	EXPECT(!sigismember(&inside, SIGUSR1));
}
