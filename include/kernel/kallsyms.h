/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of the kernel's functions, for backtraces. The table is made when the kernel is linked
 * (scripts/kallsyms.py) and never changes: all of this works from any context, with no lock,
 * from the first instruction of C on. Without CONFIG_KALLSYMS nothing has a name.
 */
#pragma once

#include <lib/types.h>

#ifdef CONFIG_KALLSYMS
/*
 * The function that contains `addr`, or NULL if that is not kernel code. *offset is how far
 * into it addr is, *size its length in bytes up to the next function; either may be NULL.
 */
const char *kallsyms_lookup(u64 addr, u64 *offset, u64 *size);

/* The address of the function `name`, or 0. Of several static ones, the lowest. */
u64 kallsyms_address(const char *name);
#else
static inline const char *kallsyms_lookup(u64 addr, u64 *offset, u64 *size)
{
	return NULL;
}

static inline u64 kallsyms_address(const char *name)
{
	return 0;
}
#endif
