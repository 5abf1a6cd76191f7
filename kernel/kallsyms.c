/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads the table of function names that scripts/kallsyms.py adds to the kernel when it is
 * linked. Addresses are sorted, names lie one after the other in the same order, and every
 * KALLSYMS_STRIDE-th name's position is written down.
 */
#include <kernel/kallsyms.h>
#include <kernel/sections.h>
#include <lib/string.h>

/* scripts/kallsyms.py has the same number. */
#define KALLSYMS_STRIDE 16

extern const u32 kallsyms_count;
extern const u32 kallsyms_offsets[];   /* from _text, ascending */
extern const u32 kallsyms_positions[]; /* in kallsyms_names, of every STRIDE-th name */
extern const char kallsyms_names[];    /* NUL-terminated */

static const char *name_of(u32 index)
{
	const char *name = kallsyms_names + kallsyms_positions[index / KALLSYMS_STRIDE];

	for (u32 left = index % KALLSYMS_STRIDE; left; left--)
		name += strlen(name) + 1;
	return name;
}

/* The end of the stretch of code that addr is in, or 0. */
static u64 code_end(u64 addr)
{
	if (addr >= (u64)_text && addr < (u64)_etext)
		return (u64)_etext;
	if (addr >= (u64)__start_init_text && addr < (u64)__stop_init_text)
		return (u64)__stop_init_text;
	return 0;
}

const char *kallsyms_lookup(u64 addr, u64 *offset, u64 *size)
{
	u64 end = code_end(addr);
	u32 low = 0, high = kallsyms_count;
	u32 want = (u32)(addr - (u64)_text);

	if (!end)
		return NULL;
	/* The last entry at or below want is at low - 1. */
	while (low < high) {
		u32 middle = low + (high - low) / 2;

		if (kallsyms_offsets[middle] <= want)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return NULL;
	if (low < kallsyms_count && (u64)_text + kallsyms_offsets[low] < end)
		end = (u64)_text + kallsyms_offsets[low];
	if (offset)
		*offset = want - kallsyms_offsets[low - 1];
	if (size)
		*size = end - ((u64)_text + kallsyms_offsets[low - 1]);
	return name_of(low - 1);
}

u64 kallsyms_address(const char *name)
{
	const char *candidate = kallsyms_names;

	for (u32 i = 0; i < kallsyms_count; i++) {
		if (!strcmp(candidate, name))
			return (u64)_text + kallsyms_offsets[i];
		candidate += strlen(candidate) + 1;
	}
	return 0;
}
