/* SPDX-License-Identifier: BSD-2-Clause */
/* Partition tables, good and bad, made byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <block/partition.h>
#include <lib/byteorder.h>
#include <lib/crc32.h>
#include <string.h>

#define BLOCKS	512u

static u8 disk[BLOCKS * PT_BLOCK_MAX];
static u8 buf[PT_BLOCK_MAX];
static u64 unreadable;

static int read_block(struct pt_source *src, u64 block, void *to)
{
	assert_true(block < src->blocks);
	if (block == unreadable)
		return -EIO;
	memcpy(to, disk + block * src->block_size, src->block_size);
	return 0;
}

static struct pt_source src;
static struct pt_table table;

static void begin(u32 block_size)
{
	memset(disk, 0, sizeof(disk));
	memset(&table, 0, sizeof(table));
	unreadable = U64_MAX;
	src = (struct pt_source){ BLOCKS, block_size, read_block, buf };
}

static void sign(u64 block)
{
	put_unaligned_le16(0xaa55, disk + block * src.block_size + 510);
}

static void entry(u64 block, unsigned slot, u8 type, u32 start, u32 blocks)
{
	u8 *p = disk + block * src.block_size + 446 + slot * 16;

	p[4] = type;
	put_unaligned_le32(start, p + 8);
	put_unaligned_le32(blocks, p + 12);
	sign(block);
}

static void expect(unsigned number, u64 start, u64 sectors)
{
	assert_int_equal(table.part[number].start, start);
	assert_int_equal(table.part[number].sectors, sectors);
}

static unsigned count(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i <= PARTITIONS_MAX; i++)
		n += table.part[i].sectors != 0;
	return n;
}

/* ---- DOS ---- */

static void test_primary(void **state)
{
	for (u32 size = 512; size <= 4096; size *= 2) {
		begin(size);
		entry(0, 0, 0x83, 10, 20);
		entry(0, 2, 0x0c, 100, 1);
		assert_int_equal(gpt_parse(&src, &table), 0);
		assert_int_equal(msdos_parse(&src, &table), 1);
		assert_int_equal(count(), 2);
		expect(1, 10 * size / 512, 20 * size / 512);
		expect(3, 100 * size / 512, size / 512);
	}
}

static void test_chain(void **state)
{
	begin(512);
	entry(0, 1, 0x0f, 100, 200);
	entry(100, 0, 0x83, 2, 48);
	entry(100, 1, 0x05, 50, 100);
	entry(150, 0, 0x83, 2, 20);
	assert_int_equal(msdos_parse(&src, &table), 1);
	assert_int_equal(count(), 3);
	expect(2, 100, 2);
	expect(5, 102, 48);
	expect(6, 152, 20);
}

static void test_chain_that_is_a_ring(void **state)
{
	begin(512);
	entry(0, 0, 0x05, 100, 200);
	entry(100, 1, 0x05, 50, 100);
	entry(150, 1, 0x05, 50, 100);	/* itself */
	assert_int_equal(msdos_parse(&src, &table), 1);
	assert_int_equal(count(), 1);
	entry(150, 0, 0x83, 1, 1);	/* with a part: as many as there are numbers */
	assert_int_equal(msdos_parse(&src, &table), 1);
	assert_int_equal(count(), 12);
}

static void test_chain_that_leaves_the_disk(void **state)
{
	begin(512);
	entry(0, 0, 0x05, 100, 0xffffffff);
	entry(100, 0, 0x83, 1, 10);
	entry(100, 1, 0x05, 0xfffffff0, 10);
	assert_int_equal(msdos_parse(&src, &table), 1);
	expect(5, 101, 10);
	assert_int_equal(count(), 2);
}

static void test_no_table(void **state)
{
	begin(512);
	assert_int_equal(msdos_parse(&src, &table), 0);
	sign(0);
	disk[446] = 0x12;		/* code, not a table */
	disk[450] = 0x83;
	put_unaligned_le32(5, disk + 458);
	assert_int_equal(msdos_parse(&src, &table), 0);
	begin(512);
	entry(0, 0, 0xee, 1, 100);
	assert_int_equal(msdos_parse(&src, &table), 0);
	src.blocks = 0;
	assert_int_equal(msdos_parse(&src, &table), 0);
	assert_int_equal(gpt_parse(&src, &table), 0);
	assert_int_equal(count(), 0);
}

static void test_unreadable(void **state)
{
	begin(512);
	entry(0, 0, 0x05, 100, 200);
	unreadable = 100;
	assert_int_equal(msdos_parse(&src, &table), -EIO);
	unreadable = 0;
	assert_int_equal(msdos_parse(&src, &table), -EIO);
	assert_int_equal(gpt_parse(&src, &table), -EIO);
}

/* ---- GPT ---- */

static u8 *header(void)
{
	return disk + src.block_size;
}

static u8 *gpt_entry(unsigned number)
{
	return disk + 2 * src.block_size + (number - 1) * 128;
}

static void part(unsigned number, u64 first, u64 last)
{
	memset(gpt_entry(number), 0x11, 32);
	put_unaligned_le64(first, gpt_entry(number) + 32);
	put_unaligned_le64(last, gpt_entry(number) + 40);
}

static void crcs(void)
{
	u8 *p = header();

	put_unaligned_le32(crc32(0, gpt_entry(1), get_unaligned_le32(p + 80) * 128), p + 88);
	put_unaligned_le32(0, p + 16);
	put_unaligned_le32(crc32(0, p, 92), p + 16);
}

static void begin_gpt(u32 block_size)
{
	u8 *p;

	begin(block_size);
	entry(0, 0, 0xee, 1, BLOCKS - 1);
	p = header();
	memcpy(p, "EFI PART", 8);
	put_unaligned_le32(0x10000, p + 8);
	put_unaligned_le32(92, p + 12);
	put_unaligned_le64(1, p + 24);
	put_unaligned_le64(BLOCKS - 1, p + 32);
	put_unaligned_le64(34, p + 40);
	put_unaligned_le64(BLOCKS - 34, p + 48);
	put_unaligned_le64(2, p + 72);
	put_unaligned_le32(128, p + 80);
	put_unaligned_le32(128, p + 84);
	part(1, 40, 139);
	part(3, 140, 140);
	crcs();
}

static void test_gpt(void **state)
{
	for (u32 size = 512; size <= 4096; size *= 2) {
		begin_gpt(size);
		assert_int_equal(gpt_parse(&src, &table), 1);
		assert_int_equal(count(), 2);
		expect(1, 40 * size / 512, 100 * size / 512);
		expect(3, 140 * size / 512, size / 512);
	}
}

static void refused(void)
{
	memset(&table, 0, sizeof(table));
	assert_int_equal(gpt_parse(&src, &table), 0);
	assert_int_equal(count(), 0);
}

static void test_gpt_refused(void **state)
{
	begin_gpt(512);
	gpt_entry(3)[120] ^= 1;		/* the array's CRC */
	refused();
	begin_gpt(512);
	header()[56] ^= 1;		/* the header's */
	refused();
	begin_gpt(512);
	disk[450] = 0x83;		/* nothing protects it */
	refused();
	begin_gpt(512);
	put_unaligned_le32(256, header() + 84);
	crcs();
	refused();
	begin_gpt(512);
	put_unaligned_le64(BLOCKS, header() + 48);	/* the last usable block */
	crcs();
	refused();
	begin_gpt(512);
	put_unaligned_le64(2, header() + 24);		/* says that it is elsewhere */
	crcs();
	refused();
	begin_gpt(512);
	put_unaligned_le32(0xffffffff, header() + 80);	/* entries */
	put_unaligned_le32(0, header() + 16);
	put_unaligned_le32(crc32(0, header(), 92), header() + 16);
	refused();
	begin_gpt(512);
	put_unaligned_le64(U64_MAX, header() + 72);	/* where they are */
	put_unaligned_le32(0, header() + 16);
	put_unaligned_le32(crc32(0, header(), 92), header() + 16);
	refused();
	begin_gpt(512);
	put_unaligned_le32(513, header() + 12);		/* longer than a block */
	refused();
}

static void test_gpt_odd_entries(void **state)
{
	begin_gpt(512);
	part(2, 300, 200);
	part(4, 100, BLOCKS);
	part(5, 0, U64_MAX);
	part(15, 200, 201);
	part(16, 202, 203);
	crcs();
	assert_int_equal(gpt_parse(&src, &table), 1);
	assert_int_equal(count(), 3);
	expect(15, 200, 2);
}

static void test_gpt_unreadable(void **state)
{
	begin_gpt(512);
	unreadable = 20;
	assert_int_equal(gpt_parse(&src, &table), -EIO);
	assert_int_equal(count(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_primary), cmocka_unit_test(test_chain),
		cmocka_unit_test(test_chain_that_is_a_ring),
		cmocka_unit_test(test_chain_that_leaves_the_disk), cmocka_unit_test(test_no_table),
		cmocka_unit_test(test_unreadable), cmocka_unit_test(test_gpt),
		cmocka_unit_test(test_gpt_refused), cmocka_unit_test(test_gpt_odd_entries),
		cmocka_unit_test(test_gpt_unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
