/* SPDX-License-Identifier: BSD-2-Clause */
/* seccomp(2): strict mode, what filters may be, each of their answers, threads, children, tracers. */
#include <linux/audit.h>
#include <linux/elf.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <asm/ptrace.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "helpers.h"

#define LOAD(field)	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define ANSWER(value)	BPF_STMT(BPF_RET | BPF_K, (value))
#define UNLESS_CALL(nr, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (nr), 0, (skip))

static long set_program(const struct sock_filter *insns, size_t count, unsigned int flags)
{
	struct sock_fprog prog = { (unsigned short)count, (struct sock_filter *)insns };

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
}

#define SET(program) set_program(program, ARRAY_SIZE(program), 0)

/* From now on the call `nr` is answered so, all others are allowed. */
static void answer_call(long nr, unsigned int answer, unsigned int flags)
{
	const struct sock_filter program[] = {
		LOAD(nr), UNLESS_CALL((unsigned int)nr, 1), ANSWER(answer), ANSWER(SECCOMP_RET_ALLOW),
	};

	MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	EXPECT_EQ(set_program(program, ARRAY_SIZE(program), flags), 0);
}

static long status_value(const char *name)
{
	char text[4096], *at;

	get_file("/proc/thread-self/status", text, sizeof(text));
	at = strstr(text, name);
	return at ? strtol(at + strlen(name), NULL, 10) : -1;
}

TEST(strict)
{
	SKIP_IN_EMULATOR("has no seccomp");
	EXPECT_EQ(prctl(PR_GET_SECCOMP), 0);
	EXPECT_EXIT(IN_CHILD({
		MUST(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT));
		write(1, "", 0);
		syscall(SYS_exit, 5);
	}), 5);
	EXPECT_KILLED(IN_CHILD({
		MUST(syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, NULL));
		syscall(SYS_getpid);
	}), SIGKILL);
	EXPECT_KILLED(IN_CHILD({
		MUST(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT));
		prctl(PR_GET_SECCOMP);
	}), SIGKILL);
}

TEST(bad_requests)
{
	unsigned int action = SECCOMP_RET_ERRNO;

	SKIP_IN_EMULATOR("has no seccomp");
	EXPECT_ERRNO(syscall(SYS_seccomp, 99, 0, NULL), EINVAL);
	EXPECT_ERRNO(syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 1, NULL), EINVAL);
	EXPECT_ERRNO(syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, &action), EINVAL);
	EXPECT_ERRNO(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 1u << 20, NULL), EINVAL);
	EXPECT_ERRNO(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, NULL), EFAULT);
	EXPECT_ERRNO(prctl(PR_SET_SECCOMP, 7, 0, 0, 0), EINVAL);
	EXPECT_ERRNO(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, 8, 0, 0), EFAULT);
	EXPECT_EQ(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action), 0);
	EXPECT_ERRNO(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 1, &action), EINVAL);
	EXPECT_ERRNO(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, NULL), EFAULT);
	action = 0x12340000;
	EXPECT_ERRNO(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action), EOPNOTSUPP);
}

TEST(needs_no_new_privs_or_root)
{
	const struct sock_filter allow[] = { ANSWER(SECCOMP_RET_ALLOW) };

	SKIP_IN_EMULATOR("has no seccomp");
	need_root();
	EXPECT_EQ(SET(allow), 0);
	EXPECT_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 0);
	MUST(setresuid(1000, 1000, 1000));
	EXPECT_ERRNO(SET(allow), EACCES);
	MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	EXPECT_EQ(SET(allow), 0);
	EXPECT_EQ(prctl(PR_GET_SECCOMP), SECCOMP_MODE_FILTER);
	EXPECT_EQ(status_value("Seccomp:"), SECCOMP_MODE_FILTER);
	EXPECT_EQ(status_value("Seccomp_filters:"), 2);
	EXPECT_EQ(status_value("NoNewPrivs:"), 1);
	EXPECT_ERRNO(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT), EINVAL);
}

/* Each is refused: what would never end, run off its end, or look at what is not its own. */
TEST(bad_programs)
{
	static const struct sock_filter programs[][3] = {
		{ LOAD(nr), ANSWER(0), LOAD(nr) },
		{ BPF_JUMP(BPF_JMP | BPF_JA, 2, 0, 0), ANSWER(0), ANSWER(0) },
		{ BPF_JUMP(BPF_JMP | BPF_JA, 0xffffffff, 0, 0), ANSWER(0), ANSWER(0) },
		{ BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 2, 0), ANSWER(0), ANSWER(0) },
		{ BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 2), ANSWER(0), ANSWER(0) },
		{ BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64), ANSWER(0), ANSWER(0) },
		{ BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2), ANSWER(0), ANSWER(0) },
		{ BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0xfffffffc), ANSWER(0), ANSWER(0) },
		{ BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 0), ANSWER(0), ANSWER(0) },
		{ BPF_STMT(BPF_LD | BPF_W | BPF_IND, 0), ANSWER(0), ANSWER(0) },
		{ BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0), ANSWER(0), ANSWER(0) },
		{ BPF_STMT(BPF_LD | BPF_MEM, 0), ANSWER(0), ANSWER(0) },
		{ BPF_STMT(BPF_LDX | BPF_MEM, 0), ANSWER(0), ANSWER(0) },
		{ BPF_STMT(BPF_ST, 16), ANSWER(0), ANSWER(0) },
		{ BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), ANSWER(0), ANSWER(0) },
		{ BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 3), ANSWER(0), ANSWER(0) },
		{ BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 32), ANSWER(0), ANSWER(0) },
		{ BPF_STMT(BPF_ALU | 0xb0, 0), ANSWER(0), ANSWER(0) },
		{ BPF_STMT(0xffff, 0), ANSWER(0), ANSWER(0) },
		/* Only one of the two ways writes the word. */
		{ BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1), BPF_STMT(BPF_ST, 3),
		  BPF_STMT(BPF_LD | BPF_MEM, 3) },
	};
	static struct sock_filter many[4097];

	SKIP_IN_EMULATOR("has no seccomp");
	MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		long result = SET(programs[i]);

		if (result != -1 || errno != EINVAL)
			FAIL("program %zu: %ld, errno %d", i, result, errno);
	}
	for (size_t i = 0; i < ARRAY_SIZE(many); i++)
		many[i] = (struct sock_filter)ANSWER(SECCOMP_RET_ALLOW);
	EXPECT_ERRNO(set_program(many, 0, 0), EINVAL);
	EXPECT_ERRNO(set_program(many, 4097, 0), EINVAL);
	EXPECT_ERRNO(set_program((void *)8, 1, 0), EFAULT);
	EXPECT_EQ(prctl(PR_GET_SECCOMP), 0);
	/* A chain has an end, too: 32768 instructions, as Linux translates them. */
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(set_program(many, 4096, 0), 0);
	for (int i = 0; i < 5; i++)
		set_program(many, 4096, 0);
	EXPECT_ERRNO(set_program(many, 4096, 0), ENOMEM);
}

TEST(errno_of_a_call)
{
	SKIP_IN_EMULATOR("has no seccomp");
	answer_call(SYS_getppid, SECCOMP_RET_ERRNO | EXDEV, 0);
	EXPECT_ERRNO(syscall(SYS_getppid), EXDEV);
	EXPECT_EQ(syscall(SYS_getpid), getpid());
	answer_call(SYS_getpgid, SECCOMP_RET_ERRNO | 0xffff, 0);
	EXPECT_ERRNO(syscall(SYS_getpgid, 0), 4095);
	answer_call(SYS_getsid, SECCOMP_RET_ERRNO, 0);
	EXPECT_EQ(syscall(SYS_getsid, 1), 0);
	/* Numbers that no call has come by the filters as well. */
	answer_call(5000, SECCOMP_RET_ERRNO | EXDEV, 0);
	EXPECT_ERRNO(syscall(5000), EXDEV);
	EXPECT_ERRNO(syscall(5001), ENOSYS);
}

TEST(strictest_answer_counts)
{
	SKIP_IN_EMULATOR("has no seccomp");
	answer_call(SYS_getppid, SECCOMP_RET_ERRNO | EXDEV, 0);
	answer_call(SYS_getppid, SECCOMP_RET_LOG, 0);
	EXPECT_ERRNO(syscall(SYS_getppid), EXDEV);
	answer_call(SYS_getppid, SECCOMP_RET_ERRNO | ENODEV, 0);
	EXPECT_ERRNO(syscall(SYS_getppid), ENODEV);	/* of equals the newest */
	EXPECT_KILLED(IN_CHILD({
		answer_call(SYS_getppid, SECCOMP_RET_KILL_PROCESS, 0);
		answer_call(SYS_getppid, SECCOMP_RET_TRAP, 0);
		signal(SIGSYS, SIG_IGN);
		syscall(SYS_getppid);
	}), SIGSYS);
}

/* What a program sees: numbers, arguments of 64 bits in two words, the place of the call. */
TEST(data_of_a_call)
{
	const struct sock_filter program[] = {
		LOAD(arch), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_AARCH64, 1, 0),
		ANSWER(SECCOMP_RET_ERRNO | 1),
		LOAD(nr), UNLESS_CALL(5000, 12),
		LOAD(args[5]), BPF_STMT(BPF_ST, 4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[5]) + 4),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_LD | BPF_MEM, 4),
		BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0),
		BPF_STMT(BPF_LDX | BPF_W | BPF_LEN, 0),
		BPF_STMT(BPF_ALU | BPF_SUB | BPF_X, 0),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xffff),
		BPF_STMT(BPF_ALU | BPF_OR | BPF_K, SECCOMP_RET_ERRNO),
		BPF_STMT(BPF_RET | BPF_A, 0),
		ANSWER(SECCOMP_RET_KILL_PROCESS),
		ANSWER(SECCOMP_RET_ALLOW),
	};

	SKIP_IN_EMULATOR("has no seccomp");
	MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	EXPECT_EQ(SET(program), 0);
	/* 100 + 64 - the length of struct seccomp_data */
	EXPECT_ERRNO(syscall(5000, 0, 0, 0, 0, 0, (100ul << 32) + 64), 100);
}

static volatile siginfo_t trapped;

static void on_sigsys(int sig, siginfo_t *info, void *context)
{
	memcpy((void *)&trapped, info, sizeof(trapped));
}

TEST(trap)
{
	SKIP_IN_EMULATOR("has no seccomp");
	handle(SIGSYS, on_sigsys, SA_SIGINFO);
	answer_call(SYS_getpgid, SECCOMP_RET_TRAP | 77, 0);
	/* Not made: x0 is still the argument. */
	EXPECT_EQ(syscall(SYS_getpgid, 12345), 12345);
	EXPECT_EQ(trapped.si_signo, SIGSYS);
	EXPECT_EQ(trapped.si_code, 1);			/* SYS_SECCOMP */
	EXPECT_EQ(trapped.si_errno, 77);
	EXPECT_EQ(trapped.si_syscall, SYS_getpgid);
	EXPECT_EQ(trapped.si_arch, AUDIT_ARCH_AARCH64);
	EXPECT(trapped.si_call_addr);
	EXPECT_KILLED(IN_CHILD({
		sigset_t set;

		sigemptyset(&set);
		sigaddset(&set, SIGSYS);
		sigprocmask(SIG_BLOCK, &set, NULL);
		syscall(SYS_getpgid, 0);
	}), SIGSYS);
}

static void *call_getppid(void *arg)
{
	syscall(SYS_getppid);
	return arg;
}

static void *wait_then_exit(void *arg)
{
	sleep_ms(100000);
	return arg;
}

TEST(kill_thread_or_process)
{
	SKIP_IN_EMULATOR("has no seccomp");
	EXPECT_KILLED(IN_CHILD({
		handle(SIGSYS, on_sigsys, SA_SIGINFO);
		answer_call(SYS_getppid, SECCOMP_RET_KILL_THREAD, 0);
		syscall(SYS_getppid);
	}), SIGSYS);
	EXPECT_EXIT(IN_CHILD({
		pthread_t thread;

		answer_call(SYS_getppid, SECCOMP_RET_KILL_THREAD, 0);
		pthread_create(&thread, NULL, call_getppid, NULL);
		while (status_value("Threads:") != 1)
			sleep_ms(1);
		return_status = 3;
	}), 3);
	EXPECT_KILLED(IN_CHILD({
		pthread_t thread;

		answer_call(SYS_getppid, SECCOMP_RET_KILL_PROCESS, 0);
		pthread_create(&thread, NULL, wait_then_exit, NULL);
		syscall(SYS_getppid);
	}), SIGSYS);
	/* An answer that nobody knows kills. */
	EXPECT_KILLED(IN_CHILD({
		answer_call(SYS_getppid, 0x00010000, 0);
		syscall(SYS_getppid);
	}), SIGSYS);
}

int helper_main(int argc, char **argv)
{
	return syscall(SYS_getppid) == -1 && errno == EXDEV && status_value("NoNewPrivs:") == 1 ? 0 : 9;
}

TEST(children_and_programs_keep_them)
{
	SKIP_IN_EMULATOR("has no seccomp");
	answer_call(SYS_getppid, SECCOMP_RET_ERRNO | EXDEV, 0);
	EXPECT_EXIT(IN_CHILD({
		EXPECT_ERRNO(syscall(SYS_getppid), EXDEV);
		EXPECT_EQ(status_value("Seccomp_filters:"), 1);
		answer_call(SYS_getpgid, SECCOMP_RET_ERRNO | EXDEV, 0);
	}), 0);
	EXPECT_GE(syscall(SYS_getpgid, 0), 0);
	EXPECT_EXIT(IN_CHILD({
		execl(self_path(), self_path(), "--helper", NULL);
	}), 0);
}

/* --- Threads --- */

static volatile int step;
static pid_t other_tid;

static void wait_for_step(int wanted)
{
	while (__atomic_load_n(&step, __ATOMIC_SEQ_CST) < wanted)
		sleep_ms(1);
}

static void next_step(void)
{
	__atomic_fetch_add(&step, 1, __ATOMIC_SEQ_CST);
}

static void *other_thread(void *own_filter)
{
	other_tid = (pid_t)syscall(SYS_gettid);
	if (own_filter)
		answer_call(SYS_getsid, SECCOMP_RET_ERRNO | ENODEV, 0);
	next_step();
	wait_for_step(2);
	if (own_filter)
		EXPECT_NE(syscall(SYS_getppid), -1);
	else
		EXPECT_ERRNO(syscall(SYS_getppid), EXDEV);
	EXPECT_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
	return NULL;
}

static pthread_t start_other(bool own_filter)
{
	pthread_t thread;

	EXPECT_EQ(pthread_create(&thread, NULL, other_thread, (void *)own_filter), 0);
	wait_for_step(1);
	return thread;
}

TEST(all_threads)
{
	pthread_t thread;

	SKIP_IN_EMULATOR("has no seccomp");
	/* A filter both have is no obstacle. */
	answer_call(SYS_getsid, SECCOMP_RET_ERRNO | ENODEV, 0);
	thread = start_other(false);
	answer_call(SYS_getppid, SECCOMP_RET_ERRNO | EXDEV, SECCOMP_FILTER_FLAG_TSYNC);
	next_step();
	EXPECT_EQ(pthread_join(thread, NULL), 0);
}

TEST(a_thread_of_another_mind)
{
	const struct sock_filter allow[] = { ANSWER(SECCOMP_RET_ALLOW) };
	pthread_t thread;

	SKIP_IN_EMULATOR("has no seccomp");
	MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	thread = start_other(true);
	EXPECT_EQ(set_program(allow, 1, SECCOMP_FILTER_FLAG_TSYNC), other_tid);
	EXPECT_ERRNO(set_program(allow, 1, SECCOMP_FILTER_FLAG_TSYNC |
				 SECCOMP_FILTER_FLAG_TSYNC_ESRCH), ESRCH);
	EXPECT_EQ(prctl(PR_GET_SECCOMP), 0);
	next_step();
	EXPECT_EQ(pthread_join(thread, NULL), 0);
}

/* --- Tracers --- */

static void set_number(pid_t pid, int nr)
{
	struct iovec iov = { &nr, sizeof(nr) };

	MUST(ptrace(PTRACE_SETREGSET, pid, (void *)NT_ARM_SYSTEM_CALL, &iov));
}

static void set_result(pid_t pid, long value)
{
	struct user_pt_regs regs;
	struct iovec iov = { &regs, sizeof(regs) };

	MUST(ptrace(PTRACE_GETREGSET, pid, (void *)NT_PRSTATUS, &iov));
	regs.regs[0] = (unsigned long)value;
	MUST(ptrace(PTRACE_SETREGSET, pid, (void *)NT_PRSTATUS, &iov));
}

TEST(without_a_tracer)
{
	SKIP_IN_EMULATOR("has no seccomp");
	answer_call(SYS_getppid, SECCOMP_RET_TRACE | 5, 0);
	EXPECT_ERRNO(syscall(SYS_getppid), ENOSYS);
}

TEST(tracer_decides)
{
	struct __ptrace_syscall_info info;
	const int event = SIGTRAP | PTRACE_EVENT_SECCOMP << 8;
	unsigned long message;
	pid_t pid;

	SKIP_IN_EMULATOR("has no seccomp");
	pid = must_fork();
	if (pid == 0) {
		MUST(ptrace(PTRACE_TRACEME, 0, 0, 0));
		answer_call(SYS_getpgid, SECCOMP_RET_TRACE | 1234, 0);
		answer_call(SYS_getsid, SECCOMP_RET_ERRNO | EXDEV, 0);
		raise(SIGSTOP);
		EXPECT_EQ(syscall(SYS_getpgid, 0), getpgrp());
		EXPECT_ERRNO(syscall(SYS_getpgid, 0), 77);
		EXPECT_ERRNO(syscall(SYS_getpgid, 0), EXDEV);
		_exit(0);
	}
	EXPECT_EQ(stop_of(pid), SIGSTOP);
	MUST(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESECCOMP));
	MUST(ptrace(PTRACE_CONT, pid, 0, 0));
	/* getpgrp(3) is the call, too: first it, or first the argument, as the compiler likes. */
	for (int i = 0; i < 2; i++) {
		EXPECT_EQ(stop_of(pid), event);
		MUST(ptrace(PTRACE_GETEVENTMSG, pid, 0, &message));
		EXPECT_EQ(message, 1234);
		EXPECT_EQ(MUST(ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof(info), &info)),
			  offsetof(struct __ptrace_syscall_info, seccomp.ret_data) + 4);
		EXPECT_EQ(info.op, 3);			/* PTRACE_SYSCALL_INFO_SECCOMP */
		EXPECT_EQ(info.seccomp.nr, SYS_getpgid);
		EXPECT_EQ(info.seccomp.ret_data, 1234);
		MUST(ptrace(PTRACE_CONT, pid, 0, 0));
	}
	/* No call: the result is the tracer's. */
	EXPECT_EQ(stop_of(pid), event);
	set_number(pid, -1);
	set_result(pid, -77);
	MUST(ptrace(PTRACE_CONT, pid, 0, 0));
	/* Another call, which the filters look at anew. */
	EXPECT_EQ(stop_of(pid), event);
	set_number(pid, SYS_getsid);
	MUST(ptrace(PTRACE_CONT, pid, 0, 0));
	EXPECT_EXIT(wait_status(pid), 0);
}
