/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Partition tables: which parts a disk is divided into, as it says itself.
 *
 * A parser looks at a disk by blocks and fills in what it finds; it knows nothing of devices, and
 * believes nothing: what it reads may come from anywhere. Whether a part lies on the disk is
 * checked by who asked (block/scan.c), as for every kind of table alike.
 *
 * Context: task, may sleep.
 */
#ifndef BLOCK_PARTITION_H
#define BLOCK_PARTITION_H

#include <lib/errno.h>
#include <lib/types.h>

#define PARTITIONS_MAX	15u	/* vda1 ... vda15: the numbers that a disk has left */
#define PT_BLOCK_MAX	4096u

/* In sectors of 512 bytes; sectors 0: there is none of this number. */
struct partition {
	u64 start, sectors;
};

/* The disk, as the parsers see it. */
struct pt_source {
	u64	    blocks;		/* of the disk */
	u32	    block_size;		/* bytes: 512 ... PT_BLOCK_MAX, a power of two */
	/* Reads a block, which exists, to buf: 0 or -errno. */
	int	  (*read)(struct pt_source *src, u64 block, void *buf);
	u8	   *buf;		/* of block_size bytes, for what was read last */
};

struct pt_table {
	struct partition part[PARTITIONS_MAX + 1];	/* by number; [0] is not used */
};

/* The block, to src->buf: 0, -EINVAL beyond the end, or what reading it gave. */
static inline int pt_read(struct pt_source *src, u64 block)
{
	return block < src->blocks ? src->read(src, block, src->buf) : -EINVAL;
}

/* Takes note of a part; numbers that a disk has not left are dropped. */
static inline void pt_add(struct pt_table *table, u32 number, u64 start, u64 sectors)
{
	if (number >= 1 && number <= PARTITIONS_MAX)
		table->part[number] = (struct partition){ start, sectors };
}

/* 1: this is the disk's table; 0: it is of another kind, or none; -errno: could not be read. */
int gpt_parse(struct pt_source *src, struct pt_table *table);
int msdos_parse(struct pt_source *src, struct pt_table *table);

#endif
