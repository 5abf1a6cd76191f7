/* SPDX-License-Identifier: BSD-2-Clause */
/* Hashes: every byte counts, and file names spread evenly. */
#include "test.h"
#include <lib/hash.h>

static void every_byte_counts(void **state)
{
	for (size_t n = 1; n < 40; n++) {
		u8 *s = calloc(1, n);
		u64 h = hash_bytes(1, s, n);

		assert_true(h != hash_bytes(2, s, n));
		for (size_t i = 0; i < n; i++) {
			s[i] = 1;
			assert_true(h != hash_bytes(1, s, n));
			s[i] = 0;
		}
		free(s);
	}
}

static void names_spread(void **state)
{
	unsigned int count[256] = { 0 };

	for (int i = 0; i < 256 * 64; i++) {
		char name[32];
		int n = snprintf(name, sizeof(name), "file%d.txt", i);

		count[full_name_hash(NULL, name, (size_t)n) % 256]++;
	}
	for (int i = 0; i < 256; i++)
		assert_in_range(count[i], 24, 128);
	memset(count, 0, sizeof(count));
	for (u64 i = 0; i < 256 * 64; i++)
		count[hash_64(0xffff000000000000ULL + i * 4096, 8)]++;
	for (int i = 0; i < 256; i++)
		assert_in_range(count[i], 32, 128);
}

int main(void)
{
	RUN(cmocka_unit_test(every_byte_counts), cmocka_unit_test(names_spread));
}
