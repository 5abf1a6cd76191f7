/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Path text: fetching it from user space and cutting it into components. Pure but for
 * getname(), so that host tests and fuzzers can build it.
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

u32 name_hash(const char *name, u32 len)
{
	u32 h = NAME_HASH_SEED;

	while (len--)
		h = name_hash_step(h, (u8)*name++);
	return h;
}

int name_cut(const char *s, struct name_part *part)
{
	const char *p = s;
	u32 h = NAME_HASH_SEED;
	u8 c;

	while ((c = (u8)*p) != 0 && c != '/') {
		h = name_hash_step(h, c);
		p++;
	}
	part->start = s;
	part->len = (u32)(p - s);
	part->hash = h;
	part->next = p;
	part->type = LAST_NORM;
	if (unlikely(part->len > NAME_MAX))
		return -ENAMETOOLONG;
	if (unlikely(s[0] == '.')) {
		if (part->len == 1)
			part->type = LAST_DOT;
		else if (part->len == 2 && s[1] == '.')
			part->type = LAST_DOTDOT;
	}
	return 0;
}
