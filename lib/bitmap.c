/* SPDX-License-Identifier: BSD-2-Clause */
/* Searching and counting in bitmaps, a word at a time. */
#include <lib/bitmap.h>

/* The first set bit of (a & b) ^ invert at or after start; b may be NULL. */
static __always_inline unsigned long find_bit(const unsigned long *a, const unsigned long *b,
					      unsigned long invert, unsigned long size,
					      unsigned long start)
{
	unsigned long i, w;

	if (start >= size)
		return size;
	i = BIT_WORD(start);
	w = ((b ? a[i] & b[i] : a[i]) ^ invert) & (~0UL << (start % BITS_PER_LONG));
	while (!w) {
		if (++i >= BITS_TO_LONGS(size))
			return size;
		w = (b ? a[i] & b[i] : a[i]) ^ invert;
	}
	return min(i * BITS_PER_LONG + __ffs(w), size);
}

unsigned long find_next_bit(const unsigned long *map, unsigned long size, unsigned long start)
{
	return find_bit(map, NULL, 0, size, start);
}

unsigned long find_next_zero_bit(const unsigned long *map, unsigned long size,
				 unsigned long start)
{
	return find_bit(map, NULL, ~0UL, size, start);
}

unsigned long find_next_and_bit(const unsigned long *a, const unsigned long *b,
				unsigned long size, unsigned long start)
{
	return find_bit(a, b, 0, size, start);
}

unsigned long find_last_bit(const unsigned long *map, unsigned long size)
{
	unsigned long i = BITS_TO_LONGS(size), w;

	if (!size)
		return size;
	w = map[--i] & BITMAP_LAST_WORD_MASK(size);
	while (!w) {
		if (!i)
			return size;
		w = map[--i];
	}
	return i * BITS_PER_LONG + __fls(w);
}

/* Applies to each word that start..start+n touches, with the bits of it that count. */
#define for_each_word_mask(i, mask, start, n)					\
	for (unsigned long i = BIT_WORD(start), __end = (start) + (n), mask;	\
	     (n) && i * BITS_PER_LONG < __end &&				\
	     ({ mask = ~0UL;							\
		if (i == BIT_WORD(start))					\
			mask &= ~0UL << ((start) % BITS_PER_LONG);		\
		if (__end - i * BITS_PER_LONG < BITS_PER_LONG)			\
			mask &= BITMAP_LAST_WORD_MASK(__end); 1; });		\
	     i++)

void bitmap_set(unsigned long *map, unsigned long start, unsigned long n)
{
	for_each_word_mask(i, mask, start, n)
		map[i] |= mask;
}

void bitmap_clear(unsigned long *map, unsigned long start, unsigned long n)
{
	for_each_word_mask(i, mask, start, n)
		map[i] &= ~mask;
}

static unsigned long used_mask(unsigned long i, unsigned long size)
{
	return i == BIT_WORD(size) ? BITMAP_LAST_WORD_MASK(size) : ~0UL;
}

unsigned long bitmap_weight(const unsigned long *map, unsigned long size)
{
	unsigned long n = 0;

	for (unsigned long i = 0; i < BITS_TO_LONGS(size); i++)
		n += hweight_long(map[i] & used_mask(i, size));
	return n;
}

bool bitmap_equal(const unsigned long *a, const unsigned long *b, unsigned long size)
{
	for (unsigned long i = 0; i < BITS_TO_LONGS(size); i++)
		if ((a[i] ^ b[i]) & used_mask(i, size))
			return false;
	return true;
}

bool bitmap_intersects(const unsigned long *a, const unsigned long *b, unsigned long size)
{
	for (unsigned long i = 0; i < BITS_TO_LONGS(size); i++)
		if (a[i] & b[i] & used_mask(i, size))
			return true;
	return false;
}

bool bitmap_subset(const unsigned long *a, const unsigned long *b, unsigned long size)
{
	for (unsigned long i = 0; i < BITS_TO_LONGS(size); i++)
		if (a[i] & ~b[i] & used_mask(i, size))
			return false;
	return true;
}

unsigned long bitmap_find_next_zero_area(const unsigned long *map, unsigned long size,
					 unsigned long start, unsigned long n,
					 unsigned long align_mask)
{
	for (;;) {
		unsigned long end, busy;

		start = find_next_zero_bit(map, size, start);
		start = (start + align_mask) & ~align_mask;
		if (check_add_overflow(start, n, &end) || end > size)
			return size;
		busy = find_next_bit(map, end, start);
		if (busy >= end)
			return start;
		start = busy + 1;
	}
}
