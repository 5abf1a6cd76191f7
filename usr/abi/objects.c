/* SPDX-License-Identifier: BSD-2-Clause */
/* The arena of fixture.h and the structures in it. */
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <mqueue.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>

#include "fixture.h"

/* The object `name` of the arena becomes this value. */
#define PUT(name, type, ...)                                                                     \
	do {                                                                                     \
		_Static_assert(sizeof(type) <= OBJECT_SIZE, "an object fits its place");         \
		type value_ = __VA_ARGS__;                                                       \
		memcpy((void *)A(name), &value_, sizeof(value_));                                \
	} while (0)

/* As system calls take them, not as the C library has them. */
struct kernel_sigaction {
	uint64_t handler, flags, restorer, mask;
};
struct kernel_sched_attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t util_min, util_max;
};

static void put_times(void)
{
	const struct itimerspec hour = { .it_value = { 3600, 0 } };

	PUT(TS_MS, struct timespec, { 0, 1000000 });
	PUT(TS_ZERO, struct timespec, { 0, 0 });
	PUT(TS_BADNS, struct timespec, { 0, 1000000000 });
	PUT(TS_NEG, struct timespec, { -1, 0 });
	PUT(IT_ZERO, struct itimerval, { .it_value = { 0, 0 } });
	PUT(IT_HOUR, struct itimerval, { .it_value = { 3600, 0 } });
	PUT(IT_BAD, struct itimerval, { .it_value = { 1, 1000000 } });
	PUT(ITS_ZERO, struct itimerspec, { .it_value = { 0, 0 } });
	PUT(ITS_HOUR, struct itimerspec, hour);
	PUT(ITS_BAD, struct itimerspec, { .it_value = { 1, 1000000000 } });
	struct timespec *omit = (void *)A(TS_OMIT), *now = (void *)A(TS_NOW);

	omit[0].tv_nsec = omit[1].tv_nsec = UTIME_OMIT;
	now[0].tv_nsec = now[1].tv_nsec = UTIME_NOW;
}

static void put_vectors(void)
{
	struct iovec *two = (void *)A(IOV2);

	PUT(IOV, struct iovec, { (void *)A(SCRATCH), 16 });
	two[0] = (struct iovec){ (void *)A(SCRATCH), 5 };
	two[1] = (struct iovec){ (void *)(A(SCRATCH) + 100), 7 };
	PUT(IOV_WILD, struct iovec, { (void *)A(UNMAPPED), 16 });
	PUT(IOV_NEG, struct iovec, { (void *)A(SCRATCH), (size_t)-1 });
	PUT(IOV_HUGE, struct iovec, { (void *)A(SCRATCH), 0x7fffffff });
	PUT(MSG, struct msghdr, { .msg_iov = (void *)A(IOV), .msg_iovlen = 1 });
	PUT(MSG_BADIOV, struct msghdr, { .msg_iov = (void *)A(UNMAPPED), .msg_iovlen = 1 });
	PUT(MSG_MANY, struct msghdr, { .msg_iov = (void *)A(IOV), .msg_iovlen = 1025 });
	PUT(RMSG, struct msghdr, { .msg_iov = (void *)A(IOV2), .msg_iovlen = 2 });

	/* With a descriptor that is closed as its control message. */
	struct cmsghdr *head = (void *)(A(MSG_FD) + 64);
	const int closed = 999;

	PUT(MSG_FD, struct msghdr, { .msg_iov = (void *)A(IOV), .msg_iovlen = 1,
				     .msg_control = head, .msg_controllen = CMSG_SPACE(4) });
	*head = (struct cmsghdr){ .cmsg_len = CMSG_LEN(4), .cmsg_level = SOL_SOCKET,
				  .cmsg_type = SCM_RIGHTS };
	memcpy(CMSG_DATA(head), &closed, sizeof(closed));
}

static void put_sockets(void)
{
	PUT(SUN_MISSING, struct sockaddr_un, { AF_UNIX, "missing" });
	PUT(SUN_FILE, struct sockaddr_un, { AF_UNIX, "file" });
	PUT(SUN_NEW, struct sockaddr_un, { AF_UNIX, "new" });
	PUT(SUN_ABSTRACT, struct sockaddr_un, { AF_UNIX, "\0abi" });
	PUT(SA_ODD, struct sockaddr_un, { 99, "x" });
	PUT(LEN110, int, 110);
	PUT(LEN0, int, 0);
	PUT(LENNEG, int, -1);
}

static void put_polls(void)
{
	fd_set set;

	PUT(POLLS, struct pollfd, { FD_PIPE_R, POLLIN | POLLOUT, 0 });
	FD_ZERO(&set);
	FD_SET(FD_PIPE_R, &set);
	memcpy((void *)A(FDSET), &set, sizeof(set));
	FD_ZERO(&set);
	FD_SET(9, &set);
	memcpy((void *)A(FDSET_CLOSED), &set, sizeof(set));
	PUT(EPEV, struct epoll_event, { EPOLLIN, { .u32 = 1 } });
	PUT(EPEV_ET, struct epoll_event, { EPOLLIN | EPOLLET | EPOLLONESHOT, { .u32 = 1 } });
	PUT(EPEV_EXCL, struct epoll_event, { EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT,
					     { .u32 = 1 } });
}

static void put_files(void)
{
	PUT(RLIM, struct rlimit, { 256, 256 });
	PUT(RLIM_BAD, struct rlimit, { 256, 16 });
	PUT(HOW, struct open_how, { O_RDONLY, 0, 0 });
	PUT(HOW_BENEATH, struct open_how, { O_RDONLY, 0, RESOLVE_BENEATH });
	PUT(HOW_BAD, struct open_how, { 1ULL << 40, 0, 0 });
	PUT(HOW_RES, struct open_how, { O_RDONLY, 0, 0x1000 });
	PUT(HOW_MODE, struct open_how, { O_RDONLY, 0600, 0 });
	PUT(OFF0, int64_t, 0);
	PUT(OFFNEG, int64_t, -1);
	PUT(LOCK_RD, struct flock, { .l_type = F_RDLCK });
	PUT(LOCK_BAD, struct flock, { .l_type = 99 });
	char **argv = (void *)A(ARGV), **bad = (void *)A(ARGV_BAD);

	argv[0] = (char *)A(TEXT);
	bad[0] = (char *)A(UNMAPPED);
}

static void on_signal(int sig)
{
}

static void put_signals(void)
{
	PUT(SET_USR1, uint64_t, 1ULL << (SIGUSR1 - 1));
	PUT(SIGINFO, siginfo_t, { .si_code = SI_QUEUE });
	PUT(SIGINFO_KERNEL, siginfo_t, { .si_code = SI_KERNEL });
	PUT(SIGINFO_USER, siginfo_t, { .si_code = SI_USER });
	PUT(ACT_IGN, struct kernel_sigaction, { .handler = 1 });
	PUT(ACT_DFL, struct kernel_sigaction, { .handler = 0 });
	PUT(ACT_FN, struct kernel_sigaction, { .handler = (uintptr_t)on_signal });
	PUT(SS_GOOD, stack_t, { .ss_sp = (void *)A(SCRATCH), .ss_size = 16 * PAGE });
	PUT(SS_OFF, stack_t, { .ss_flags = SS_DISABLE });
	PUT(SS_SMALL, stack_t, { .ss_sp = (void *)A(SCRATCH), .ss_size = 100 });
	PUT(SS_FLAGS, stack_t, { .ss_sp = (void *)A(SCRATCH), .ss_flags = 0x70,
				 .ss_size = 16 * PAGE });
	PUT(SEV_NONE, struct sigevent, { .sigev_notify = SIGEV_NONE });
	PUT(SEV_SIG, struct sigevent, { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 });
	PUT(SEV_BAD, struct sigevent, { .sigev_notify = 77, .sigev_signo = SIGUSR1 });
	PUT(SEV_TID, struct sigevent, { .sigev_notify = SIGEV_THREAD_ID,
					.sigev_signo = SIGUSR1 });
	uintptr_t *sigarg = (void *)A(SIGARG);

	sigarg[0] = A(SET_USR1);
	sigarg[1] = 8;
}

static void put_tasks(void)
{
	PUT(CAP_V3, struct __user_cap_header_struct, { _LINUX_CAPABILITY_VERSION_3, 0 });
	PUT(CAP_V1, struct __user_cap_header_struct, { _LINUX_CAPABILITY_VERSION_1, 0 });
	PUT(CAP_BAD, struct __user_cap_header_struct, { 7, 0 });
	PUT(CAP_PID1, struct __user_cap_header_struct, { _LINUX_CAPABILITY_VERSION_3, 1 });
	PUT(CAP_NONE, struct __user_cap_header_struct, { _LINUX_CAPABILITY_VERSION_3, 4000000 });
	PUT(SATTR, struct kernel_sched_attr, { .size = 56 });
	PUT(SATTR_FIFO, struct kernel_sched_attr, { .size = 56, .policy = 1, .priority = 1 });
	PUT(SATTR_SIZE, struct kernel_sched_attr, { .size = 8 });
	PUT(SATTR_PRIO, struct kernel_sched_attr, { .size = 56, .priority = 1 });
	PUT(SEM_PLUS, struct sembuf, { 0, 1, IPC_NOWAIT });
	PUT(SEM_NUM, struct sembuf, { 999, 1, IPC_NOWAIT });
	PUT(MQ_ATTR, struct mq_attr, { .mq_maxmsg = 4, .mq_msgsize = 64 });
	PUT(CLONE_FORK, struct clone_args, { .exit_signal = SIGCHLD });
	PUT(CLONE_BADTHREAD, struct clone_args, { .flags = CLONE_THREAD });
	PUT(CLONE_BADSIG, struct clone_args, { .exit_signal = 99 });
	PUT(CLONE_STACK, struct clone_args, { .exit_signal = SIGCHLD, .stack = A(SCRATCH) });
}

void fixture_memory(void)
{
	char *arena = mmap((void *)ARENA, ARENA_MAPPED, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	if (arena != (char *)ARENA) {
		perror("abi: arena");
		exit(1);
	}
	memcpy((void *)A(TEXT), "some text\n", 10);
	PUT(ONE, uint64_t, 1);
	put_times();
	put_vectors();
	put_sockets();
	put_polls();
	put_files();
	put_signals();
	put_tasks();
	memset((void *)A(ONES), 0xff, PAGE);
	memset((void *)A(NAME300), 'n', 300);
	memset((void *)A(NAME5000), 'n', 5000);
	for (int i = 100; i < 5000; i += 100)
		((char *)A(NAME5000))[i] = '/';
	memset((void *)(A(EDGE) - 4), 'e', 4);
	mprotect((void *)A(ZERO), 2 * PAGE, PROT_READ);
	mprotect((void *)A(READONLY), 2 * PAGE, PROT_READ);
}
