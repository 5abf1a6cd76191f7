/* SPDX-License-Identifier: BSD-2-Clause */
/* 128-bit division and square root by shifting; see <lib/math64.h>. */
#include <lib/math64.h>

u64 mul_u64_u64_div_u64(u64 a, u64 b, u64 c)
{
	unsigned __int128 prod = (unsigned __int128)a * b;
	u64 hi = (u64)(prod >> 64), lo = (u64)prod;

	if (!hi)
		return lo / c;
	if (hi >= c)
		return U64_MAX;
	/* hi < c: one quotient bit a step, the remainder in hi. */
	for (int i = 0; i < 64; i++) {
		bool carry = hi >> 63;

		hi = hi << 1 | lo >> 63;
		lo <<= 1;
		if (carry || hi >= c) {
			hi -= c;
			lo |= 1;
		}
	}
	return lo;
}

u32 int_sqrt64(u64 x)
{
	u64 root = 0, bit = 1ULL << 62;

	for (; bit; bit >>= 2) {
		if (x >= root + bit) {
			x -= root + bit;
			root = (root >> 1) + bit;
		} else {
			root >>= 1;
		}
	}
	return (u32)root;
}
