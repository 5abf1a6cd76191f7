/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The exception table. Each entry holds two offsets relative to the fields
 * themselves, so moving an entry changes them: hence a sort of its own.
 */
#include <arch/extable.h>
#include <lib/compiler.h>

struct extable_entry {
	s32 insn;
	s32 fixup;
};

extern struct extable_entry __start___ex_table[], __stop___ex_table[];

static u64 entry_insn(const struct extable_entry *e)
{
	return (u64)&e->insn + e->insn;
}

static void entry_swap(struct extable_entry *a, struct extable_entry *b)
{
	struct extable_entry old = *a;
	s32 delta = (s32)((char *)b - (char *)a);

	a->insn = b->insn + delta;
	a->fixup = b->fixup + delta;
	b->insn = old.insn - delta;
	b->fixup = old.fixup - delta;
}

static void sift_down(struct extable_entry *base, size_t root, size_t n)
{
	for (size_t child; (child = 2 * root + 1) < n; root = child) {
		if (child + 1 < n && entry_insn(&base[child]) < entry_insn(&base[child + 1]))
			child++;
		if (entry_insn(&base[root]) >= entry_insn(&base[child]))
			return;
		entry_swap(&base[root], &base[child]);
	}
}

/* Once, before rodata becomes read-only. The linker leaves the table nearly sorted. */
void extable_init(void)
{
	struct extable_entry *base = __start___ex_table;
	size_t n = (size_t)(__stop___ex_table - base), i;

	for (i = 1; i < n && entry_insn(&base[i - 1]) < entry_insn(&base[i]); i++)
		;
	if (i >= n)
		return;
	for (i = n / 2; i-- > 0;)
		sift_down(base, i, n);
	for (i = n; i-- > 1;) {
		entry_swap(&base[0], &base[i]);
		sift_down(base, 0, i);
	}
}

u64 extable_find(u64 pc)
{
	const struct extable_entry *base = __start___ex_table;
	size_t lo = 0, hi = (size_t)(__stop___ex_table - base);

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		u64 insn = entry_insn(&base[mid]);

		if (insn == pc)
			return (u64)&base[mid].fixup + base[mid].fixup;
		if (insn < pc)
			lo = mid + 1;
		else
			hi = mid;
	}
	return 0;
}
