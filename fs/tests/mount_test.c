/* SPDX-License-Identifier: BSD-2-Clause */
/* Mounts: stacking, bind, read-only, busy, moves. */
#include <linux/mount.h>
#include "common.h"

FS_TEST(mount_covers_and_uncovers)
{
	bt_expect_eq(vfs_mkdir(T "/m", 0755), 0);
	bt_expect_eq(t_write(T "/m/below", "b"), 0);
	bt_expect_eq(vfs_mount("x", T "/m", "tmpfs", 0, NULL), 0);
	bt_expect_eq(t_lookup(T "/m/below", 0), -ENOENT);
	bt_expect_eq(t_write(T "/m/above", "a"), 0);
	bt_expect_eq(t_lookup(T "/m/../m/above", 0), 0);
	bt_expect_eq(vfs_rmdir(T "/m"), -EBUSY);
	bt_expect_eq(vfs_rename(T "/m", T "/n", 0), -EBUSY);
	bt_expect_eq(vfs_rename(T "/m/above", T "/above", 0), -EXDEV);
	bt_expect_eq(vfs_link(T "/m/above", T "/above"), -EXDEV);
	bt_expect_eq(vfs_umount(T "/m", 0), 0);
	bt_expect(t_holds(T "/m/below", "b"));
	bt_expect_eq(vfs_umount(T "/m", 0), -EINVAL);
	bt_expect_eq(vfs_mount("x", T "/m", "nofs", 0, NULL), -ENODEV);
	bt_expect_eq(vfs_mount("x", T "/m", "tmpfs", 0, "bogus=1"), -EINVAL);
	bt_expect_eq(vfs_mount("x", T "/m/below", "tmpfs", 0, NULL), -ENOTDIR);
}

FS_TEST(mount_readonly)
{
	struct file *f;

	bt_expect_eq(vfs_mkdir(T "/m", 0755), 0);
	bt_expect_eq(vfs_mount("x", T "/m", "tmpfs", 0, NULL), 0);
	f = file_open(T "/m/f", O_RDWR | O_CREAT, 0644);
	bt_assert(!IS_ERR(f));
	bt_expect_eq(vfs_mount(NULL, T "/m", NULL, MS_REMOUNT | MS_RDONLY, NULL), -EBUSY);
	file_put(f);
	bt_expect_eq(vfs_mount(NULL, T "/m", NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
	bt_expect_eq(t_open(T "/m/f", O_RDONLY), 0);
	bt_expect_eq(t_open(T "/m/f", O_RDWR), -EROFS);
	bt_expect_eq(t_open(T "/m/g", O_WRONLY | O_CREAT), -EROFS);
	bt_expect_eq(t_open(T "/m/f", O_RDONLY | O_CREAT), 0);
	bt_expect_eq(vfs_mkdir(T "/m/d", 0755), -EROFS);
	bt_expect_eq(vfs_mkdir(T "/m/f", 0755), -EEXIST);
	bt_expect_eq(vfs_unlink(T "/m/f"), -EROFS);
	bt_expect_eq(vfs_mount(NULL, T "/m", NULL, MS_REMOUNT, NULL), 0);
	bt_expect_eq(vfs_unlink(T "/m/f"), 0);
	bt_expect_eq(vfs_umount(T "/m", 0), 0);
}

FS_TEST(mount_bind)
{
	bt_expect_eq(vfs_mkdir(T "/a", 0755), 0);
	bt_expect_eq(vfs_mkdir(T "/a/sub", 0755), 0);
	bt_expect_eq(vfs_mkdir(T "/b", 0755), 0);
	bt_expect_eq(t_write(T "/a/f", "one"), 0);
	bt_expect_eq(vfs_mount("s", T "/a/sub", "tmpfs", 0, NULL), 0);
	bt_expect_eq(t_write(T "/a/sub/g", "g"), 0);
	bt_expect_eq(vfs_mount(T "/a", T "/b", NULL, MS_BIND, NULL), 0);
	bt_expect(t_holds(T "/b/f", "one"));
	bt_expect_eq(t_lookup(T "/b/sub/g", 0), -ENOENT);
	bt_expect_eq(vfs_mount(NULL, T "/b", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL), 0);
	bt_expect_eq(t_open(T "/b/f", O_RDWR), -EROFS);
	bt_expect_eq(t_open(T "/a/f", O_RDWR), 0);
	bt_expect_eq(vfs_umount(T "/b", 0), 0);
	bt_expect_eq(vfs_mount(T "/a", T "/b", NULL, MS_BIND | MS_REC, NULL), 0);
	bt_expect(t_holds(T "/b/sub/g", "g"));
	bt_expect_eq(vfs_umount(T "/b", 0), -EBUSY);
	bt_expect_eq(vfs_umount(T "/b", 2), 0);
	bt_expect_eq(vfs_umount(T "/a/sub", 0), 0);
}

FS_TEST(mount_move_and_busy)
{
	struct file *f;

	bt_expect_eq(vfs_mkdir(T "/a", 0755), 0);
	bt_expect_eq(vfs_mkdir(T "/b", 0755), 0);
	bt_expect_eq(vfs_mount("x", T "/a", "tmpfs", MS_NOEXEC | MS_NODEV, NULL), 0);
	bt_expect_eq(vfs_mkdir(T "/a/in", 0755), 0);
	bt_expect_eq(vfs_mount(T "/a", T "/a/in", NULL, MS_MOVE, NULL), -ELOOP);
	bt_expect_eq(vfs_mount(T "/a", T "/b", NULL, MS_MOVE, NULL), 0);
	bt_expect_eq(t_lookup(T "/b/in", 0), 0);
	bt_expect_eq(t_lookup(T "/a/in", 0), -ENOENT);
	bt_expect_eq(vfs_mknod(T "/b/null", S_IFCHR | 0666, MKDEV(1, 3)), 0);
	bt_expect_eq(t_open(T "/b/null", O_RDONLY), -EACCES);
	f = file_open(T "/b/in", O_RDONLY | O_DIRECTORY, 0);
	bt_assert(!IS_ERR(f));
	bt_expect_eq(vfs_umount(T "/b", 0), -EBUSY);
	file_put(f);
	bt_expect_eq(vfs_umount(T "/b", 0), 0);
}
