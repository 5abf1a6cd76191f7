/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The runner of the boot tests: picks what test= names, runs each in this thread
 * under a watchdog, prints KTAP, and leaves the machine with the verdict.
 */
#include <arch/power.h>
#include <kernel/boottest.h>
#include <kernel/exit_codes.h>
#include <kernel/init.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/reboot.h>
#include <kernel/time.h>
#include <kernel/timer.h>
#include <lib/errno.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <trace/boottest.h>

#define TEST_LIMIT	(10 * NSEC_PER_SEC)

extern const struct boot_test __start_boot_tests[], __stop_boot_tests[];

static char spec[256];		/* the value of test=, "" if none was asked for */

/* State of the test that runs; only its own thread and the watchdog look. */
static const struct boot_test *running;
static unsigned running_index, failures;
static char skip_reason[128];

static int test_param(char *value)
{
	if (strscpy(spec, *value ? value : "all", sizeof(spec)) < 0)
		return -EINVAL;
	return 0;
}
BOOT_PARAM(boottest, "test", test_param);

void bt_fail(const char *fmt, ...)
{
	char text[200];
	__builtin_va_list args;

	__builtin_va_start(args, fmt);
	vscnprintf(text, sizeof(text), fmt, args);
	__builtin_va_end(args);
	failures++;
	pr_info("# %s.%s: %s\n", running->area, running->name, text);
}

void bt_skip(const char *fmt, ...)
{
	__builtin_va_list args;

	__builtin_va_start(args, fmt);
	vscnprintf(skip_reason, sizeof(skip_reason), fmt, args);
	__builtin_va_end(args);
}

static bool word_matches(const char *word, size_t len, const struct boot_test *t)
{
	size_t area = strlen(t->area);

	if (len == 3 && !strncmp(word, "all", 3))
		return true;
	if (len < area || strncmp(word, t->area, area))
		return false;
	if (len == area)
		return true;
	return word[area] == '.' && strlen(t->name) == len - area - 1 &&
	       !strncmp(word + area + 1, t->name, len - area - 1);
}

static bool selected(const struct boot_test *t)
{
	for (const char *word = spec; *word;) {
		const char *comma = strchr(word, ',');
		size_t len = comma ? (size_t)(comma - word) : strlen(word);

		if (word_matches(word, len, t))
			return true;
		word += len + !!comma;
	}
	return false;
}

static void __noreturn leave(int code)
{
	if (IS_ENABLED(CONFIG_SEMIHOSTING))
		arch_semihost_exit(code);
	arch_poweroff();
}

static void overdue(struct timer *timer)
{
	TRACE(boottest_timeout, running_index);
	pr_info("not ok %u - %s.%s # timeout\n", running_index, running->area, running->name);
	pr_info("# a test did not end, so the run stops here\n");
	leave(EXIT_CODE_FAIL);
}

static bool run_one(const struct boot_test *t, unsigned index)
{
	struct timer watchdog;
	unsigned warned = warn_count;

	running = t;
	running_index = index;
	failures = 0;
	skip_reason[0] = '\0';
	TRACE(boottest_start, index);
	timer_init(&watchdog, overdue);
	timer_start(&watchdog, ktime_get() + TEST_LIMIT);
	t->fn();
	timer_cancel(&watchdog);
	if (warn_count != warned)
		bt_fail("%u kernel warnings", warn_count - warned);

	if (failures) {
		TRACE(boottest_fail, index);
		pr_info("not ok %u - %s.%s\n", index, t->area, t->name);
	} else if (skip_reason[0]) {
		TRACE(boottest_skip, index);
		pr_info("ok %u - %s.%s # SKIP %s\n", index, t->area, t->name, skip_reason);
	} else {
		TRACE(boottest_pass, index);
		pr_info("ok %u - %s.%s\n", index, t->area, t->name);
	}
	return !failures;
}

void boot_tests_run(void)
{
	const struct boot_test *t;
	unsigned count = 0, index = 0, failed = 0;

	if (!spec[0])
		return;
	for (t = __start_boot_tests; t < __stop_boot_tests; t++)
		count += selected(t);
	TRACE(boottest_register, count);
	pr_info("KTAP version 1\n");
	pr_info("1..%u\n", count);
	for (t = __start_boot_tests; t < __stop_boot_tests; t++)
		if (selected(t))
			failed += !run_one(t, ++index);
	pr_info("# boot tests: %u run, %u failed\n", count, failed);
	if (!count)
		pr_info("# no test is called '%s'\n", spec);
	leave(count && !failed ? EXIT_CODE_PASS : EXIT_CODE_FAIL);
}
