/* SPDX-License-Identifier: BSD-2-Clause */
/* System V message queues: types, order, waiting, limits, removal. */
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/syscall.h>

#include "helpers.h"

#ifndef MSG_COPY
#define MSG_COPY 040000
#endif
#ifndef MSG_EXCEPT
#define MSG_EXCEPT 020000
#endif

static struct { long type; char text[9000]; } buf;

static int get(void)
{
	return MUST(msgget(IPC_PRIVATE, IPC_CREAT | 0600));
}

static int send(int id, long type, const char *text, int flags)
{
	buf.type = type;
	strcpy(buf.text, text);
	return msgsnd(id, &buf, strlen(text) + 1, flags);
}

/* Takes one and checks it. */
static void expect(int id, long want, int flags, long type, const char *text)
{
	memset(&buf, 0, sizeof(buf));
	EXPECT_EQ(msgrcv(id, &buf, 100, want, flags | IPC_NOWAIT), strlen(text) + 1);
	EXPECT_EQ(buf.type, type);
	EXPECT_STREQ(buf.text, text);
}

static struct msqid_ds stat_of(int id)
{
	struct msqid_ds ds;

	MUST(msgctl(id, IPC_STAT, &ds));
	return ds;
}

static void rm(int id)
{
	MUST(msgctl(id, IPC_RMID, NULL));
}

TEST(types_and_order)
{
	int id = get();

	MUST(send(id, 5, "five", 0));
	MUST(send(id, 3, "three", 0));
	MUST(send(id, 7, "seven", 0));
	MUST(send(id, 3, "three again", 0));
	EXPECT_EQ(stat_of(id).msg_qnum, 4);
	EXPECT_EQ(stat_of(id).__msg_cbytes, 5 + 6 + 6 + 12);
	expect(id, 7, 0, 7, "seven");
	EXPECT_ERRNO(msgrcv(id, &buf, 100, 7, IPC_NOWAIT), ENOMSG);
	expect(id, -6, 0, 3, "three");	/* the lowest, not the first */
	expect(id, 3, MSG_EXCEPT, 5, "five");
	expect(id, LONG_MIN, 0, 3, "three again");
	EXPECT_ERRNO(msgrcv(id, &buf, 100, 0, IPC_NOWAIT), ENOMSG);
	MUST(send(id, LONG_MAX, "", 0));
	expect(id, 0, 0, LONG_MAX, "");
	EXPECT_ERRNO(send(id, 0, "x", 0), EINVAL);
	EXPECT_ERRNO(send(id, -1, "x", 0), EINVAL);
	rm(id);
	EXPECT_ERRNO(send(id, 1, "x", 0), EINVAL);
	EXPECT_ERRNO(msgrcv(id, &buf, 100, 0, 0), EINVAL);
}

TEST(lengths)
{
	int id = get();

	MUST(send(id, 1, "0123456789", 0));
	EXPECT_ERRNO(msgrcv(id, &buf, 5, 0, 0), E2BIG);
	memset(&buf, 0, sizeof(buf));
	EXPECT_EQ(msgrcv(id, &buf, 5, 0, MSG_NOERROR), 5);
	EXPECT_STREQ(buf.text, "01234");
	EXPECT_EQ(stat_of(id).msg_qnum, 0);
	buf.type = 1;
	MUST(msgsnd(id, &buf, 0, 0));
	EXPECT_EQ(msgrcv(id, &buf, 100, 0, 0), 0);
	MUST(msgsnd(id, &buf, 8192, 0));
	EXPECT_EQ(msgrcv(id, &buf, 8192, 0, 0), 8192);
	EXPECT_ERRNO(msgsnd(id, &buf, 8193, 0), EINVAL);
	EXPECT_ERRNO(msgsnd(id, &buf, (size_t)-1, 0), EINVAL);
	EXPECT_ERRNO(msgsnd(id, (void *)8, 8, 0), EFAULT);
	MUST(msgsnd(id, &buf, 8, 0));
	EXPECT_ERRNO(msgrcv(id, (void *)8, 8, 0, 0), EFAULT);
	rm(id);
}

TEST(copy)
{
	int id = get();

	SKIP_IN_EMULATOR("the host may have none");
	MUST(send(id, 5, "five", 0));
	MUST(send(id, 6, "six", 0));
	expect(id, 1, MSG_COPY, 6, "six");
	expect(id, 0, MSG_COPY, 5, "five");
	EXPECT_ERRNO(msgrcv(id, &buf, 100, 2, MSG_COPY | IPC_NOWAIT), ENOMSG);
	EXPECT_ERRNO(msgrcv(id, &buf, 100, 0, MSG_COPY), EINVAL);
	EXPECT_ERRNO(msgrcv(id, &buf, 100, 0, MSG_COPY | MSG_EXCEPT | IPC_NOWAIT), EINVAL);
	EXPECT_EQ(stat_of(id).msg_qnum, 2);
	rm(id);
}

TEST(receiver_waits)
{
	int id = get();
	pid_t pid = must_fork();

	if (pid == 0) {
		EXPECT_EQ(msgrcv(id, &buf, 100, 2, 0), 4);
		EXPECT_STREQ(buf.text, "two");
		_exit(0);
	}
	wait_for_state(pid, 'S');
	MUST(send(id, 1, "one", 0));
	MUST(send(id, 2, "two", 0));
	EXPECT_EXIT(wait_status(pid), 0);
	if (!in_emulator())	/* pids are the host's */
		EXPECT_EQ(stat_of(id).msg_lrpid, pid);
	EXPECT_EQ(stat_of(id).msg_lspid, getpid());
	EXPECT_EQ(stat_of(id).msg_qnum, 1);
	/* Too long for who waits: an error for it, and the message stays. */
	pid = must_fork();
	if (pid == 0) {
		EXPECT_ERRNO(msgrcv(id, &buf, 2, 3, 0), E2BIG);
		_exit(0);
	}
	wait_for_state(pid, 'S');
	MUST(send(id, 3, "three", 0));
	EXPECT_EXIT(wait_status(pid), 0);
	expect(id, 3, 0, 3, "three");
	rm(id);
}

TEST(sender_waits)
{
	int id = get();
	pid_t pid;

	buf.type = 1;
	MUST(msgsnd(id, &buf, 8192, 0));
	MUST(msgsnd(id, &buf, 8192, 0));
	EXPECT_ERRNO(msgsnd(id, &buf, 1, IPC_NOWAIT), EAGAIN);
	pid = must_fork();
	if (pid == 0)
		_exit(msgsnd(id, &buf, 10, 0) != 0);
	wait_for_state(pid, 'S');
	EXPECT_EQ(msgrcv(id, &buf, 8192, 0, 0), 8192);
	EXPECT_EXIT(wait_status(pid), 0);
	EXPECT_EQ(stat_of(id).msg_qnum, 2);
	rm(id);
}

static void nothing(int sig)
{
}

TEST(signals_and_removal)
{
	int id = get();
	pid_t pid = must_fork();

	if (pid == 0) {
		handle(SIGUSR1, nothing, SA_RESTART);
		EXPECT_ERRNO(msgrcv(id, &buf, 100, 0, 0), EINTR);
		_exit(0);
	}
	wait_for_state(pid, 'S');
	kill(pid, SIGUSR1);
	EXPECT_EXIT(wait_status(pid), 0);
	pid = must_fork();
	if (pid == 0) {
		EXPECT_ERRNO(msgrcv(id, &buf, 100, 0, 0), EIDRM);
		_exit(0);
	}
	wait_for_state(pid, 'S');
	rm(id);
	EXPECT_EXIT(wait_status(pid), 0);
}

TEST(permissions_and_limits)
{
	struct msqid_ds ds;
	int id;

	SKIP_IN_EMULATOR("ids are the host's");
	need_root();
	id = get();
	ds = stat_of(id);
	EXPECT_EQ(ds.msg_qbytes, 16384);
	ds.msg_perm.mode = 0622;
	ds.msg_qbytes = 100;
	MUST(msgctl(id, IPC_SET, &ds));
	buf.type = 1;
	EXPECT_ERRNO(msgsnd(id, &buf, 101, IPC_NOWAIT), EAGAIN);
	EXPECT_EXIT(IN_CHILD({
		MUST(setresuid(2000, 2000, 2000));
		MUST(send(id, 1, "x", 0));
		EXPECT_ERRNO(msgrcv(id, &buf, 100, 0, IPC_NOWAIT), EACCES);
		EXPECT_ERRNO(msgctl(id, IPC_STAT, &ds), EACCES);
		EXPECT_ERRNO(msgctl(id, IPC_RMID, NULL), EPERM);
	}), 0);
	ds.msg_perm.uid = 2000;
	MUST(msgctl(id, IPC_SET, &ds));
	ds.msg_qbytes = 20000;
	EXPECT_EXIT(IN_CHILD({
		MUST(setresuid(2000, 2000, 2000));
		EXPECT_ERRNO(msgctl(id, IPC_SET, &ds), EPERM);
	}), 0);
	MUST(msgctl(id, IPC_SET, &ds));
	EXPECT_EQ(stat_of(id).msg_qbytes, 20000);
	rm(id);
}

TEST(lists)
{
	static char text[100000], line[128];
	struct msginfo info;
	int id = get(), top, found = 0;
	struct msqid_ds ds;

	MUST(send(id, 1, "abc", 0));
	top = MUST(msgctl(0, IPC_INFO, (void *)&info));
	EXPECT_EQ(info.msgmax, 8192);
	EXPECT_EQ(info.msgmnb, 16384);
	EXPECT_EQ(MUST(msgctl(0, 12 /* MSG_INFO */, (void *)&info)), top);
	EXPECT_GE(info.msgpool, 1);
	EXPECT_GE(info.msgmap, 1);
	EXPECT_GE(info.msgtql, 4);
	for (int i = 0; i <= top; i++)
		found += msgctl(i, 11 /* MSG_STAT */, &ds) == id;
	EXPECT_EQ(found, 1);
	get_file("/proc/sysvipc/msg", text, sizeof(text));
	snprintf(line, sizeof(line), "%10d %10d   600  %10u %10u ", 0, id, 4, 1);
	if (!strstr(text, line))
		FAIL("no \"%s\" in %s", line, text);
	rm(id);
}
