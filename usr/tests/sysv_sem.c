/* SPDX-License-Identifier: BSD-2-Clause */
/* System V semaphores: operations, waiting, undo, counts, removal, limits. */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <time.h>

#include "helpers.h"

union semun_arg {
	int val;
	struct semid_ds *buf;
	unsigned short *array;
	void *ptr;
};

static int ctl(int id, int num, int cmd, union semun_arg arg)
{
	return semctl(id, num, cmd, arg);
}

static int get(int n)
{
	return MUST(semget(IPC_PRIVATE, n, IPC_CREAT | 0600));
}

static void set(int id, int num, int value)
{
	MUST(ctl(id, num, SETVAL, (union semun_arg){ .val = value }));
}

static int value(int id, int num)
{
	return MUST(semctl(id, num, GETVAL));
}

static int op(int id, int num, int change, int flags)
{
	struct sembuf sops = { (unsigned short)num, (short)change, (short)flags };

	return semop(id, &sops, 1);
}

static void rm(int id)
{
	MUST(semctl(id, 0, IPC_RMID));
}

static void wait_for_count(int id, int num, int cmd, int count)
{
	for (int i = 0; i < 2000 && semctl(id, num, cmd) != count; i++)
		sleep_ms(2);
	EXPECT_EQ(semctl(id, num, cmd), count);
}

TEST(values)
{
	int id = get(3);
	unsigned short all[3] = { 1, 2, 32767 }, back[3];

	EXPECT_EQ(value(id, 0), 0);
	MUST(ctl(id, 0, SETALL, (union semun_arg){ .array = all }));
	MUST(ctl(id, 0, GETALL, (union semun_arg){ .array = back }));
	EXPECT_MEMEQ(all, back, sizeof(all));
	EXPECT_EQ(MUST(semctl(id, 1, GETPID)), getpid());
	EXPECT_ERRNO(op(id, 2, 1, 0), ERANGE);
	EXPECT_ERRNO(ctl(id, 0, SETVAL, (union semun_arg){ .val = 32768 }), ERANGE);
	EXPECT_ERRNO(ctl(id, 0, SETVAL, (union semun_arg){ .val = -1 }), ERANGE);
	EXPECT_ERRNO(ctl(id, 3, SETVAL, (union semun_arg){ .val = 1 }), EINVAL);
	EXPECT_ERRNO(semctl(id, 3, GETVAL), EINVAL);
	all[1] = 40000;
	EXPECT_ERRNO(ctl(id, 0, SETALL, (union semun_arg){ .array = all }), ERANGE);
	EXPECT_EQ(value(id, 1), 2);
	rm(id);
	EXPECT_ERRNO(semctl(id, 0, GETVAL), EINVAL);
	EXPECT_ERRNO(op(id, 0, 1, 0), EINVAL);
}

TEST(keys_and_sizes)
{
	key_t key = 0x7e560000 + getpid() % 10000;
	int id = MUST(semget(key, 4, IPC_CREAT | IPC_EXCL | 0600));

	EXPECT_EQ(semget(key, 4, 0), id);
	EXPECT_EQ(semget(key, 0, 0), id);
	EXPECT_ERRNO(semget(key, 5, 0), EINVAL);
	EXPECT_ERRNO(semget(key, 4, IPC_CREAT | IPC_EXCL), EEXIST);
	EXPECT_ERRNO(semget(IPC_PRIVATE, 0, 0600), EINVAL);
	EXPECT_ERRNO(semget(IPC_PRIVATE, -1, 0600), EINVAL);
	EXPECT_ERRNO(semget(IPC_PRIVATE, 32001, 0600), EINVAL);
	rm(id);
	EXPECT_ERRNO(semget(key, 4, 0), ENOENT);
}

TEST(all_or_nothing)
{
	int id = get(2);
	struct sembuf ops[2] = { { 0, 1, 0 }, { 1, -1, IPC_NOWAIT } };
	struct sembuf twice[3] = { { 0, 0, 0 }, { 0, 2, 0 }, { 0, -1, 0 } };

	EXPECT_ERRNO(semop(id, ops, 2), EAGAIN);
	EXPECT_EQ(value(id, 0), 0);
	set(id, 1, 1);
	MUST(semop(id, ops, 2));
	EXPECT_EQ(value(id, 0), 1);
	EXPECT_EQ(value(id, 1), 0);
	set(id, 0, 0);
	MUST(semop(id, twice, 3));
	EXPECT_EQ(value(id, 0), 1);
	EXPECT_ERRNO(op(id, 2, 1, 0), EFBIG);
	EXPECT_ERRNO(semop(id, ops, 0), EINVAL);
	EXPECT_ERRNO(semop(id, ops, 501), E2BIG);
	EXPECT_ERRNO(semop(-1, ops, 1), EINVAL);
	EXPECT_ERRNO(semop(id, (struct sembuf *)8, 1), EFAULT);
	rm(id);
}

TEST(wait_and_wake)
{
	int id = get(1);
	pid_t pid = must_fork();

	if (pid == 0)
		_exit(op(id, 0, -2, 0) != 0);
	wait_for_count(id, 0, GETNCNT, 1);
	MUST(op(id, 0, 1, 0));
	EXPECT_EQ(semctl(id, 0, GETNCNT), 1);
	MUST(op(id, 0, 1, 0));
	EXPECT_EXIT(wait_status(pid), 0);
	EXPECT_EQ(value(id, 0), 0);
	EXPECT_EQ(semctl(id, 0, GETPID), pid);
	/* For zero. */
	set(id, 0, 2);
	pid = must_fork();
	if (pid == 0)
		_exit(op(id, 0, 0, 0) != 0);
	wait_for_count(id, 0, GETZCNT, 1);
	MUST(op(id, 0, -1, 0));
	EXPECT_EQ(semctl(id, 0, GETZCNT), 1);
	set(id, 0, 0);
	EXPECT_EXIT(wait_status(pid), 0);
	rm(id);
}

/* Each takes from one and gives to the next: one change wakes a whole chain. */
TEST(chain)
{
	int id = get(10);
	pid_t pids[9];

	for (int i = 0; i < 9; i++) {
		pids[i] = must_fork();
		if (pids[i] == 0) {
			struct sembuf ops[2] = { { (unsigned short)i, -1, 0 },
						 { (unsigned short)(i + 1), 1, 0 } };

			_exit(semop(id, ops, 2) != 0);
		}
		wait_for_count(id, i, GETNCNT, 1);
	}
	MUST(op(id, 0, 1, 0));
	for (int i = 0; i < 9; i++)
		EXPECT_EXIT(wait_status(pids[i]), 0);
	EXPECT_EQ(value(id, 9), 1);
	rm(id);
}

TEST(timeout)
{
	int id = get(1);
	struct sembuf sops = { 0, -1, 0 };
	struct timespec ts = { 0, 50000000 }, bad = { 0, 1000000000 }, none = { 0, 0 };
	int64_t start = now_ns();

	EXPECT_ERRNO(semtimedop(id, &sops, 1, &ts), EAGAIN);
	EXPECT_GE(now_ns() - start, 50000000);
	EXPECT_ERRNO(semtimedop(id, &sops, 1, &none), EAGAIN);
	EXPECT_ERRNO(semtimedop(id, &sops, 1, &bad), EINVAL);
	EXPECT_EQ(semctl(id, 0, GETNCNT), 0);
	set(id, 0, 1);
	MUST(semtimedop(id, &sops, 1, &ts));
	rm(id);
}

static void nothing(int sig)
{
}

TEST(signal_ends_it)
{
	int id = get(1);
	pid_t pid = must_fork();

	if (pid == 0) {
		handle(SIGUSR1, nothing, SA_RESTART);
		EXPECT_ERRNO(op(id, 0, -1, 0), EINTR);	/* whatever SA_RESTART says */
		_exit(0);
	}
	wait_for_count(id, 0, GETNCNT, 1);
	wait_for_state(pid, 'S');
	kill(pid, SIGUSR1);
	EXPECT_EXIT(wait_status(pid), 0);
	EXPECT_EQ(semctl(id, 0, GETNCNT), 0);
	rm(id);
}

TEST(removal_wakes)
{
	int id = get(1);
	pid_t pid = must_fork();

	if (pid == 0) {
		EXPECT_ERRNO(op(id, 0, -1, 0), EIDRM);
		_exit(0);
	}
	wait_for_count(id, 0, GETNCNT, 1);
	rm(id);
	EXPECT_EXIT(wait_status(pid), 0);
}

TEST(undo_at_exit)
{
	int id = get(2);

	set(id, 0, 5);
	EXPECT_EXIT(IN_CHILD({
		MUST(op(id, 0, -3, SEM_UNDO));
		MUST(op(id, 0, 1, 0));
		MUST(op(id, 1, 4, SEM_UNDO));
		EXPECT_EQ(value(id, 0), 3);
		MUST(op(id, 1, -3, 0));	/* what is undone would be below zero */
	}), 0);
	EXPECT_EQ(value(id, 0), 6);
	EXPECT_EQ(value(id, 1), 0);
	/* A killed holder gives back, and that wakes others. */
	set(id, 0, 1);
	pid_t holder = must_fork(), waiter;

	if (holder == 0) {
		MUST(op(id, 0, -1, SEM_UNDO));
		pause();
	}
	for (int i = 0; i < 1000 && value(id, 0); i++)
		sleep_ms(2);
	waiter = must_fork();
	if (waiter == 0)
		_exit(op(id, 0, -1, 0) != 0);
	wait_for_count(id, 0, GETNCNT, 1);
	kill(holder, SIGKILL);
	EXPECT_KILLED(wait_status(holder), SIGKILL);
	EXPECT_EXIT(wait_status(waiter), 0);
	/* Setting a value forgets what was to be undone. */
	EXPECT_EXIT(IN_CHILD({
		MUST(op(id, 0, 2, SEM_UNDO));
		set(id, 0, 7);
	}), 0);
	EXPECT_EQ(value(id, 0), 7);
	/* A child does not have its parent's. */
	MUST(op(id, 0, 1, SEM_UNDO));
	EXPECT_EXIT(IN_CHILD({}), 0);
	EXPECT_EQ(value(id, 0), 8);
	rm(id);
	/* Removed before the exit. */
	EXPECT_EXIT(IN_CHILD({
		int own = get(1);

		MUST(op(own, 0, 1, SEM_UNDO));
		rm(own);
		own = get(1);
		MUST(op(own, 0, 1, SEM_UNDO));
		rm(own);
	}), 0);
}

static void *thread_op(void *arg)
{
	MUST(op(*(int *)arg, 0, 1, SEM_UNDO));
	return NULL;
}

TEST(undo_of_threads)
{
	int id = get(1);

	SKIP_IN_EMULATOR("undoes at the end of the emulator");
	EXPECT_EXIT(IN_CHILD({
		pthread_t thread;

		MUST(pthread_create(&thread, NULL, thread_op, &id) ? -1 : 0);
		pthread_join(thread, NULL);
		EXPECT_EQ(value(id, 0), 1);	/* the list is the process's */
		/* Who leaves last gives back: us, or the thread that may still be on its way out. */
		MUST(unshare(CLONE_SYSVSEM));
		for (int i = 0; i < 1000 && value(id, 0); i++)
			sleep_ms(2);
		EXPECT_EQ(value(id, 0), 0);
	}), 0);
	rm(id);
}

TEST(permissions_and_stat)
{
	struct semid_ds ds;
	int id;

	need_root();
	id = get(2);
	MUST(ctl(id, 0, IPC_STAT, (union semun_arg){ .buf = &ds }));
	EXPECT_EQ(ds.sem_nsems, 2);
	EXPECT_EQ(ds.sem_otime, 0);
	EXPECT(ds.sem_ctime);
	EXPECT_EQ(ds.sem_perm.mode, 0600);
	MUST(op(id, 0, 1, 0));
	MUST(ctl(id, 0, IPC_STAT, (union semun_arg){ .buf = &ds }));
	EXPECT(ds.sem_otime);
	ds.sem_perm.mode = 0644;
	MUST(ctl(id, 0, IPC_SET, (union semun_arg){ .buf = &ds }));
	EXPECT_EXIT(IN_CHILD({
		MUST(setresuid(2000, 2000, 2000));
		EXPECT_EQ(value(id, 0), 1);
		EXPECT_ERRNO(op(id, 0, 1, 0), EACCES);
		EXPECT_ERRNO(op(id, 0, 0, IPC_NOWAIT), EAGAIN);
		EXPECT_ERRNO(ctl(id, 0, SETVAL, (union semun_arg){ .val = 1 }), EACCES);
		EXPECT_ERRNO(semctl(id, 0, IPC_RMID), EPERM);
	}), 0);
	rm(id);
}

TEST(lists_and_limits)
{
	static char text[100000], line[128];
	struct seminfo info;
	int id = get(7), top, found = 0;
	struct semid_ds ds;

	top = MUST(ctl(0, 0, IPC_INFO, (union semun_arg){ .ptr = &info }));
	EXPECT_EQ(info.semvmx, 32767);
	EXPECT_EQ(info.semopm, 500);
	EXPECT_EQ(info.semmsl, 32000);
	EXPECT_EQ(MUST(ctl(0, 0, 19 /* SEM_INFO */, (union semun_arg){ .ptr = &info })), top);
	EXPECT_GE(info.semusz, 1);
	EXPECT_GE(info.semaem, 7);
	for (int i = 0; i <= top; i++)
		found += ctl(i, 0, 18 /* SEM_STAT */, (union semun_arg){ .buf = &ds }) == id;
	EXPECT_EQ(found, 1);
	get_file("/proc/sysvipc/sem", text, sizeof(text));
	snprintf(line, sizeof(line), "%10d %10d   600 %10u ", 0, id, 7);
	if (!strstr(text, line))
		FAIL("no \"%s\" in %s", line, text);
	get_file("/proc/sys/kernel/sem", text, sizeof(text));
	EXPECT_STREQ(text, "32000\t1024000000\t500\t32000\n");
	rm(id);
}

/* A mutex of four processes: nobody is lost, nobody comes in twice. */
TEST(contended)
{
	int id = get(2);
	pid_t pids[4];

	set(id, 0, 1);
	for (int i = 0; i < 4; i++) {
		pids[i] = must_fork();
		if (pids[i] == 0) {
			for (int n = 0; n < 500; n++) {
				MUST(op(id, 0, -1, SEM_UNDO));
				if (value(id, 0))
					_exit(1);
				MUST(op(id, 1, 1, 0));
				MUST(op(id, 0, 1, SEM_UNDO));
			}
			_exit(0);
		}
	}
	for (int i = 0; i < 4; i++)
		EXPECT_EXIT(wait_status(pids[i]), 0);
	EXPECT_EQ(value(id, 0), 1);
	EXPECT_EQ(value(id, 1), 2000);
	rm(id);
}
