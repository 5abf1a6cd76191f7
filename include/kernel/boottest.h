/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot tests: tests that live beside the code they test and run inside the kernel.
 *
 *	BOOT_TEST(mm, buddy_splits)
 *	{
 *		struct page *p = page_alloc(GFP_KERNEL, 3);
 *
 *		bt_expect(p);
 *		...
 *	}
 *
 * They run in a kernel thread after the initcalls when the command line has
 * test=all, test=AREA or test=AREA.NAME (several, separated by commas), print
 * KTAP, and end the machine with an exit code of <kernel/exit_codes.h>.
 * bt_expect() notes a failure and goes on; bt_assert() ends the test. A test may
 * sleep; one that takes over ten seconds is a failure and ends the run.
 * With CONFIG_BOOT_TESTS off nothing of a test is linked.
 */
#ifndef KERNEL_BOOTTEST_H
#define KERNEL_BOOTTEST_H

#include <lib/compiler.h>
#include <lib/types.h>

struct boot_test {
	const char *area;
	const char *name;
	void (*fn)(void);
};

#if IS_ENABLED(CONFIG_BOOT_TESTS)
#define BOOT_TEST_SECTION __used __section(".boot_tests")
#else
#define BOOT_TEST_SECTION __maybe_unused
#endif

#define BOOT_TEST(area_, name_) \
	static void bt_##area_##_##name_(void); \
	static const struct boot_test bt_desc_##area_##_##name_ BOOT_TEST_SECTION = \
		{ .area = #area_, .name = #name_, .fn = bt_##area_##_##name_ }; \
	static void bt_##area_##_##name_(void)

/* Marks the running test failed, with a reason. */
void __printf(1, 2) bt_fail(const char *fmt, ...);
/* Marks it skipped; the test should return. */
void __printf(1, 2) bt_skip(const char *fmt, ...);

#define bt_expect(cond) ({ \
	bool __ok = !!(cond); \
	if (!__ok) \
		bt_fail("%s:%d: %s", __FILE__, __LINE__, #cond); \
	__ok; \
})
#define bt_assert(cond) \
	do { \
		if (!bt_expect(cond)) \
			return; \
	} while (0)
#define bt_expect_eq(a, b) ({ \
	s64 __a = (s64)(a), __b = (s64)(b); \
	if (__a != __b) \
		bt_fail("%s:%d: %s is %lld, expected %s = %lld", __FILE__, __LINE__, \
			#a, (long long)__a, #b, (long long)__b); \
	__a == __b; \
})

/* Runs what test= asked for and does not return; returns at once if nothing was asked. */
void boot_tests_run(void);

#endif
