/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * File locks: POSIX record locks (owned by a descriptor table), open-file-description
 * locks and flock (owned by an open file).
 *
 * All locks of an inode hang on one list, and one spinlock guards all of them: locks are
 * rare and the lists short. A waiter sleeps on its inode's queue and tries again when
 * anything there changes. Who waits for whom is kept for POSIX locks, to refuse a cycle
 * with EDEADLK.
 */
#include <fs/fs.h>
#include <fs/seq_file.h>
#include <arch/uaccess.h>
#include <kernel/syscall.h>
#include <linux/fs.h>
#include <mm/slab.h>
#include "filelock.h"
#include "internal.h"

struct lock_waiter {
	struct list_head link;       /* locks_lock */
	void *owner, *blocker;
};

#define OFFSET_MAX S64_MAX

static DEFINE_SPINLOCK(locks_lock);
static struct list_head all_locks = LIST_HEAD_INIT(all_locks);
static struct list_head waiters = LIST_HEAD_INIT(waiters);
static struct kmem_cache *lock_cache;

static struct file_lock_list *inode_locks(struct inode *inode)
{
	struct file_lock_list *l = READ_ONCE(inode->i_flocks), *was;

	if (l)
		return l;
	l = kzalloc(sizeof(*l), GFP_KERNEL);
	if (!l)
		return NULL;
	INIT_LIST_HEAD(&l->locks);
	wait_queue_init(&l->wq);
	was = cmpxchg(&inode->i_flocks, NULL, l);
	if (was) {
		kfree(l);
		l = was;
	}
	return l;
}

void locks_free_inode(struct inode *inode)
{
	kfree(inode->i_flocks);
	inode->i_flocks = NULL;
}

static bool overlaps(const struct file_lock *a, const struct file_lock *b)
{
	return a->start <= b->end && b->start <= a->end;
}

/* flock and record locks do not see each other; POSIX and OFD locks do. */
static struct file_lock *find_conflict(struct file_lock_list *l, const struct file_lock *req)
{
	struct file_lock *f;

	list_for_each_entry(f, &l->locks, link) {
		if ((f->kind == LK_FLOCK) != (req->kind == LK_FLOCK))
			continue;
		if (f->owner == req->owner && f->kind == req->kind)
			continue;
		if (overlaps(f, req) && (f->type == F_WRLCK || req->type == F_WRLCK))
			return f;
	}
	return NULL;
}

static void lock_insert(struct file_lock_list *l, struct file_lock *f)
{
	list_add_tail(&f->link, &l->locks);
	list_add_tail(&f->all, &all_locks);
}

static void lock_remove(struct file_lock *f, struct list_head *dead)
{
	list_del(&f->all);
	list_move(&f->link, dead);
}

static void free_locks(struct list_head *dead)
{
	struct file_lock *f, *n;

	list_for_each_entry_safe(f, n, dead, link)
		kmem_cache_free(lock_cache, f);
}

/*
 * Makes the owner's locks over req's range be of req's type: cuts, splits and merges.
 * `spare` are two unused objects; those taken are set to NULL. locks_lock held.
 */
static void apply_record(struct file_lock_list *l, struct file_lock *req,
			 struct file_lock *spare[2], struct list_head *dead)
{
	struct file_lock *f, *n;

	list_for_each_entry_safe(f, n, &l->locks, link) {
		if (f->kind != req->kind || f->owner != req->owner)
			continue;
		if (f->type == req->type) {
			bool before = f->end != OFFSET_MAX && f->end + 1 < req->start;
			bool after = req->end != OFFSET_MAX && req->end + 1 < f->start;

			if (before || after)
				continue;
			req->start = min(req->start, f->start);
			req->end = max(req->end, f->end);
			lock_remove(f, dead);
			continue;
		}
		if (!overlaps(f, req))
			continue;
		if (f->start < req->start && f->end > req->end) {
			struct file_lock *tail = spare[1];

			*tail = *f;
			tail->start = req->end + 1;
			f->end = req->start - 1;
			spare[1] = NULL;
			lock_insert(l, tail);
		} else if (f->start < req->start) {
			f->end = req->start - 1;
		} else if (f->end > req->end) {
			f->start = req->end + 1;
		} else {
			lock_remove(f, dead);
		}
	}
	if (req->type != F_UNLCK) {
		*spare[0] = *req;
		lock_insert(l, spare[0]);
		spare[0] = NULL;
	}
}

/* flock: one lock per file; a change of type replaces it. */
static void apply_flock(struct file_lock_list *l, struct file_lock *req,
			struct file_lock *spare[2], struct list_head *dead)
{
	struct file_lock *f, *n;

	list_for_each_entry_safe(f, n, &l->locks, link)
		if (f->kind == LK_FLOCK && f->owner == req->owner)
			lock_remove(f, dead);
	if (req->type != F_UNLCK) {
		*spare[0] = *req;
		lock_insert(l, spare[0]);
		spare[0] = NULL;
	}
}

static void locks_changed(struct file_lock_list *l)
{
	l->changes++;
}

/* Would waiting for `blocker` close a circle? locks_lock held. */
static bool would_deadlock(void *me, void *blocker)
{
	struct lock_waiter *w;
	int steps;

	for (steps = 0; steps < 16; steps++) {
		bool found = false;

		if (blocker == me)
			return true;
		list_for_each_entry(w, &waiters, link) {
			if (w->owner == blocker) {
				blocker = w->blocker;
				found = true;
				break;
			}
		}
		if (!found)
			return false;
	}
	return false;
}

/* One attempt. 0, or -EAGAIN with *seen and *blocker set for a wait. */
static int try_lock(struct file_lock_list *l, struct file_lock *req, struct file_lock *spare[2],
		    u64 *seen, void **blocker)
{
	struct list_head dead = LIST_HEAD_INIT(dead);
	struct file_lock *c = NULL;

	spin_lock(&locks_lock);
	if (req->type != F_UNLCK)
		c = find_conflict(l, req);
	if (c && req->kind == LK_FLOCK) {       /* a conversion gives the old lock up */
		struct file_lock drop = *req;

		drop.type = F_UNLCK;
		apply_flock(l, &drop, spare, &dead);
		if (!list_empty(&dead))
			locks_changed(l);
	}
	if (!c) {
		if (req->kind == LK_FLOCK)
			apply_flock(l, req, spare, &dead);
		else
			apply_record(l, req, spare, &dead);
		locks_changed(l);
	} else {
		*blocker = c->kind == LK_POSIX ? c->owner : NULL;
	}
	*seen = l->changes;
	spin_unlock(&locks_lock);
	if (!c || !list_empty(&dead))
		wake_up_all(&l->wq);
	free_locks(&dead);
	return c ? -EAGAIN : 0;
}

static int wait_for_change(struct file_lock_list *l, struct file_lock *req, u64 seen,
			   void *blocker)
{
	struct lock_waiter w = { .owner = req->owner, .blocker = blocker };
	bool tracked = req->kind == LK_POSIX && blocker;
	int err;

	if (tracked) {
		spin_lock(&locks_lock);
		if (would_deadlock(req->owner, blocker)) {
			spin_unlock(&locks_lock);
			return -EDEADLK;
		}
		list_add(&w.link, &waiters);
		spin_unlock(&locks_lock);
	}
	err = wait_event_interruptible(&l->wq, READ_ONCE(l->changes) != seen);
	if (tracked) {
		spin_lock(&locks_lock);
		list_del(&w.link);
		spin_unlock(&locks_lock);
	}
	return err;
}

int file_lock_set(struct file_lock *req, bool wait)
{
	struct file_lock_list *l = inode_locks(req->inode);
	struct file_lock *spare[2] = { NULL, NULL }, whole = *req;
	void *blocker;
	u64 seen;
	int err = -ENOLCK;

	if (!l)
		return -ENOLCK;
	spare[0] = kmem_cache_alloc(lock_cache, GFP_KERNEL);
	spare[1] = kmem_cache_alloc(lock_cache, GFP_KERNEL);
	if (!spare[0] || !spare[1])
		goto out;
	for (;;) {
		*req = whole;
		err = try_lock(l, req, spare, &seen, &blocker);
		if (err != -EAGAIN || !wait)
			break;
		err = wait_for_change(l, req, seen, blocker);
		if (err)
			break;
	}
out:
	if (spare[0])
		kmem_cache_free(lock_cache, spare[0]);
	if (spare[1])
		kmem_cache_free(lock_cache, spare[1]);
	return err;
}

/* ---- fcntl ---- */

static int range_from_user(struct file *file, const struct flock *fl, struct file_lock *req)
{
	loff_t base, start, end = OFFSET_MAX;

	switch (fl->l_whence) {
	case SEEK_SET:
		base = 0;
		break;
	case SEEK_CUR:
		base = file->f_pos;
		break;
	case SEEK_END:
		base = i_size_read(file->f_inode);
		break;
	default:
		return -EINVAL;
	}
	if (check_add_overflow(base, (loff_t)fl->l_start, &start))
		return -EOVERFLOW;
	if (start < 0)
		return -EINVAL;
	if (fl->l_len > 0) {
		if (check_add_overflow(start, (loff_t)fl->l_len - 1, &end))
			return -EOVERFLOW;
	} else if (fl->l_len < 0) {
		end = start - 1;
		start += fl->l_len;
		if (start < 0)
			return -EINVAL;
	}
	req->start = start;
	req->end = end;
	return 0;
}

static int request_from_user(struct file *file, unsigned cmd, const struct flock *fl,
			     struct file_lock *req)
{
	bool ofd = cmd == F_OFD_GETLK || cmd == F_OFD_SETLK || cmd == F_OFD_SETLKW;

	if (fl->l_type != F_RDLCK && fl->l_type != F_WRLCK && fl->l_type != F_UNLCK)
		return -EINVAL;
	if (ofd && fl->l_pid)
		return -EINVAL;
	req->kind = ofd ? LK_OFD : LK_POSIX;
	req->owner = ofd ? (void *)file : (void *)current->files;
	req->pid = ofd ? -1 : current->proc->pid;
	req->type = (u8)fl->l_type;
	req->inode = file->f_inode;
	return range_from_user(file, fl, req);
}

long fcntl_setlk(struct file *file, unsigned fd, unsigned cmd, void __user *arg)
{
	struct flock fl;
	struct file_lock req;
	int err;

	if (copy_from_user(&fl, arg, sizeof(fl)))
		return -EFAULT;
	err = request_from_user(file, cmd, &fl, &req);
	if (err)
		return err;
	if ((fl.l_type == F_RDLCK && !(file->f_mode & FMODE_READ)) ||
	    (fl.l_type == F_WRLCK && !(file->f_mode & FMODE_WRITE)))
		return -EBADF;
	err = file_lock_set(&req, cmd == F_SETLKW || cmd == F_OFD_SETLKW);
	/* Another thread may have closed fd meanwhile: its locks must not stay. */
	if (!err && req.type != F_UNLCK && req.kind == LK_POSIX) {
		struct file *now = files_get_file(current->files, fd);

		if (now != file) {
			locks_remove_posix(file, current->files);
			err = -EBADF;
		}
		file_put(now);
	}
	return err;
}

long fcntl_getlk(struct file *file, unsigned cmd, void __user *arg)
{
	struct file_lock_list *l;
	struct flock fl;
	struct file_lock req, *c;
	int err;

	if (copy_from_user(&fl, arg, sizeof(fl)))
		return -EFAULT;
	err = request_from_user(file, cmd, &fl, &req);
	if (err)
		return err;
	if (fl.l_type == F_UNLCK && req.kind != LK_OFD)
		return -EINVAL;
	fl.l_type = F_UNLCK;
	l = READ_ONCE(file->f_inode->i_flocks);
	if (l) {
		spin_lock(&locks_lock);
		c = find_conflict(l, &req);
		if (c) {
			fl.l_type = c->type;
			fl.l_whence = SEEK_SET;
			fl.l_start = c->start;
			fl.l_len = c->end == OFFSET_MAX ? 0 : c->end - c->start + 1;
			fl.l_pid = c->pid;
		}
		spin_unlock(&locks_lock);
	}
	return copy_to_user(arg, &fl, sizeof(fl)) ? -EFAULT : 0;
}

/* ---- flock ---- */

SYSCALL_DEFINE2(flock, unsigned, fd, unsigned, cmd)
{
	struct file_lock req = { .kind = LK_FLOCK, .start = 0, .end = OFFSET_MAX };
	long err = -EINVAL;
	struct fd f;

	/* The mandatory locks of old: accepted for any descriptor and without effect. */
	if (cmd & LOCK_MAND)
		return 0;
	switch (cmd & ~(unsigned)LOCK_NB) {
	case LOCK_SH:
		req.type = F_RDLCK;
		break;
	case LOCK_EX:
		req.type = F_WRLCK;
		break;
	case LOCK_UN:
		req.type = F_UNLCK;
		break;
	default:
		return err;
	}
	f = fdget(fd);
	if (!f.file)
		return -EBADF;
	req.owner = f.file;
	req.inode = f.file->f_inode;
	req.pid = current->proc->pid;
	err = file_lock_set(&req, !(cmd & LOCK_NB));
	if (err == -EAGAIN)
		err = -EWOULDBLOCK;
	fdput(f);
	return err;
}

/* ---- the end of owners ---- */

static void remove_owned(struct inode *inode, void *owner, bool posix)
{
	struct file_lock_list *l = READ_ONCE(inode->i_flocks);
	struct list_head dead = LIST_HEAD_INIT(dead);
	struct file_lock *f, *n;

	if (!l)
		return;
	spin_lock(&locks_lock);
	list_for_each_entry_safe(f, n, &l->locks, link)
		if (f->owner == owner && (f->kind == LK_POSIX) == posix)
			lock_remove(f, &dead);
	if (!list_empty(&dead))
		locks_changed(l);
	spin_unlock(&locks_lock);
	if (list_empty(&dead))
		return;
	wake_up_all(&l->wq);
	free_locks(&dead);
}

void locks_remove_posix(struct file *file, struct files *owner)
{
	remove_owned(file->f_inode, owner, true);
}

void locks_remove_file(struct file *file)
{
	remove_owned(file->f_inode, file, false);
}

void locks_show(struct seq_file *m)
{
	static const char *const kinds[] = { "POSIX ", "OFDLCK", "FLOCK " };
	struct file_lock *f;
	int n = 0;

	spin_lock(&locks_lock);
	list_for_each_entry(f, &all_locks, all) {
		struct inode *i = f->inode;

		seq_printf(m, "%d: %s ADVISORY  %s %d %02x:%02x:%llu %lld ", ++n, kinds[f->kind],
			   f->type == F_WRLCK ? "WRITE" : "READ ", f->pid,
			   MAJOR(i->i_sb->s_dev), MINOR(i->i_sb->s_dev), i->i_ino, f->start);
		if (f->end == OFFSET_MAX)
			seq_puts(m, "EOF\n");
		else
			seq_printf(m, "%lld\n", f->end);
	}
	spin_unlock(&locks_lock);
}

void __init locks_init(void)
{
	lock_cache = KMEM_CACHE(file_lock);
}
