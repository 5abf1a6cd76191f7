/* SPDX-License-Identifier: BSD-2-Clause */
/* Core dumps: when there is one, under which name, and what is in it. */
#include <elf.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "helpers.h"

static char magic[] = "this was in memory";
static char *mapped, *left_out;

static void set_limit(rlim_t limit)
{
	struct rlimit rl = { limit, RLIM_INFINITY };

	MUST(setrlimit(RLIMIT_CORE, &rl));
}

/* The wait status of a child that dies of sig, with this limit. */
static int die(int sig, rlim_t limit)
{
	return IN_CHILD({
		signal(sig, SIG_DFL);
		set_limit(limit);
		raise(sig);
	});
}

static void set(const char *path, const char *text)
{
	int fd = MUST(open(path, O_WRONLY));

	EXPECT_EQ(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void set_pattern(const char *pattern)
{
	set("/proc/sys/kernel/core_pattern", pattern);
}

static void start(void)
{
	SKIP_IN_EMULATOR("dumps itself");
	need_root();
	set_pattern("core");
}

TEST(status_tells)
{
	static const int dumping[] = { SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV,
				       SIGXCPU, SIGXFSZ, SIGSYS };
	siginfo_t info;
	struct stat st;
	pid_t pid;

	start();
	for (size_t i = 0; i < ARRAY_SIZE(dumping); i++) {
		int status = die(dumping[i], RLIM_INFINITY);

		EXPECT_KILLED(status, dumping[i]);
		EXPECT(WCOREDUMP(status));
		MUST(stat("core", &st));
		EXPECT_EQ(st.st_mode, S_IFREG | 0600);
		EXPECT_GT(st.st_size, 4096);
		MUST(unlink("core"));
		status = die(dumping[i], 0);
		EXPECT_KILLED(status, dumping[i]);
		EXPECT(!WCOREDUMP(status));
		EXPECT_ERRNO(stat("core", &st), ENOENT);
	}
	EXPECT(!WCOREDUMP(die(SIGTERM, RLIM_INFINITY)));
	EXPECT(!WCOREDUMP(die(SIGKILL, RLIM_INFINITY)));
	EXPECT(WCOREDUMP(die(SIGABRT, 5000)));		/* cut short */
	MUST(stat("core", &st));
	EXPECT_LE(st.st_size, 5000);
	MUST(unlink("core"));
	pid = must_fork();
	if (pid == 0) {
		set_limit(RLIM_INFINITY);
		abort();
	}
	MUST(waitid(P_PID, (id_t)pid, &info, WEXITED));
	EXPECT_EQ(info.si_code, CLD_DUMPED);
	EXPECT_EQ(info.si_status, SIGABRT);
}

TEST(not_dumpable)
{
	start();
	EXPECT(!WCOREDUMP(IN_CHILD({
		set_limit(RLIM_INFINITY);
		MUST(prctl(PR_SET_DUMPABLE, 0));
		abort();
	})));
	EXPECT_ERRNO(access("core", F_OK), ENOENT);
	/* No place for it. */
	MUST(mkdir("core", 0755));
	EXPECT(!WCOREDUMP(die(SIGABRT, RLIM_INFINITY)));
}

TEST(names)
{
	char name[80];
	pid_t pid;

	start();
	set_pattern("c.%p.%s.%e.%u.%%.x");
	pid = must_fork();
	if (pid == 0) {
		set_limit(RLIM_INFINITY);
		prctl(PR_SET_NAME, "a/b");
		abort();
	}
	EXPECT(WCOREDUMP(wait_status(pid)));
	snprintf(name, sizeof(name), "c.%d.6.a!b.0.%%.x", pid);
	MUST(access(name, F_OK));
	set_pattern("core");
	set("/proc/sys/kernel/core_uses_pid", "1");
	pid = must_fork();
	if (pid == 0) {
		set_limit(RLIM_INFINITY);
		abort();
	}
	EXPECT(WCOREDUMP(wait_status(pid)));
	set("/proc/sys/kernel/core_uses_pid", "0");
	snprintf(name, sizeof(name), "core.%d", pid);
	MUST(access(name, F_OK));
	set_pattern("\n");
	EXPECT(!WCOREDUMP(die(SIGABRT, RLIM_INFINITY)));
	set_pattern("core");
}

/* ---- what is in it ---- */

static char *core;
static size_t core_size;

static void read_core(void)
{
	int fd = MUST(open("core", O_RDONLY));
	struct stat st;

	MUST(fstat(fd, &st));
	core_size = (size_t)st.st_size;
	core = MUST(mmap(NULL, core_size, PROT_READ, MAP_PRIVATE, fd, 0));
}

static Elf64_Phdr *headers(int *n)
{
	Elf64_Ehdr *e = (Elf64_Ehdr *)core;

	*n = e->e_phnum;
	return (Elf64_Phdr *)(core + e->e_phoff);
}

/* The byte of memory at this address, or NULL if it is not in the file. */
static const char *memory(const void *where)
{
	uintptr_t at = (uintptr_t)where;
	int n;
	Elf64_Phdr *ph = headers(&n);

	for (int i = 0; i < n; i++)
		if (ph[i].p_type == PT_LOAD && at >= ph[i].p_vaddr &&
		    at < ph[i].p_vaddr + ph[i].p_filesz)
			return core + ph[i].p_offset + (at - ph[i].p_vaddr);
	return NULL;
}

/* The number'th note of this type, its size in *size. */
static const char *find_note(uint32_t type, int number, size_t *size)
{
	int n;
	Elf64_Phdr *ph = headers(&n);

	for (int i = 0; i < n; i++) {
		if (ph[i].p_type != PT_NOTE)
			continue;
		for (size_t at = ph[i].p_offset; at < ph[i].p_offset + ph[i].p_filesz;) {
			Elf64_Nhdr *head = (Elf64_Nhdr *)(core + at);
			size_t data = at + sizeof(*head) + ((head->n_namesz + 3) & ~3u);

			if (head->n_type == type && number-- == 0) {
				*size = head->n_descsz;
				return core + data;
			}
			at = data + ((head->n_descsz + 3) & ~3u);
		}
	}
	return NULL;
}

#define PRSTATUS_PID  32
#define PRSTATUS_REGS 112

static void *other_thread(void *arg)
{
	*(volatile int *)arg = 1;
	for (;;)
		pause();
	return NULL;
}

TEST(contents)
{
	volatile int *ready;
	const char *note;
	uint64_t regs[34];
	size_t size;
	pid_t pid;
	int status;

	start();
	mapped = MUST(mmap(NULL, 1 << 24, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			   -1, 0));
	left_out = MUST(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			     -1, 0));
	ready = MUST(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	strcpy(mapped + 5000, "in the middle");
	strcpy(left_out, "secret");
	MUST(madvise(left_out, 4096, MADV_DONTDUMP));
	pid = must_fork();
	if (pid == 0) {
		pthread_t thread;

		set_limit(RLIM_INFINITY);
		pthread_create(&thread, NULL, other_thread, (void *)ready);
		while (!*ready)
			;
		sleep_ms(20);
		magic[0] = 'T';
		__asm__ volatile("mov x19, %0\n\tfmov d9, x19\n\tmov x0, #16\n\tstr xzr, [x0]"
				 : : "r"(0x1234567890abcdefUL) : "x0", "x19", "v9", "memory");
	}
	status = wait_status(pid);
	EXPECT_KILLED(status, SIGSEGV);
	EXPECT(WCOREDUMP(status));
	read_core();
	EXPECT_MEMEQ(core, ELFMAG, SELFMAG);
	EXPECT_EQ(((Elf64_Ehdr *)core)->e_type, ET_CORE);
	EXPECT_EQ(((Elf64_Ehdr *)core)->e_machine, EM_AARCH64);
	/* Memory. */
	EXPECT(memory(magic) && !strcmp(memory(magic), "This was in memory"));
	EXPECT(memory(mapped + 5000) && !strcmp(memory(mapped + 5000), "in the middle"));
	EXPECT(memory(mapped) && !memory(mapped)[0]);
	EXPECT(!memory(left_out));
	EXPECT(memory((void *)ready) && *memory((void *)ready) == 1);
	/* Registers: first of the thread that died. */
	note = find_note(NT_PRSTATUS, 0, &size);
	EXPECT(note);
	EXPECT_EQ(size, 392);
	EXPECT_EQ(*(int *)note, SIGSEGV);
	EXPECT_EQ(*(short *)(note + 12), SIGSEGV);
	EXPECT_EQ(*(int *)(note + PRSTATUS_PID), pid);
	memcpy(regs, note + PRSTATUS_REGS, sizeof(regs));
	EXPECT_EQ(regs[0], 16);
	EXPECT_EQ(regs[19], 0x1234567890abcdef);
	note = find_note(NT_PRFPREG, 0, &size);
	EXPECT(note && size == 528);
	EXPECT_EQ(*(uint64_t *)(note + 9 * 16), 0x1234567890abcdef);
	note = find_note(NT_PRSTATUS, 1, &size);
	EXPECT(note && *(int *)(note + PRSTATUS_PID) != pid);
	EXPECT(!find_note(NT_PRSTATUS, 2, &size));
	/* Who it was. */
	note = find_note(NT_PRPSINFO, 0, &size);
	EXPECT(note && size == 136);
	EXPECT_EQ(*(int *)(note + 24), pid);
	EXPECT(strstr(note + 56, "core"));
	note = find_note(NT_AUXV, 0, &size);
	EXPECT(note && *(uint64_t *)note);
	note = find_note(0x53494749 /* NT_SIGINFO */, 0, &size);
	EXPECT(note && size == 128);
	EXPECT_EQ(((siginfo_t *)note)->si_addr, (void *)16);
	note = find_note(0x46494c45 /* NT_FILE */, 0, &size);
	EXPECT(note && *(uint64_t *)note >= 1);
	EXPECT_EQ(((uint64_t *)note)[1], 4096);
}

TEST(mostly_holes)
{
	struct stat st;

	start();
	EXPECT(WCOREDUMP(IN_CHILD({
		set_limit(RLIM_INFINITY);
		char *big = MUST(mmap(NULL, 1ul << 30, PROT_READ | PROT_WRITE,
				      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
		big[1 << 29] = 1;
		abort();
	})));
	MUST(stat("core", &st));
	EXPECT_GT(st.st_size, 1l << 30);
	EXPECT_LT(st.st_blocks * 512, 4l << 20);
}

static int die_sharing(void *arg)
{
	*(volatile int *)arg = 1;
	/* The bare call: the C library's raise() is for the thread it knows. */
	syscall(SYS_kill, (pid_t)syscall(SYS_getpid), SIGABRT);
	return 0;
}

TEST(others_with_the_same_memory_live_on)
{
	static char stack[65536] __attribute__((aligned(16)));
	volatile int seen = 0;
	struct stat st;
	int status;
	pid_t pid;

	start();
	set_limit(RLIM_INFINITY);
	pid = MUST(clone(die_sharing, stack + sizeof(stack), CLONE_VM | SIGCHLD, (void *)&seen));
	status = wait_status(pid);
	EXPECT_KILLED(status, SIGABRT);
	EXPECT(WCOREDUMP(status));
	EXPECT_EQ(seen, 1);
	MUST(stat("core", &st));
	EXPECT_GT(st.st_size, 65536);
	/* And go on changing it while it is written. */
	for (int i = 0; i < 20; i++) {
		pid = MUST(clone(die_sharing, stack + sizeof(stack), CLONE_VM | SIGCHLD,
				 (void *)&seen));
		while (waitpid(pid, &status, WNOHANG) == 0) {
			char *map = MUST(mmap(NULL, 65536, PROT_READ | PROT_WRITE,
					      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

			map[5000] = 1;
			MUST(munmap(map + 4096, 8192));
			MUST(munmap(map, 65536));
		}
		EXPECT_KILLED(status, SIGABRT);
	}
}
