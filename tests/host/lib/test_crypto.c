/* SPDX-License-Identifier: BSD-2-Clause */
/* Published vectors for ChaCha20, BLAKE2s and the CRCs; properties of the generator. */
#include "test.h"
#include <lib/blake2s.h>
#include <lib/crc32.h>
#include <lib/random.h>

/* RFC 8439, 2.3.2. */
static void chacha(void **state)
{
	static const u8 want[16] = { 0x10, 0xf1, 0xe7, 0xe4, 0xd1, 0x3b, 0x59, 0x15,
				     0x50, 0x0f, 0xdd, 0x1f, 0xa3, 0x20, 0x71, 0xc4 };
	u32 s[16] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 };
	u8 out[64];

	for (u32 i = 0; i < 8; i++)
		s[4 + i] = 0x03020100 + i * 0x04040404;
	s[12] = 1;
	s[13] = 0x09000000;
	s[14] = 0x4a000000;
	chacha20_block(s, out);
	assert_memory_equal(out, want, 16);
	assert_int_equal(out[63], 0x4e);
}

/* RFC 7693, appendix B and the self-test of appendix E. */
static void blake(void **state)
{
	static const u8 abc[32] = {
		0x50, 0x8c, 0x5e, 0x8c, 0x32, 0x7c, 0x14, 0xe2, 0xe1, 0xa7, 0x2b, 0xa3, 0x4e, 0xeb,
		0x45, 0x2f, 0x37, 0x45, 0x8b, 0x20, 0x9e, 0xd6, 0x3a, 0x29, 0x4d, 0x99, 0x9b, 0x4c,
		0x86, 0x67, 0x59, 0x82 };
	static const u8 grand[32] = {
		0x6a, 0x41, 0x1f, 0x08, 0xce, 0x25, 0xad, 0xcd, 0xfb, 0x02, 0xab, 0xa6, 0x41, 0x45,
		0x1c, 0xec, 0x53, 0xc5, 0x98, 0xb2, 0x4f, 0x4f, 0xc7, 0x87, 0xfb, 0xdc, 0x88, 0x79,
		0x7f, 0x4c, 0x1d, 0xfe };
	static const size_t md_len[4] = { 16, 20, 28, 32 }, in_len[6] = { 0, 3, 64, 65, 255, 1024 };
	struct blake2s s, all;
	u8 out[32], in[1024], key[32];

	blake2s_init(&s, 32, NULL, 0);
	blake2s_update(&s, "abc", 3);
	blake2s_final(&s, out);
	assert_memory_equal(out, abc, 32);

	blake2s_init(&all, 32, NULL, 0);
	for (int i = 0; i < 4; i++)
		for (int j = 0; j < 6; j++)
			for (int keyed = 0; keyed < 2; keyed++) {
				u32 a = 0xdead4bad * (u32)in_len[j], b = 1, t;

				for (size_t k = 0; k < in_len[j]; k++) {
					t = a + b, a = b, b = t;
					in[k] = (u8)(t >> 24);
				}
				a = 0xdead4bad * (u32)md_len[i], b = 1;
				for (size_t k = 0; k < md_len[i]; k++) {
					t = a + b, a = b, b = t;
					key[k] = (u8)(t >> 24);
				}
				blake2s_init(&s, md_len[i], key, keyed ? md_len[i] : 0);
				/* In two pieces, cut anywhere. */
				blake2s_update(&s, in, in_len[j] / 3);
				blake2s_update(&s, in + in_len[j] / 3, in_len[j] - in_len[j] / 3);
				blake2s_final(&s, out);
				blake2s_update(&all, out, md_len[i]);
			}
	blake2s_final(&all, out);
	assert_memory_equal(out, grand, 32);
}

static void crcs(void **state)
{
	assert_int_equal(crc32(0, "123456789", 9), 0xcbf43926);
	assert_int_equal(crc32(crc32(0, "1234", 4), "56789", 5), 0xcbf43926);
	assert_int_equal(~crc32c(~0U, "123456789", 9), 0xe3069283);
}

static void generator(void **state)
{
	struct rng a = { { 0 } }, b = { { 0 } };
	u8 x[500], y[500];
	size_t ones = 0;

	rng_mix(&a, "seed", 4);
	rng_mix(&b, "seed", 4);
	rng_bytes(&a, x, sizeof(x));
	rng_bytes(&b, y, sizeof(y));
	assert_memory_equal(x, y, sizeof(x));
	rng_bytes(&b, y, sizeof(y));
	assert_memory_not_equal(x, y, sizeof(x));
	rng_mix(&a, "", 0);
	assert_memory_not_equal(&a, &b, sizeof(a));
	for (size_t i = 0; i < sizeof(x); i++)
		ones += (size_t)__builtin_popcount(x[i]);
	assert_in_range(ones, 1800, 2200);
	for (int i = 0; i < 1000; i++)
		assert_true(rng_below(&a, 7) < 7);
	assert_true(rng_below(&a, 1) == 0);
}

int main(void)
{
	RUN(cmocka_unit_test(chacha), cmocka_unit_test(blake), cmocka_unit_test(crcs),
	    cmocka_unit_test(generator));
}
