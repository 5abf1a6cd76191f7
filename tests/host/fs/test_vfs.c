/* SPDX-License-Identifier: BSD-2-Clause */
/* The boot tests of the VFS on the host under ASan, each followed by a check for leaks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "host.h"

static void one(void **state)
{
	unsigned n = (unsigned)(uintptr_t)*state;
	long objects, pages;

	host_drop_caches();
	objects = host_live_objects();
	pages = host_live_pages();
	assert_true(host_run_test(n));
	host_drop_caches();
	assert_int_equal(host_live_pages(), pages);
	assert_in_range(host_live_objects(), 0, (unsigned long)objects + 4);
}

static void random_operations(void **state)
{
	unsigned char op[6];
	long objects;
	unsigned seed = 1;

	for (int round = 0; round < 200; round++) {
		objects = host_live_objects();
		host_fuzz_begin();
		for (int i = 0; i < 300; i++) {
			for (int k = 0; k < 6; k++)
				op[k] = (unsigned char)((seed = seed * 1103515245u + 12345u) >> 16);
			host_fuzz_op(op, 6);
		}
		host_fuzz_end();
		assert_int_equal(host_live_pages(), 0);
		if (round)              /* the first may fill caches for good */
			assert_int_equal(host_live_objects(), objects);
	}
}

int main(void)
{
	struct CMUnitTest tests[128] = { 0 };
	unsigned n;

	host_init();
	for (n = 0; host_test_name(n); n++)
		tests[n] = (struct CMUnitTest){ host_test_name(n), one, NULL, NULL,
						(void *)(uintptr_t)n };
	tests[n++] = (struct CMUnitTest){ "random_operations", random_operations, NULL, NULL, NULL };
	return _cmocka_run_group_tests("vfs", tests, n, NULL, NULL);
}
