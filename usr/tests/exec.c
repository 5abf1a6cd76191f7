/* SPDX-License-Identifier: BSD-2-Clause */
/* execve: arguments, scripts, what survives it, and failures that leave the program running. */
#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "helpers.h"

extern char **environ;

#define NEED_EXEC() SKIP_IN_EMULATOR("cannot execute arm64 programs")

/* --- the program executed: "<self> --helper <what>" ------------------------------------------- */

static int show_arguments(int argc, char **argv)
{
	printf("%d", argc);
	for (int i = 0; i < argc; i++)
		printf("|%s", argv[i]);
	for (char **e = environ; *e; e++)
		printf("|%s", *e);
	return 0;
}

static int show_signals(void)
{
	struct sigaction ignored, handled;
	sigset_t blocked, pending;

	sigaction(SIGUSR1, NULL, &handled);
	sigaction(SIGUSR2, NULL, &ignored);
	sigprocmask(SIG_SETMASK, NULL, &blocked);
	sigpending(&pending);
	printf("%d %d %d %d", handled.sa_handler == SIG_DFL, ignored.sa_handler == SIG_IGN,
	       sigismember(&blocked, SIGHUP), sigismember(&pending, SIGHUP));
	return 0;
}

static int check_auxv(const char *path)
{
	const Elf64_Ehdr *header = (const void *)getauxval(AT_SYSINFO_EHDR);
	const unsigned char *random = (const void *)getauxval(AT_RANDOM);
	const Elf64_Phdr *phdr = (const void *)getauxval(AT_PHDR);

	if (getauxval(AT_PAGESZ) != 4096 && getauxval(AT_PAGESZ) != 65536)
		return 10;
	if (!header || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
		return 11;
	if (!random)
		return 12;
	if (!phdr || getauxval(AT_PHENT) != sizeof(*phdr) || !getauxval(AT_PHNUM))
		return 13;
	if (getauxval(AT_SECURE) != 0 || getauxval(AT_UID) != getuid() ||
	    getauxval(AT_EUID) != geteuid() || getauxval(AT_GID) != getgid())
		return 14;
	if (!(getauxval(AT_HWCAP) & 3)) /* FP and ASIMD */
		return 15;
	if (getauxval(AT_CLKTCK) != 100)
		return 16;
	if (strcmp((const char *)getauxval(AT_EXECFN), path) != 0)
		return 17;
	if (!getauxval(AT_ENTRY) || strcmp((const char *)getauxval(AT_PLATFORM), "aarch64") != 0)
		return 18;
	return 0;
}

static int total_length(char **argv)
{
	size_t sum = 0;

	for (; *argv; argv++)
		sum += strlen(*argv) + 1;
	printf("%zu", sum);
	return 0;
}

int helper_main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[2] : "";

	if (strcmp(what, "arguments") == 0)
		return show_arguments(argc, argv);
	if (strcmp(what, "signals") == 0)
		return show_signals();
	if (strcmp(what, "auxv") == 0)
		return check_auxv(argv[3]);
	if (strcmp(what, "length") == 0)
		return total_length(argv);
	if (strcmp(what, "fd") == 0)
		return fcntl(atoi(argv[3]), F_GETFD) < 0;
	if (strcmp(what, "exit") == 0)
		return atoi(argv[3]);
	if (strcmp(what, "read") == 0)
		return read(0, (char[1]){ 0 }, 1);
	if (strcmp(what, "tasks") == 0)
		return access("/proc/self/task", F_OK) == 0 &&
		       access(argv[3], F_OK) == 0;
	if (strcmp(what, "comm") == 0) {
		char buf[64];

		get_file("/proc/self/comm", buf, sizeof(buf));
		printf("%s", buf);
		return 0;
	}
	return 99;
}

/* --- running it ---------------------------- */

/* Executes in a child; its output goes to `out`. Exit status 200 + errno if exec fails. */
static int exec_output(const char *path, char *const argv[], char *const envp[], char *out,
		       size_t size)
{
	int ends[2];
	size_t len = 0;
	ssize_t got;
	pid_t pid;

	MUST(pipe(ends));
	pid = must_fork();
	if (pid == 0) {
		dup2(ends[1], 1);
		dup2(open("/dev/null", O_WRONLY), 2);
		close(ends[0]);
		close(ends[1]);
		execve(path, argv, envp);
		_exit(200 + errno);
	}
	close(ends[1]);
	while (len + 1 < size && (got = read(ends[0], out + len, size - 1 - len)) > 0)
		len += got;
	out[len] = '\0';
	close(ends[0]);
	return wait_status(pid);
}

static char *const no_env[] = { NULL };

#define ARGS(...) ((char *[]){ __VA_ARGS__, NULL })
#define SELF ((char *)self_path())

TEST(arguments_and_environment)
{
	char out[1024];
	char *env[] = { "A=1", "EMPTY=", "odd", NULL };

	NEED_EXEC();
	EXPECT_EXIT(exec_output(self_path(),
				ARGS("zero", "--helper", "arguments", "", "a b", "\xff"), env, out,
				sizeof(out)),
		    0);
	EXPECT_STREQ(out, "6|zero|--helper|arguments||a b|\xff|A=1|EMPTY=|odd");
}

TEST(exit_status_of_new_program)
{
	char out[8];

	NEED_EXEC();
	EXPECT_EXIT(exec_output(self_path(), ARGS("x", "--helper", "exit", "47"), no_env, out, 8),
		    47);
}

TEST(auxiliary_vector)
{
	char out[8];

	NEED_EXEC();
	EXPECT_EXIT(exec_output(self_path(), ARGS("x", "--helper", "auxv", SELF), no_env, out, 8),
		    0);
}

TEST(many_long_arguments)
{
	enum { COUNT = 1000, LEN = 100 };
	char *argv[COUNT + 4] = { "x", "--helper", "length" }, out[64];

	NEED_EXEC();
	for (int i = 0; i < COUNT; i++) {
		argv[i + 3] = malloc(LEN + 1);
		memset(argv[i + 3], 'a', LEN);
		argv[i + 3][LEN] = '\0';
	}
	EXPECT_EXIT(exec_output(self_path(), argv, no_env, out, sizeof(out)), 0);
	EXPECT_EQ(atoi(out), COUNT * (LEN + 1) + 2 + 9 + 7);
}

TEST(longest_argument)
{
	enum { MAX = 131072 }; /* MAX_ARG_STRLEN with its NUL */
	char *text = malloc(MAX + 1), out[64];

	NEED_EXEC();
	memset(text, 'x', MAX);
	text[MAX - 1] = '\0';
	EXPECT_EXIT(
		exec_output(self_path(), ARGS("x", "--helper", "length", text), no_env, out, 64),
		0);
	text[MAX - 1] = 'x';
	text[MAX] = '\0';
	EXPECT_EXIT(
		exec_output(self_path(), ARGS("x", "--helper", "length", text), no_env, out, 64),
		200 + E2BIG);
}

TEST(too_much_in_all)
{
	enum { COUNT = 120, LEN = 100000 }; /* 12 MB, the limit is a quarter of the 8 MB stack */
	char *argv[COUNT + 1], out[8];

	NEED_EXEC();
	for (int i = 0; i < COUNT; i++) {
		argv[i] = malloc(LEN);
		memset(argv[i], 'y', LEN);
		argv[i][LEN - 1] = '\0';
	}
	argv[COUNT] = NULL;
	EXPECT_EXIT(exec_output(self_path(), argv, no_env, out, 8), 200 + E2BIG);
	EXPECT_EXIT(exec_output(self_path(), ARGS("x"), argv, out, 8), 200 + E2BIG);
}

TEST(bad_pointers)
{
	char *bad[] = { "x", (char *)16, NULL };

	NEED_EXEC();
	EXPECT_ERRNO(execve((char *)16, ARGS("x"), no_env), EFAULT);
	EXPECT_ERRNO(execve(self_path(), bad, no_env), EFAULT);
	EXPECT_ERRNO(execve(self_path(), (char **)16, no_env), EFAULT);
	EXPECT_ERRNO(execve(self_path(), ARGS("x"), bad), EFAULT);
	EXPECT_ERRNO(execve(self_path(), (char **)0xffff000000000000, no_env), EFAULT);
}

TEST(path_errors)
{
	char longname[300], longpath[5000];

	memset(longname, 'n', 299);
	longname[299] = '\0';
	memset(longpath, '/', 4999);
	longpath[4999] = '\0';
	put_file("noexec", "x", 1, 0644);
	put_file("garbage", "garbage, no program", 19, 0755);
	put_file("empty", "", 0, 0755);
	MUST(symlink("loop", "loop"));
	EXPECT_ERRNO(execv("missing", ARGS("x")), ENOENT);
	EXPECT_ERRNO(execv("", ARGS("x")), ENOENT);
	EXPECT_ERRNO(execv("noexec", ARGS("x")), EACCES);
	EXPECT_ERRNO(execv(".", ARGS("x")), EACCES);
	EXPECT_ERRNO(execv("/dev/null", ARGS("x")), EACCES);
	EXPECT_ERRNO(execv("garbage/x", ARGS("x")), ENOTDIR);
	EXPECT_ERRNO(execv("garbage", ARGS("x")), ENOEXEC);
	EXPECT_ERRNO(execv("empty", ARGS("x")), ENOEXEC);
	EXPECT_ERRNO(execv("loop", ARGS("x")), ELOOP);
	EXPECT_ERRNO(execv(longname, ARGS("x")), ENAMETOOLONG);
	EXPECT_ERRNO(execv(longpath, ARGS("x")), ENAMETOOLONG);
}

TEST(old_program_lives_after_failure)
{
	volatile int local = 5;

	handle(SIGUSR1, SIG_IGN, 0);
	put_file("garbage", "\177ELF and no more", 16, 0755);
	for (int i = 0; i < 50; i++)
		EXPECT_ERRNO(execv("garbage", ARGS("x")), ENOEXEC);
	EXPECT_EQ(local, 5);
	EXPECT_EQ(raise(SIGUSR1), 0);
}

/* --- scripts ---------------------------- */

static void put_script(const char *path, const char *first_line)
{
	char text[1024];

	snprintf(text, sizeof(text), "%s\nrest\n", first_line);
	put_file(path, text, strlen(text), 0755);
}

TEST(script)
{
	char line[PATH_MAX + 32], out[PATH_MAX + 256], wanted[PATH_MAX + 256];

	NEED_EXEC();
	MUST(symlink(self_path(), "interp"));
	put_script("s1", "#!./interp");
	EXPECT_EXIT(exec_output("./s1", ARGS("zero"), no_env, out, sizeof(out)), 2); /* no such test */
	snprintf(line, sizeof(line), "#!  %s   --helper  ", self_path());
	put_script("s2", line);
	EXPECT_EXIT(exec_output("./s2", ARGS("zero", "one"), no_env, out, sizeof(out)), 99);
	snprintf(line, sizeof(line), "#!%s --helper", self_path());
	put_script("arguments", line);
	/* argv becomes: interpreter, its argument, the path as executed, then the rest */
	EXPECT_EXIT(exec_output("arguments", ARGS("zero", "one"), no_env, out, sizeof(out)), 0);
	snprintf(wanted, sizeof(wanted), "4|%s|--helper|arguments|one", self_path());
	EXPECT_STREQ(out, wanted);
}

TEST(script_of_script)
{
	char line[PATH_MAX + 32], out[PATH_MAX + 256], wanted[PATH_MAX + 256];

	NEED_EXEC();
	MUST(symlink(self_path(), "--helper"));
	snprintf(line, sizeof(line), "#!%s --helper", self_path());
	put_script("arguments", line);
	put_script("outer", "#!arguments option");
	EXPECT_EXIT(exec_output("outer", ARGS("zero", "one"), no_env, out, sizeof(out)), 0);
	snprintf(wanted, sizeof(wanted), "6|%s|--helper|arguments|option|outer|one", self_path());
	EXPECT_STREQ(out, wanted);
}

TEST(script_errors)
{
	NEED_EXEC();
	put_script("missing", "#!/no/such/interpreter");
	put_script("nothing", "#!");
	put_script("blank", "#!   ");
	put_script("self", "#!self");
	put_script("folder", "#!/tmp");
	EXPECT_ERRNO(execv("missing", ARGS("x")), ENOENT);
	EXPECT_ERRNO(execv("nothing", ARGS("x")), ENOEXEC);
	EXPECT_ERRNO(execv("blank", ARGS("x")), ENOEXEC);
	EXPECT_ERRNO(execv("self", ARGS("x")), ELOOP);
	EXPECT_ERRNO(execv("folder", ARGS("x")), EACCES);
}

/* --- what survives ---------------------------- */

static void nothing(int sig)
{
}

TEST(signals_across_exec)
{
	char out[64];
	sigset_t block;

	NEED_EXEC();
	handle(SIGUSR1, nothing, 0);
	handle(SIGUSR2, SIG_IGN, 0);
	sigemptyset(&block);
	sigaddset(&block, SIGHUP);
	sigprocmask(SIG_BLOCK, &block, NULL);
	EXPECT_EXIT(exec_output(self_path(), ARGS("x", "--helper", "signals"), no_env, out, 64), 0);
	EXPECT_STREQ(out, "1 1 1 0"); /* a fork has no pending signals */
	EXPECT_EXIT(IN_CHILD({
		raise(SIGHUP);
		dup2(MUST(open("out", O_WRONLY | O_CREAT, 0600)), 1);
		execve(self_path(), ARGS("x", "--helper", "signals"), no_env);
	}), 0);
	get_file("out", out, sizeof(out));
	EXPECT_STREQ(out, "1 1 1 1");
}

TEST(close_on_exec)
{
	int kept = MUST(open("/dev/null", O_RDONLY)), closed = MUST(open("/dev/null", O_CLOEXEC));
	char a[16], b[16], out[8];

	NEED_EXEC();
	snprintf(a, sizeof(a), "%d", kept);
	snprintf(b, sizeof(b), "%d", closed);
	EXPECT_EXIT(exec_output(self_path(), ARGS("x", "--helper", "fd", a), no_env, out, 8), 0);
	EXPECT_EXIT(exec_output(self_path(), ARGS("x", "--helper", "fd", b), no_env, out, 8), 1);
	EXPECT_EQ(fcntl(closed, F_GETFD), FD_CLOEXEC); /* ours is still there */
}

static void *wait_forever(void *arg)
{
	for (;;)
		pause();
	return NULL;
}

static void *exec_from_thread(void *arg)
{
	execve(self_path(), ARGS("x", "--helper", "exit", "31"), no_env);
	_exit(1);
}

TEST(exec_ends_other_threads)
{
	NEED_EXEC();
	EXPECT_EXIT(IN_CHILD({
		pthread_t threads[3];
		char task[64];

		for (int i = 0; i < 3; i++)
			EXPECT_EQ(pthread_create(&threads[i], NULL, wait_forever, NULL), 0);
		snprintf(task, sizeof(task), "/proc/self/task/%d", getpid() + 1);
		execve(self_path(), ARGS("x", "--helper", "tasks", task), no_env);
	}), 0);
}

/* The thread that executes takes over the process' id. */
TEST(exec_from_second_thread)
{
	NEED_EXEC();
	EXPECT_EXIT(IN_CHILD({
		pthread_t thread;

		EXPECT_EQ(pthread_create(&thread, NULL, exec_from_thread, NULL), 0);
		for (;;)
			pause();
	}), 31);
}

TEST(comm_is_file_name)
{
	char out[64];

	NEED_EXEC();
	MUST(symlink(self_path(), "a-name-of-more-than-15"));
	EXPECT_EXIT(exec_output("./a-name-of-more-than-15", ARGS("x", "--helper", "comm"), no_env,
				out, sizeof(out)),
		    0);
	EXPECT_STREQ(out, "a-name-of-more-\n");
}

TEST(text_busy)
{
	char *data = malloc(4 << 20);
	size_t len = get_file(self_path(), data, 4 << 20);
	pid_t pid;
	int fd, ends[2];

	NEED_EXEC();
	put_file("copy", data, len, 0755);
	fd = MUST(open("copy", O_RDWR));
	EXPECT_ERRNO(execv("copy", ARGS("x", "--helper", "exit", "3")), ETXTBSY);
	close(fd);
	EXPECT_EXIT(IN_CHILD({ execv("./copy", ARGS("x", "--helper", "exit", "3")); }), 3);
	MUST(pipe(ends));
	pid = must_fork();
	if (pid == 0) {
		dup2(ends[0], 0);
		close(ends[1]);
		do {	/* the parent may have it open for writing just now */
			execv("./copy", ARGS("x", "--helper", "read"));
		} while (errno == ETXTBSY);
		_exit(127);
	}
	for (int i = 0; i < 200 && (fd = open("copy", O_WRONLY)) >= 0; i++) {
		close(fd); /* not yet executed */
		sleep_ms(5);
	}
	EXPECT_EQ(fd, -1);
	EXPECT_EQ(errno, ETXTBSY);
	EXPECT_ERRNO(truncate("copy", 0), ETXTBSY);
	close(ends[0]);
	close(ends[1]);
	EXPECT_EXIT(wait_status(pid), 0);
	EXPECT_EQ(close(MUST(open("copy", O_WRONLY))), 0);
}

TEST(execveat)
{
	int fd = MUST(open(self_path(), O_RDONLY | O_CLOEXEC));
	int dir = MUST(open("/", O_RDONLY | O_DIRECTORY));
	char *argv[] = { "x", "--helper", "exit", "9", NULL };

	NEED_EXEC();
	EXPECT_EXIT(IN_CHILD({ syscall(SYS_execveat, fd, "", argv, no_env, AT_EMPTY_PATH); }), 9);
	EXPECT_EXIT(IN_CHILD({ syscall(SYS_execveat, dir, self_path() + 1, argv, no_env, 0); }), 9);
	EXPECT_ERRNO(syscall(SYS_execveat, fd, "", argv, no_env, 0), ENOENT);
	EXPECT_ERRNO(syscall(SYS_execveat, 77, "x", argv, no_env, 0), EBADF);
	EXPECT_ERRNO(syscall(SYS_execveat, dir, "x", argv, no_env, 0x4), EINVAL);
	MUST(symlink(self_path(), "link"));
	EXPECT_ERRNO(syscall(SYS_execveat, AT_FDCWD, "link", argv, no_env, AT_SYMLINK_NOFOLLOW),
		     ELOOP);
}

TEST(stack_limit_small)
{
	char out[8];

	NEED_EXEC();
	EXPECT_EXIT(IN_CHILD({
		struct rlimit limit = { 256 * 1024, 256 * 1024 };

		MUST(setrlimit(RLIMIT_STACK, &limit));
		return_status = WEXITSTATUS(exec_output(
			self_path(), ARGS("x", "--helper", "exit", "8"), no_env, out, 8));
	}), 8);
}

TEST(without_arguments)
{
	char *none[] = { NULL };

	NEED_EXEC();
	/* argv[0] is made up as "", which is no applet of busybox: exit status 127. */
	EXPECT_EXIT(IN_CHILD({
		int null = MUST(open("/dev/null", O_WRONLY));

		dup2(null, 2);
		MUST(symlink("/bin/busybox", "true"));
		execve("true", none, no_env);
		return_status = 50;
	}), 127);
}
