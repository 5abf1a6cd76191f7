/* SPDX-License-Identifier: BSD-2-Clause */
/* Hashing of bytes, eight at a time; see <lib/hash.h>. */
#include <lib/byteorder.h>
#include <lib/hash.h>

u64 hash_bytes(u64 seed, const void *data, size_t len)
{
	const u8 *p = data;
	u64 h = seed ^ len, tail = 0;

	for (; len >= 8; len -= 8, p += 8)
		h = hash_mix(h, get_unaligned_le64(p));
	if (len & 4) {
		tail = get_unaligned_le32(p);
		p += 4;
	}
	if (len & 2) {
		tail = tail << 16 | get_unaligned_le16(p);
		p += 2;
	}
	if (len & 1)
		tail = tail << 8 | *p;
	return len ? hash_mix(h, tail) : h;
}

u32 full_name_hash(const void *salt, const char *name, size_t len)
{
	return hash_fold(hash_bytes((u64)(uintptr_t)salt, name, len) * 0x9e3779b97f4a7c15ULL);
}
