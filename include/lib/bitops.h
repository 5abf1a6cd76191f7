/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bits in words: searching, counting, logarithms, and the non-atomic set/clear
 * of one bit in an array of unsigned long. The atomic ones are the arch's.
 */
#ifndef LIB_BITOPS_H
#define LIB_BITOPS_H

#include <lib/compiler.h>

#define BITS_PER_BYTE 8
#define BITS_PER_LONG (BITS_PER_BYTE * (int)sizeof(long))
#define BITS_TO_LONGS(n) DIV_ROUND_UP(n, BITS_PER_LONG)
#define BIT_WORD(nr)  ((nr) / BITS_PER_LONG)
#define BIT_MASK(nr)  (1UL << ((nr) % BITS_PER_LONG))

/* Lowest and highest set bit, from 0; undefined for 0. */
static __always_inline unsigned int __ffs(unsigned long x)
{
	return (unsigned int)__builtin_ctzl(x);
}

static __always_inline unsigned int __fls(unsigned long x)
{
	return (unsigned int)(BITS_PER_LONG - 1 - __builtin_clzl(x));
}

static __always_inline unsigned int ffz(unsigned long x)
{
	return __ffs(~x);
}

/* Highest set bit, from 1; 0 for 0. */
static __always_inline int fls(unsigned int x)
{
	return x ? 32 - __builtin_clz(x) : 0;
}

static __always_inline int fls64(u64 x)
{
	return x ? 64 - __builtin_clzll(x) : 0;
}

#if !__STDC_HOSTED__
/* Lowest set bit, from 1; 0 for 0. */
static __always_inline int ffs(int x)
{
	return __builtin_ffs(x);
}
#endif

#define hweight8(x)    ((unsigned int)__builtin_popcount((u8)(x)))
#define hweight32(x)   ((unsigned int)__builtin_popcount((u32)(x)))
#define hweight64(x)   ((unsigned int)__builtin_popcountll((u64)(x)))
#define hweight_long(x) ((unsigned int)__builtin_popcountl((unsigned long)(x)))

/* floor(log2(x)), x > 0; a constant for a constant. */
#define ilog2(x) ((unsigned int)(63 - __builtin_clzll((u64)(x))))
#define is_power_of_2(x) ({ __auto_type __p2 = (x); __p2 != 0 && (__p2 & (__p2 - 1)) == 0; })

static __always_inline unsigned long roundup_pow_of_two(unsigned long x)
{
	return x <= 1 ? 1 : 1UL << (BITS_PER_LONG - __builtin_clzl(x - 1));
}

static __always_inline unsigned long rounddown_pow_of_two(unsigned long x)
{
	return 1UL << __fls(x);
}

/* Smallest n with 2^n >= x. */
static __always_inline unsigned int order_base_2(unsigned long x)
{
	return x <= 1 ? 0 : (unsigned int)(BITS_PER_LONG - __builtin_clzl(x - 1));
}

static __always_inline u32 rol32(u32 x, unsigned int n)
{
	return (x << (n & 31)) | (x >> (-n & 31));
}

static __always_inline u32 ror32(u32 x, unsigned int n)
{
	return (x >> (n & 31)) | (x << (-n & 31));
}

static __always_inline u64 rol64(u64 x, unsigned int n)
{
	return (x << (n & 63)) | (x >> (-n & 63));
}

static __always_inline s64 sign_extend64(u64 v, int sign_bit)
{
	return (s64)(v << (63 - sign_bit)) >> (63 - sign_bit);
}

static __always_inline bool test_bit(unsigned long nr, const unsigned long *map)
{
	return (READ_ONCE(map[BIT_WORD(nr)]) >> (nr % BITS_PER_LONG)) & 1;
}

static __always_inline void __set_bit(unsigned long nr, unsigned long *map)
{
	map[BIT_WORD(nr)] |= BIT_MASK(nr);
}

static __always_inline void __clear_bit(unsigned long nr, unsigned long *map)
{
	map[BIT_WORD(nr)] &= ~BIT_MASK(nr);
}

static __always_inline void __change_bit(unsigned long nr, unsigned long *map)
{
	map[BIT_WORD(nr)] ^= BIT_MASK(nr);
}

static __always_inline void __assign_bit(unsigned long nr, unsigned long *map, bool v)
{
	if (v)
		__set_bit(nr, map);
	else
		__clear_bit(nr, map);
}

static __always_inline bool __test_and_set_bit(unsigned long nr, unsigned long *map)
{
	bool was = test_bit(nr, map);

	__set_bit(nr, map);
	return was;
}

static __always_inline bool __test_and_clear_bit(unsigned long nr, unsigned long *map)
{
	bool was = test_bit(nr, map);

	__clear_bit(nr, map);
	return was;
}

#endif
