/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Collecting sockets that only messages hold.
 *
 * A socket sent over AF_UNIX is held by the message; if the message waits in the queue of a
 * socket that is itself only held by such messages, nobody can ever receive it. So: sockets
 * all of whose file references come from messages are candidates. References from queues of
 * candidates are internal. A candidate with a reference that is not internal can be reached,
 * and so can everything in its queue. The messages in the queues of the rest are dropped.
 *
 * gc_mutex makes this safe: going into and coming out of flight take it, so the counts stand
 * still; a file that somebody is just receiving has a reference that is in no queue, and is
 * reachable. Queues of candidates change only by sends from reachable sockets, which add
 * nothing that was a candidate without an outside reference.
 */
#include "unix.h"

/* Outermost lock of AF_UNIX. */
static DEFINE_MUTEX(gc_mutex);
static LIST_HEAD(inflight_sockets);	/* gc_mutex */
static u32 nr_inflight;			/* gc_mutex to write: messages' references to sockets */

/* Files that one user has in flight. */
struct user_inflight {
	struct list_head link;		/* gc_mutex */
	u32		 uid, count;	/* gc_mutex */
};
static LIST_HEAD(users);		/* gc_mutex */

bool unix_any_inflight(void)
{
	return READ_ONCE(nr_inflight) != 0;
}

void unix_gc_lock(void) NO_THREAD_SAFETY_ANALYSIS
{
	mutex_lock(&gc_mutex);
}

void unix_gc_unlock(void) NO_THREAD_SAFETY_ANALYSIS
{
	mutex_unlock(&gc_mutex);
}

static struct unix_sock *unix_of_file(struct file *file)
{
	struct socket *so = socket_of(file);

	return so && so->family == AF_UNIX ? unix_of(so) : NULL;
}

static struct user_inflight *user_find(u32 uid)
{
	struct user_inflight *u;

	list_for_each_entry(u, &users, link)
		if (u->uid == uid)
			return u;
	return NULL;
}

/* Accounts `count` more files to `uid`. 0, -ETOOMANYREFS, -ENOMEM. */
static int user_charge(u32 uid, u32 count)
{
	struct user_inflight *u = user_find(uid);

	if (u && u->count + count > rlimit(RLIMIT_NOFILE) && !capable(CAP_SYS_RESOURCE) &&
	    !capable(CAP_SYS_ADMIN))
		return -ETOOMANYREFS;
	if (!u) {
		u = kzalloc(sizeof(*u), GFP_KERNEL);
		if (!u)
			return -ENOMEM;
		u->uid = uid;
		list_add(&u->link, &users);
	}
	u->count += count;
	return 0;
}

static void user_uncharge(u32 uid, u32 count)
{
	struct user_inflight *u = user_find(uid);

	if (!u)
		return;
	u->count -= count;
	if (!u->count) {
		list_del(&u->link);
		kfree(u);
	}
}

int unix_files_inflight(struct scm_files *s)
{
	int err;

	mutex_lock(&gc_mutex);
	err = user_charge(s->uid, s->count);
	if (err)
		goto out;
	s->inflight = true;
	for (u32 i = 0; i < s->count; i++) {
		struct unix_sock *u = unix_of_file(s->file[i]);

		if (!u)
			continue;
		if (!u->inflight++)
			list_add_tail(&u->inflight_node, &inflight_sockets);
		WRITE_ONCE(nr_inflight, nr_inflight + 1);
	}
out:
	mutex_unlock(&gc_mutex);
	return err;
}

static void landed_locked(struct scm_files *s)
{
	user_uncharge(s->uid, s->count);
	s->inflight = false;
	for (u32 i = 0; i < s->count; i++) {
		struct unix_sock *u = unix_of_file(s->file[i]);

		if (!u)
			continue;
		if (!--u->inflight)
			list_del_init(&u->inflight_node);
		WRITE_ONCE(nr_inflight, nr_inflight - 1);
	}
}

void unix_files_landed(struct scm_files *s)
{
	mutex_lock(&gc_mutex);
	landed_locked(s);
	mutex_unlock(&gc_mutex);
}

/* ---- collecting ---- */

/* Calls fn for each candidate that a message in u's queue carries. */
static void scan_queue(struct unix_sock *u, void (*fn)(struct unix_sock *, struct list_head *),
		       struct list_head *arg)
{
	spin_lock(&u->so.lock);
	for (struct net_buf *b = u->q.head; b; b = b->next) {
		struct scm_files *s = b->flags & BUF_SPECIAL ? unix_cb(b)->files : NULL;

		for (u32 i = 0; s && i < s->count; i++) {
			struct unix_sock *x = unix_of_file(s->file[i]);

			if (x && x->candidate)
				fn(x, arg);
		}
	}
	spin_unlock(&u->so.lock);
}

/* The same, with the queues of connections that wait to be accepted. */
static void scan(struct unix_sock *u, void (*fn)(struct unix_sock *, struct list_head *),
		 struct list_head *arg)
{
	struct unix_sock *e;

	scan_queue(u, fn, arg);
	spin_lock(&u->so.lock);
	list_for_each_entry(e, &u->accepts, accept_node)
		scan_queue(e, fn, arg);
	spin_unlock(&u->so.lock);
}

static void count_internal(struct unix_sock *x, struct list_head *unused)
{
	x->internal++;
}

/* x can be reached: it and, later, what it carries are no candidates. */
static void rescue(struct unix_sock *x, struct list_head *reached)
{
	x->candidate = false;
	list_move_tail(&x->gc_node, reached);
}

/* Cuts the messages that carry files out of u's queue. */
static void take_messages(struct unix_sock *u, struct net_buf **hits)
{
	struct net_bufq keep = { 0 };
	struct net_buf *b;

	spin_lock(&u->so.lock);
	while ((b = net_bufq_take(&u->q))) {
		if ((b->flags & BUF_SPECIAL) && unix_cb(b)->files) {
			b->next = *hits;
			*hits = b;
		} else {
			net_bufq_add(&keep, b);
		}
	}
	u->q = keep;
	spin_unlock(&u->so.lock);
}

static void take_garbage(struct unix_sock *u, struct net_buf **hits)
{
	struct unix_sock *e;

	take_messages(u, hits);
	spin_lock(&u->so.lock);
	list_for_each_entry(e, &u->accepts, accept_node)
		take_messages(e, hits);
	spin_unlock(&u->so.lock);
}

/* Marks the candidates: sockets that have no reference but from messages. */
static void find_candidates(struct list_head *candidates)
{
	struct unix_sock *u;

	list_for_each_entry(u, &inflight_sockets, inflight_node) {
		struct file *file = READ_ONCE(u->so.file);

		if (!file || (u32)refcount_read(&file->f_count) != u->inflight)
			continue;
		u->candidate = true;
		u->internal = 0;
		list_add_tail(&u->gc_node, candidates);
	}
}

void unix_gc(void)
{
	LIST_HEAD(candidates);
	LIST_HEAD(reached);
	struct net_buf *hits = NULL;
	struct unix_sock *u, *next;

	mutex_lock(&gc_mutex);
	find_candidates(&candidates);
	list_for_each_entry(u, &candidates, gc_node)
		scan(u, count_internal, NULL);
	list_for_each_entry_safe(u, next, &candidates, gc_node)
		if (u->inflight > u->internal)
			rescue(u, &reached);
	while (!list_empty(&reached)) {
		u = list_first_entry(&reached, struct unix_sock, gc_node);
		list_del_init(&u->gc_node);
		scan(u, rescue, &reached);
	}
	while (!list_empty(&candidates)) {
		u = list_first_entry(&candidates, struct unix_sock, gc_node);
		list_del_init(&u->gc_node);
		u->candidate = false;
		take_garbage(u, &hits);
	}
	mutex_unlock(&gc_mutex);
	net_buf_free_chain(hits);
}
