/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bitmaps: arrays of unsigned long of a given number of bits. Nothing here is
 * atomic; the caller brings the lock. Operations on whole bitmaps leave the
 * unused bits of the last word unspecified and never look at them. Searches
 * return `size` when there is nothing to find.
 */
#ifndef LIB_BITMAP_H
#define LIB_BITMAP_H

#include <lib/bitops.h>

#define DECLARE_BITMAP(name, bits) unsigned long name[BITS_TO_LONGS(bits)]
#define BITMAP_LAST_WORD_MASK(n) (~0UL >> (-(n) & (BITS_PER_LONG - 1)))
#define bitmap_bytes(n) (BITS_TO_LONGS(n) * sizeof(long))

unsigned long find_next_bit(const unsigned long *map, unsigned long size, unsigned long start);
unsigned long find_next_zero_bit(const unsigned long *map, unsigned long size,
				 unsigned long start);
unsigned long find_next_and_bit(const unsigned long *a, const unsigned long *b,
				unsigned long size, unsigned long start);
/* Highest set bit below size. */
unsigned long find_last_bit(const unsigned long *map, unsigned long size);

#define find_first_bit(map, size)      find_next_bit(map, size, 0)
#define find_first_zero_bit(map, size) find_next_zero_bit(map, size, 0)
#define for_each_set_bit(bit, map, size)					\
	for ((bit) = find_next_bit(map, size, 0); (bit) < (size);		\
	     (bit) = find_next_bit(map, size, (bit) + 1))
#define for_each_clear_bit(bit, map, size)					\
	for ((bit) = find_next_zero_bit(map, size, 0); (bit) < (size);		\
	     (bit) = find_next_zero_bit(map, size, (bit) + 1))

void bitmap_set(unsigned long *map, unsigned long start, unsigned long n);
void bitmap_clear(unsigned long *map, unsigned long start, unsigned long n);
unsigned long bitmap_weight(const unsigned long *map, unsigned long size);
bool bitmap_equal(const unsigned long *a, const unsigned long *b, unsigned long size);
bool bitmap_intersects(const unsigned long *a, const unsigned long *b, unsigned long size);
/* Every bit of a is in b. */
bool bitmap_subset(const unsigned long *a, const unsigned long *b, unsigned long size);
/*
 * First run of n clear bits at or after start whose first index has no bit of
 * align_mask (2^k - 1); `size` if there is none.
 */
unsigned long bitmap_find_next_zero_area(const unsigned long *map, unsigned long size,
					 unsigned long start, unsigned long n,
					 unsigned long align_mask);

static inline void bitmap_zero(unsigned long *map, unsigned long size)
{
	for (unsigned long i = 0; i < BITS_TO_LONGS(size); i++)
		map[i] = 0;
}

static inline void bitmap_fill(unsigned long *map, unsigned long size)
{
	for (unsigned long i = 0; i < BITS_TO_LONGS(size); i++)
		map[i] = ~0UL;
}

static inline void bitmap_copy(unsigned long *dst, const unsigned long *src, unsigned long size)
{
	for (unsigned long i = 0; i < BITS_TO_LONGS(size); i++)
		dst[i] = src[i];
}

static inline void bitmap_and(unsigned long *dst, const unsigned long *a,
			      const unsigned long *b, unsigned long size)
{
	for (unsigned long i = 0; i < BITS_TO_LONGS(size); i++)
		dst[i] = a[i] & b[i];
}

static inline void bitmap_or(unsigned long *dst, const unsigned long *a,
			     const unsigned long *b, unsigned long size)
{
	for (unsigned long i = 0; i < BITS_TO_LONGS(size); i++)
		dst[i] = a[i] | b[i];
}

static inline void bitmap_xor(unsigned long *dst, const unsigned long *a,
			      const unsigned long *b, unsigned long size)
{
	for (unsigned long i = 0; i < BITS_TO_LONGS(size); i++)
		dst[i] = a[i] ^ b[i];
}

static inline void bitmap_andnot(unsigned long *dst, const unsigned long *a,
				 const unsigned long *b, unsigned long size)
{
	for (unsigned long i = 0; i < BITS_TO_LONGS(size); i++)
		dst[i] = a[i] & ~b[i];
}

static inline void bitmap_complement(unsigned long *dst, const unsigned long *src,
				     unsigned long size)
{
	for (unsigned long i = 0; i < BITS_TO_LONGS(size); i++)
		dst[i] = ~src[i];
}

static inline bool bitmap_empty(const unsigned long *map, unsigned long size)
{
	return find_first_bit(map, size) >= size;
}

static inline bool bitmap_full(const unsigned long *map, unsigned long size)
{
	return find_first_zero_bit(map, size) >= size;
}

#endif
