/* SPDX-License-Identifier: BSD-2-Clause */
/* ChaCha20 generator with fast key erasure; see <lib/random.h>. */
#include <lib/bitops.h>
#include <lib/blake2s.h>
#include <lib/byteorder.h>
#include <lib/random.h>
#include <lib/string.h>

static __always_inline void quarter(u32 *x, int a, int b, int c, int d)
{
	x[a] += x[b];
	x[d] = rol32(x[d] ^ x[a], 16);
	x[c] += x[d];
	x[b] = rol32(x[b] ^ x[c], 12);
	x[a] += x[b];
	x[d] = rol32(x[d] ^ x[a], 8);
	x[c] += x[d];
	x[b] = rol32(x[b] ^ x[c], 7);
}

void chacha20_block(const u32 state[16], u8 out[CHACHA_BLOCK_SIZE])
{
	u32 x[16];

	memcpy(x, state, sizeof(x));
	for (int i = 0; i < 10; i++) {
		quarter(x, 0, 4, 8, 12);
		quarter(x, 1, 5, 9, 13);
		quarter(x, 2, 6, 10, 14);
		quarter(x, 3, 7, 11, 15);
		quarter(x, 0, 5, 10, 15);
		quarter(x, 1, 6, 11, 12);
		quarter(x, 2, 7, 8, 13);
		quarter(x, 3, 4, 9, 14);
	}
	for (int i = 0; i < 16; i++)
		put_unaligned_le32(x[i] + state[i], out + 4 * i);
	memzero_explicit(x, sizeof(x));
}

void rng_mix(struct rng *rng, const void *data, size_t len)
{
	struct blake2s s;

	blake2s_init(&s, sizeof(rng->key), rng->key, sizeof(rng->key));
	blake2s_update(&s, data, len);
	blake2s_final(&s, rng->key);
}

void rng_bytes(struct rng *rng, void *out, size_t len)
{
	u32 state[16] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 };
	u8 block[CHACHA_BLOCK_SIZE], *p = out;
	size_t n = min_t(size_t, len, CHACHA_BLOCK_SIZE - CHACHA_KEY_SIZE);

	/* Block 0 of the old key: the new key, then the first bytes of output. */
	memcpy(state + 4, rng->key, sizeof(rng->key));
	chacha20_block(state, block);
	memcpy(rng->key, block, CHACHA_KEY_SIZE);
	memcpy(p, block + CHACHA_KEY_SIZE, n);
	for (p += n, len -= n; len; p += n, len -= n) {
		if (!++state[12])
			state[13]++;
		chacha20_block(state, block);
		n = min_t(size_t, len, CHACHA_BLOCK_SIZE);
		memcpy(p, block, n);
	}
	memzero_explicit(state, sizeof(state));
	memzero_explicit(block, sizeof(block));
}

u64 rng_u64(struct rng *rng)
{
	u64 v;

	rng_bytes(rng, &v, sizeof(v));
	return v;
}

/* Rejects the values above the largest multiple of limit. */
u64 rng_below(struct rng *rng, u64 limit)
{
	u64 excess = -limit % limit, v;

	do {
		v = rng_u64(rng);
	} while (v < excess);
	return v % limit;
}
