/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Unpacks the initramfs (newc cpio archives, plain or gzip) into the root, and gives its
 * memory back: pages of a plain archive are freed while the unpacking goes on, so that
 * two copies never stand side by side for long. Malformed input costs one line that names
 * the offset; what was unpacked before stays.
 */
#include <fs/fs.h>
#include <arch/setup.h>
#include <kernel/init.h>
#include <kernel/printk.h>
#include <lib/cpio.h>
#include <lib/inflate.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <mm/memblock.h>
#include <mm/page.h>
#include <mm/slab.h>
#include "internal.h"
#include "initramfs.h"

#define FREE_STEP (256ul << 10)

static void free_upto(struct unpack *u, phys_addr_t end)
{
	phys_addr_t from = ALIGN(u->freed, PAGE_SIZE), to = ALIGN_DOWN(end, PAGE_SIZE);

	if (to <= from)
		return;
	memblock_free(from, to - from);
	u->freed = to;
}

static int on_entry(void *ctx, const struct cpio_entry *e)
{
	struct unpack *u = ctx;

	unpack_entry(u, e);
	/* The walker never goes back: what lies before this header is done with. */
	if (u->nesting == 0) {
		phys_addr_t at = virt_to_phys(e->name);

		at = at > 512 ? at - 512 : 0;
		if (at > u->freed + FREE_STEP)
			free_upto(u, at);
	}
	return 0;
}

static void on_archive_end(void *ctx)
{
	unpack_forget_links(ctx);
}

static void on_error(void *ctx, size_t offset, const char *why)
{
	struct unpack *u = ctx;

	pr_err("initramfs: bad archive%s at offset %zu: %s; kept the %u entries before\n",
	       u->nesting ? " inside gzip data" : "", offset, why, u->entries);
}

static ssize_t on_foreign(void *ctx, const void *data, size_t len);

static const struct cpio_ops unpack_ops = {
	.entry = on_entry, .archive_end = on_archive_end, .foreign = on_foreign, .error = on_error,
};

/* A first guess of the unpacked size: the trailer's, when the member ends the data. */
static size_t guess_size(const u8 *data, size_t len)
{
	u32 isize;

	while (len > 8 && !data[len - 1] && !data[len - 2] && !data[len - 3] && !data[len - 4])
		len -= 4;
	memcpy(&isize, data + len - 4, 4);
	return isize > len && isize / 1100 <= len ? isize + 64 : len * 4 + 4096;
}

static ssize_t unpack_gzip(struct unpack *u, const void *data, size_t len)
{
	size_t size = guess_size(data, len), used = 0, out_len = 0;
	size_t limit = (size_t)nr_free_pages() * PAGE_SIZE / 8 * 7;
	void *out;
	int err;

	for (;;) {
		out = size <= limit ? kvmalloc(size, GFP_KERNEL) : NULL;
		if (!out) {
			pr_err("initramfs: no memory for %zu bytes of gzip data\n", size);
			return -ENOMEM;
		}
		err = gunzip(data, len, &used, out, size, &out_len);
		if (err != -ENOSPC)
			break;
		kvfree(out);
		size *= 2;
	}
	if (err) {
		pr_err("initramfs: gzip data is damaged near byte %zu\n", used);
	} else {
		u->nesting++;
		cpio_parse(out, out_len, &unpack_ops, u);
		u->nesting--;
	}
	kvfree(out);
	return err ? err : (ssize_t)used;
}

static ssize_t on_foreign(void *ctx, const void *data, size_t len)
{
	struct unpack *u = ctx;

	if (u->nesting || !gzip_detect(data, len))
		return -EINVAL;
	if (!IS_ENABLED(CONFIG_RD_GZIP)) {
		pr_err("initramfs: gzip data, but CONFIG_RD_GZIP is off\n");
		return -EINVAL;
	}
	return unpack_gzip(u, data, len);
}

static int initramfs_load(void)
{
	phys_addr_t start = initrd_start, end = initrd_end;
	struct unpack u = { .freed = start };
	umode_t umask = current->fs->umask;

	if (!start || end <= start)
		return 0;
	current->fs->umask = 0;
	unpack_begin(&u);
	cpio_parse(phys_to_virt(start), end - start, &unpack_ops, &u);
	unpack_forget_links(&u);
	current->fs->umask = umask;
	free_upto(&u, end);
	initrd_start = initrd_end = 0;
	pr_info("initramfs: %u entries, %llu KB unpacked from %llu KB\n", u.entries,
		u.bytes >> 10, (u64)(end - start) >> 10);
	return 0;
}
rootfs_initcall(initramfs_load);
