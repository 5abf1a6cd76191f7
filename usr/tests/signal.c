/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals: handlers, masks, flags, senders, queues, alternate stacks, restart, stop. */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#include "helpers.h"

#define RT (SIGRTMIN + 1)

static volatile sig_atomic_t count, nested, depth;
static volatile siginfo_t seen;
static volatile uintptr_t handler_sp;

static void counter(int sig)
{
	count++;
}

static void recorder(int sig, siginfo_t *info, void *context)
{
	char here;

	seen = *info;
	handler_sp = (uintptr_t)&here;
	count++;
}

static void block(int sig)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	MUST(sigprocmask(SIG_BLOCK, &set, NULL));
}

static void unblock(int sig)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	MUST(sigprocmask(SIG_UNBLOCK, &set, NULL));
}

TEST(handler_runs)
{
	handle(SIGUSR1, counter, 0);
	for (int i = 1; i <= 1000; i++) {
		EXPECT_EQ(kill(getpid(), SIGUSR1), 0);
		EXPECT_EQ(count, i); /* delivered before kill() returns */
	}
}

TEST(sigaction_returns_old)
{
	struct sigaction old;

	handle(SIGUSR1, counter, SA_RESTART | SA_NODEFER);
	MUST(sigaction(SIGUSR1, NULL, &old));
	EXPECT(old.sa_handler == counter);
	EXPECT_EQ(old.sa_flags & (SA_RESTART | SA_NODEFER | SA_SIGINFO | SA_RESETHAND),
		  SA_RESTART | SA_NODEFER);
}

TEST(sigaction_errors)
{
	struct sigaction act = { .sa_handler = counter };

	EXPECT_ERRNO(sigaction(SIGKILL, &act, NULL), EINVAL);
	EXPECT_ERRNO(sigaction(SIGSTOP, &act, NULL), EINVAL);
	EXPECT_ERRNO(sigaction(0, &act, NULL), EINVAL);
	EXPECT_ERRNO(sigaction(65, &act, NULL), EINVAL);
	SKIP_IN_EMULATOR("sizes and pointers are not checked as by the kernel");
	EXPECT_ERRNO(syscall(SYS_rt_sigaction, SIGUSR1, NULL, NULL, 4), EINVAL);
	EXPECT_ERRNO(syscall(SYS_rt_sigaction, SIGUSR1, 16, NULL, 8), EFAULT);
	EXPECT_ERRNO(syscall(SYS_rt_sigprocmask, SIG_BLOCK, 16, NULL, 8), EFAULT);
	EXPECT_ERRNO(syscall(SYS_rt_sigprocmask, 77, &act, NULL, 8), EINVAL);
}

TEST(blocked_stays_pending)
{
	sigset_t pending;

	handle(SIGUSR1, counter, 0);
	block(SIGUSR1);
	raise(SIGUSR1);
	raise(SIGUSR1);
	EXPECT_EQ(count, 0);
	MUST(sigpending(&pending));
	EXPECT_EQ(sigismember(&pending, SIGUSR1), 1);
	EXPECT_EQ(sigismember(&pending, SIGUSR2), 0);
	unblock(SIGUSR1);
	EXPECT_EQ(count, 1); /* standard signals do not queue */
}

TEST(realtime_signals_queue_in_order)
{
	static volatile int values[10];
	struct sigaction act = { .sa_flags = SA_SIGINFO };

	act.sa_sigaction = recorder;
	MUST(sigaction(RT, &act, NULL));
	block(RT);
	for (int i = 0; i < 5; i++) {
		union sigval value = { .sival_int = i + 100 };

		MUST(sigqueue(getpid(), RT, value));
	}
	for (int i = 0; i < 5; i++) {
		sigset_t set;
		siginfo_t info;

		sigemptyset(&set);
		sigaddset(&set, RT);
		EXPECT_EQ(sigwaitinfo(&set, &info), RT);
		values[i] = info.si_value.sival_int;
		EXPECT_EQ(values[i], i + 100);
		EXPECT_EQ(info.si_code, SI_QUEUE);
		EXPECT_EQ(info.si_pid, getpid());
	}
	unblock(RT);
	EXPECT_EQ(count, 0);
}

TEST(kill_and_stop_cannot_be_blocked)
{
	sigset_t all, now;

	sigfillset(&all);
	MUST(sigprocmask(SIG_SETMASK, &all, NULL));
	MUST(sigprocmask(SIG_SETMASK, NULL, &now));
	EXPECT_EQ(sigismember(&now, SIGKILL), 0);
	EXPECT_EQ(sigismember(&now, SIGSTOP), 0);
	EXPECT_EQ(sigismember(&now, SIGUSR1), 1);
	EXPECT_KILLED(IN_CHILD({ kill(getpid(), SIGKILL); }), SIGKILL);
}

static void nesting(int sig)
{
	depth++;
	if (depth > nested)
		nested = depth;
	if (count++ < 3)
		raise(sig);
	depth--;
}

TEST(own_signal_is_blocked_in_handler)
{
	handle(SIGUSR1, nesting, 0);
	raise(SIGUSR1);
	EXPECT_EQ(nested, 1);
	EXPECT_EQ(count, 4);
}

TEST(sa_nodefer_nests)
{
	handle(SIGUSR1, nesting, SA_NODEFER);
	raise(SIGUSR1);
	EXPECT_EQ(nested, 4);
	EXPECT_EQ(count, 4);
}

static volatile int saw_blocked;

static void look_at_mask(int sig)
{
	sigset_t now;

	sigprocmask(SIG_SETMASK, NULL, &now);
	saw_blocked = sigismember(&now, SIGUSR1) && sigismember(&now, SIGUSR2) &&
		      !sigismember(&now, SIGHUP);
}

TEST(sa_mask)
{
	struct sigaction act = { .sa_handler = look_at_mask };
	sigset_t now;

	sigaddset(&act.sa_mask, SIGUSR2);
	MUST(sigaction(SIGUSR1, &act, NULL));
	raise(SIGUSR1);
	EXPECT_EQ(saw_blocked, 1);
	sigprocmask(SIG_SETMASK, NULL, &now);
	EXPECT_EQ(sigismember(&now, SIGUSR1) | sigismember(&now, SIGUSR2), 0);
}

TEST(sa_resethand)
{
	struct sigaction now;

	handle(SIGUSR1, counter, SA_RESETHAND);
	raise(SIGUSR1);
	EXPECT_EQ(count, 1);
	MUST(sigaction(SIGUSR1, NULL, &now));
	EXPECT(now.sa_handler == SIG_DFL);
}

TEST(siginfo_of_kill)
{
	handle(SIGUSR1, recorder, SA_SIGINFO);
	kill(getpid(), SIGUSR1);
	EXPECT_EQ(seen.si_signo, SIGUSR1);
	EXPECT_EQ(seen.si_code, SI_USER);
	EXPECT_EQ(seen.si_pid, getpid());
	EXPECT_EQ(seen.si_uid, getuid());
	syscall(SYS_tgkill, getpid(), getpid(), SIGUSR1);
	EXPECT_EQ(seen.si_code, SI_TKILL);
	EXPECT_EQ(count, 2);
}

TEST(kill_errors)
{
	EXPECT_ERRNO(kill(getpid(), 65), EINVAL);
	EXPECT_ERRNO(kill(getpid(), -1), EINVAL);
	EXPECT_ERRNO(kill(999999, 0), ESRCH);
	EXPECT_ERRNO(kill(-999999, 0), ESRCH);
	EXPECT_ERRNO(syscall(SYS_tgkill, getpid(), 999999, 0), ESRCH);
	EXPECT_ERRNO(syscall(SYS_tgkill, 0, getpid(), 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_tkill, -5, 0), EINVAL);
	EXPECT_EQ(kill(getpid(), 0), 0);
	EXPECT_EQ(kill(0, 0), 0);
}

TEST(kill_needs_permission)
{
	need_root();
	EXPECT_EXIT(IN_CHILD({
		pid_t parent = getppid();

		MUST(setuid(12345));
		EXPECT_ERRNO(kill(parent, SIGTERM), EPERM);
		EXPECT_ERRNO(kill(parent, 0), EPERM);
		EXPECT_ERRNO(kill(1, SIGTERM), EPERM);
	}), 0);
}

TEST(kill_process_group)
{
	pid_t a = must_fork(), b;

	if (a == 0) {
		setpgid(0, 0);
		for (;;)
			pause();
	}
	setpgid(a, a);
	b = must_fork();
	if (b == 0) {
		setpgid(0, a);
		for (;;)
			pause();
	}
	setpgid(b, a);
	EXPECT_EQ(kill(-a, SIGUSR2), 0);
	EXPECT_KILLED(wait_status(a), SIGUSR2);
	EXPECT_KILLED(wait_status(b), SIGUSR2);
	EXPECT_ERRNO(kill(-a, SIGUSR2), ESRCH);
}

TEST(sigsuspend_is_atomic)
{
	sigset_t none;

	handle(SIGUSR1, counter, 0);
	block(SIGUSR1);
	raise(SIGUSR1);
	sigemptyset(&none);
	EXPECT_ERRNO(sigsuspend(&none), EINTR);
	EXPECT_EQ(count, 1);
	raise(SIGUSR1); /* the old mask is back */
	EXPECT_EQ(count, 1);
}

TEST(pause_returns_eintr)
{
	pid_t child, parent = getpid();

	handle(SIGUSR1, counter, SA_RESTART); /* never restarted all the same */
	child = must_fork();
	if (child == 0) {
		wait_for_state(parent, 'S');
		kill(parent, SIGUSR1);
		_exit(0);
	}
	EXPECT_ERRNO(pause(), EINTR);
	EXPECT_EXIT(wait_status(child), 0);
}

TEST(sigtimedwait)
{
	struct timespec short_time = { 0, 20000000 }, zero = { 0, 0 }, bad = { 0, 2000000000 };
	sigset_t set;
	siginfo_t info;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	block(SIGUSR1);
	EXPECT_ERRNO(sigtimedwait(&set, &info, &short_time), EAGAIN);
	EXPECT_ERRNO(sigtimedwait(&set, &info, &zero), EAGAIN);
	EXPECT_ERRNO(sigtimedwait(&set, &info, &bad), EINVAL);
	raise(SIGUSR1);
	EXPECT_EQ(sigtimedwait(&set, &info, &short_time), SIGUSR1);
	EXPECT_EQ(info.si_signo, SIGUSR1);
}

/* --- restart ---------------------------- */

/* How often handlers ran, for a child to see. */
static volatile int *heard;

static void heard_counter(int sig)
{
	count++;
	++*heard;
}

/* Sends SIGUSR1 to the parent while it reads, and a byte when the handler has run. */
static pid_t signal_then_write(int fd, int flags)
{
	pid_t parent = getpid(), child;

	heard = mmap(NULL, sizeof(*heard), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	EXPECT(heard != MAP_FAILED);
	handle(SIGUSR1, heard_counter, flags);
	child = must_fork();
	if (child == 0) {
		wait_for_state(parent, 'S');
		kill(parent, SIGUSR1);
		for (int ms = 0; ms < 20000 && !*heard; ms++)
			sleep_ms(1);
		EXPECT_EQ(write(fd, "x", 1), 1);
		_exit(0);
	}
	return child;
}

TEST(read_without_restart)
{
	int ends[2];
	pid_t child;
	char c;

	MUST(pipe(ends));
	child = signal_then_write(ends[1], 0);
	EXPECT_ERRNO(read(ends[0], &c, 1), EINTR);
	EXPECT_EQ(count, 1);
	EXPECT_EXIT(wait_status(child), 0);
}

TEST(read_with_restart)
{
	int ends[2];
	pid_t child;
	char c;

	MUST(pipe(ends));
	child = signal_then_write(ends[1], SA_RESTART);
	EXPECT_EQ(read(ends[0], &c, 1), 1);
	EXPECT_EQ(count, 1);
	EXPECT_EXIT(wait_status(child), 0);
}

TEST(nanosleep_reports_the_rest)
{
	struct timespec long_time = { 5, 0 }, rest = { 0, 0 };

	handle(SIGALRM, counter, SA_RESTART);
	alarm(1);
	EXPECT_ERRNO(nanosleep(&long_time, &rest), EINTR);
	EXPECT_GE(rest.tv_sec, 3);
	EXPECT_LE(rest.tv_sec, 4);
}

/* Stop and continue without a handler is not an interruption. */
TEST(stop_continue_does_not_interrupt)
{
	pid_t child = must_fork();

	if (child == 0) {
		struct timespec ts = { 0, 150000000 };
		int64_t start = now_ns();

		if (nanosleep(&ts, NULL) < 0)
			_exit(1);
		_exit(now_ns() - start < 150000000 ? 2 : 0);
	}
	sleep_ms(20);
	kill(child, SIGSTOP);
	EXPECT_EQ(waitpid(child, NULL, WUNTRACED), child);
	kill(child, SIGCONT);
	EXPECT_EXIT(wait_status(child), 0);
}

/* --- alternate stack ---------------------------- */

TEST(alternate_stack)
{
	char *area = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	stack_t stack = { .ss_sp = area, .ss_size = 65536 }, now;

	EXPECT_NE(area, MAP_FAILED);
	MUST(sigaltstack(NULL, &now));
	EXPECT_EQ(now.ss_flags, SS_DISABLE);
	MUST(sigaltstack(&stack, NULL));
	MUST(sigaltstack(NULL, &now));
	EXPECT_EQ(now.ss_sp == area && now.ss_size == 65536 && now.ss_flags == 0, 1);
	handle(SIGUSR1, recorder, SA_SIGINFO);
	raise(SIGUSR1);
	EXPECT(handler_sp < (uintptr_t)area || handler_sp >= (uintptr_t)area + 65536);
	handle(SIGUSR1, recorder, SA_SIGINFO | SA_ONSTACK);
	raise(SIGUSR1);
	EXPECT(handler_sp > (uintptr_t)area && handler_sp < (uintptr_t)area + 65536);
	stack.ss_size = 100;
	EXPECT_ERRNO(sigaltstack(&stack, NULL), ENOMEM);
	stack.ss_flags = 0x7777;
	EXPECT_ERRNO(sigaltstack(&stack, NULL), EINVAL);
}

static volatile int change_error;

static void change_stack_in_use(int sig)
{
	stack_t stack = { .ss_flags = SS_DISABLE }, now;

	sigaltstack(NULL, &now);
	if (now.ss_flags != SS_ONSTACK)
		change_error = -1;
	else
		change_error = sigaltstack(&stack, NULL) < 0 ? errno : 0;
}

TEST(alternate_stack_in_use)
{
	stack_t stack = { .ss_sp = malloc(65536), .ss_size = 65536 };

	MUST(sigaltstack(&stack, NULL));
	handle(SIGUSR1, change_stack_in_use, SA_ONSTACK);
	raise(SIGUSR1);
	EXPECT_EQ(change_error, EPERM);
}

static jmp_buf after_overflow;

static void leave_overflow(int sig)
{
	count++;
	longjmp(after_overflow, 1);
}

static int recurse(int level)
{
	volatile char big[4096];

	big[0] = level;
	if (level < 0)
		return 0;
	return recurse(level + 1) + big[0];
}

TEST(stack_overflow_is_caught_on_alternate_stack)
{
	stack_t stack = { .ss_sp = malloc(65536), .ss_size = 65536 };

	SKIP_IN_EMULATOR("stack limits differ");
	MUST(sigaltstack(&stack, NULL));
	handle(SIGSEGV, leave_overflow, SA_ONSTACK | SA_NODEFER);
	if (setjmp(after_overflow) == 0)
		recurse(0);
	EXPECT_EQ(count, 1);
}

TEST(no_room_for_frame_kills)
{
	SKIP_IN_EMULATOR("stack limits differ");
	EXPECT_KILLED(IN_CHILD({
		handle(SIGSEGV, counter, 0); /* no alternate stack: nowhere to put the frame */
		return_status = recurse(0);
	}), SIGSEGV);
}

/* A fault while its signal is blocked or ignored kills. */
TEST(blocked_fault_kills)
{
	SKIP_IN_EMULATOR("queues it");
	EXPECT_KILLED(IN_CHILD({
		handle(SIGSEGV, counter, 0);
		block(SIGSEGV);
		*(volatile int *)8 = 1;
	}), SIGSEGV);
	EXPECT_KILLED(IN_CHILD({
		handle(SIGSEGV, SIG_IGN, 0);
		*(volatile int *)8 = 1;
	}), SIGSEGV);
}

/* --- stop ---------------------------- */

TEST(continue_discards_stops_and_back)
{
	pid_t child = must_fork();
	int status;

	if (child == 0)
		for (;;)
			pause();
	kill(child, SIGSTOP);
	EXPECT_EQ(waitpid(child, &status, WUNTRACED), child);
	kill(child, SIGSTOP);
	kill(child, SIGCONT);
	sleep_ms(20);
	EXPECT_EQ(waitpid(child, &status, WCONTINUED), child);
	EXPECT_EQ(waitpid(child, &status, WUNTRACED | WNOHANG), 0);
	kill(child, SIGKILL);
	EXPECT_KILLED(wait_status(child), SIGKILL);
}

TEST(handler_of_cont_runs)
{
	pid_t child = must_fork();
	int status;

	if (child == 0) {
		handle(SIGCONT, counter, 0);
		raise(SIGSTOP);
		_exit(count);
	}
	EXPECT_EQ(waitpid(child, &status, WUNTRACED), child);
	kill(child, SIGCONT);
	EXPECT_EXIT(wait_status(child), 1);
}

/* Many senders at once: nobody is lost, nothing breaks. */
TEST(signal_storm)
{
	enum { SENDERS = 4, EACH = 500 };
	pid_t parent = getpid(), pids[SENDERS];

	handle(RT, counter, SA_RESTART);
	for (int s = 0; s < SENDERS; s++) {
		pids[s] = must_fork();
		if (pids[s] == 0) {
			for (int i = 0; i < EACH; i++)
				while (sigqueue(parent, RT, (union sigval){0}) < 0 &&
				       errno == EAGAIN)
					sleep_ms(1);
			_exit(0);
		}
	}
	for (int s = 0; s < SENDERS; s++)
		EXPECT_EXIT(wait_status(pids[s]), 0);
	EXPECT_EQ(count, SENDERS * EACH);
}

static volatile stack_t in_handler;
static volatile int set_again;

static void disarmed(int sig)
{
	stack_t now, again = { .ss_sp = in_handler.ss_sp, .ss_size = 65536 };

	sigaltstack(NULL, &now);
	in_handler = now;
	/* It is nobody's now: this may be taken, or another. */
	set_again = sigaltstack(&again, NULL);
}

TEST(alternate_stack_disarmed)
{
	char *area = malloc(65536);
	stack_t stack = { .ss_sp = area, .ss_size = 65536, .ss_flags = 1 << 31 }, now;

	SKIP_IN_EMULATOR("does not know it");
	in_handler.ss_sp = area;
	MUST(sigaltstack(&stack, NULL));
	MUST(sigaltstack(NULL, &now));
	EXPECT_EQ((unsigned)now.ss_flags, 1u << 31);
	handle(SIGUSR1, disarmed, SA_ONSTACK);
	raise(SIGUSR1);
	EXPECT_EQ(in_handler.ss_flags, SS_DISABLE);
	EXPECT_EQ(set_again, 0);
	/* Armed again by the return. */
	MUST(sigaltstack(NULL, &now));
	EXPECT_EQ(now.ss_sp == area && now.ss_size == 65536, 1);
	EXPECT_EQ((unsigned)now.ss_flags, 1u << 31);
	/* Exactly enough, and off again whatever else it says. */
	stack = (stack_t){ .ss_sp = area, .ss_size = 2048 };
	EXPECT_ERRNO(sigaltstack(&stack, NULL), ENOMEM);
	stack.ss_size = MINSIGSTKSZ;
	MUST(sigaltstack(&stack, NULL));
	stack = (stack_t){ .ss_sp = (void *)1, .ss_size = 1, .ss_flags = SS_DISABLE };
	MUST(sigaltstack(&stack, NULL));
	MUST(sigaltstack(NULL, &now));
	EXPECT_EQ(now.ss_flags, SS_DISABLE);
	EXPECT_EQ(now.ss_size, 0);
	stack = (stack_t){ .ss_sp = area, .ss_size = 65536 };
	MUST(sigaltstack(&stack, NULL));
	/* A child of fork has it, a thread does not. */
	EXPECT_EXIT(IN_CHILD({
		MUST(sigaltstack(NULL, &now));
		return_status = now.ss_sp != area;
	}), 0);
}
