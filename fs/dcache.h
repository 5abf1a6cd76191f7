/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hash of dentries, for dcache.c and for the walk that peeks.
 */
#ifndef FS_DCACHE_H
#define FS_DCACHE_H

#include <fs/fs.h>
#include <kernel/peek.h>
#include <lib/hash.h>

extern struct hlist_head *dentry_buckets;
extern u32 dentry_bucket_bits;

static __always_inline u32 bucket_of(const struct dentry *parent, u32 hash)
{
	return hash_64(((u64)(uintptr_t)parent >> 6) + ((u64)hash << 17) + hash,
		       dentry_bucket_bits);
}

#define SAME_PIECE(type, a, b) ({					\
	type __x, __y;							\
	__builtin_memcpy(&__x, a, sizeof(type));			\
	__builtin_memcpy(&__y, b, sizeof(type));			\
	__x == __y; })

/* Hashes are equal, so nearly always the text is: no call for what takes a few words. */
static __always_inline bool same_text(const char *a, const char *b, u32 len)
{
	for (; len >= 8; len -= 8, a += 8, b += 8)
		if (unlikely(!SAME_PIECE(u64, a, b)))
			return false;
	if (len & 4) {
		if (unlikely(!SAME_PIECE(u32, a, b)))
			return false;
		a += 4;
		b += 4;
	}
	if (len & 2) {
		if (unlikely(!SAME_PIECE(u16, a, b)))
			return false;
		a += 2;
		b += 2;
	}
	return !(len & 1) || likely(*a == *b);
}

/* Is hashed `d` that name in `parent`? With the bucket's lock or while peeking. */
static __always_inline bool dentry_is(const struct dentry *d, const struct dentry *parent,
				      const struct qstr *name)
{
	return d->d_name.hash == name->hash && d->d_parent == parent &&
	       d->d_name.len == name->len && same_text(d->d_name.name, name->name, name->len);
}

/* While peeking: the dentry, or NULL, which says nothing. */
static __always_inline struct dentry *d_peek(const struct dentry *parent, const struct qstr *name)
{
	struct hlist_node *at = READ_ONCE(dentry_buckets[bucket_of(parent, name->hash)].first);
	struct dentry *d;

	for (; at; at = READ_ONCE(at->next)) {
		d = hlist_entry(at, struct dentry, d_hash);
		if (dentry_is(d, parent, name))
			return d;
	}
	return NULL;
}

#endif /* FS_DCACHE_H */
