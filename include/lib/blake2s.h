/* SPDX-License-Identifier: BSD-2-Clause */
/* BLAKE2s (RFC 7693), optionally keyed, digests of 1 to 32 bytes. Pure. */
#ifndef LIB_BLAKE2S_H
#define LIB_BLAKE2S_H

#include <lib/compiler.h>

#define BLAKE2S_BLOCK_SIZE 64
#define BLAKE2S_HASH_SIZE  32
#define BLAKE2S_KEY_SIZE   32

struct blake2s {
	u32    h[8];
	u64    count;           /* bytes compressed so far */
	u8     buf[BLAKE2S_BLOCK_SIZE];
	u32    buflen;
	u32    outlen;
};

void blake2s_init(struct blake2s *s, size_t outlen, const void *key, size_t keylen);
void blake2s_update(struct blake2s *s, const void *data, size_t len);
/* Writes outlen bytes and wipes s. */
void blake2s_final(struct blake2s *s, void *out);

#endif
