/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memcpy and its family in C, a word at a time: for hosts and for machines
 * without assembly of their own (arm64 has arm64/mem.S instead).
 */
#define LIB_NO_BUILTIN_STRING
#include <lib/string.h>

/* Without this, clang may turn the loops below into calls of themselves. */
#define NO_IDIOM __attribute__((no_builtin))

typedef u64 __attribute__((may_alias, aligned(1))) word_t;

static __always_inline NO_IDIOM void copy_up(u8 *d, const u8 *s, size_t n)
{
	for (; n >= 8; n -= 8, d += 8, s += 8)
		*(word_t *)d = *(const word_t *)s;
	while (n--)
		*d++ = *s++;
}

static __always_inline NO_IDIOM void copy_down(u8 *d, const u8 *s, size_t n)
{
	for (; n >= 8; n -= 8)
		*(word_t *)(d + n - 8) = *(const word_t *)(s + n - 8);
	while (n--)
		d[n] = s[n];
}

NO_IDIOM void *memcpy(void *restrict dst, const void *restrict src, size_t n)
{
	copy_up(dst, src, n);
	return dst;
}

/* Each word is loaded whole before it is stored, so either direction is safe on its side. */
NO_IDIOM void *memmove(void *dst, const void *src, size_t n)
{
	if ((uintptr_t)dst - (uintptr_t)src >= n)
		copy_up(dst, src, n);
	else
		copy_down(dst, src, n);
	return dst;
}

NO_IDIOM void *memset(void *dst, int c, size_t n)
{
	u64 v = (u8)c * 0x0101010101010101ULL;
	u8 *d = dst;

	for (; n >= 8; n -= 8, d += 8)
		*(word_t *)d = v;
	while (n--)
		*d++ = (u8)c;
	return dst;
}

NO_IDIOM int memcmp(const void *a, const void *b, size_t n)
{
	const u8 *p = a, *q = b;

	for (; n >= 8 && *(const word_t *)p == *(const word_t *)q; n -= 8)
		p += 8, q += 8;
	for (; n; n--, p++, q++)
		if (*p != *q)
			return *p - *q;
	return 0;
}

NO_IDIOM int bcmp(const void *a, const void *b, size_t n)
{
	return memcmp(a, b, n);
}

NO_IDIOM size_t strlen(const char *s)
{
	const char *p = s;

	while (*p)
		p++;
	return (size_t)(p - s);
}
