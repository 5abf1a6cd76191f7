/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest tests: each program holds the tests of one area and prints KTAP.
 *
 *	TEST(name) { ... EXPECT_EQ(x, 1); ... }
 *
 * registers itself and runs in a forked child, in a process group and an empty folder of its
 * own, under an alarm: a crash or a hang is a "not ok" with a reason, and the group is killed
 * afterwards. A failed EXPECT_* ends the test. SKIP("why") ends it as skipped.
 *
 * The program: <test> [--list] [NAME...]; exit status 0 if all passed, 1 if not, 2 for usage.
 * The same binaries run on Linux and under qemu-user: in_emulator() tells the latter, whose own
 * limits are not what is tested here.
 */
#ifndef USR_TESTS_KTAP_H
#define USR_TESTS_KTAP_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#define TEST_SECONDS 30 /* a test that takes longer hangs */

struct test {
	const char *name;
	void (*run)(void);
	unsigned int seconds;
	struct test *next;
};

void test_register(struct test *test);

/* A test that may take `limit` seconds. */
#define TEST_LONG(id, limit)                                                                     \
	static void test_##id(void);                                                             \
	static struct test test_entry_##id = { #id, test_##id, limit, NULL };                    \
	__attribute__((constructor)) static void test_register_##id(void)                        \
	{                                                                                        \
		test_register(&test_entry_##id);                                                 \
	}                                                                                        \
	static void test_##id(void)

#define TEST(id) TEST_LONG(id, TEST_SECONDS)

/* End the test's process with this reason. Usable from any process the test forks. */
_Noreturn void test_fail(const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
_Noreturn void test_skip(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define FAIL(...) test_fail(__FILE__, __LINE__, __VA_ARGS__)
#define SKIP(...) test_skip(__VA_ARGS__)

#define EXPECT(condition)                                                                        \
	do {                                                                                     \
		if (!(condition))                                                                \
			FAIL("%s (errno %d %s)", #condition, errno, strerror(errno));            \
	} while (0)

#define EXPECT_OP(a, op, b)                                                                      \
	do {                                                                                     \
		long long left_ = (long long)(a), right_ = (long long)(b);                       \
		if (!(left_ op right_))                                                          \
			FAIL("%s %s %s: %lld (%#llx), %lld (%#llx), errno %d", #a, #op, #b,      \
			     left_, left_, right_, right_, errno);                               \
	} while (0)

#define EXPECT_EQ(a, b) EXPECT_OP(a, ==, b)
#define EXPECT_NE(a, b) EXPECT_OP(a, !=, b)
#define EXPECT_LT(a, b) EXPECT_OP(a, <, b)
#define EXPECT_LE(a, b) EXPECT_OP(a, <=, b)
#define EXPECT_GT(a, b) EXPECT_OP(a, >, b)
#define EXPECT_GE(a, b) EXPECT_OP(a, >=, b)

/* The call fails with -1 and this errno. */
#define EXPECT_ERRNO(call, error)                                                                \
	do {                                                                                     \
		errno = 0;                                                                       \
		long long result_ = (long long)(call);                                           \
		int errno_ = errno;                                                              \
		if (result_ != -1 || errno_ != (error))                                          \
			FAIL("%s: returned %lld, errno %d (%s), wanted %s", #call, result_,      \
			     errno_, strerror(errno_), #error);                                  \
	} while (0)

/* The call succeeds (is not -1); evaluates to its value. */
#define MUST(call)                                                                               \
	({                                                                                       \
		errno = 0;                                                                       \
		__typeof__(call) value_ = (call);                                                \
		if (value_ == (__typeof__(value_))-1)                                            \
			FAIL("%s: %s", #call, strerror(errno));                                  \
		value_;                                                                          \
	})

#define EXPECT_STREQ(a, b)                                                                       \
	do {                                                                                     \
		const char *sa_ = (a), *sb_ = (b);                                               \
		if (strcmp(sa_, sb_) != 0)                                                       \
			FAIL("%s is \"%s\", wanted \"%s\"", #a, sa_, sb_);                       \
	} while (0)

#define EXPECT_MEMEQ(a, b, n)                                                                    \
	do {                                                                                     \
		if (memcmp((a), (b), (n)) != 0)                                                  \
			FAIL("%s and %s differ", #a, #b);                                        \
	} while (0)

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/*
 * A test program that executes itself defines this; "<test> --helper ..." calls it instead of
 * the tests.
 */
int helper_main(int argc, char **argv);

/* True under qemu-user. */
bool in_emulator(void);

/* Skips the test under qemu-user, naming the limit of the emulator. */
#define SKIP_IN_EMULATOR(why)                                                                    \
	do {                                                                                     \
		if (in_emulator())                                                               \
			SKIP("qemu-user: %s", why);                                              \
	} while (0)

#endif
