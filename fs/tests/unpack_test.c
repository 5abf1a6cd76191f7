/* SPDX-License-Identifier: BSD-2-Clause */
/* The initramfs glue: entries to files, hard links, bad archives. */
#include <lib/printf.h>
#include <mm/slab.h>
#include "../internal.h"
#include "../initramfs.h"
#include "common.h"

/* Appends one newc record. */
static size_t put(char *buf, size_t at, const char *name, u32 mode, u32 ino, u32 nlink,
		  const char *data, size_t size)
{
	size_t namesize = strlen(name) + 1;

	at += (size_t)snprintf(buf + at, 111, "070701%08x%08x%08x%08x%08x%08x%08zx%08x%08x%08x%08x%08zx%08x",
			       ino, mode, 0, 0, nlink, 1234, size, 0, 9, 0, 0, namesize, 0);
	memcpy(buf + at, name, namesize);
	at = ALIGN(at + namesize, 4);
	memcpy(buf + at, data, size);
	return ALIGN(at + size, 4);
}

static int entry(void *ctx, const struct cpio_entry *e)
{
	unpack_entry(ctx, e);
	return 0;
}

static size_t bad_at;
static void error(void *ctx, size_t offset, const char *why)
{
	bad_at = offset;
}

static const struct cpio_ops ops = { .entry = entry, .error = error };

FS_TEST(initramfs_entries)
{
	char *buf = kzalloc(4096, GFP_KERNEL);
	struct unpack u = { .entries = 0 };
	struct kstat st;
	size_t n = 0;

	bt_assert(buf);
	n = put(buf, n, "bt.fs/deep/er/f", S_IFREG | 04755, 7, 2, "", 0);
	n = put(buf, n, "./bt.fs/g", S_IFREG | 04755, 7, 2, "hard", 4);
	n = put(buf, n, "/bt.fs/l", S_IFLNK | 0777, 8, 1, "g", 1);
	n = put(buf, n, "bt.fs/null", S_IFCHR | 0666, 9, 1, "", 0);
	n = put(buf, n, "bt.fs/d", S_IFDIR | 01777, 10, 2, "", 0);
	n = put(buf, n, "TRAILER!!!", 0, 0, 1, "", 0);
	unpack_begin(&u);
	bt_expect_eq(cpio_parse(buf, n, &ops, &u), 0);
	unpack_forget_links(&u);
	bt_expect_eq(u.entries, 5);
	bt_expect_eq(u.failed, 0);
	bt_expect(t_holds(T "/deep/er/f", "hard"));
	bt_expect(t_holds(T "/l", "hard"));
	bt_expect_eq(t_stat(T "/g", &st), 0);
	bt_expect_eq(st.nlink, 2);
	bt_expect_eq(st.mode, S_IFREG | 04755);
	bt_expect_eq(st.mtime.tv_sec, 1234);
	bt_expect_eq(t_stat(T "/d", &st), 0);
	bt_expect_eq(st.mode, S_IFDIR | 01777);
	kfree(buf);
}

FS_TEST(initramfs_bad_input)
{
	char *buf = kzalloc(4096, GFP_KERNEL);
	struct unpack u = { .entries = 0 };
	size_t first, n;

	bt_assert(buf);
	first = n = put(buf, 0, "bt.fs/kept", S_IFREG | 0644, 1, 1, "k", 1);
	n = put(buf, n, "bt.fs/lost", S_IFREG | 0644, 2, 1, "data", 4);
	memcpy(buf + first, "99999", 5);
	unpack_begin(&u);
	bad_at = 0;
	bt_expect_eq(cpio_parse(buf, n, &ops, &u), -EINVAL);
	bt_expect_eq(bad_at, first);
	bt_expect(t_holds(T "/kept", "k"));
	bt_expect_eq(t_lookup(T "/lost", 0), -ENOENT);
	/* Cut in the middle of the data. */
	n = put(buf, 0, "bt.fs/cut", S_IFREG | 0644, 3, 1, "0123456789", 10);
	bt_expect_eq(cpio_parse(buf, n - 8, &ops, &u), -EINVAL);
	bt_expect_eq(t_lookup(T "/cut", 0), -ENOENT);
	unpack_forget_links(&u);
	kfree(buf);
}
