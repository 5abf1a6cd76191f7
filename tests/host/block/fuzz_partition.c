/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as a disk: byte 0 chooses the block size, the rest is what is on it. The CRCs of a GPT are
 * made right half of the time, or nothing behind them would ever be reached.
 */
#include <block/partition.h>
#include <lib/byteorder.h>
#include <lib/crc32.h>
#include <stdlib.h>
#include <string.h>

static u8 *disk;

static int read_block(struct pt_source *src, u64 block, void *buf)
{
	if (block >= src->blocks)
		abort();
	memcpy(buf, disk + block * src->block_size, src->block_size);
	return 0;
}

static void mend_crcs(const struct pt_source *src)
{
	u8 *header = disk + src->block_size;
	u64 array = get_unaligned_le64(header + 72);
	u64 bytes = (u64)get_unaligned_le32(header + 80) * 128;
	u32 size = get_unaligned_le32(header + 12);

	if (array < src->blocks && bytes <= (src->blocks - array) * src->block_size)
		put_unaligned_le32(crc32(0, disk + array * src->block_size, bytes), header + 88);
	if (size >= 92 && size <= src->block_size) {
		put_unaligned_le32(0, header + 16);
		put_unaligned_le32(crc32(0, header, size), header + 16);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	u8 choice = size ? data[0] : 0;
	u32 block_size = 512u << (choice & 3);
	u64 blocks = size / block_size;
	struct pt_source src = { .blocks = blocks, .block_size = block_size, .read = read_block };
	struct pt_table table = { 0 };

	disk = malloc(blocks * block_size + 1);
	src.buf = malloc(block_size);
	memcpy(disk, data, blocks * block_size);
	if ((choice & 4) && blocks > 1)
		mend_crcs(&src);
	if (gpt_parse(&src, &table) == 0)
		msdos_parse(&src, &table);
	free(src.buf);
	free(disk);
	return 0;
}
