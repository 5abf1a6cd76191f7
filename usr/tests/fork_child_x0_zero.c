/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A forked child sees 0 in x0 and its parent's values in all other registers, whatever x0 and
 * the registers of unused arguments held at the SVC.
 */
#include <signal.h>

#include "helpers.h"

long clone_with_garbage(uint64_t flags, uint64_t *out);

/* 1 if all of x1..x28 are as clone_with_garbage() set them. */
static int others_kept(const uint64_t *x)
{
	for (int i = 2; i <= 28; i++)
		if (i != 8 && x[i] != (((uint64_t)i << 48) | 0xbad0))
			return 0;
	return x[1] == 0 && x[8] == 220;
}

static void check_clone(uint64_t flags)
{
	uint64_t x[29];
	long result = clone_with_garbage(flags, x);

	if (result == 0 || getpid() != getpgrp()) /* the test leads its group: this is a child */
		_exit(x[0] != 0 ? 10 : !others_kept(x) ? 11 : 12);
	EXPECT_GT(result, 0);
	EXPECT_EQ(x[0], result);
	EXPECT(others_kept(x));
	EXPECT_EXIT(wait_status(result), 12);
}

TEST(plain_flags)
{
	for (int i = 0; i < 100; i++)
		check_clone(SIGCHLD);
}

/* Only the low 32 bits of the flags count. */
TEST(garbage_above_flags)
{
	SKIP_IN_EMULATOR("checks all 64 bits of the flags");
	check_clone(0xdeadbeef00000000ULL | SIGCHLD);
}

/* The x0 of an earlier system call, here an error, must not shine through. */
TEST(after_failed_calls)
{
	for (int i = 0; i < 50; i++) {
		close(-1);
		check_clone(SIGCHLD);
	}
}
