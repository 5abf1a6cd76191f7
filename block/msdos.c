/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The partition table of DOS, in the first block: four entries of 16 bytes from byte 446, and
 * 55 aa at the end. An entry of an extended type holds a chain of further tables, each with one part
 * and the place of the next; their parts are numbered from 5, in the order of the chain.
 *
 * What else ends with 55 aa: the boot block of a file system, with code where the entries would be, and
 * the table that stands before a GPT for those that do not know it.
 */
#include <block/partition.h>
#include <lib/byteorder.h>
#include <lib/compiler.h>

#define ENTRIES		446
#define ENTRY_SIZE	16
#define SIGNATURE	510
#define CHAIN_MAX	100	/* tables; a chain that is longer is a ring */
#define TYPE_GPT	0xee

struct entry {
	u8  boot, type;
	u64 start, sectors;	/* of 512 bytes; start: of what the table says it is from */
};

static bool is_extended(u8 type)
{
	return type == 0x05 || type == 0x0f || type == 0x85;
}

static struct entry entry_of(const struct pt_source *src, unsigned slot)
{
	const u8 *p = src->buf + ENTRIES + slot * ENTRY_SIZE;
	u32 scale = src->block_size / 512;

	return (struct entry){ p[0], p[4], (u64)get_unaligned_le32(p + 8) * scale,
			       (u64)get_unaligned_le32(p + 12) * scale };
}

static bool has_signature(const struct pt_source *src)
{
	return src->buf[SIGNATURE] == 0x55 && src->buf[SIGNATURE + 1] == 0xaa;
}

/* Are these four entries? Anything may have the signature. */
static bool is_table(const struct pt_source *src)
{
	for (unsigned slot = 0; slot < 4; slot++) {
		struct entry e = entry_of(src, slot);

		if ((e.boot & 0x7f) || e.type == TYPE_GPT)
			return false;
	}
	return true;
}

/* The parts in a chain of tables inside [first, first + sectors). */
static int parse_chain(struct pt_source *src, struct pt_table *table, u64 first, u64 sectors)
{
	u32 scale = src->block_size / 512, number = 5;
	u64 at = first, room = sectors;

	for (unsigned tables = 0; tables < CHAIN_MAX && number <= PARTITIONS_MAX; tables++) {
		struct entry e, next = { 0 };
		int err = pt_read(src, at / scale);

		if (err)
			return err == -EINVAL ? 0 : err;	/* leads beyond the disk: ends here */
		if (!has_signature(src))
			return 0;
		for (unsigned slot = 0; slot < 4; slot++) {
			e = entry_of(src, slot);
			if (!e.sectors)
				continue;
			if (is_extended(e.type)) {
				if (!next.sectors)
					next = e;
				continue;
			}
			/* Behind the first two there may be anything: what lies outside is no part. */
			if (slot >= 2 && (e.start + e.sectors > room || at + e.start < first ||
					  at + e.start + e.sectors > first + sectors))
				continue;
			pt_add(table, number++, at + e.start, e.sectors);
		}
		if (!next.sectors)
			return 0;
		/* The place of the next counts from the first, a part's from its own table. */
		at = first + next.start;
		room = next.sectors;
	}
	return 0;
}

int msdos_parse(struct pt_source *src, struct pt_table *table)
{
	struct entry entries[4];
	int err = pt_read(src, 0);

	if (err)
		return err == -EINVAL ? 0 : err;
	if (!has_signature(src) || !is_table(src))
		return 0;
	for (unsigned slot = 0; slot < 4; slot++)
		entries[slot] = entry_of(src, slot);
	for (unsigned slot = 0; slot < 4 && !err; slot++) {
		struct entry *e = &entries[slot];

		if (!e->sectors)
			continue;
		/* Of an extended one only its table is shown, which boot loaders write to. */
		pt_add(table, slot + 1, e->start, is_extended(e->type) ?
		       min_t(u64, e->sectors, max_t(u64, 2, src->block_size / 512)) : e->sectors);
		if (is_extended(e->type))
			err = parse_chain(src, table, e->start, e->sectors);
	}
	return err ? err : 1;
}
