/* SPDX-License-Identifier: BSD-2-Clause */
/* Locks with priority inheritance that children share; see pi_locks.h. */
#include "pi_locks.h"

#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>

long futex(volatile int *word, int op, int value, const void *timeout_or_value2,
	   volatile int *word2, int value3)
{
	return syscall(SYS_futex, word, op, value, timeout_or_value2, word2, value3);
}

volatile int *words;

void share_words(void)
{
	words = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	EXPECT_NE((void *)words, MAP_FAILED);
}

void wait_until(volatile int *flag, int value)
{
	for (int i = 0; *flag != value; i++) {
		if (i > 20000)
			FAIL("a flag is %d, not %d", *flag, value);
		usleep(500);
	}
}

void run_fifo(pid_t pid, int priority)
{
	struct sched_param param = { .sched_priority = priority };

	/* musl's own function refuses: it cannot do what POSIX wants for a process. */
	MUST(syscall(SYS_sched_setscheduler, pid, priority ? SCHED_FIFO : SCHED_OTHER, &param));
}

int prio_of(pid_t pid)
{
	char path[64], text[1024], *at;
	int prio;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	EXPECT_GT(get_file(path, text, sizeof(text)), 0);
	at = strrchr(text, ')');
	EXPECT(at && sscanf(at + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %d",
			    &prio) == 1);
	return prio;
}

void expect_prio(pid_t pid, int wanted)
{
	for (int i = 0; i < 2000 && prio_of(pid) != wanted; i++)
		usleep(1000);
	EXPECT_EQ(prio_of(pid), wanted);
}

pid_t holder(volatile int *word, int flag)
{
	pid_t pid = must_fork();

	if (pid == 0) {
		MUST(LOCK(word));
		while (!words[flag])
			usleep(500);
		MUST(UNLOCK(word));
		_exit(0);
	}
	for (int i = 0; (*word & FUTEX_TID_MASK) != pid; i++) {
		EXPECT_LT(i, 20000);
		usleep(500);
	}
	return pid;
}

void note_turn(void)
{
	words[128 + __atomic_fetch_add(&words[127], 1, __ATOMIC_SEQ_CST)] = getpid();
}

void wait_until_asleep(pid_t pid)
{
	wait_for_state(pid, 'S');
	sleep_ms(20);
	wait_for_state(pid, 'S');
}

pid_t waiter(volatile int *word, int priority)
{
	pid_t pid = must_fork();

	if (pid == 0) {
		if (priority)
			run_fifo(0, priority);
		MUST(LOCK(word));
		note_turn();
		MUST(UNLOCK(word));
		_exit(0);
	}
	wait_until_asleep(pid);
	return pid;
}
