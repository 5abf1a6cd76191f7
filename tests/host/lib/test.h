/* SPDX-License-Identifier: BSD-2-Clause */
/* What every cmocka program here starts with, and a repeatable random source. */
#ifndef TEST_H
#define TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <lib/compiler.h>

/* lib_alloc() fails after so many more calls; negative: never. */
extern long alloc_budget;
/* Blocks from lib_alloc() not yet freed. */
extern long alloc_live;

static inline uint64_t rnd(void)
{
	static uint64_t x = 0x2545f4914f6cdd1dULL;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x * 0x9e3779b97f4a7c15ULL >> 16;
}

#define RUN(...) do {								\
	const struct CMUnitTest tests[] = { __VA_ARGS__ };			\
	return cmocka_run_group_tests(tests, NULL, NULL);			\
} while (0)

#endif
