/* SPDX-License-Identifier: BSD-2-Clause */
/* tmpfs and the page-cache files: contents, holes, limits, directories. */
#include <fs/statfs.h>
#include <mm/pagecache.h>
#include <linux/falloc.h>
#include "common.h"

static struct file *t_rw(const char *path)
{
	struct file *f = file_open(path, O_RDWR | O_CREAT, 0644);

	bt_expect(!IS_ERR(f));
	return IS_ERR(f) ? NULL : f;
}

static u64 blocks_of(struct file *f)
{
	struct kstat st;

	vfs_getattr(&f->f_path, &st, STATX_BASIC_STATS, 0);
	return st.blocks;
}

FS_TEST(filemap_read_write)
{
	static char buf[3 * 4096], back[3 * 4096];
	struct file *f = t_rw(T "/f");
	loff_t pos = 1000;
	size_t i;

	bt_assert(f);
	for (i = 0; i < sizeof(buf); i++)
		buf[i] = (char)(i * 7 + i / 256);
	bt_expect_eq(kernel_write(f, buf, 9000, &pos), 9000);
	bt_expect_eq(pos, 10000);
	bt_expect_eq(i_size_read(f->f_inode), 10000);
	pos = 0;
	bt_expect_eq(kernel_read(f, back, sizeof(back), &pos), 10000);
	bt_expect(!memcmp(back + 1000, buf, 9000));
	for (i = 0; i < 1000; i++)
		if (back[i])
			break;
	bt_expect_eq(i, 1000);
	bt_expect_eq(kernel_read(f, back, 1, &pos), 0);
	file_put(f);
	f = file_open(T "/f", O_WRONLY | O_APPEND, 0);
	bt_assert(!IS_ERR(f));
	pos = 0;
	bt_expect_eq(kernel_write(f, "end", 3, &pos), 3);
	bt_expect_eq(i_size_read(f->f_inode), 10003);
	pos = 0;
	f->f_flags &= ~(u32)O_APPEND;
	bt_expect_eq(kernel_write(f, "in", 2, &pos), 2);
	bt_expect_eq(i_size_read(f->f_inode), 10003);
	bt_expect_eq(kernel_read(f, back, 1, &pos), -EBADF);
	file_put(f);
}

FS_TEST(tmpfs_sparse)
{
	struct file *f = t_rw(T "/f");
	loff_t pos = 1 << 20;
	char c = 1;

	bt_assert(f);
	bt_expect_eq(kernel_write(f, "x", 1, &pos), 1);
	bt_expect_eq(blocks_of(f), 8);
	bt_expect_eq(vfs_llseek(f, 0, SEEK_DATA), 1 << 20);
	bt_expect_eq(vfs_llseek(f, 0, SEEK_HOLE), 0);
	bt_expect_eq(vfs_llseek(f, 1 << 20, SEEK_HOLE), (1 << 20) + 1);
	bt_expect_eq(vfs_llseek(f, (1 << 20) + 1, SEEK_DATA), -ENXIO);
	pos = 12345;
	bt_expect_eq(kernel_read(f, &c, 1, &pos), 1);
	bt_expect_eq(c, 0);
	bt_expect_eq(blocks_of(f), 8);
	bt_expect_eq(f->f_op->fallocate(f, 0, 0, 8192), 0);
	bt_expect_eq(blocks_of(f), 24);
	bt_expect_eq(f->f_op->fallocate(f, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 8192), 0);
	bt_expect_eq(blocks_of(f), 8);
	file_put(f);
}

FS_TEST(truncate_zeroes_tail)
{
	struct file *f = t_rw(T "/f");
	char buf[8];
	loff_t pos = 0;

	bt_assert(f);
	bt_expect_eq(kernel_write(f, "abcdefgh", 8, &pos), 8);
	bt_expect_eq(vfs_ftruncate(f, 3), 0);
	bt_expect_eq(vfs_ftruncate(f, 8), 0);
	pos = 0;
	bt_expect_eq(kernel_read(f, buf, 8, &pos), 8);
	bt_expect(!memcmp(buf, "abc\0\0\0\0\0", 8));
	bt_expect_eq(vfs_ftruncate(f, -1), -EINVAL);
	bt_expect_eq(vfs_ftruncate(f, 1 << 19), 0);
	bt_expect_eq(blocks_of(f), 8);
	bt_expect_eq(vfs_ftruncate(f, 0), 0);
	bt_expect_eq(blocks_of(f), 0);
	file_put(f);
}

FS_TEST(tmpfs_enospc)
{
	static char page[4096];
	struct file *f = t_rw(T "/f");
	struct kstatfs st = { .f_bfree = 1 };
	struct super *sb;
	loff_t pos = 0;
	ssize_t n;
	int pages = 0;

	bt_assert(f);
	sb = f->f_inode->i_sb;
	while ((n = kernel_write(f, page, sizeof(page), &pos)) == sizeof(page))
		pages++;
	bt_expect_eq(n, -ENOSPC);
	bt_expect_eq(pages, 256);
	bt_expect_eq(sb->s_op->statfs(sb, &st), 0);
	bt_expect_eq(st.f_bfree, 0);
	bt_expect_eq(vfs_ftruncate(f, 4096), 0);
	bt_expect_eq(sb->s_op->statfs(sb, &st), 0);
	bt_expect_eq(st.f_bfree, 255);
	file_put(f);
	bt_expect_eq(vfs_unlink(T "/f"), 0);
	bt_assert(!IS_ERR(f = file_open(T, O_RDONLY, 0)));
	bt_expect_eq(sb->s_op->statfs(sb, &st), 0);
	bt_expect_eq(st.f_bfree, 256);
	file_put(f);
}

FS_TEST(tmpfs_inode_limit)
{
	char name[] = T "/00";
	int i, err = 0;

	for (i = 0; i < 99 && !err; i++) {
		name[sizeof(name) - 3] = (char)('0' + i / 10);
		name[sizeof(name) - 2] = (char)('0' + i % 10);
		err = t_write(name, "");
	}
	bt_expect_eq(err, -ENOSPC);
	bt_expect_eq(i, 64);            /* the root is one of the 64; the 64th try fails */
	bt_expect_eq(vfs_unlink(T "/00"), 0);
	bt_expect_eq(t_write(T "/again", ""), 0);
}

struct names {
	struct dir_context ctx;
	int count, room;
	u32 seen;
};

static bool take_name(struct dir_context *ctx, const char *name, int len, loff_t pos, u64 ino,
		      unsigned type)
{
	struct names *n = container_of(ctx, struct names, ctx);

	if (!n->room--)
		return false;
	n->count++;
	if (len == 2 && name[0] == 'f')
		n->seen |= 1u << (name[1] - 'a');
	return true;
}

FS_TEST(readdir_resumes)
{
	char name[] = T "/f?";
	struct names n = { .ctx.emit = take_name };
	struct file *f;
	int i;

	for (i = 0; i < 20; i++) {
		name[sizeof(name) - 2] = (char)('a' + i);
		bt_expect_eq(t_write(name, ""), 0);
	}
	f = file_open(T, O_RDONLY | O_DIRECTORY, 0);
	bt_assert(!IS_ERR(f));
	for (i = 0; i < 30; i++) {
		n.room = 1;
		down_read(&f->f_inode->i_rwsem);
		bt_expect_eq(f->f_op->iterate(f, &n.ctx), 0);
		up_read(&f->f_inode->i_rwsem);
		if (i == 5)             /* gone before and after the reader got there */
			vfs_unlink(T "/fa"), vfs_unlink(T "/ft");
	}
	bt_expect_eq(n.seen, 0x7ffff);
	bt_expect_eq(n.count, 2 + 19);
	file_put(f);
}

FS_TEST(rmdir_and_dead_directories)
{
	struct file *d;

	bt_expect_eq(vfs_mkdir(T "/d", 0755), 0);
	bt_expect_eq(t_write(T "/d/f", "x"), 0);
	bt_expect_eq(vfs_rmdir(T "/d"), -ENOTEMPTY);
	bt_expect_eq(vfs_unlink(T "/d/f"), 0);
	d = file_open(T "/d", O_RDONLY | O_DIRECTORY, 0);
	bt_assert(!IS_ERR(d));
	bt_expect_eq(vfs_rmdir(T "/d"), 0);
	bt_expect(d->f_inode->i_flags & S_DEAD_);
	bt_expect_eq(d->f_inode->i_nlink, 0);
	bt_expect_eq(t_lookup(T "/d", 0), -ENOENT);
	file_put(d);
	bt_expect_eq(vfs_mkdir(T "/d", 0755), 0);
}

FS_TEST(tmpfs_xattrs)
{
	struct file *f = t_rw(T "/f");
	const struct inode_ops *op;
	char buf[16];

	bt_assert(f);
	op = f->f_inode->i_op;
	if (!IS_ENABLED(CONFIG_XATTR)) {
		bt_skip("no extended attributes in this kernel");
		file_put(f);
		return;
	}
	bt_expect_eq(op->getxattr(f->f_inode, "trusted.a", buf, sizeof(buf)), -ENODATA);
	bt_expect_eq(op->setxattr(f->f_inode, "trusted.a", "12345", 5, 0), 0);
	bt_expect_eq(op->setxattr(f->f_inode, "trusted.a", "1", 1, 1 /* CREATE */), -EEXIST);
	bt_expect_eq(op->setxattr(f->f_inode, "trusted.b", "1", 1, 2 /* REPLACE */), -ENODATA);
	bt_expect_eq(op->getxattr(f->f_inode, "trusted.a", NULL, 0), 5);
	bt_expect_eq(op->getxattr(f->f_inode, "trusted.a", buf, 3), -ERANGE);
	bt_expect_eq(op->getxattr(f->f_inode, "trusted.a", buf, sizeof(buf)), 5);
	bt_expect_eq(op->listxattr(f->f_inode, buf, sizeof(buf)), 10);
	bt_expect(!memcmp(buf, "trusted.a", 10));
	bt_expect_eq(op->removexattr(f->f_inode, "trusted.a"), 0);
	bt_expect_eq(op->removexattr(f->f_inode, "trusted.a"), -ENODATA);
	file_put(f);
}
