/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One archive entry to one file: the part of the initramfs that does not care where the
 * archive comes from. Host tests build it over a recording VFS.
 */
#ifndef FS_INITRAMFS_H
#define FS_INITRAMFS_H

#include <lib/cpio.h>
#include <lib/list.h>

#define LINK_BUCKETS 16

struct unpack {
	u32          entries;          /* made so far */
	u32          failed;           /* could not be made */
	u64          bytes;            /* of file data */
	unsigned     nesting;          /* 1: inside decompressed data */
	phys_addr_t  freed;            /* the archive below is freed */
	struct hlist_head links[LINK_BUCKETS];  /* first names of files with several */
};

void unpack_begin(struct unpack *u);
/* Makes what `e` says; a failure is one log line and counted. */
void unpack_entry(struct unpack *u, const struct cpio_entry *e);
/* At the end of an archive, hard links across it mean nothing. */
void unpack_forget_links(struct unpack *u);

#endif /* FS_INITRAMFS_H */
