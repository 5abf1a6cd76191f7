/* SPDX-License-Identifier: BSD-2-Clause */
/* Path walk: dots, links, limits, flags of open, permissions. */
#include <kernel/cred.h>
#include <kernel/task.h>
#include "common.h"

FS_TEST(namei_dots_and_slashes)
{
	bt_expect_eq(vfs_mkdir(T "/a", 0755), 0);
	bt_expect_eq(vfs_mkdir(T "/a/b", 0755), 0);
	bt_expect_eq(t_write(T "/a/f", "x"), 0);
	bt_expect_eq(t_lookup(T "//a/./b/../f", 0), 0);
	bt_expect_eq(t_lookup(T "/a/f/", 0), -ENOTDIR);
	bt_expect_eq(t_lookup(T "/a/f/.", 0), -ENOTDIR);
	bt_expect_eq(t_lookup(T "/a/b///", 0), 0);
	bt_expect_eq(t_lookup(T "/a/none/..", 0), -ENOENT);
	bt_expect_eq(t_lookup("/../../" T "/a", 0), 0);
	bt_expect_eq(t_lookup("", 0), -ENOENT);
	bt_expect_eq(vfs_mkdir(T "/a/b/", 0755), -EEXIST);
	bt_expect_eq(vfs_mkdir(T "/a/c/", 0755), 0);
	bt_expect_eq(t_open(T "/a/new/", O_CREAT | O_WRONLY), -EISDIR);
	bt_expect_eq(vfs_rmdir(T "/a/b/."), -EINVAL);
	bt_expect_eq(vfs_rmdir(T "/a/b/.."), -ENOTEMPTY);
	bt_expect_eq(vfs_unlink(T "/a/b"), -EISDIR);
	bt_expect_eq(vfs_rmdir(T "/a/f"), -ENOTDIR);
}

FS_TEST(namei_symlinks)
{
	bt_expect_eq(vfs_mkdir(T "/d", 0755), 0);
	bt_expect_eq(t_write(T "/d/f", "via"), 0);
	bt_expect_eq(vfs_symlink("d", T "/rel"), 0);
	bt_expect_eq(vfs_symlink(T "/rel/f", T "/abs"), 0);
	bt_expect_eq(vfs_symlink("abs", T "/twice"), 0);
	bt_expect_eq(vfs_symlink("nowhere", T "/dangling"), 0);
	bt_expect(t_holds(T "/rel/f", "via"));
	bt_expect(t_holds(T "/twice", "via"));
	bt_expect(t_holds(T "/rel/../rel/./f", "via"));
	bt_expect_eq(t_open(T "/abs", O_RDONLY | O_NOFOLLOW), -ELOOP);
	bt_expect_eq(t_open(T "/rel/", O_RDONLY | O_DIRECTORY), 0);
	bt_expect_eq(t_open(T "/dangling", O_RDONLY), -ENOENT);
	bt_expect_eq(t_open(T "/dangling", O_WRONLY | O_CREAT | O_EXCL), -EEXIST);
	bt_expect_eq(t_open(T "/dangling", O_WRONLY | O_CREAT), 0);
	bt_expect_eq(t_lookup(T "/nowhere", 0), 0);
	bt_expect_eq(vfs_mkdir(T "/rel", 0755), -EEXIST);
}

/* Does a failed walk over this link keep a reference on it? */
static bool lookup_leaks(const char *link)
{
	struct path p;
	bool leaks;
	int before;

	if (kern_path(link, 0, &p))
		return true;
	before = atomic_read(&p.dentry->d_count);
	t_lookup(link, LOOKUP_FOLLOW);
	leaks = atomic_read(&p.dentry->d_count) != before;
	path_put(&p);
	return leaks;
}

FS_TEST(namei_symlink_loop)
{
	char name[] = T "/l00", to[] = "l00";
	int i;

	bt_expect_eq(vfs_symlink("self", T "/self"), 0);
	bt_expect_eq(t_lookup(T "/self", LOOKUP_FOLLOW), -ELOOP);
	bt_expect_eq(t_lookup(T "/self/x", 0), -ELOOP);
	bt_expect(!lookup_leaks(T "/self"));
	bt_expect_eq(t_write(T "/l00", "end"), 0);
	for (i = 1; i <= 41; i++) {
		name[sizeof(name) - 3] = to[1] = (char)('0' + (i - 1) / 10);
		to[2] = (char)('0' + (i - 1) % 10);
		name[sizeof(name) - 3] = (char)('0' + i / 10);
		name[sizeof(name) - 2] = (char)('0' + i % 10);
		bt_expect_eq(vfs_symlink(to, name), 0);
	}
	bt_expect_eq(t_lookup(T "/l40", LOOKUP_FOLLOW), 0);
	bt_expect_eq(t_lookup(T "/l41", LOOKUP_FOLLOW), -ELOOP);
}

FS_TEST(namei_length_limits)
{
	static char path[PATH_MAX + 300];
	size_t base = strlen(T "/");

	memcpy(path, T "/", base);
	memset(path + base, 'n', NAME_MAX);
	path[base + NAME_MAX] = '\0';
	bt_expect_eq(t_write(path, "long"), 0);
	bt_expect(t_holds(path, "long"));
	path[base + NAME_MAX] = 'n';
	path[base + NAME_MAX + 1] = '\0';
	bt_expect_eq(t_lookup(path, 0), -ENAMETOOLONG);
	bt_expect_eq(vfs_mkdir(path, 0755), -ENAMETOOLONG);
}

FS_TEST(open_create_excl_trunc)
{
	struct kstat st;

	bt_expect_eq(t_open(T "/f", O_RDWR), -ENOENT);
	bt_expect_eq(t_open(T "/f", O_RDWR | O_CREAT | O_EXCL), 0);
	bt_expect_eq(t_open(T "/f", O_RDWR | O_CREAT | O_EXCL), -EEXIST);
	bt_expect_eq(t_write(T "/f", "12345"), 0);
	bt_expect_eq(t_open(T "/f", O_RDWR | O_TRUNC), 0);
	bt_expect_eq(t_stat(T "/f", &st), 0);
	bt_expect_eq(st.size, 0);
	bt_expect_eq(t_open(T, O_WRONLY), -EISDIR);
	bt_expect_eq(t_open(T, O_RDONLY | O_CREAT), -EISDIR);
	bt_expect_eq(t_open(T "/f", O_RDONLY | O_DIRECTORY), -ENOTDIR);
	bt_expect_eq(t_open(T "/f", O_RDONLY | O_DIRECT), -EINVAL);
	bt_expect_eq(t_open(T "/f/x", O_RDONLY | O_CREAT), -ENOTDIR);
}

/* Runs as `uid` until t_be_root(). */
static struct cred *saved;

static bool t_be(u32 uid)
{
	struct cred *c = cred_prepare();

	if (!c)
		return false;
	c->fsuid = c->fsgid = uid;
	c->cap_effective = 0;
	saved = current->cred;
	current->cred = c;
	return true;
}

static void t_be_root(void)
{
	cred_put(current->cred);
	current->cred = saved;
}

FS_TEST(permission_bits)
{
	struct path p;

	bt_expect_eq(vfs_mkdir(T "/priv", 0700), 0);
	bt_expect_eq(vfs_mkdir(T "/tmp", 0755), 0);
	bt_expect_eq(t_write(T "/priv/f", "x"), 0);
	bt_expect_eq(t_write(T "/f", "x"), 0);
	bt_expect_eq(t_write(T "/team", "x"), 0);
	bt_assert(!kern_path(T "/team", 0, &p));
	p.dentry->d_inode->i_mode = S_IFREG | 0640;
	p.dentry->d_inode->i_gid = 1000;
	path_put(&p);
	bt_assert(t_be(1000));
	bt_expect_eq(t_open(T "/team", O_RDONLY), 0);
	bt_expect_eq(t_open(T "/team", O_RDWR), -EACCES);
	bt_expect_eq(t_open(T "/f", O_RDONLY), 0);
	bt_expect_eq(t_open(T "/f", O_RDWR), -EACCES);
	bt_expect_eq(t_open(T "/priv/f", O_RDONLY), -EACCES);
	bt_expect_eq(t_open(T "/tmp/f", O_WRONLY | O_CREAT), -EACCES);
	bt_expect_eq(vfs_unlink(T "/f"), -EACCES);
	bt_expect_eq(vfs_mknod(T "/null", S_IFCHR | 0666, MKDEV(1, 3)), -EACCES);
	bt_expect_eq(t_open(T "/f", O_RDONLY | O_NOATIME), -EPERM);
	t_be_root();
}

FS_TEST(permission_sticky)
{
	struct path p;

	bt_expect_eq(vfs_mkdir(T "/tmp", 0755), 0);
	bt_assert(!kern_path(T "/tmp", 0, &p));
	p.dentry->d_inode->i_mode = S_IFDIR | 01777;
	path_put(&p);
	bt_expect_eq(t_write(T "/tmp/root", "x"), 0);
	bt_assert(t_be(1000));
	bt_expect_eq(t_write(T "/tmp/mine", "x"), 0);
	bt_expect_eq(vfs_mknod(T "/tmp/null", S_IFCHR | 0666, MKDEV(1, 3)), -EPERM);
	bt_expect_eq(vfs_unlink(T "/tmp/root"), -EPERM);
	bt_expect_eq(vfs_rename(T "/tmp/mine", T "/tmp/root", 0), -EPERM);
	bt_expect_eq(vfs_unlink(T "/tmp/mine"), 0);
	t_be_root();
}

FS_TEST(dentry_cache_negative)
{
	struct qstr q = QSTR_INIT("ghost", 5);
	struct dentry *d;
	struct path p;

	bt_assert(!kern_path(T, 0, &p));
	bt_expect_eq(t_lookup(T "/ghost", 0), -ENOENT);
	d = d_lookup(p.dentry, &q);
	bt_expect(d && d_is_negative(d));
	dput(d);
	bt_expect_eq(t_write(T "/ghost", "now"), 0);
	bt_expect(t_holds(T "/ghost", "now"));
	bt_expect_eq(vfs_unlink(T "/ghost"), 0);
	bt_expect_eq(t_lookup(T "/ghost", 0), -ENOENT);
	dcache_shrink(1000000);
	d = d_lookup(p.dentry, &q);
	bt_expect(!d);
	dput(d);
	path_put(&p);
}

FS_TEST(d_path_text)
{
	char buf[128];
	struct file *f;
	char *s;

	bt_expect_eq(vfs_mkdir(T "/dir", 0755), 0);
	f = file_open(T "/dir/../dir/file", O_RDWR | O_CREAT, 0600);
	bt_assert(!IS_ERR(f));
	s = d_path(&f->f_path, buf, sizeof(buf));
	bt_expect(!IS_ERR(s) && !strcmp(s, T "/dir/file"));
	bt_expect_eq(vfs_rename(T "/dir", T "/moved", 0), 0);
	s = d_path(&f->f_path, buf, sizeof(buf));
	bt_expect(!IS_ERR(s) && !strcmp(s, T "/moved/file"));
	bt_expect_eq(vfs_unlink(T "/moved/file"), 0);
	s = d_path(&f->f_path, buf, sizeof(buf));
	bt_expect(!IS_ERR(s) && !strcmp(s, T "/moved/file (deleted)"));
	bt_expect_eq(PTR_ERR(d_path(&f->f_path, buf, 4)), -ENAMETOOLONG);
	file_put(f);
}
