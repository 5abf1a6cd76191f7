/* SPDX-License-Identifier: BSD-2-Clause */
/* The Internet checksum of a piece of memory, RFC 1071, by eight bytes. */
#include "lwip.h"

static u64 add(u64 sum, u64 word)
{
	sum += word;
	return sum + (sum < word);	/* the carry comes around */
}

/* Words may straddle any boundary: Linux's ABI lets normal memory be read unaligned. */
static u64 load(const u8 *p)
{
	u64 word;

	__builtin_memcpy(&word, p, sizeof(word));
	return word;
}

/* The sum folded to 16 bits, not inverted; an odd last byte counts as followed by a zero. */
u16 lw_checksum(const void *data, int len)
{
	const u8 *p = data;
	u64 a = 0, b = 0, tail = 0;

	for (; len >= 32; len -= 32, p += 32) {
		a = add(a, load(p));
		b = add(b, load(p + 8));
		a = add(a, load(p + 16));
		b = add(b, load(p + 24));
	}
	a = add(a, b);
	for (; len >= 8; len -= 8, p += 8)
		a = add(a, load(p));
	__builtin_memcpy(&tail, p, (size_t)len);
	a = add(a, tail);
	a = (a >> 32) + (u32)a;
	a = (a >> 32) + (u32)a;
	a = (a >> 16) + (u16)a;
	a = (a >> 16) + (u16)a;
	return (u16)a;
}
