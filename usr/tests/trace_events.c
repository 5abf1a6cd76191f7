/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counters of /proc/trace: as many as there were operations. And for tests/guest/test_trace_exact.py,
 * as `trace_events --helper STEP`, known operations between two marks; what the trace has to hold
 * of them goes to stdout: ACTOR EVENT field=value..., where a value may be a range a..b.
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <ucontext.h>

#include "helpers.h"

#define PAGE   4096
#define RACERS 4

/* ---- counters ---- */

static unsigned long long counter(const char *name)
{
	char text[2048], *line;

	if (access("/proc/trace/counters", R_OK))
		SKIP("no /proc/trace here");
	get_file("/proc/trace/counters", text, sizeof(text));
	line = strstr(text, name);
	EXPECT(line);
	return strtoull(line + strlen(name), NULL, 10);
}

/* How much n operations make the counter grow. */
static unsigned long long grows(const char *name, void (*operations)(unsigned n), unsigned n)
{
	unsigned long long before = counter(name);

	operations(n);
	return counter(name) - before;
}

/*
 * Whatever asking costs itself is in both. Others in the system count too, now and then: of a few
 * tries one has to be exact, and none may show less.
 */
#define EXPECT_COUNTED(name, operations, n)                                                      \
	do {                                                                                     \
		unsigned long long least = ~0ull;                                                \
		grows(name, operations, n);                                                      \
		for (int tries = 0; tries < 5 && least != n; tries++) {                          \
			unsigned long long now = grows(name, operations, n) -                    \
						 grows(name, operations, 0);                     \
			least = now < least ? now : least;                                       \
		}                                                                                \
		EXPECT_EQ(least, n);                                                             \
	} while (0)

static void getppids(unsigned n)
{
	while (n--)
		syscall(SYS_getppid);
}

static void forks(unsigned n)
{
	while (n--)
		EXPECT_EXIT(IN_CHILD(), 0);
}

static void execs(unsigned n)
{
	while (n--)
		EXPECT_EXIT(IN_CHILD({
			execl(self_path(), "x", "--helper", "nothing", NULL);
			return_status = 1;
		}), 0);
}

static void failing_execs(unsigned n)
{
	while (n--)
		EXPECT_ERRNO(execl("/nonexistent", "x", NULL), ENOENT);
}

static void raises(unsigned n)
{
	while (n--)
		raise(SIGUSR1);
}

static void faults(unsigned n)
{
	char *page = MUST(mmap(NULL, 256 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			       -1, 0));

	madvise(page, 256 * PAGE, MADV_NOHUGEPAGE);
	for (unsigned i = 0; i < n; i++)
		*(volatile char *)(page + i * PAGE) = 1;
	munmap(page, 256 * PAGE);
}

static char pages[64 * PAGE];

static void copies(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		*(volatile char *)(pages + i * PAGE) = 2;
}

TEST(every_system_call_is_counted)
{
	EXPECT_COUNTED("SYSCALL_TOTAL", getppids, 1000);
}

TEST(every_fork_and_exit_is_counted)
{
	EXPECT_COUNTED("FORK_TOTAL", forks, 20);
	EXPECT_COUNTED("EXIT_TOTAL", forks, 20);
}

TEST(every_exec_is_counted_and_no_failed_one)
{
	EXPECT_COUNTED("EXEC_TOTAL", execs, 10);
	EXPECT_EQ(grows("EXEC_TOTAL", failing_execs, 10), 0);
}

TEST(every_signal_is_counted)
{
	handle(SIGUSR1, SIG_IGN, 0);
	handle(SIGUSR1, (void *)getppids, 0);
	EXPECT_COUNTED("SIGNAL_TOTAL", raises, 30);
}

TEST(every_page_fault_is_counted)
{
	EXPECT_COUNTED("PAGE_FAULT_TOTAL", faults, 256);
}

TEST(every_copy_on_write_is_counted)
{
	static const char *const names[] = { "COW_FAULT_TOTAL", "COW_COPY_TOTAL" };

	counter(names[0]);	/* a kernel without them is found out here, not in a child */
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		memset(pages, 1, sizeof(pages));
		EXPECT_EXIT(IN_CHILD({
			wait_for_state(getppid(), 'S');	/* it shares more than `pages` with us */
			grows(names[i], copies, 0);
			EXPECT_EQ(grows(names[i], copies, 64), 64);
		}), 0);
	}
}

/* Threads on all CPUs count at the same time. */
static void *many_faults(void *unused)
{
	for (int i = 0; i < 20; i++)
		faults(256);
	return NULL;
}

static void parallel_faults(unsigned n)
{
	pthread_t threads[4];

	for (unsigned i = 0; i < 4; i++)
		if (n)
			EXPECT_EQ(pthread_create(&threads[i], NULL, many_faults, NULL), 0);
	for (unsigned i = 0; i < 4; i++)
		if (n)
			pthread_join(threads[i], NULL);
}

TEST(no_count_is_lost_on_the_way)
{
	unsigned long long n;

	parallel_faults(1);
	n = grows("PAGE_FAULT_TOTAL", parallel_faults, 1) - grows("PAGE_FAULT_TOTAL", parallel_faults, 0);
	/* A few more are the threads' own stacks. */
	EXPECT_GE(n, 4 * 20 * 256);
	EXPECT_LE(n, 4 * 20 * 256 + 64);
}

/* ---- steps ---- */

static int marker = -1;
static pid_t me;

static void wanted(pid_t actor, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("%d ", actor);
	vprintf(format, args);
	printf("\n");
	va_end(args);
}

/* No fault in here once it ran. */
static void mark(char number)
{
	if (write(marker, &number, 1) != 1)
		_exit(3);
}

/* Stores 1 to `to`; returns where the store is. */
__attribute__((noinline)) static void *store_at(volatile char *to)
{
	void *pc;

	__asm__ volatile("adr %0, 1f\n1: strb %w2, [%1]" : "=&r"(pc) : "r"(to), "r"(1) : "memory");
	return pc;
}

__attribute__((noinline)) static void *load_at(volatile char *from)
{
	void *pc;
	int value;

	__asm__ volatile("adr %0, 1f\n1: ldrb %w1, [%2]" : "=&r"(pc), "=&r"(value) : "r"(from) : "memory");
	return pc;
}

static void wait_until_parent_sleeps(void)
{
	wait_for_state(getppid(), 'S');
}

static void step_fork(void)
{
	pid_t child;
	int status;

	mark('1');
	child = fork();
	if (!child) {
		wait_until_parent_sleeps();
		_exit(37);
	}
	waitpid(child, &status, 0);
	mark('2');
	wanted(me, "FORK_ENTRY parent_pid=%d", me);
	wanted(me, "FORK_EXIT child_pid=%d", child);
	wanted(me, "SPAWN_FRONT parent_tid=%d child_tid=%d", me, child);
	wanted(me, "WAITPID_BLOCK tid=%d child_pid=%d", me, child);
	wanted(me, "WAITPID_WAKE tid=%d child_pid=%d", me, child);
	wanted(child, "THREAD_EXIT tid=%d code=%d", child, 37 << 8);
	wanted(child, "PROCESS_EXIT pid=%d code=%d", child, 37 << 8);
}

static void step_exec(void)
{
	pid_t child;

	mark('1');
	child = fork();
	if (!child) {
		execl("/nonexistent", "x", NULL);
		execl(self_path(), "x", "--helper", "nothing", NULL);
		_exit(1);
	}
	waitpid(child, NULL, 0);
	mark('2');
	wanted(child, "EXEC_ENTRY pid=%d", child);
	wanted(child, "EXEC_EXIT pid=0");
	wanted(child, "EXEC_ENTRY pid=%d", child);
	wanted(child, "STACK_MAP pid=%d", child);
	wanted(child, "EXEC_EXIT pid=%d", child);
	wanted(child, "THREAD_EXIT tid=%d code=0", child);
	wanted(child, "PROCESS_EXIT pid=%d code=0", child);
}

static void *thread(void *tid)
{
	*(pid_t *)tid = (pid_t)syscall(SYS_gettid);
	return NULL;
}

static void step_thread(void)
{
	pthread_t id;
	pid_t tid;

	mark('1');
	pthread_create(&id, NULL, thread, &tid);
	pthread_join(id, NULL);
	mark('2');
	wanted(me, "FORK_ENTRY parent_pid=%d", me);
	wanted(me, "FORK_EXIT child_pid=%d", tid);
	wanted(me, "SPAWN_FRONT parent_tid=%d child_tid=%d", me, tid);
	wanted(tid, "THREAD_EXIT tid=%d code=0", tid);
}

/* A child that has its own stack and data already: what it stores to is all that is shared. */
static void step_cow(void)
{
	char *page = MUST(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	pid_t child;
	void *pc;

	store_at(page);
	child = fork();
	if (!child) {
		me = getpid();
		fflush(stdout);
		mark('0');
		mark('1');
		pc = store_at(page + 8);
		store_at(page + 16);
		mark('2');
		wanted(me, "DATA_ABORT pid=%d dfsc=15 far=%ld elr=%ld", me, (long)page + 8, (long)pc);
		wanted(me, "COW_FAULT pid=%d page=%ld", me, (long)page);
		wanted(me, "COW_COPY pid=%d page=%ld", me, (long)page);
		fflush(stdout);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	/* The last that has the page keeps it: a fault and no copy. */
	mark('1');
	pc = store_at(page + 24);
	mark('2');
	wanted(me, "DATA_ABORT pid=%d dfsc=15 far=%ld elr=%ld", me, (long)page + 24, (long)pc);
	wanted(me, "COW_FAULT pid=%d page=%ld", me, (long)page);
}

static void step_fault(void)
{
	char *page = MUST(mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	void *read_pc, *write_pc;

	mark('1');
	read_pc = load_at(page + 5);
	write_pc = store_at(page + PAGE + 6);
	mark('2');
	wanted(me, "DATA_ABORT pid=%d dfsc=4..7 far=%ld elr=%ld", me, (long)page + 5, (long)read_pc);
	wanted(me, "PAGE_FAULT access=4 addr=%ld", (long)page + 5);
	wanted(me, "DATA_ABORT pid=%d dfsc=4..7 far=%ld elr=%ld", me, (long)page + PAGE + 6, (long)write_pc);
	wanted(me, "PAGE_FAULT access=5 addr=%ld", (long)page + PAGE + 6);
}

static volatile unsigned long bad_pc;

static void skip_it(int sig, siginfo_t *info, void *context)
{
	ucontext_t *u = context;

	bad_pc = u->uc_mcontext.pc;
	u->uc_mcontext.pc = u->uc_mcontext.pc ? u->uc_mcontext.pc + 4 : u->uc_mcontext.regs[30];
}

static void jump_to_zero(void)
{
	void (*volatile nowhere)(void) = NULL;

	nowhere();
}

/* Data and instructions where there are none, caught. */
static void step_segv(void)
{
	void *pc;

	handle(SIGSEGV, (void *)skip_it, SA_SIGINFO);
	store_at((char *)16);
	jump_to_zero();
	mark('1');
	pc = store_at((char *)16);
	jump_to_zero();
	mark('2');
	for (int i = 0; i < 2; i++) {
		long far = i ? 0 : 16, elr = i ? 0 : (long)pc;

		wanted(me, "DATA_ABORT pid=%d dfsc=4..7 far=%ld elr=%ld", me, far, elr);
		wanted(me, "PAGE_FAULT access=%d addr=%ld", i ? 6 : 5, far);
		wanted(me, "SIGNAL_GENERATE tid=%d sig=%d", me, SIGSEGV);
		wanted(me, "SIGNAL_DELIVER tid=%d sig=%d", me, SIGSEGV);
		wanted(me, "SIGNAL_RETURN tid=%d", me);
	}
}

static void nothing(int sig)
{
}

static void step_signal(void)
{
	sigset_t usr1, old;
	pid_t child;

	handle(SIGUSR1, (void *)nothing, 0);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	raise(SIGUSR1);
	mark('1');
	syscall(SYS_tgkill, me, me, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, &old);
	syscall(SYS_tgkill, me, me, SIGUSR1);
	syscall(SYS_tgkill, me, me, SIGUSR1);		/* is pending already */
	mark('3');
	sigprocmask(SIG_SETMASK, &old, NULL);
	child = fork();
	if (!child) {
		pause();
		_exit(0);
	}
	wait_for_state(child, 'S');
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	mark('2');
	wanted(me, "SIGNAL_GENERATE tid=%d sig=10", me);
	wanted(me, "SIGNAL_DELIVER tid=%d sig=10", me);
	wanted(me, "SIGNAL_RETURN tid=%d", me);
	wanted(me, "SIGNAL_GENERATE tid=%d sig=10", me);
	wanted(me, "SIGNAL_GENERATE tid=%d sig=10", me);
	wanted(me, "MARKER tid=%d value=3", me);
	wanted(me, "SIGNAL_DELIVER tid=%d sig=10", me);
	wanted(me, "SIGNAL_RETURN tid=%d", me);
	wanted(child, "SIGNAL_GENERATE tid=%d sig=9", child);
	wanted(me, "SIGNAL_GENERATE tid=%d sig=17", me);
}

/* Threads that store to one shared page at once: all but one of the copies are too late. */
static char *raced;
static int ready;

static void *racer(void *unused)
{
	/* All are running when the last one comes: nobody has to be woken first. */
	__atomic_add_fetch(&ready, 1, __ATOMIC_RELAXED);
	while (__atomic_load_n(&ready, __ATOMIC_RELAXED) < RACERS)
		;
	store_at(raced);
	return NULL;
}

static void race_once(void)
{
	pthread_t threads[RACERS];

	ready = 0;
	for (size_t i = 0; i < RACERS; i++)
		pthread_create(&threads[i], NULL, racer, NULL);
	for (size_t i = 0; i < RACERS; i++)
		pthread_join(threads[i], NULL);
}

static void step_race(void)
{
	raced = MUST(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	for (int round = 0; round < 100; round++) {
		pid_t child;

		store_at(raced);
		child = fork();
		if (!child) {
			pause();
			_exit(0);
		}
		race_once();
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
	}
}

/* More datagrams than a receive buffer holds. */
static void step_flood(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(to);
	int s = MUST(socket(AF_INET, SOCK_DGRAM, 0)), from = MUST(socket(AF_INET, SOCK_DGRAM, 0));
	int small = 1;

	MUST(setsockopt(s, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)));
	MUST(bind(s, (struct sockaddr *)&to, size));
	MUST(getsockname(s, (struct sockaddr *)&to, &size));
	for (int i = 0; i < 20; i++)
		sendto(from, pages, 1000, MSG_DONTWAIT, (struct sockaddr *)&to, size);
}

int helper_main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} steps[] = {
		{ "fork", step_fork }, { "exec", step_exec },	{ "thread", step_thread },
		{ "cow", step_cow },   { "fault", step_fault }, { "segv", step_segv },
		{ "signal", step_signal }, { "race", step_race },
		{ "flood", step_flood },
	};
	const char *name = argc > 2 ? argv[2] : "";

	if (strcmp(name, "nothing") == 0)
		return 0;
	me = getpid();
	marker = open("/proc/trace/marker", O_WRONLY);
	if (marker < 0)
		return 2;
	/* Once for the faults that are none of it. */
	load_at((char *)&marker);
	store_at((char *)&bad_pc);
	mark('0');
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		if (strcmp(steps[i].name, name) == 0) {
			steps[i].run();
			return 0;
		}
	return 2;
}
