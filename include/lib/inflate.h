/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Inflate (RFC 1951) and gzip members (RFC 1952) from memory to memory, for
 * compressed initramfs images. Pure; no allocation, about 4 KB of stack.
 */
#ifndef LIB_INFLATE_H
#define LIB_INFLATE_H

#include <lib/compiler.h>
#include <lib/errno.h>

/*
 * Decompresses one raw deflate stream. On return *in_used and *out_len are what
 * was read and written. 0, -EINVAL (malformed or truncated), or -ENOSPC (out
 * is full).
 */
int inflate(const void *in, size_t in_len, size_t *in_used,
	    void *out, size_t out_size, size_t *out_len);

/* Whether a gzip member begins here. */
bool gzip_detect(const void *in, size_t in_len);
/* One gzip member, header, length and CRC checked. Same results. */
int gunzip(const void *in, size_t in_len, size_t *in_used,
	   void *out, size_t out_size, size_t *out_len);

#endif
