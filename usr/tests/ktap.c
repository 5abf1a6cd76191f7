/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs the tests of one program and prints KTAP. See ktap.h. */
#include "ktap.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { EXIT_PASS = 0, EXIT_FAIL = 61, EXIT_SKIP = 62 };

static struct test *tests, **tests_tail = &tests;

/* Shared with the test's processes: why it failed or was skipped. The first reason stays. */
static struct reason {
	int taken;
	char text[400];
} *reason;

void test_register(struct test *test)
{
	*tests_tail = test;
	tests_tail = &test->next;
}

static void give_reason(const char *prefix, const char *format, va_list ap)
{
	int len;

	if (__atomic_exchange_n(&reason->taken, 1, __ATOMIC_SEQ_CST))
		return;
	len = snprintf(reason->text, sizeof(reason->text), "%s", prefix);
	vsnprintf(reason->text + len, sizeof(reason->text) - len, format, ap);
	for (char *c = reason->text; *c; c++)
		if (*c == '\n' || *c == '#')
			*c = ' ';
}

_Noreturn void test_fail(const char *file, int line, const char *format, ...)
{
	const char *base = strrchr(file, '/');
	char prefix[80];
	va_list ap;

	snprintf(prefix, sizeof(prefix), "%s:%d: ", base ? base + 1 : file, line);
	va_start(ap, format);
	give_reason(prefix, format, ap);
	va_end(ap);
	_exit(EXIT_FAIL);
}

_Noreturn void test_skip(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	give_reason("", format, ap);
	va_end(ap);
	_exit(EXIT_SKIP);
}

static void set_reason(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void set_reason(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	give_reason("", format, ap);
	va_end(ap);
}

/* qemu-user shows the /proc/cpuinfo of the machine it runs on, which is no arm64 one's. */
static bool detect_emulator(void)
{
	char buf[4096];
	ssize_t len;
	int fd;

	if (getenv("QEMU_USER"))
		return true;
	fd = open("/proc/cpuinfo", O_RDONLY);
	if (fd < 0)
		return false;
	len = read(fd, buf, sizeof(buf) - 1);
	close(fd);
	if (len <= 0)
		return false;
	buf[len] = '\0';
	return strstr(buf, "vendor_id") != NULL;
}

bool in_emulator(void)
{
	static int known; /* 1 no, 2 yes */

	if (!known)
		known = detect_emulator() ? 2 : 1;
	return known == 2;
}

static void start_test(const struct test *test, const char *folder)
{
	sigset_t none;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL); /* whatever the caller's shell ignores */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (chdir(folder) < 0)
		FAIL("cannot enter %s: %s", folder, strerror(errno));
	umask(022);
	test->run();
	_exit(EXIT_PASS);
}

/* Waits for the test, at most its time; true if it ended by itself. */
static bool wait_for_test(pid_t pid, unsigned int seconds, int *status)
{
	struct timespec limit = { .tv_sec = seconds };
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	for (;;) {
		struct timespec before, after;

		if (waitpid(pid, status, WNOHANG) == pid)
			return true;
		clock_gettime(CLOCK_MONOTONIC, &before);
		if (sigtimedwait(&child, NULL, &limit) < 0 && errno == EAGAIN)
			return false;
		clock_gettime(CLOCK_MONOTONIC, &after);
		limit.tv_sec -= after.tv_sec - before.tv_sec;
		limit.tv_nsec -= after.tv_nsec - before.tv_nsec;
		if (limit.tv_nsec < 0) {
			limit.tv_nsec += 1000000000;
			limit.tv_sec--;
		} else if (limit.tv_nsec >= 1000000000) {
			limit.tv_nsec -= 1000000000;
			limit.tv_sec++;
		}
		if (limit.tv_sec < 0)
			return false;
	}
}

static void remove_folder(const char *folder)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, 2);
		execlp("rm", "rm", "-rf", folder, (char *)NULL);
		_exit(1);
	}
	if (pid > 0)
		waitpid(pid, &status, 0);
}

static int run_test(const struct test *test)
{
	char folder[] = "/tmp/test.XXXXXX";
	int status = 0;
	bool ended;
	pid_t pid;

	memset(reason, 0, sizeof(*reason));
	if (!mkdtemp(folder)) {
		set_reason("mkdtemp: %s", strerror(errno));
		return EXIT_FAIL;
	}
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		start_test(test, folder);
	if (pid < 0) {
		set_reason("fork: %s", strerror(errno));
		return EXIT_FAIL;
	}
	setpgid(pid, pid);
	ended = wait_for_test(pid, test->seconds, &status);
	kill(-pid, SIGKILL);
	kill(pid, SIGKILL);
	if (!ended)
		waitpid(pid, NULL, 0);
	remove_folder(folder);
	if (!ended) {
		set_reason("hangs: no end after %u s", test->seconds);
		return EXIT_FAIL;
	}
	if (WIFSIGNALED(status)) {
		set_reason("killed by signal %d (%s)", WTERMSIG(status),
			   strsignal(WTERMSIG(status)));
		return EXIT_FAIL;
	}
	if (WEXITSTATUS(status) != EXIT_PASS && WEXITSTATUS(status) != EXIT_SKIP)
		set_reason("exit status %d", WEXITSTATUS(status));
	return WEXITSTATUS(status);
}

static bool wanted(const struct test *test, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(test->name, argv[i]) == 0)
			return true;
	return argc == 1;
}

static bool known_names(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		struct test *t = tests;

		while (t && strcmp(t->name, argv[i]) != 0)
			t = t->next;
		if (!t) {
			fprintf(stderr, "%s: no test '%s' (--list names them)\n", argv[0], argv[i]);
			return false;
		}
	}
	return true;
}

static int run_all(int argc, char **argv)
{
	int count = 0, number = 0, failed = 0;

	for (struct test *t = tests; t; t = t->next)
		count += wanted(t, argc, argv);
	printf("KTAP version 1\n1..%d\n", count);
	for (struct test *t = tests; t; t = t->next) {
		int result;

		if (!wanted(t, argc, argv))
			continue;
		result = run_test(t);
		number++;
		if (result == EXIT_PASS) {
			printf("ok %d %s\n", number, t->name);
		} else if (result == EXIT_SKIP) {
			printf("ok %d %s # SKIP %s\n", number, t->name, reason->text);
		} else {
			printf("not ok %d %s # %s\n", number, t->name, reason->text);
			failed++;
		}
		fflush(stdout);
	}
	return failed ? 1 : 0;
}

__attribute__((weak)) int helper_main(int argc, char **argv)
{
	fprintf(stderr, "%s: has no --helper\n", argv[0]);
	return 2;
}

int main(int argc, char **argv)
{
	sigset_t child;

	if (argc >= 2 && strcmp(argv[1], "--helper") == 0)
		return helper_main(argc, argv);
	if (argc == 2 && strcmp(argv[1], "--list") == 0) {
		for (struct test *t = tests; t; t = t->next)
			puts(t->name);
		return 0;
	}
	if (!known_names(argc, argv))
		return 2;
	reason = mmap(NULL, sizeof(*reason), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (reason == MAP_FAILED) {
		printf("Bail out! mmap: %s\n", strerror(errno));
		return 1;
	}
	sigemptyset(&child); /* SIGCHLD is waited for, not delivered */
	sigaddset(&child, SIGCHLD);
	signal(SIGCHLD, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_BLOCK, &child, NULL);
	return run_all(argc, argv);
}
