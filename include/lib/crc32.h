/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CRC-32: crc32_le() is the raw update with the reflected polynomial 0xedb88320
 * (no inversion), crc32() the value that zlib, gzip and ethernet use; crc32c()
 * is the raw update with the Castagnoli polynomial, as in ext4.
 */
#ifndef LIB_CRC32_H
#define LIB_CRC32_H

#include <lib/compiler.h>

u32 crc32_le(u32 crc, const void *buf, size_t len);
u32 crc32c(u32 crc, const void *buf, size_t len);

/* zlib's: crc is 0 at first, or the value for what came before. */
static inline u32 crc32(u32 crc, const void *buf, size_t len)
{
	return ~crc32_le(~crc, buf, len);
}

#endif
