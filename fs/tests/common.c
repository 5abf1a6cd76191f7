/* SPDX-License-Identifier: BSD-2-Clause */
/* Helpers of the VFS's boot tests. */
#include "common.h"

bool t_begin(void)
{
	vfs_rmdir(T);
	return bt_expect_eq(vfs_mkdir(T, 0755), 0) &&
	       bt_expect_eq(vfs_mount("bt", T, "tmpfs", 0, "size=1M,nr_inodes=64,mode=755"), 0);
}

void t_end(void)
{
	/* Nothing may hold on to it: a leaked reference makes this EBUSY. */
	bt_expect_eq(vfs_umount(T, 0), 0);
	bt_expect_eq(vfs_rmdir(T), 0);
}

int t_write(const char *path, const char *text)
{
	struct file *f = file_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	loff_t pos = 0;
	ssize_t n;

	if (IS_ERR(f))
		return (int)PTR_ERR(f);
	n = kernel_write(f, text, strlen(text), &pos);
	file_put(f);
	return n == (ssize_t)strlen(text) ? 0 : n < 0 ? (int)n : -EIO;
}

bool t_holds(const char *path, const char *text)
{
	struct file *f = file_open(path, O_RDONLY, 0);
	char buf[64];
	loff_t pos = 0;
	ssize_t n;

	if (IS_ERR(f))
		return false;
	n = kernel_read(f, buf, sizeof(buf), &pos);
	file_put(f);
	return n == (ssize_t)strlen(text) && !memcmp(buf, text, (size_t)n);
}

int t_open(const char *path, int flags)
{
	struct file *f = file_open(path, flags, (flags & O_CREAT) ? 0644 : 0);

	if (IS_ERR(f))
		return (int)PTR_ERR(f);
	file_put(f);
	return 0;
}

int t_stat(const char *path, struct kstat *st)
{
	struct path p;
	int err = kern_path(path, 0, &p);

	if (err)
		return err;
	err = vfs_getattr(&p, st, STATX_BASIC_STATS, 0);
	path_put(&p);
	return err;
}

int t_lookup(const char *path, unsigned flags)
{
	struct path p;
	int err = kern_path(path, flags, &p);

	if (!err)
		path_put(&p);
	return err;
}
