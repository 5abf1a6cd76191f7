/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The user stack is in the last slot of the top-level page table, L0[511]. A walk that stops
 * one slot early loses it on fork, exec or exit. The stack survives fork, is copy-on-write,
 * grows on demand and ends at its limit.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "helpers.h"

#define DEEP_PAGES 256

static uintptr_t stack_pointer(void)
{
	return (uintptr_t)__builtin_frame_address(0);
}

TEST(stack_is_in_the_last_slot)
{
	SKIP_IN_EMULATOR("its own address space");
	EXPECT_EQ(stack_pointer() >> 39, 511);
}

TEST(survives_fork)
{
	volatile uint64_t words[1024];

	for (int i = 0; i < 1024; i++)
		words[i] = i * 3;
	for (int round = 0; round < 20; round++)
		EXPECT_EXIT(IN_CHILD({
			for (int i = 0; i < 1024; i++)
				if (words[i] != i * 3)
					_exit(1);
		}), 0);
}

TEST(child_writes_stay_in_the_child)
{
	volatile uint64_t words[4096]; /* 8 pages */

	for (int i = 0; i < 4096; i++)
		words[i] = i;
	EXPECT_EXIT(IN_CHILD({
		for (int i = 0; i < 4096; i++)
			words[i] = ~words[i];
		for (int i = 0; i < 4096; i++)
			if (words[i] != ~(uint64_t)i)
				_exit(1);
	}), 0);
	for (int i = 0; i < 4096; i++)
		EXPECT_EQ(words[i], i);
}

TEST(parent_writes_stay_in_the_parent)
{
	volatile uint64_t words[4096];
	int ends[2];
	pid_t pid;
	char c;

	for (int i = 0; i < 4096; i++)
		words[i] = i;
	MUST(pipe(ends));
	pid = must_fork();
	if (pid == 0) {
		EXPECT_EQ(read(ends[0], &c, 1), 1);
		for (int i = 0; i < 4096; i++)
			if (words[i] != i)
				_exit(1);
		_exit(0);
	}
	for (int i = 0; i < 4096; i++)
		words[i] = 0;
	EXPECT_EQ(write(ends[1], "x", 1), 1);
	EXPECT_EXIT(wait_status(pid), 0);
}

/* Goes `pages` pages deep, then forks there; every level checks its page on the way back. */
static int go_deep(int pages)
{
	volatile char page[4096];
	int status;

	page[0] = (char)pages;
	page[4095] = (char)~pages;
	if (pages == 0)
		return IN_CHILD({
			volatile char more[65536];

			more[0] = more[65535] = 1;
			return_status = more[0] + more[65535];
		});
	status = go_deep(pages - 1);
	EXPECT_EQ(page[0], (char)pages);
	EXPECT_EQ(page[4095], (char)~pages);
	return status;
}

TEST(deep_stack_and_fork)
{
	for (int i = 0; i < 5; i++)
		EXPECT_EXIT(go_deep(DEEP_PAGES), 2);
}

TEST(grandchildren)
{
	volatile uint64_t word = 1;

	EXPECT_EXIT(IN_CHILD({
		word = 2;
		if (IN_CHILD({
			if (word != 2)
				_exit(1);
			word = 3;
		}) != 0 || word != 2)
			_exit(1);
	}), 0);
	EXPECT_EQ(word, 1);
}

static int overflow(int level)
{
	volatile char page[4096];

	page[0] = (char)level;
	if (level < 0)
		return 0;
	return overflow(level + 1) + page[0];
}

TEST(overflow_is_sigsegv)
{
	for (int i = 0; i < 3; i++)
		EXPECT_KILLED(IN_CHILD(return_status = overflow(0);), SIGSEGV);
}

static volatile uintptr_t lowest;

static void report_depth(int sig, siginfo_t *info, void *context)
{
	uintptr_t top = *(uintptr_t *)(uintptr_t)lowest;

	_exit((top - (uintptr_t)info->si_addr) >> 20); /* MB */
}

/* The limit is what RLIMIT_STACK says at the time of the fault. */
TEST(limit_counts)
{
	SKIP_IN_EMULATOR("stack limits differ");
	for (int mb = 1; mb <= 4; mb *= 2) {
		int status = IN_CHILD({
			struct rlimit limit = { mb << 20, RLIM_INFINITY };
			stack_t stack = { .ss_sp = malloc(65536), .ss_size = 65536 };
			static uintptr_t top;

			top = stack_pointer();
			lowest = (uintptr_t)&top;
			MUST(setrlimit(RLIMIT_STACK, &limit));
			MUST(sigaltstack(&stack, NULL));
			handle(SIGSEGV, report_depth, SA_SIGINFO | SA_ONSTACK);
			overflow(0);
		});

		EXPECT(WIFEXITED(status));
		EXPECT_GE(WEXITSTATUS(status), mb - 1);
		EXPECT_LE(WEXITSTATUS(status), mb);
	}
}

/* A mapping below the stack keeps a guard gap: the stack cannot silently run into it. */
TEST(guard_gap)
{
	SKIP_IN_EMULATOR("stack limits differ");
	EXPECT_KILLED(IN_CHILD({
		uintptr_t below = (stack_pointer() & ~4095UL) - (1 << 20);
		char *area = mmap((void *)below, 4096, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

		EXPECT_EQ((uintptr_t)area, below);
		area[0] = 77;
		overflow(0); /* must fault before it reaches the area */
	}), SIGSEGV);
}

/* One page just below the stack pointer and one far below it, both within the limit. */
TEST(distant_access_grows)
{
	SKIP_IN_EMULATOR("stack limits differ");
	EXPECT_EXIT(IN_CHILD({
		*(volatile char *)(stack_pointer() - 100000) = 1;
		*(volatile char *)(stack_pointer() - 4000000) = 1;
	}), 0);
}
