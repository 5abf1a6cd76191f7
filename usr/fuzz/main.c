/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz: random system calls with random arguments from unprivileged processes.
 *
 * Usage: fuzz [-n CALLS] [-s SEED] [-j PROCESSES]. Workers, each a user of its own with a folder
 * of its own, make calls until all are made; one that dies, sleeps or stops is replaced by the
 * next, whose seed is printed nowhere but follows from SEED and its number. What is tested is
 * the kernel: it must stay up, and give back all memory. Exit status 1 if it kept some.
 *
 * Left out are calls that only end or multiply the caller.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FIRST_UID	2000
#define NR_CALLS	451
#define BATCH		2000		/* calls of one worker */
#define IDLE_LOOKS	5		/* so often without a call: it is replaced */
#define LOOK_NS		20000000
#define ARENA		0x30000000UL
#define ARENA_SIZE	(64 * 4096UL)
#define SLACK_KB	4096		/* caches that may have grown */

static const short left_out[] = { SYS_exit, SYS_exit_group, SYS_clone, SYS_clone3, SYS_execve,
				  SYS_execveat, SYS_rt_sigreturn, SYS_rt_sigsuspend, SYS_ppoll };

struct slot {
	pid_t pid;
	int idle;
	unsigned long seen;
	volatile unsigned long calls;	/* written by the worker */
};

static uint64_t state;

/* xorshift64*, Vigna 2016. */
static uint64_t dice(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1dULL;
}

static uint64_t below(uint64_t n)
{
	return dice() % n;
}

static uint64_t pointer(void)
{
	static const uint64_t wild[] = { 0, 8, 0x0000fffffffff000, 0x0001000000000000,
					 0xffff800008000000, ~0ULL, ARENA + ARENA_SIZE - 8 };

	return below(4) ? ARENA + below(ARENA_SIZE) / 8 * 8 : wild[below(7)];
}

static uint64_t argument(void)
{
	static const char *const names[] = { "f", "d", "d/g", "new", "/proc/self/status", ".",
					     "/dev/null", "/dev/zero", "l" };

	switch (below(8)) {
	case 0:
		return below(24);		/* a descriptor, a small flag */
	case 1:
		return (uint64_t)-(int64_t)below(3);
	case 2:
		return 1ULL << below(64);
	case 3:
		return below(3) << below(32);
	case 4:
		return (uintptr_t)names[below(9)];
	case 5:
		return dice();
	default:
		return pointer();
	}
}

static bool wanted(long number)
{
	for (size_t i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++)
		if (left_out[i] == number)
			return false;
	return true;
}

/* Something of each kind to work on. */
static void open_things(void)
{
	const struct rlimit files = { 64, 64 }, memory = { 64 << 20, 64 << 20 };
	int ends[2];

	setrlimit(RLIMIT_NOFILE, &files);
	setrlimit(RLIMIT_AS, &memory);
	mkdir("d", 0700);
	close(open("d/g", O_CREAT | O_WRONLY, 0600));
	symlink("f", "l");
	open("f", O_CREAT | O_RDWR, 0600);
	open("d", O_RDONLY);
	pipe2(ends, O_NONBLOCK);
	socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends);
	socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends);
	socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	epoll_create1(0);
	eventfd(1, EFD_NONBLOCK);
	syscall(SYS_memfd_create, "m", 3);
	open("/dev/zero", O_RDWR);
}

static _Noreturn void work(struct slot *slot, uint64_t seed, uid_t uid)
{
	uint64_t *arena = mmap((void *)ARENA, ARENA_SIZE, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	char folder[32];

	/* What it writes to the first descriptors is nobody's to read. */
	for (int fd = 0; fd < 3; fd++)
		dup2(STDIN_FILENO, fd);
	state = seed * 0x9e3779b97f4a7c15ULL | 1;
	snprintf(folder, sizeof(folder), "/tmp/fuzz/%u", uid);
	mkdir(folder, 0700);
	if (arena == MAP_FAILED || chown(folder, uid, uid) || chdir(folder) ||
	    setgroups(0, NULL) || setresgid(uid, uid, uid) || setresuid(uid, uid, uid))
		_exit(1);
	open_things();
	for (size_t i = 0; i < ARENA_SIZE / 8; i++)
		arena[i] = below(3) ? below(64) : argument();
	for (int i = 0; i < BATCH; i++) {
		long number = (long)below(NR_CALLS);

		if (!wanted(number))
			continue;
		slot->calls++;
		syscall(number, argument(), argument(), argument(), argument(), argument(),
			argument());
	}
	syscall(SYS_exit_group, 0);
	_exit(0);
}

static long free_kb(void)
{
	char line[128];
	long kb = -1;
	FILE *file = fopen("/proc/meminfo", "r");

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "MemFree: %ld", &kb) == 1)
			break;
	if (file)
		fclose(file);
	return kb;
}

/* System V objects and message queues outlive those who made them, on purpose. */
static void remove_objects(void)
{
	union {
		struct shmid_ds shm;
		struct msqid_ds msg;
		struct semid_ds sem;
		unsigned char other[256];
	} buf;
	int last, id;

	last = shmctl(0, SHM_INFO, &buf.shm);
	for (int i = 0; i <= last; i++)
		if ((id = shmctl(i, SHM_STAT, &buf.shm)) >= 0)
			shmctl(id, IPC_RMID, NULL);
	last = msgctl(0, MSG_INFO, &buf.msg);
	for (int i = 0; i <= last; i++)
		if ((id = msgctl(i, MSG_STAT, &buf.msg)) >= 0)
			msgctl(id, IPC_RMID, NULL);
	last = semctl(0, 0, SEM_INFO, &buf);
	for (int i = 0; i <= last; i++)
		if ((id = semctl(i, 0, SEM_STAT, &buf)) >= 0)
			semctl(id, 0, IPC_RMID);

	DIR *queues = opendir("/dev/mqueue");
	struct dirent *entry;

	while (queues && (entry = readdir(queues)))
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(queues), entry->d_name, 0);
	if (queues)
		closedir(queues);
}

/* What the users left: processes and objects; their files go with the mount. */
static void end_of_users(int workers)
{
	for (int i = 0; i < workers; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			if (setresuid(FIRST_UID + i, FIRST_UID + i, FIRST_UID + i) == 0)
				kill(-1, SIGKILL);
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
	while (waitpid(-1, NULL, __WALL | WNOHANG) > 0)
		;
	remove_objects();
}

/* Replaces the worker of a slot that is gone or does nothing more. */
static void look_after(struct slot *slot, int index, uint64_t *next_seed)
{
	int status;

	if (slot->pid) {
		if (waitpid(slot->pid, &status, WNOHANG) == slot->pid) {
			/* One that asked to be traced may be stopped. */
			if (WIFSTOPPED(status)) {
				kill(slot->pid, SIGKILL);
				while (waitpid(slot->pid, &status, 0) > 0 && WIFSTOPPED(status))
					;
			}
			slot->pid = 0;
		} else {
			slot->idle = slot->calls == slot->seen ? slot->idle + 1 : 0;
			slot->seen = slot->calls;
			if (slot->idle >= IDLE_LOOKS) {
				kill(slot->pid, SIGKILL);
				waitpid(slot->pid, &status, 0);
				slot->pid = 0;
			}
		}
	}
	if (!slot->pid) {
		uint64_t seed = (*next_seed)++;
		pid_t pid = fork();

		if (pid == 0)
			work(slot, seed, FIRST_UID + index);
		if (pid < 0) {
			perror("fuzz: fork");
			exit(1);
		}
		slot->pid = pid;	/* only here: the slot is the child's, too */
		slot->idle = 0;
	}
}

static unsigned long run(unsigned long calls, uint64_t seed, int workers)
{
	struct slot *slots = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
				  -1, 0);
	const struct timespec look = { 0, LOOK_NS };
	unsigned long made;

	do {
		made = 0;
		for (int i = 0; i < workers; i++) {
			look_after(&slots[i], i, &seed);
			made += slots[i].calls;
		}
		sigset_t chld;

		sigemptyset(&chld);
		sigaddset(&chld, SIGCHLD);
		sigtimedwait(&chld, NULL, &look);
	} while (made < calls);
	for (int i = 0; i < workers; i++) {
		kill(slots[i].pid, SIGKILL);
		waitpid(slots[i].pid, NULL, 0);
	}
	printf("fuzz: %lu calls made, seeds up to %lu\n", made, (unsigned long)seed - 1);
	munmap(slots, 4096);
	return made;
}

/* In a file system of its own, so that nothing is left of the files. */
static void round_of(unsigned long calls, uint64_t seed, int workers)
{
	mkdir("/tmp/fuzz", 0755);
	if (mount("tmpfs", "/tmp/fuzz", "tmpfs", 0, "size=32m"))
		perror("fuzz: mount");
	run(calls, seed, workers);
	end_of_users(workers);
	umount2("/tmp/fuzz", MNT_DETACH);
}

int main(int argc, char **argv)
{
	unsigned long calls = 100000, seed = 1;
	int workers = 4, option;
	long before, after;
	sigset_t chld;

	while ((option = getopt(argc, argv, "n:s:j:")) != -1) {
		switch (option) {
		case 'n':
			calls = strtoul(optarg, NULL, 0);
			break;
		case 's':
			seed = strtoul(optarg, NULL, 0);
			break;
		case 'j':
			workers = atoi(optarg);
			break;
		default:
			fprintf(stderr, "usage: fuzz [-n CALLS] [-s SEED] [-j PROCESSES]\n");
			return 2;
		}
	}
	if (workers < 1 || workers > 64 || geteuid()) {
		fprintf(stderr, "fuzz: 1 to 64 processes, started by root\n");
		return 2;
	}
	close(STDIN_FILENO);
	if (open("/dev/null", O_RDWR) != STDIN_FILENO)
		return 2;
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, NULL);
	printf("fuzz: %lu calls, seed %lu, %d processes\n", calls, seed, workers);
	fflush(stdout);
	/* The first round fills the kernel's caches. */
	round_of(calls / 4, seed, workers);
	before = free_kb();
	round_of(calls - calls / 4, seed + 1000000, workers);
	after = free_kb();
	printf("fuzz: %ld kB free before, %ld after\n", before, after);
	return before - after > SLACK_KB;
}
