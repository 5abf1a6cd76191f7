/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Path text: fetching it from user space, and the hash of its components (internal.h
 * cuts it). Pure but for getname(), so that host tests and fuzzers can build it.
 */
#include <fs/namei.h>
#include <lib/string.h>
#include "internal.h"

#if !__STDC_HOSTED__
#include <arch/uaccess.h>
#include <mm/slab.h>

static int getname_long(struct filename *fn, const char __user *name)
{
	long len;

	fn->heap = kmalloc(PATH_MAX, GFP_KERNEL);
	if (!fn->heap)
		return -ENOMEM;
	len = strncpy_from_user(fn->heap, name, PATH_MAX);
	if (len >= 0 && len < PATH_MAX) {
		fn->name = fn->heap;
		return 0;
	}
	kfree(fn->heap);
	fn->heap = NULL;
	return len < 0 ? (int)len : -ENAMETOOLONG;
}

int getname_flags(struct filename *fn, const char __user *name, bool empty_ok)
{
	long len = strncpy_from_user(fn->small, name, NAME_SMALL);

	fn->heap = NULL;
	fn->name = fn->small;
	if (unlikely(len < 0))
		return (int)len;
	if (unlikely(len == 0) && !empty_ok)
		return -ENOENT;
	if (unlikely(len >= NAME_SMALL))
		return getname_long(fn, name);
	return 0;
}

void putname_heap(struct filename *fn)
{
	kfree(fn->heap);
	fn->heap = NULL;
}
#endif

u64 name_word_bytes(const char *s)
{
	u64 word = 0;

	for (unsigned i = 0; i < 8 && s[i]; i++)
		word |= (u64)(u8)s[i] << (8 * i);
	return word;
}

/* What name_cut() finds for the same bytes. */
u32 name_hash(const char *name, u32 len)
{
	u64 h = NAME_HASH_SEED, word;

	for (; len >= 8; len -= 8, name += 8) {
		memcpy(&word, name, 8);
		h = hash_mix(h, word);
	}
	word = 0;
	memcpy(&word, name, len);
	return (u32)hash_mix(h, word);
}
