/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What AF_UNIX messages carry beside bytes: files and credentials.
 *
 * Dropping a file may close a socket whose queue holds further files, and so on without an
 * end that the stack could bear: a task that is already dropping files only notes the new
 * ones, and its outermost loop takes them.
 */
#include "unix.h"

struct dropper {
	struct list_head link;
	struct list_head todo;		/* of scm_files */
	struct task	*task;
};

/* Leaf lock. */
static DEFINE_SPINLOCK(droppers_lock);
static LIST_HEAD(droppers);		/* droppers_lock */

static void put_files(struct scm_files *s)
{
	for (u32 i = 0; i < s->count; i++)
		file_put(s->file[i]);
	kfree(s);
}

/* Notes `s` with the dropper that current is, if it is one. */
static bool note_for_later(struct scm_files *s)
{
	struct dropper *d;
	bool found = false;

	spin_lock(&droppers_lock);
	list_for_each_entry(d, &droppers, link) {
		if (d->task == current) {
			list_add_tail(&s->link, &d->todo);
			found = true;
			break;
		}
	}
	spin_unlock(&droppers_lock);
	return found;
}

static void drop_files(struct scm_files *s)
{
	struct dropper me = { .task = current };

	if (note_for_later(s))
		return;
	INIT_LIST_HEAD(&me.todo);
	spin_lock(&droppers_lock);
	list_add(&me.link, &droppers);
	while (s) {
		spin_unlock(&droppers_lock);
		put_files(s);
		spin_lock(&droppers_lock);
		s = list_first_entry_or_null(&me.todo, struct scm_files, link);
		if (s)
			list_del(&s->link);
	}
	list_del(&me.link);
	spin_unlock(&droppers_lock);
}

struct scm_files *scm_files_import(const int *fds, u32 count)
{
	struct scm_files *s = kmalloc(sizeof(*s) + count * sizeof(s->file[0]), GFP_KERNEL);

	if (!s)
		return ERR_PTR(-ENOMEM);
	s->inflight = false;
	s->uid = current_uid();
	for (s->count = 0; s->count < count; s->count++) {
		s->file[s->count] = fd_get_raw(fds[s->count]);
		if (!s->file[s->count]) {
			put_files(s);
			return ERR_PTR(-EBADF);
		}
	}
	return s;
}

void scm_files_drop(struct scm_files *s)
{
	if (s->inflight)
		unix_files_landed(s);
	drop_files(s);
}

int unix_cb_fill(struct unix_sock *u, struct net_buf *b, struct net_msg *msg)
{
	struct unix_cb *cb = unix_cb(b);

	cb->ops = u->so.ops;
	cb->files = NULL;
	cb->from = NULL;
	if (unlikely(msg->has_cred)) {
		cb->cred = msg->cred;
	} else {
		cb->cred.pid = (u32)current->proc->pid;
		cb->cred.uid = current_uid();
		cb->cred.gid = current_gid();
	}
	if (unlikely(msg->files)) {
		int err = unix_files_inflight(msg->files);

		if (err)
			return err;
		cb->files = msg->files;
		msg->files = NULL;
		b->flags |= BUF_SPECIAL;
	}
	if (u->so.type != SOCK_STREAM && READ_ONCE(u->addr)) {
		refcount_inc(&u->addr->refs);
		cb->from = u->addr;
		b->flags |= BUF_SPECIAL;
	}
	return 0;
}

void unix_buf_release(struct net_buf *b)
{
	struct unix_cb *cb = unix_cb(b);

	if (cb->from)
		unix_addr_put(cb->from);
	if (cb->files)
		scm_files_drop(cb->files);
}

int unix_recv_cred(struct socket *so, struct net_msg *msg, const struct ucred *c)
{
	return net_put_cmsg(msg, SOL_SOCKET, SCM_CREDENTIALS, c, sizeof(*c));
}

/* Gives files to current as descriptors, as many as the receiver has room for. */
static void install(struct net_msg *msg, struct scm_files *s)
{
	size_t room = msg->user_left > CMSG_HDR ? (msg->user_left - CMSG_HDR) / sizeof(int) : 0;
	u32 cloexec = msg->flags & MSG_CMSG_CLOEXEC ? O_CLOEXEC : 0, n = 0;
	int __user *out = msg->user_control + CMSG_HDR;
	struct cmsghdr h = { .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
	size_t step;

	while (n < s->count && n < room) {
		int fd = fd_alloc(cloexec);

		if (fd < 0)
			break;
		if (put_user(fd, out + n)) {
			fd_free((unsigned)fd);
			break;
		}
		fd_install((unsigned)fd, file_get(s->file[n]));
		n++;
	}
	if (n < s->count)
		msg->out_flags |= MSG_CTRUNC;
	if (!n)
		return;
	h.cmsg_len = CMSG_HDR + n * sizeof(int);
	if (copy_to_user(msg->user_control, &h, sizeof(h)))
		return;
	step = min_t(size_t, CMSG_ALIGN(h.cmsg_len), msg->user_left);
	msg->user_control += step;
	msg->user_left -= step;
}

void unix_recv_files(struct net_msg *msg, struct net_buf *b)
{
	/* Collection of cycles must not run while a file is on its way out: it would miss it. */
	unix_gc_lock();
	install(msg, unix_cb(b)->files);
	unix_gc_unlock();
}
