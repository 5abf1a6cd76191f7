/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hashes for tables. hash_64() and friends give the top bits of a product, so
 * that a table of 2^bits buckets is indexed directly. Not for adversaries
 * unless salted with a secret.
 */
#ifndef LIB_HASH_H
#define LIB_HASH_H

#include <lib/bitops.h>

static __always_inline u32 hash_64(u64 v, unsigned int bits)
{
	return (u32)((v * 0x9e3779b97f4a7c15ULL) >> (64 - bits));
}

static __always_inline u32 hash_32(u32 v, unsigned int bits)
{
	return (v * 0x9e3779b1U) >> (32 - bits);
}

#define hash_long(v, bits) hash_64((u64)(v), bits)
#define hash_ptr(p, bits)  hash_64((u64)(uintptr_t)(p), bits)

/* Mixes one more word into a running hash. */
static __always_inline u64 hash_mix(u64 h, u64 v)
{
	h = (h ^ v) * 0x9fb21c651e98df25ULL;
	return h ^ (h >> 32);
}

static __always_inline u32 hash_fold(u64 h)
{
	return (u32)(h ^ (h >> 32));
}

/* Hash of any bytes. */
u64 hash_bytes(u64 seed, const void *data, size_t len);
/* Hash of a file name of len bytes; salt is commonly the parent directory. */
u32 full_name_hash(const void *salt, const char *name, size_t len);

#endif
