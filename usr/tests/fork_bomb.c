/* SPDX-License-Identifier: BSD-2-Clause */
/* A fork bomb runs into its limit, dies when told to, and leaves nothing behind. */
#include <sys/resource.h>

#include "helpers.h"

#define USER 54322
#define LIMIT 150

static _Noreturn void bomb(void)
{
	for (;;)
		if (fork() < 0)
			usleep(1000);
}

TEST_LONG(bounded_by_nproc, 120)
{
	long before, after;
	pid_t pid;

	need_root();
	SKIP_IN_EMULATOR("processes of the host");
	before = meminfo_kb("MemFree");
	pid = must_fork();
	if (pid == 0) {
		struct rlimit limit = { LIMIT, LIMIT };

		MUST(setrlimit(RLIMIT_NPROC, &limit));
		MUST(setuid(USER));
		bomb();
	}
	sleep_ms(1500);
	EXPECT_EQ(waitpid(pid, NULL, WNOHANG), 0); /* alive, and so are we */
	/* As its user: kill(-1) reaches every process of it at once. */
	EXPECT_EXIT(IN_CHILD({
		signal(SIGTERM, SIG_IGN);
		MUST(setuid(USER));
		for (int i = 0; i < 1000 && (kill(-1, SIGKILL) == 0 || errno != ESRCH); i++)
			usleep(1000);
	}), 0);
	EXPECT_KILLED(wait_status(pid), SIGKILL);
	for (int i = 0; i < 100; i++) {
		after = meminfo_kb("MemFree");
		if (after > before - 2048)
			return;
		sleep_ms(50); /* orphans are reaped by init */
	}
	FAIL("free memory was %ld kB, is %ld kB", before, after);
}
