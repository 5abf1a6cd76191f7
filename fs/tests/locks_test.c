/* SPDX-License-Identifier: BSD-2-Clause */
/* Record locks: conflicts, splitting and merging, through the list itself. */
#include "../internal.h"
#include "../filelock.h"
#include "common.h"

static int lock(struct inode *inode, void *owner, int type, loff_t start, loff_t end)
{
	struct file_lock req = {
		.owner = owner, .inode = inode, .start = start, .end = end,
		.kind = LK_POSIX, .type = (u8)type,
	};

	return file_lock_set(&req, false);
}

static int count(struct inode *inode)
{
	return (int)list_count(&inode->i_flocks->locks);
}

FS_TEST(record_locks)
{
	struct file *f = file_open(T "/f", O_RDWR | O_CREAT, 0644);
	struct inode *i;
	int a, b;

	bt_assert(!IS_ERR(f));
	i = f->f_inode;
	bt_expect_eq(lock(i, &a, F_RDLCK, 0, 99), 0);
	bt_expect_eq(lock(i, &b, F_RDLCK, 50, 149), 0);
	bt_expect_eq(lock(i, &b, F_WRLCK, 90, 99), -EAGAIN);
	bt_expect_eq(lock(i, &b, F_WRLCK, 100, 109), 0);
	bt_expect_eq(count(i), 4);              /* b: read, write, read */
	bt_expect_eq(lock(i, &b, F_RDLCK, 100, 109), 0);
	bt_expect_eq(count(i), 2);              /* merged again */
	bt_expect_eq(lock(i, &a, F_UNLCK, 40, 59), 0);
	bt_expect_eq(count(i), 3);
	bt_expect_eq(lock(i, &b, F_WRLCK, 0, 10), -EAGAIN);
	bt_expect_eq(lock(i, &a, F_UNLCK, 0, S64_MAX), 0);
	bt_expect_eq(lock(i, &b, F_WRLCK, 0, S64_MAX), 0);
	bt_expect_eq(count(i), 1);
	bt_expect_eq(lock(i, &a, F_RDLCK, 1 << 20, 1 << 20), -EAGAIN);
	bt_expect_eq(lock(i, &b, F_UNLCK, 0, S64_MAX), 0);
	bt_expect_eq(lock(i, &b, F_WRLCK, 200, 200), 0);
	bt_expect_eq(lock(i, &a, F_RDLCK, 200, 200), -EAGAIN);
	bt_expect_eq(lock(i, &a, F_RDLCK, 100, 200), -EAGAIN);
	bt_expect_eq(lock(i, &a, F_RDLCK, 200, 300), -EAGAIN);
	locks_remove_posix(f, (struct files *)&b);
	bt_expect_eq(count(i), 0);
	file_put(f);
}

FS_TEST(flock_converts)
{
	struct file *f = file_open(T "/f", O_RDWR | O_CREAT, 0644);
	struct file *g = file_open(T "/f", O_RDWR, 0);
	struct file_lock req = { .kind = LK_FLOCK, .start = 0, .end = S64_MAX };

	bt_assert(!IS_ERR(f) && !IS_ERR(g));
	req.inode = f->f_inode;
	req.owner = f;
	req.type = F_RDLCK;
	bt_expect_eq(file_lock_set(&req, false), 0);
	req.owner = g;
	bt_expect_eq(file_lock_set(&req, false), 0);
	req.type = F_WRLCK;
	bt_expect_eq(file_lock_set(&req, false), -EAGAIN);
	file_put(f);                            /* closing gives its lock up */
	bt_expect_eq(file_lock_set(&req, false), 0);
	bt_expect_eq(lock(g->f_inode, g, F_WRLCK, 0, 0), 0);   /* another world */
	bt_expect_eq(lock(g->f_inode, g, F_UNLCK, 0, 0), 0);
	file_put(g);
}
