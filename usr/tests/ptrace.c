/* SPDX-License-Identifier: BSD-2-Clause */
/* ptrace(2): stops, registers, memory, events, and how tracer and tracee part. */
#include <asm/ptrace.h>
#include <linux/elf.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "helpers.h"

#ifndef PTRACE_EVENT_STOP
#define PTRACE_EVENT_STOP 128
#endif

/* The kernel's, whatever the C library calls them. */
#define REQUEST(...) ptrace(__VA_ARGS__)

static volatile long shared_word = 0x1122334455667788;

static struct user_pt_regs get_regs(pid_t pid)
{
	struct user_pt_regs regs;
	struct iovec iov = { &regs, sizeof(regs) };

	MUST(REQUEST(PTRACE_GETREGSET, pid, (void *)NT_PRSTATUS, &iov));
	EXPECT_EQ(iov.iov_len, sizeof(regs));
	return regs;
}

static void set_regs(pid_t pid, const struct user_pt_regs *regs)
{
	struct iovec iov = { (void *)regs, sizeof(*regs) };

	MUST(REQUEST(PTRACE_SETREGSET, pid, (void *)NT_PRSTATUS, &iov));
}

/* A child that asks to be traced, stops itself, and goes on with fn. */
static pid_t traced_child(void (*fn)(void))
{
	pid_t pid;

	SKIP_IN_EMULATOR("no ptrace");
	pid = must_fork();
	if (pid == 0) {
		MUST(REQUEST(PTRACE_TRACEME, 0, 0, 0));
		raise(SIGSTOP);
		fn();
		_exit(0);
	}
	EXPECT_EQ(stop_of(pid), SIGSTOP);
	return pid;
}

static void nothing(void)
{
}

static void exit_7(void)
{
	_exit(7);
}

static void three_calls(void)
{
	syscall(SYS_getppid);
	syscall(SYS_close, -1);
	syscall(SYS_getppid);
}

static void sleep_long(void)
{
	for (;;)
		pause();
}

TEST(traceme_cont_exit)
{
	pid_t pid = traced_child(exit_7);

	MUST(REQUEST(PTRACE_CONT, pid, 0, 0));
	EXPECT_EXIT(wait_status(pid), 7);
}

TEST(requests_need_a_stopped_tracee)
{
	pid_t pid = traced_child(sleep_long), other;
	struct iovec iov = { NULL, 0 };

	MUST(REQUEST(PTRACE_CONT, pid, 0, 0));
	EXPECT_ERRNO(REQUEST(PTRACE_CONT, pid, 0, 0), ESRCH);
	EXPECT_ERRNO(REQUEST(PTRACE_GETREGSET, pid, (void *)NT_PRSTATUS, &iov), ESRCH);
	EXPECT_ERRNO(REQUEST(PTRACE_CONT, 4000000, 0, 0), ESRCH);
	EXPECT_ERRNO(REQUEST(PTRACE_CONT, getpid(), 0, 0), ESRCH);
	EXPECT_ERRNO(REQUEST(PTRACE_ATTACH, getpid(), 0, 0), EPERM);
	EXPECT_ERRNO(REQUEST(PTRACE_ATTACH, pid, 0, 0), EPERM);
	other = must_fork();
	if (other == 0) {
		EXPECT_ERRNO(REQUEST(PTRACE_ATTACH, pid, 0, 0), EPERM);
		_exit(0);
	}
	EXPECT_EXIT(wait_status(other), 0);
	kill(pid, SIGKILL);
	EXPECT_KILLED(wait_status(pid), SIGKILL);
}

TEST(peek_and_poke)
{
	pid_t pid = traced_child(nothing);
	long word;

	errno = 0;
	word = REQUEST(PTRACE_PEEKDATA, pid, (void *)&shared_word, 0);
	EXPECT_EQ(errno, 0);
	EXPECT_EQ(word, 0x1122334455667788);
	MUST(REQUEST(PTRACE_POKEDATA, pid, (void *)&shared_word, (void *)42L));
	EXPECT_EQ(REQUEST(PTRACE_PEEKDATA, pid, (void *)&shared_word, 0), 42);
	EXPECT_EQ(shared_word, 0x1122334455667788);
	/* Text is read-only for the program itself. */
	word = REQUEST(PTRACE_PEEKTEXT, pid, (void *)exit_7, 0);
	MUST(REQUEST(PTRACE_POKETEXT, pid, (void *)exit_7, (void *)word));
	errno = 0;
	EXPECT_ERRNO(REQUEST(PTRACE_PEEKDATA, pid, (void *)16L, 0), EIO);
	EXPECT_ERRNO(REQUEST(PTRACE_POKEDATA, pid, (void *)16L, 0), EIO);
	EXPECT_ERRNO(REQUEST(PTRACE_CONT, pid, 0, (void *)65L), EIO);
	EXPECT_ERRNO(REQUEST(12345, pid, 0, 0), EIO);
	MUST(REQUEST(PTRACE_CONT, pid, 0, 0));
	EXPECT_EXIT(wait_status(pid), 0);
}

TEST(registers)
{
	pid_t pid = traced_child(nothing);
	struct user_pt_regs regs = get_regs(pid), again;
	struct iovec iov = { &regs, 16 };
	struct user_fpsimd_state fp;
	unsigned long tls[2];
	int number;

	EXPECT_NE(regs.pc, 0);
	EXPECT_NE(regs.sp, 0);
	regs.regs[27] = 0xfeedface;
	set_regs(pid, &regs);
	again = get_regs(pid);
	EXPECT_EQ(again.regs[27], 0xfeedface);
	/* A short vector reads the start; the kernel's bits cannot be set. */
	MUST(REQUEST(PTRACE_GETREGSET, pid, (void *)NT_PRSTATUS, &iov));
	EXPECT_EQ(iov.iov_len, 16);
	iov.iov_len = 13;
	EXPECT_ERRNO(REQUEST(PTRACE_GETREGSET, pid, (void *)NT_PRSTATUS, &iov), EINVAL);
	regs = again;
	regs.pstate |= 5;
	iov = (struct iovec){ &regs, sizeof(regs) };
	EXPECT_ERRNO(REQUEST(PTRACE_SETREGSET, pid, (void *)NT_PRSTATUS, &iov), EINVAL);

	iov = (struct iovec){ &fp, sizeof(fp) };
	MUST(REQUEST(PTRACE_GETREGSET, pid, (void *)NT_PRFPREG, &iov));
	EXPECT_EQ(iov.iov_len, sizeof(fp));
	fp.vregs[9] = 99;
	MUST(REQUEST(PTRACE_SETREGSET, pid, (void *)NT_PRFPREG, &iov));
	fp.vregs[9] = 0;
	MUST(REQUEST(PTRACE_GETREGSET, pid, (void *)NT_PRFPREG, &iov));
	EXPECT_EQ(fp.vregs[9], 99);
	iov = (struct iovec){ tls, sizeof(tls[0]) };
	MUST(REQUEST(PTRACE_GETREGSET, pid, (void *)NT_ARM_TLS, &iov));
	EXPECT_NE(tls[0], 0);
	iov = (struct iovec){ &number, sizeof(number) };
	MUST(REQUEST(PTRACE_GETREGSET, pid, (void *)NT_ARM_SYSTEM_CALL, &iov));
	EXPECT_ERRNO(REQUEST(PTRACE_GETREGSET, pid, (void *)0x12345678L, &iov), EINVAL);
	MUST(REQUEST(PTRACE_CONT, pid, 0, 0));
	EXPECT_EXIT(wait_status(pid), 0);
}

/* Goes on to the next end of a system call and returns its number; checks what is known of it. */
static long next_syscall(pid_t pid, int op, struct __ptrace_syscall_info *info)
{
	MUST(REQUEST(PTRACE_SYSCALL, pid, 0, 0));
	EXPECT_EQ(stop_of(pid), SIGTRAP | 0x80);
	MUST(REQUEST(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof(*info), info));
	EXPECT_EQ(info->op, op);
	return op == PTRACE_SYSCALL_INFO_ENTRY ? (long)info->entry.nr : (long)info->exit.rval;
}

TEST(system_calls)
{
	pid_t pid = traced_child(three_calls);
	struct __ptrace_syscall_info info;
	int minus = -1;
	struct iovec iov = { &minus, sizeof(minus) };
	struct user_pt_regs regs;

	MUST(REQUEST(PTRACE_SETOPTIONS, pid, 0, (void *)PTRACE_O_TRACESYSGOOD));
	/* The rest of raise(): its mask is put back. */
	while (next_syscall(pid, PTRACE_SYSCALL_INFO_ENTRY, &info) != SYS_getppid)
		next_syscall(pid, PTRACE_SYSCALL_INFO_EXIT, &info);
	EXPECT_EQ(get_regs(pid).regs[7], 0);
	EXPECT_EQ(next_syscall(pid, PTRACE_SYSCALL_INFO_EXIT, &info), getpid());
	EXPECT_EQ(info.exit.is_error, 0);
	EXPECT_EQ(get_regs(pid).regs[7], 1);

	EXPECT_EQ(next_syscall(pid, PTRACE_SYSCALL_INFO_ENTRY, &info), SYS_close);
	EXPECT_EQ((int)info.entry.args[0], -1);
	EXPECT_EQ(next_syscall(pid, PTRACE_SYSCALL_INFO_EXIT, &info), -EBADF);
	EXPECT_EQ(info.exit.is_error, 1);
	/* Not made, and its result is the tracer's. */
	EXPECT_EQ(next_syscall(pid, PTRACE_SYSCALL_INFO_ENTRY, &info), SYS_getppid);
	MUST(REQUEST(PTRACE_SETREGSET, pid, (void *)NT_ARM_SYSTEM_CALL, &iov));
	regs = get_regs(pid);
	regs.regs[0] = 77;
	set_regs(pid, &regs);
	EXPECT_EQ(next_syscall(pid, PTRACE_SYSCALL_INFO_EXIT, &info), 77);
	MUST(REQUEST(PTRACE_CONT, pid, 0, 0));
	EXPECT_EXIT(wait_status(pid), 0);
}

/* The program counter of two instructions in a row, at the tracee's stop. */
TEST(single_step)
{
	pid_t pid = traced_child(three_calls);
	unsigned long pc = get_regs(pid).pc;
	int moved = 0;

	for (int i = 0; i < 60; i++) {
		siginfo_t info;

		MUST(REQUEST(PTRACE_SINGLESTEP, pid, 0, 0));
		EXPECT_EQ(stop_of(pid), SIGTRAP);
		MUST(REQUEST(PTRACE_GETSIGINFO, pid, 0, &info));
		EXPECT_EQ(info.si_signo, SIGTRAP);
		moved += get_regs(pid).pc == pc + 4;
		pc = get_regs(pid).pc;
	}
	EXPECT_GT(moved, 20);
	MUST(REQUEST(PTRACE_CONT, pid, 0, 0));
	EXPECT_EXIT(wait_status(pid), 0);
}

__attribute__((noinline)) static void broken_into(void)
{
	__asm__ volatile("nop");
}

TEST(breakpoint)
{
	pid_t pid = traced_child(broken_into);
	unsigned long at = (unsigned long)broken_into & ~7UL;
	int shift = (unsigned long)broken_into & 4 ? 32 : 0;
	long word = REQUEST(PTRACE_PEEKTEXT, pid, (void *)at, 0);
	long brk = (word & ~(0xffffffffL << shift)) | 0xd4200000L << shift;
	siginfo_t info;

	MUST(REQUEST(PTRACE_POKETEXT, pid, (void *)at, (void *)brk));
	MUST(REQUEST(PTRACE_CONT, pid, 0, 0));
	EXPECT_EQ(stop_of(pid), SIGTRAP);
	MUST(REQUEST(PTRACE_GETSIGINFO, pid, 0, &info));
	EXPECT_EQ(info.si_code, TRAP_BRKPT);
	EXPECT_EQ(get_regs(pid).pc, (unsigned long)broken_into);
	MUST(REQUEST(PTRACE_POKETEXT, pid, (void *)at, (void *)word));
	MUST(REQUEST(PTRACE_CONT, pid, 0, 0));
	EXPECT_EXIT(wait_status(pid), 0);
}

static void raise_usr1(void)
{
	raise(SIGUSR1);
	_exit(3);
}

TEST(signals_pass_by_the_tracer)
{
	pid_t pid = traced_child(raise_usr1);
	siginfo_t info;

	MUST(REQUEST(PTRACE_CONT, pid, 0, 0));
	EXPECT_EQ(stop_of(pid), SIGUSR1);
	MUST(REQUEST(PTRACE_GETSIGINFO, pid, 0, &info));
	EXPECT_EQ(info.si_code, SI_TKILL);
	EXPECT_EQ(info.si_pid, pid);
	MUST(REQUEST(PTRACE_CONT, pid, 0, 0));	/* swallowed */
	EXPECT_EXIT(wait_status(pid), 3);

	pid = traced_child(raise_usr1);
	MUST(REQUEST(PTRACE_CONT, pid, 0, 0));
	EXPECT_EQ(stop_of(pid), SIGUSR1);
	MUST(REQUEST(PTRACE_CONT, pid, 0, (void *)(long)SIGTERM));	/* another */
	EXPECT_KILLED(wait_status(pid), SIGTERM);
}

static void ignore_and_raise(void)
{
	signal(SIGUSR1, SIG_IGN);
	raise(SIGUSR1);
}

TEST(ignored_signals_are_told)
{
	pid_t pid = traced_child(ignore_and_raise);

	MUST(REQUEST(PTRACE_CONT, pid, 0, 0));
	EXPECT_EQ(stop_of(pid), SIGUSR1);
	MUST(REQUEST(PTRACE_CONT, pid, 0, (void *)(long)SIGUSR1));
	EXPECT_EXIT(wait_status(pid), 0);
}

static void forks(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(5);
	waitpid(pid, NULL, 0);
}

TEST(fork_event)
{
	pid_t pid = traced_child(forks), child;
	unsigned long message;

	MUST(REQUEST(PTRACE_SETOPTIONS, pid, 0,
		     (void *)(PTRACE_O_TRACEFORK | PTRACE_O_TRACEEXIT)));
	MUST(REQUEST(PTRACE_CONT, pid, 0, 0));
	EXPECT_EQ(stop_of(pid), SIGTRAP | PTRACE_EVENT_FORK << 8);
	MUST(REQUEST(PTRACE_GETEVENTMSG, pid, 0, &message));
	child = (pid_t)message;
	EXPECT_EQ(stop_of(child), SIGSTOP);
	MUST(REQUEST(PTRACE_CONT, child, 0, 0));
	MUST(REQUEST(PTRACE_CONT, pid, 0, 0));
	EXPECT_EQ(stop_of(child), SIGTRAP | PTRACE_EVENT_EXIT << 8);
	MUST(REQUEST(PTRACE_GETEVENTMSG, child, 0, &message));
	EXPECT_EQ(message, 5 << 8);
	MUST(REQUEST(PTRACE_CONT, child, 0, 0));
	/* The tracer is told first, then the parent, which then goes on to its own exit. */
	EXPECT_EXIT(wait_status(child), 5);
	EXPECT_EQ(stop_of(pid), SIGCHLD);
	MUST(REQUEST(PTRACE_CONT, pid, 0, (void *)(long)SIGCHLD));
	EXPECT_EQ(stop_of(pid), SIGTRAP | PTRACE_EVENT_EXIT << 8);
	MUST(REQUEST(PTRACE_CONT, pid, 0, 0));
	EXPECT_EXIT(wait_status(pid), 0);
}

static char thread_stack[16384] __attribute__((aligned(16)));
static volatile int thread_ran;

static int thread_fn(void *arg)
{
	thread_ran = 1;
	syscall(SYS_exit, 9);
	return 0;
}

static void starts_thread(void)
{
	clone(thread_fn, thread_stack + sizeof(thread_stack),
	      CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM, NULL);
	while (!thread_ran)
		sched_yield();
	sleep_ms(50);
}

TEST(threads_are_waited_for_one_by_one)
{
	pid_t pid = traced_child(starts_thread), thread;
	unsigned long message;
	int status;

	MUST(REQUEST(PTRACE_SETOPTIONS, pid, 0, (void *)PTRACE_O_TRACECLONE));
	MUST(REQUEST(PTRACE_CONT, pid, 0, 0));
	EXPECT_EQ(stop_of(pid), SIGTRAP | PTRACE_EVENT_CLONE << 8);
	MUST(REQUEST(PTRACE_GETEVENTMSG, pid, 0, &message));
	thread = (pid_t)message;
	EXPECT_EQ(stop_of(thread), SIGSTOP);
	MUST(REQUEST(PTRACE_CONT, thread, 0, 0));
	MUST(REQUEST(PTRACE_CONT, pid, 0, 0));
	EXPECT_EQ(waitpid(thread, &status, __WALL), thread);
	EXPECT_EXIT(status, 9);
	EXPECT_EXIT(wait_status(pid), 0);
}

static void execs(void)
{
	execl(self_path(), self_path(), "--helper", NULL);
	_exit(99);
}

int helper_main(int argc, char **argv)
{
	return 11;
}

TEST(exec)
{
	pid_t pid = traced_child(execs);

	MUST(REQUEST(PTRACE_CONT, pid, 0, 0));
	EXPECT_EQ(stop_of(pid), SIGTRAP);	/* the old way, without the option */
	MUST(REQUEST(PTRACE_CONT, pid, 0, 0));
	EXPECT_EXIT(wait_status(pid), 11);

	pid = traced_child(execs);
	MUST(REQUEST(PTRACE_SETOPTIONS, pid, 0, (void *)PTRACE_O_TRACEEXEC));
	MUST(REQUEST(PTRACE_CONT, pid, 0, 0));
	EXPECT_EQ(stop_of(pid), SIGTRAP | PTRACE_EVENT_EXEC << 8);
	MUST(REQUEST(PTRACE_CONT, pid, 0, 0));
	EXPECT_EXIT(wait_status(pid), 11);
}

static pid_t sleeping_child(void)
{
	pid_t pid;

	SKIP_IN_EMULATOR("no ptrace");
	pid = must_fork();
	if (pid == 0)
		sleep_long();
	wait_for_state(pid, 'S');
	return pid;
}

static void expect_tracer(pid_t pid, pid_t tracer)
{
	char path[64], text[4096], wanted[32];

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	snprintf(wanted, sizeof(wanted), "TracerPid:\t%d\n", tracer);
	get_file(path, text, sizeof(text));
	if (!strstr(text, wanted))
		FAIL("no %s in %s", wanted, text);
}

TEST(attach_and_detach)
{
	pid_t pid = sleeping_child();

	expect_tracer(pid, 0);
	MUST(REQUEST(PTRACE_ATTACH, pid, 0, 0));
	EXPECT_EQ(stop_of(pid), SIGSTOP);
	expect_tracer(pid, getpid());
	wait_for_state(pid, 't');
	MUST(REQUEST(PTRACE_DETACH, pid, 0, 0));
	wait_for_state(pid, 'S');
	expect_tracer(pid, 0);
	MUST(REQUEST(PTRACE_ATTACH, pid, 0, 0));
	EXPECT_EQ(stop_of(pid), SIGSTOP);
	MUST(REQUEST(PTRACE_DETACH, pid, 0, (void *)(long)SIGTERM));
	EXPECT_KILLED(wait_status(pid), SIGTERM);
}

TEST(attach_to_a_stopped_process)
{
	pid_t pid = sleeping_child();
	int status;

	kill(pid, SIGSTOP);
	EXPECT_EQ(waitpid(pid, &status, WUNTRACED), pid);
	MUST(REQUEST(PTRACE_ATTACH, pid, 0, 0));
	EXPECT_EQ(stop_of(pid), SIGSTOP);
	MUST(REQUEST(PTRACE_DETACH, pid, 0, 0));
	wait_for_state(pid, 'T');
	kill(pid, SIGKILL);
	EXPECT_KILLED(wait_status(pid), SIGKILL);
}

TEST(seize_interrupt_listen)
{
	pid_t pid = sleeping_child();

	EXPECT_ERRNO(REQUEST(PTRACE_SEIZE, pid, (void *)1L, 0), EIO);
	EXPECT_ERRNO(REQUEST(PTRACE_SEIZE, pid, 0, (void *)0x40000000L), EIO);
	MUST(REQUEST(PTRACE_SEIZE, pid, 0, 0));
	expect_tracer(pid, getpid());
	MUST(REQUEST(PTRACE_INTERRUPT, pid, 0, 0));
	EXPECT_EQ(stop_of(pid), SIGTRAP | PTRACE_EVENT_STOP << 8);
	MUST(REQUEST(PTRACE_CONT, pid, 0, 0));
	wait_for_state(pid, 'S');

	/* A group stop: the signal first, then the stop; LISTEN until SIGCONT. */
	kill(pid, SIGTSTP);
	EXPECT_EQ(stop_of(pid), SIGTSTP);
	MUST(REQUEST(PTRACE_CONT, pid, 0, (void *)(long)SIGTSTP));
	EXPECT_EQ(stop_of(pid), SIGTSTP | PTRACE_EVENT_STOP << 8);
	MUST(REQUEST(PTRACE_LISTEN, pid, 0, 0));
	EXPECT_ERRNO(REQUEST(PTRACE_CONT, pid, 0, 0), ESRCH);
	kill(pid, SIGCONT);
	EXPECT_EQ(stop_of(pid), SIGTRAP | PTRACE_EVENT_STOP << 8);
	MUST(REQUEST(PTRACE_CONT, pid, 0, 0));
	EXPECT_EQ(stop_of(pid), SIGCONT);
	MUST(REQUEST(PTRACE_DETACH, pid, 0, 0));
	kill(pid, SIGKILL);
	EXPECT_KILLED(wait_status(pid), SIGKILL);
}

TEST(group_stop_of_an_attached_tracee)
{
	pid_t pid = traced_child(sleep_long);

	MUST(REQUEST(PTRACE_CONT, pid, 0, (void *)(long)SIGSTOP));
	EXPECT_EQ(stop_of(pid), SIGSTOP);	/* the group stop; it has no siginfo */
	siginfo_t info;

	EXPECT_ERRNO(REQUEST(PTRACE_GETSIGINFO, pid, 0, &info), EINVAL);
	EXPECT_ERRNO(REQUEST(PTRACE_LISTEN, pid, 0, 0), EIO);
	MUST(REQUEST(PTRACE_CONT, pid, 0, 0));
	kill(pid, SIGKILL);
	EXPECT_KILLED(wait_status(pid), SIGKILL);
}

/* A tracer's death frees its tracee, or takes it along. */
TEST(tracer_death)
{
	for (int exitkill = 0; exitkill < 2; exitkill++) {
		pid_t pid = sleeping_child(), tracer = must_fork();

		if (tracer == 0) {
			MUST(REQUEST(PTRACE_SEIZE, pid, 0,
				     (void *)(exitkill ? (long)PTRACE_O_EXITKILL : 0L)));
			MUST(REQUEST(PTRACE_INTERRUPT, pid, 0, 0));
			stop_of(pid);
			_exit(0);
		}
		EXPECT_EXIT(wait_status(tracer), 0);
		if (!exitkill) {
			wait_for_state(pid, 'S');
			expect_tracer(pid, 0);
			kill(pid, SIGKILL);
		}
		EXPECT_KILLED(wait_status(pid), SIGKILL);
	}
}

/* A tracee that is not the tracer's child: the tracer waits first, then the parent. */
TEST(death_is_the_tracers_first)
{
	int ends[2];
	pid_t pid, tracer;
	char byte;

	pid = sleeping_child();
	MUST(pipe(ends));
	tracer = must_fork();
	if (tracer == 0) {
		MUST(REQUEST(PTRACE_SEIZE, pid, 0, 0));
		MUST(write(ends[1], "x", 1));
		wait_for_state(pid, 'Z');
		sleep_ms(50);
		EXPECT_KILLED(wait_status(pid), SIGKILL);
		_exit(0);
	}
	MUST(read(ends[0], &byte, 1));
	kill(pid, SIGKILL);
	wait_for_state(pid, 'Z');
	EXPECT_EQ(waitpid(pid, NULL, WNOHANG), 0);
	EXPECT_KILLED(wait_status(pid), SIGKILL);
	EXPECT_EXIT(wait_status(tracer), 0);
}

TEST(strangers_may_not)
{
	pid_t pid, other;

	need_root();
	pid = sleeping_child();
	other = must_fork();
	if (other == 0) {
		MUST(setresuid(1000, 1000, 1000));
		EXPECT_ERRNO(REQUEST(PTRACE_ATTACH, pid, 0, 0), EPERM);
		EXPECT_ERRNO(REQUEST(PTRACE_SEIZE, 1, 0, 0), EPERM);
		_exit(0);
	}
	EXPECT_EXIT(wait_status(other), 0);
	kill(pid, SIGKILL);
	wait_status(pid);
	/* Not dumpable: not even its like may look. */
	pid = must_fork();
	if (pid == 0) {
		MUST(setresuid(1000, 1000, 1000));
		MUST(prctl(PR_SET_DUMPABLE, 0));
		sleep_long();
	}
	wait_for_state(pid, 'S');
	other = must_fork();
	if (other == 0) {
		MUST(setresuid(1000, 1000, 1000));
		EXPECT_ERRNO(REQUEST(PTRACE_ATTACH, pid, 0, 0), EPERM);
		_exit(0);
	}
	EXPECT_EXIT(wait_status(other), 0);
	kill(pid, SIGKILL);
	wait_status(pid);
}

TEST(mem_file_writes)
{
	pid_t pid = traced_child(nothing);
	const long value = 1234;
	char path[64];
	FILE *mem;

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	mem = fopen(path, "r+");
	EXPECT(mem);
	EXPECT_EQ(fseek(mem, (long)&shared_word, SEEK_SET), 0);
	EXPECT_EQ(fwrite(&value, sizeof(value), 1, mem), 1);
	EXPECT_EQ(fclose(mem), 0);
	EXPECT_EQ(REQUEST(PTRACE_PEEKDATA, pid, (void *)&shared_word, 0), 1234);
	MUST(REQUEST(PTRACE_CONT, pid, 0, 0));
	EXPECT_EXIT(wait_status(pid), 0);
}

/* Kill a tracee wherever it is: never a hang, never a stray stop. */
TEST(kill_in_every_stop)
{
	for (int i = 0; i < 20; i++) {
		pid_t pid = traced_child(three_calls);

		for (int step = 0; step < i; step++) {
			MUST(REQUEST(i & 1 ? PTRACE_SYSCALL : PTRACE_SINGLESTEP, pid, 0, 0));
			if (step + 1 < i) {
				int status = wait_status(pid);

				if (!WIFSTOPPED(status))
					goto next;
			}
		}
		kill(pid, SIGKILL);
		for (;;) {
			int status = wait_status(pid);

			if (WIFSTOPPED(status))
				continue;
			break;
		}
next:;
	}
}
