/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reader for newc cpio archives (magic 070701, or 070702 with checksums), as
 * initramfs images are: several archives one after another, zeros between them.
 *
 * The reader is pure: it hands each entry to a callback and keeps nothing. All
 * pointers of an entry point into the buffer (no copy) and live as long as it.
 *
 * Hard links: entries of one archive with nlink > 1 and the same (dev, ino) are
 * one file; the data is with one of them, commonly the last, the others have
 * size 0. The consumer links them, and forgets what it knew at archive_end().
 */
#ifndef LIB_CPIO_H
#define LIB_CPIO_H

#include <lib/compiler.h>
#include <lib/errno.h>

#define CPIO_NAME_MAX 4096      /* with the NUL, as PATH_MAX */

struct cpio_entry {
	const char *name;       /* NUL-terminated, never empty; may start with / or ./ */
	size_t      namelen;    /* without the NUL */
	const void *data;       /* contents, or a symbolic link's target (no NUL) */
	size_t      size;
	u32         ino, mode, uid, gid, nlink, mtime;
	u32         dev_major, dev_minor, rdev_major, rdev_minor;
	u32         check;      /* byte sum of data in 070702, verified; else 0 */
	size_t      offset;     /* of the entry's header in the buffer */
};

struct cpio_ops {
	/* A negative return stops the parse and is its result. */
	int (*entry)(void *ctx, const struct cpio_entry *e);
	/* After each TRAILER!!!. May be NULL. */
	void (*archive_end)(void *ctx);
	/*
	 * Something that is no cpio archive stands where one could begin (a
	 * compressed one, say). Returns the bytes it consumed (1..len), or a
	 * negative errno, -EINVAL for "not mine". May be NULL.
	 */
	ssize_t (*foreign)(void *ctx, const void *data, size_t len);
	/* Malformed input: where and in which way. May be NULL. */
	void (*error)(void *ctx, size_t offset, const char *why);
};

/*
 * Parses all of buf. Returns 0; -EINVAL if anything is malformed (entries seen
 * before have been delivered), or what a callback returned. Never reads outside
 * buf. An empty buffer, or one of zeros only, is 0 entries and no error.
 */
int cpio_parse(const void *buf, size_t len, const struct cpio_ops *ops, void *ctx);

#endif
