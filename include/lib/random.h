/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pure core of the random number generator: ChaCha20 with fast key erasure,
 * seeded through BLAKE2s. Each request first replaces the key by generator
 * output, so that a later look at the state tells nothing about earlier output.
 * Where entropy comes from and when it is enough is the kernel's business.
 *
 * The caller brings the lock (or one generator per CPU).
 */
#ifndef LIB_RANDOM_H
#define LIB_RANDOM_H

#include <lib/compiler.h>

#define CHACHA_KEY_SIZE   32
#define CHACHA_BLOCK_SIZE 64

/* One block of RFC 8439's function (20 rounds), counter in state[12]. */
void chacha20_block(const u32 state[16], u8 out[CHACHA_BLOCK_SIZE]);

struct rng {
	u32 key[8];
};

/* Makes key = BLAKE2s(key, data): adds entropy, never removes any. */
void rng_mix(struct rng *rng, const void *data, size_t len);
/* Fills out with random bytes; any length. */
void rng_bytes(struct rng *rng, void *out, size_t len);
u64 rng_u64(struct rng *rng);
/* Uniform in 0..limit-1 without bias; limit > 0. */
u64 rng_below(struct rng *rng, u64 limit);

#endif
