/* SPDX-License-Identifier: BSD-2-Clause */
/* Descriptor tables, on tables of their own. */
#include <kernel/task.h>
#include <fs/uio.h>
#include <fs/poll.h>
#include "common.h"

/* Puts a private table under current for the length of a test. */
static struct files *t_swap_files(struct files *with)
{
	struct files *old = current->files;

	spin_lock(&current->lock);
	current->files = with;
	spin_unlock(&current->lock);
	return old;
}

FS_TEST(fd_lowest_first)
{
	struct files *mine = files_alloc(), *old;
	struct file *f = file_open(T, O_RDONLY | O_DIRECTORY, 0);
	struct fd fd;

	bt_assert(mine && !IS_ERR(f));
	old = t_swap_files(mine);
	bt_expect_eq(fd_install_new(file_get(f), 0), 0);
	bt_expect_eq(fd_install_new(file_get(f), O_CLOEXEC), 1);
	bt_expect_eq(fd_install_new(file_get(f), 0), 2);
	bt_expect_eq(fd_close(1), 0);
	bt_expect_eq(fd_close(1), -EBADF);
	bt_expect_eq(fd_install_new(file_get(f), O_CLOEXEC), 1);
	bt_expect_eq(fd_alloc_from(10, 0), 10);
	fd_free(10);
	fd = fdget(2);
	bt_expect(fd.file == f);
	bt_expect_eq(fd.flags, 0);              /* sole user: no reference taken */
	fdput(fd);
	bt_expect(!fdget(10).file);
	files_close_on_exec();
	bt_expect(!fdget(1).file);
	bt_expect(fdget(0).file == f);
	t_swap_files(old);
	files_put(mine);
	bt_expect_eq(refcount_read(&f->f_count), 1);
	file_put(f);
}

FS_TEST(fd_table_grows)
{
	struct files *mine = files_alloc(), *old, *copy;
	struct file *f = file_open(T, O_RDONLY | O_DIRECTORY, 0);
	struct rlimit *limit = &current->proc->rlim[RLIMIT_NOFILE];
	unsigned long saved = limit->rlim_cur;
	bool cloexec = false;
	int i;

	bt_assert(mine && !IS_ERR(f));
	old = t_swap_files(mine);
	for (i = 0; i < 300; i++)
		if (!bt_expect_eq(fd_install_new(file_get(f), 0), i))
			break;
	limit->rlim_cur = 300;
	bt_expect_eq(fd_alloc(0), -EMFILE);
	bt_expect_eq(fd_dup2(3, 300, 0), -EBADF);
	limit->rlim_cur = saved;
	bt_expect_eq(fd_dup2(3, 4, 0), 4);
	bt_expect_eq(fd_dup2(3, 700, O_CLOEXEC), 700);
	bt_expect_eq(fd_dup2(999, 5, 0), -EBADF);
	bt_expect_eq(fd_dup2(0, 1u << 30, 0), -EBADF);
	copy = files_dup(mine);
	bt_expect(!IS_ERR(copy));
	t_swap_files(old);
	files_put(mine);
	bt_expect_eq(refcount_read(&f->f_count), 302);
	bt_expect_eq(files_next_fd(copy, 300, &cloexec), 700);
	bt_expect(cloexec);
	bt_expect_eq(files_next_fd(copy, 299, &cloexec), 299);
	bt_expect(!cloexec);
	bt_expect_eq(files_next_fd(copy, 701, NULL), -1);
	files_put(copy);
	bt_expect_eq(refcount_read(&f->f_count), 1);
	file_put(f);
}

FS_TEST(iov_iter_segments)
{
	char a[3], b[5], all[9] = "";
	struct iovec v[4] = { { a, 3 }, { NULL, 0 }, { b, 5 }, { NULL, 0 } };
	struct iov_iter it;

	iov_iter_init(&it, ITER_DEST, v, 4, 8);
	it.type = ITER_KERNEL;
	bt_expect_eq(copy_to_iter("abcd", 4, &it), 4);
	bt_expect_eq(copy_to_iter("efghIJ", 6, &it), 4);
	bt_expect(!memcmp(a, "abc", 3) && !memcmp(b, "defgh", 5));
	iov_iter_revert(&it, 6);
	bt_expect_eq(it.count, 6);
	bt_expect_eq(iov_iter_zero(2, &it), 2);
	bt_expect(a[2] == 0 && b[0] == 0 && b[1] == 'e');
	iov_iter_init(&it, ITER_SOURCE, v, 4, 8);
	it.type = ITER_KERNEL;
	iov_iter_advance(&it, 1);
	bt_expect_eq(copy_from_iter(all, 9, &it), 7);
	bt_expect(!memcmp(all, "b\0\0efgh", 7));
}

FS_TEST(text_file_busy)
{
	struct file *x, *w;

	bt_expect_eq(t_write(T "/prog", "#!"), 0);
	bt_expect_eq(PTR_ERR(file_open_exec(AT_FDCWD, T "/prog", 0)), -EACCES);
	w = file_open(T "/run", O_RDWR | O_CREAT, 0755);
	bt_assert(!IS_ERR(w));
	bt_expect_eq(PTR_ERR(file_open_exec(AT_FDCWD, T "/run", 0)), -ETXTBSY);
	file_put(w);
	x = file_open_exec(AT_FDCWD, T "/run", 0);
	bt_assert(!IS_ERR(x));
	bt_expect_eq(t_open(T "/run", O_RDWR), -ETXTBSY);
	bt_expect_eq(t_open(T "/run", O_RDONLY), 0);
	file_allow_write(x);
	bt_expect_eq(t_open(T "/run", O_RDWR), 0);
	file_put(x);
	bt_expect_eq(PTR_ERR(file_open_exec(AT_FDCWD, T, 0)), -EACCES);
}

static int released;
static int count_release(struct inode *inode, struct file *file)
{
	released++;
	return 0;
}

FS_TEST(pseudo_files)
{
	static const struct file_ops ops = { .release = count_release };
	struct inode *inode = pseudo_inode(S_IFIFO | 0600);
	struct file *f;
	char buf[64], *s;

	bt_assert(inode);
	released = 0;
	f = pseudo_file(inode, "pipe", &ops, NULL, O_RDWR);
	bt_assert(!IS_ERR(f));
	s = d_path(&f->f_path, buf, sizeof(buf));
	bt_expect(!IS_ERR(s) && str_has_prefix(s, "pipe:["));
	bt_expect_eq(vfs_ioctl(f, 1, 0), -ENOTTY);
	bt_expect_eq(vfs_poll(f, NULL), EPOLL_DEFAULT_MASK);
	file_put(f);
	bt_expect_eq(released, 1);
	f = anon_file("[test]", &ops, NULL, O_RDONLY);
	bt_assert(!IS_ERR(f));
	s = d_path(&f->f_path, buf, sizeof(buf));
	bt_expect(!IS_ERR(s) && !strcmp(s, "anon_inode:[test]"));
	file_put(f);
}
