/* SPDX-License-Identifier: BSD-2-Clause */
/* rename in its cases, link counts, cycles. */
#include "common.h"

#define NOREPLACE 1
#define EXCHANGE  2

static u32 nlink_of(const char *path)
{
	struct kstat st;

	return t_stat(path, &st) ? 0 : st.nlink;
}

FS_TEST(rename_files)
{
	bt_expect_eq(t_write(T "/a", "A"), 0);
	bt_expect_eq(t_write(T "/b", "B"), 0);
	bt_expect_eq(vfs_rename(T "/a", T "/b", NOREPLACE), -EEXIST);
	bt_expect_eq(vfs_rename(T "/a", T "/b", EXCHANGE), 0);
	bt_expect(t_holds(T "/a", "B") && t_holds(T "/b", "A"));
	bt_expect_eq(vfs_rename(T "/a", T "/b", 0), 0);
	bt_expect(t_holds(T "/b", "B"));
	bt_expect_eq(t_lookup(T "/a", 0), -ENOENT);
	bt_expect_eq(vfs_rename(T "/none", T "/b", 0), -ENOENT);
	bt_expect_eq(vfs_rename(T "/b", T "/b", 0), 0);
	bt_expect_eq(vfs_rename(T "/b", T "/a", EXCHANGE), -ENOENT);
	bt_expect_eq(vfs_rename(T "/b", T "/c/", 0), -ENOTDIR);
	bt_expect_eq(vfs_rename(T "/b", T "/name-that-is-longer-than-the-inline-part-of-a-dentry", 0), 0);
	bt_expect_eq(vfs_rename(T "/name-that-is-longer-than-the-inline-part-of-a-dentry", T "/b", 0), 0);
	bt_expect(t_holds(T "/b", "B"));
}

FS_TEST(rename_directories)
{
	bt_expect_eq(vfs_mkdir(T "/p", 0755), 0);
	bt_expect_eq(vfs_mkdir(T "/p/q", 0755), 0);
	bt_expect_eq(vfs_mkdir(T "/r", 0755), 0);
	bt_expect_eq(t_write(T "/f", "x"), 0);
	bt_expect_eq(nlink_of(T), 4);
	bt_expect_eq(vfs_rename(T "/p", T "/p/q/in", 0), -EINVAL);
	bt_expect_eq(vfs_rename(T "/p/q", T "/p", 0), -ENOTEMPTY);
	bt_expect_eq(vfs_rename(T "/r", T "/p", 0), -ENOTEMPTY);
	bt_expect_eq(vfs_rename(T "/f", T "/r", 0), -EISDIR);
	bt_expect_eq(vfs_rename(T "/r", T "/f", 0), -ENOTDIR);
	bt_expect_eq(vfs_rename(T "/p/q", T "/r", 0), 0);
	bt_expect_eq(nlink_of(T "/p"), 2);
	bt_expect_eq(nlink_of(T), 4);
	bt_expect_eq(vfs_rename(T "/r", T "/p/r", 0), 0);
	bt_expect_eq(nlink_of(T "/p"), 3);
	bt_expect_eq(nlink_of(T), 3);
	bt_expect_eq(vfs_rename(T "/p/r", T "/f", EXCHANGE), 0);
	bt_expect(t_holds(T "/p/r", "x"));
	bt_expect_eq(nlink_of(T "/p"), 2);
	bt_expect_eq(nlink_of(T), 4);
	bt_expect_eq(vfs_rename(T "/.", T "/x", 0), -EBUSY);
}

FS_TEST(links_and_counts)
{
	struct file *f;
	struct kstat st;

	bt_expect_eq(t_write(T "/a", "shared"), 0);
	bt_expect_eq(vfs_link(T "/a", T "/b"), 0);
	bt_expect_eq(vfs_link(T "/a", T "/b"), -EEXIST);
	bt_expect_eq(vfs_link(T, T "/dirlink"), -EPERM);
	bt_expect_eq(nlink_of(T "/b"), 2);
	f = file_open(T "/a", O_RDONLY, 0);
	bt_assert(!IS_ERR(f));
	bt_expect_eq(vfs_unlink(T "/a"), 0);
	bt_expect_eq(nlink_of(T "/b"), 1);
	bt_expect_eq(vfs_unlink(T "/b"), 0);
	bt_expect_eq(vfs_getattr(&f->f_path, &st, STATX_BASIC_STATS, 0), 0);
	bt_expect_eq(st.nlink, 0);
	bt_expect_eq(st.size, 6);
	file_put(f);
}
