/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GUID partition tables (UEFI specification 2.10, section 5): a header in block 1 with the place of
 * an array of entries, both with a CRC. Block 0 is a table for those who know DOS's only, with one
 * entry over everything; without that it is no GPT, as for Linux.
 */
#include <block/partition.h>
#include <lib/byteorder.h>
#include <lib/compiler.h>
#include <lib/crc32.h>
#include <lib/string.h>

#define HEADER_BLOCK	1u
#define HEADER_MIN	92u
#define ENTRY_SIZE	128u
#define ENTRIES_MAX	4096u		/* that a header may ask us to read */

struct header {
	u64 last_usable, array;		/* blocks */
	u32 entries, array_crc;
};

/* Block 0 is in src->buf: does an entry of it protect the rest? */
static bool is_protected(const struct pt_source *src)
{
	const u8 *p = src->buf;

	if (p[510] != 0x55 || p[511] != 0xaa)
		return false;
	for (unsigned slot = 0; slot < 4; slot++)
		if (p[446 + 16 * slot + 4] == 0xee && get_unaligned_le32(p + 446 + 16 * slot + 8) == 1)
			return true;
	return false;
}

/* Block 1 is in src->buf, and is changed: the CRC is of the header without it. */
static bool take_header(struct pt_source *src, struct header *h)
{
	u8 *p = src->buf;
	u32 size = get_unaligned_le32(p + 12), crc = get_unaligned_le32(p + 16);
	u64 first_usable = get_unaligned_le64(p + 40);

	if (memcmp(p, "EFI PART", 8) || size < HEADER_MIN || size > src->block_size)
		return false;
	put_unaligned_le32(0, p + 16);
	if (crc32(0, p, size) != crc)
		return false;
	h->last_usable = get_unaligned_le64(p + 48);
	h->array = get_unaligned_le64(p + 72);
	h->entries = get_unaligned_le32(p + 80);
	h->array_crc = get_unaligned_le32(p + 88);
	return get_unaligned_le64(p + 24) == HEADER_BLOCK && first_usable <= h->last_usable &&
	       h->last_usable < src->blocks && get_unaligned_le32(p + 84) == ENTRY_SIZE &&
	       h->entries <= ENTRIES_MAX;
}

static void take_entry(const struct pt_source *src, const u8 *p, u32 number, struct pt_table *table)
{
	u64 first = get_unaligned_le64(p + 32), last = get_unaligned_le64(p + 40);
	static const u8 unused[16];
	u32 scale = src->block_size / 512;

	if (memcmp(p, unused, sizeof(unused)) && first <= last && last < src->blocks)
		pt_add(table, number, first * scale, (last - first + 1) * scale);
}

/* All entries, for the CRC is of all; those that a disk has numbers for are noted. */
static int take_array(struct pt_source *src, const struct header *h, struct pt_table *table)
{
	u32 bytes = h->entries * ENTRY_SIZE, crc = 0;

	for (u32 done = 0; done < bytes; done += src->block_size) {
		u32 n = min(bytes - done, src->block_size);
		int err = pt_read(src, h->array + done / src->block_size);

		if (err)
			return err == -EINVAL ? 0 : err;
		crc = crc32(crc, src->buf, n);
		for (u32 at = 0; at < n; at += ENTRY_SIZE)
			take_entry(src, src->buf + at, (done + at) / ENTRY_SIZE + 1, table);
	}
	return crc == h->array_crc;
}

int gpt_parse(struct pt_source *src, struct pt_table *table)
{
	struct header header;
	int ret = pt_read(src, 0);

	if (!ret && is_protected(src)) {
		ret = pt_read(src, HEADER_BLOCK);
		if (!ret && take_header(src, &header))
			ret = take_array(src, &header, table);
	}
	if (ret <= 0)
		memset(table, 0, sizeof(*table));
	return ret == -EINVAL ? 0 : ret;
}
