/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Parameters of the policies on the command line: sched.NAME=NUMBER. The ranges
 * are those of the Kconfig options that give the defaults.
 */
#include <kernel/printk.h>
#include <kernel/sched_policy.h>
#include <lib/errno.h>
#include <lib/parse.h>

u32 sched_slice_us = CONFIG_SCHED_SLICE_US;
SCHED_TUNABLE(sched_slice_us, "slice_us", 100, 100000);

int sched_tunable_set(u32 *var, const char *name, const char *value, u32 lo, u32 hi)
{
	u32 n;

	if (kstrtou32(value, 0, &n) || n < lo || n > hi) {
		pr_err("sched: sched.%s takes a number from %u to %u; it stays %u\n",
		       name, lo, hi, *var);
		return -EINVAL;
	}
	*var = n;
	return 0;
}
