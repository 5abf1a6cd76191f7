/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * 64-bit arithmetic with 128-bit intermediates, without a runtime library.
 */
#ifndef LIB_MATH64_H
#define LIB_MATH64_H

#include <lib/compiler.h>

/* (a * b) >> shift, shift < 128, without losing the high half of the product. */
static __always_inline u64 mul_u64_u64_shr(u64 a, u64 b, unsigned int shift)
{
	return (u64)(((unsigned __int128)a * b) >> shift);
}

static __always_inline u64 mul_u64_u32_shr(u64 a, u32 mul, unsigned int shift)
{
	return mul_u64_u64_shr(a, mul, shift);
}

static __always_inline u64 div_u64_rem(u64 a, u64 b, u64 *rem)
{
	*rem = a % b;
	return a / b;
}

/* floor(a * b / c), c > 0; U64_MAX when the result does not fit. */
u64 mul_u64_u64_div_u64(u64 a, u64 b, u64 c);

/* floor(sqrt(x)) */
u32 int_sqrt64(u64 x);

#endif
