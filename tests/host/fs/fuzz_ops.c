/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random sequences of file operations on few names in a small tmpfs: what a tree of
 * random operations can reach, under ASan. Names come from the input too, so that the
 * path walk sees every mix of dots, slashes, links and lengths.
 */
#include <fs/files.h>
#include <fs/fs.h>
#include <fs/namei.h>
#include <lib/string.h>
#include <mm/slab.h>
#include "../../../fs/initramfs.h"
#include "host.h"

_Noreturn void abort(void);

static const char *const parts[] = {
	"a", "b", "c", ".", "..", "", "a/b", "link", "name-longer-than-the-inline-buffer-of-a-dentry",
	"d/", "./a", "../x", "//", "m", "m/a", "b/../c",
};

static size_t make_path(char *out, const unsigned char *data)
{
	strscpy(out, "/", 256);
	strscpy(out + 1, parts[data[0] & 15], 200);
	if (data[0] & 16) {
		size_t n = strlen(out);

		out[n] = '/';
		strscpy(out + n + 1, parts[data[1] & 15], 200 - n);
	}
	return 2;
}

static void open_and_use(const char *p, unsigned char how)
{
	static const int flags[] = { O_RDONLY, O_RDWR | O_CREAT, O_RDWR | O_CREAT | O_EXCL,
		O_WRONLY | O_TRUNC, O_RDONLY | O_DIRECTORY, O_RDONLY | O_NOFOLLOW,
		O_RDWR | O_APPEND, O_RDWR | O_TMPFILE };
	struct file *f = file_open(p, flags[how & 7], 0600);
	char buf[64] = "0123456789";
	loff_t pos = (how >> 3) * 1000;

	if (IS_ERR(f))
		return;
	kernel_write(f, buf, sizeof(buf), &pos);
	pos = 0;
	kernel_read(f, buf, sizeof(buf), &pos);
	if (how & 64)
		vfs_ftruncate(f, how);
	file_put(f);
}

size_t host_fuzz_op(const unsigned char *data, size_t size)
{
	char p[256], q[256];

	if (size < 6)
		return 0;
	make_path(p, data + 1);
	make_path(q, data + 3);
	switch (data[0] % 12) {
	case 0: vfs_mkdir(p, 0755); break;
	case 1: vfs_rmdir(p); break;
	case 2: vfs_unlink(p); break;
	case 3: vfs_rename(p, q, data[5] & 3 & ~(data[5] >> 1)); break;
	case 4: vfs_link(p, q); break;
	case 5: vfs_symlink(q + (data[5] & 1 ? 1 : 0), p); break;
	case 6: vfs_mknod(p, (umode_t)(S_IFIFO | 0600), 0); break;
	case 7: vfs_mount("f", p, "tmpfs", 0, "size=16k,nr_inodes=8"); break;
	case 8: vfs_umount(p, data[5] & 2); break;
	case 9: vfs_mount(p, q, NULL, 4096 | (data[5] & 1 ? 16384 : 0), NULL); break;
	default: open_and_use(p, data[5]); break;
	}
	return 6;
}

static struct path saved_root;

/* The operations see a small tmpfs as their root, so that ".." cannot leave it. */
void host_fuzz_begin(void)
{
	struct path z;

	sysctl_mount_max = 60;          /* recursive binds double each time */
	if (vfs_mkdir("/z", 0755) || vfs_mount("z", "/z", "tmpfs", 0, "size=64k,nr_inodes=24") ||
	    kern_path("/z", 0, &z))
		abort();
	fs_get_root(current->fs, &saved_root);
	fs_set_root(current->fs, &z);
	fs_set_pwd(current->fs, &z);
	path_put(&z);
}

void host_fuzz_end(void)
{
	fs_set_root(current->fs, &saved_root);
	fs_set_pwd(current->fs, &saved_root);
	path_put(&saved_root);
	/* Everything below hangs on this mount; nothing else may hold it. */
	while (!vfs_umount("/z", 2))
		;
	if (vfs_rmdir("/z"))
		abort();
	host_drop_caches();
}

static int entry(void *ctx, const struct cpio_entry *e)
{
	unpack_entry(ctx, e);
	return 0;
}

void host_unpack(const void *archive, size_t size)
{
	static const struct cpio_ops ops = { .entry = entry };
	struct unpack u = { .entries = 0 };

	unpack_begin(&u);
	cpio_parse(archive, size, &ops, &u);
	unpack_forget_links(&u);
}
