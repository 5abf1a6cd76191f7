/* SPDX-License-Identifier: BSD-2-Clause */
/* System V message queues: msgsnd(2) and msgrcv(2). */
#include <arch/uaccess.h>
#include <fs/seq_file.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <lib/err.h>
#include <lib/string.h>
#include <mm/slab.h>
#include "msg.h"

int msg_max_count = MSGMNI, msg_max_bytes = MSGMAX, msg_default_bytes = MSGMNB;

static atomic64_t total_bytes, total_count;

/* What a receiver asks for: the number'th message (MSG_COPY), any, a type, ... */
struct wanted {
	enum { WANT_ANY, WANT_TYPE, WANT_OTHER, WANT_UP_TO, WANT_NUMBER } how;
	long	type;
	size_t	size;
	bool	cut;			/* MSG_NOERROR: a longer one is cut */
};

/* On the receiver's stack; under the queue's lock. */
struct msg_receiver {
	struct list_head link;
	struct task	*task;
	struct wanted	want;
	struct msg	*msg;		/* NULL while it waits; or ERR_PTR */
};

struct msg_sender {
	struct list_head link;
	struct task	*task;
};

u64 msg_total_bytes(void)
{
	return (u64)atomic64_read(&total_bytes);
}

u64 msg_total_count(void)
{
	return (u64)atomic64_read(&total_count);
}

/* ---- queues ---- */

static struct ipc_object *msg_create(__kernel_key_t key, int flags, size_t arg)
{
	struct msg_queue *q = kzalloc(sizeof(*q), GFP_KERNEL);

	if (!q)
		return ERR_PTR(-ENOMEM);
	ipc_object_init(&q->obj, flags);
	INIT_LIST_HEAD(&q->messages);
	INIT_LIST_HEAD(&q->receivers);
	INIT_LIST_HEAD(&q->senders);
	q->max_bytes = (u64)READ_ONCE(msg_default_bytes);
	q->ctime = ipc_now();
	return &q->obj;
}

static int msg_check(const struct ipc_object *obj, size_t arg)
{
	return 0;
}

static void msg_destroy(struct ipc_object *obj)
{
	struct msg_queue *q = msg_queue_of(obj);
	struct msg *msg, *next;

	list_for_each_entry_safe(msg, next, &q->messages, link)
		kvfree(msg);
	atomic64_sub((s64)q->bytes, &total_bytes);
	atomic64_sub((s64)q->count, &total_count);
	kfree(q);
}

IPC_TABLE(msg_table, &msg_max_count, msg_create, msg_check, msg_destroy);

SYSCALL_DEFINE2(msgget, __kernel_key_t, key, int, flags)
{
	return ipc_get(&msg_table, key, flags, 0);
}

void msg_show(struct seq_file *m, struct ipc_object *obj)
{
	struct msg_queue *q = msg_queue_of(obj);

	seq_printf(m, "%10d %10d  %4o  %10lu %10lu %5u %5u %5u %5u %5u %5u %10llu %10llu %10llu\n",
		   READ_ONCE(obj->key), obj->id, obj->mode, (unsigned long)q->bytes,
		   (unsigned long)q->count, (u32)q->lspid, (u32)q->lrpid, obj->uid, obj->gid,
		   obj->cuid, obj->cgid, (unsigned long long)q->stime,
		   (unsigned long long)q->rtime, (unsigned long long)q->ctime);
}

/* ---- those who wait ---- */

static void end_receiver(struct msg_receiver *r, struct msg *msg)
{
	list_del_init(&r->link);
	r->msg = msg;
	task_wake(r->task, TASK_INTERRUPTIBLE);
}

void msg_end_receivers(struct msg_queue *q, int error)
{
	struct msg_receiver *r, *next;

	list_for_each_entry_safe(r, next, &q->receivers, link)
		end_receiver(r, ERR_PTR(error));
}

void msg_wake_senders(struct msg_queue *q)
{
	struct msg_sender *s, *next;

	list_for_each_entry_safe(s, next, &q->senders, link) {
		list_del_init(&s->link);
		task_wake(s->task, TASK_INTERRUPTIBLE);
	}
}

/* Sleeps until somebody takes `link` off its list or a signal comes. */
static int sleep_on(struct msg_queue *q, struct list_head *link) REQUIRES(q->obj.lock)
{
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		spin_unlock(&q->obj.lock);
		if (!wait_signal_pending(TASK_INTERRUPTIBLE))
			schedule();
		set_current_state(TASK_RUNNING);
		spin_lock(&q->obj.lock);
		if (list_empty(link))
			return 0;
		if (wait_signal_pending(TASK_INTERRUPTIBLE)) {
			list_del_init(link);
			return -ERESTARTNOHAND;
		}
	}
}

/* ---- sending ---- */

static bool wants(const struct wanted *w, const struct msg *msg)
{
	switch (w->how) {
	case WANT_TYPE:
		return msg->type == w->type;
	case WANT_OTHER:
		return msg->type != w->type;
	case WANT_UP_TO:
		return msg->type <= w->type;
	default:
		return true;
	}
}

/* To the first receiver that wants it; those for whom it is too long learn that. */
static bool hand_over(struct msg_queue *q, struct msg *msg)
{
	struct msg_receiver *r, *next;

	list_for_each_entry_safe(r, next, &q->receivers, link) {
		if (!wants(&r->want, msg))
			continue;
		if (msg->size > r->want.size && !r->want.cut) {
			end_receiver(r, ERR_PTR(-E2BIG));
			continue;
		}
		q->lrpid = r->task->proc->pid;
		q->rtime = ipc_now();
		end_receiver(r, msg);
		return true;
	}
	return false;
}

static bool has_room(const struct msg_queue *q, size_t size)
{
	return q->bytes + size <= q->max_bytes && q->count + 1 <= q->max_bytes;
}

static int wait_for_room(struct msg_queue *q, size_t size, int flags) REQUIRES(q->obj.lock)
{
	struct msg_sender self = { .task = current };
	int err;

	for (;;) {
		if (q->obj.dead)
			return -EIDRM;
		err = ipc_permission(&q->obj, 0222);
		if (err)
			return err;
		if (has_room(q, size))
			return 0;
		if (flags & IPC_NOWAIT)
			return -EAGAIN;
		list_add_tail(&self.link, &q->senders);
		err = sleep_on(q, &self.link);
		if (err)
			return q->obj.dead ? -EIDRM : err;
	}
}

/* Takes over the message on success. */
static int send(struct msg_queue *q, struct msg *msg, int flags)
{
	int err;

	spin_lock(&q->obj.lock);
	err = wait_for_room(q, msg->size, flags);
	if (!err) {
		q->lspid = current->proc->pid;
		q->stime = ipc_now();
		if (!hand_over(q, msg)) {
			list_add_tail(&msg->link, &q->messages);
			q->bytes += msg->size;
			q->count++;
			atomic64_add((s64)msg->size, &total_bytes);
			atomic64_add(1, &total_count);
		}
	}
	spin_unlock(&q->obj.lock);
	return err;
}

SYSCALL_DEFINE4(msgsnd, int, id, struct msgbuf __user *, buf, size_t, size, int, flags)
{
	struct ipc_object *obj;
	struct msg *msg;
	long type, ret = -EINVAL;

	if (get_user(type, &buf->mtype))
		return -EFAULT;
	if (size > (size_t)READ_ONCE(msg_max_bytes) || (long)size < 0 || id < 0 || type < 1)
		return -EINVAL;
	msg = kvmalloc(sizeof(*msg) + size, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	msg->type = type;
	msg->size = size;
	if (copy_from_user(msg->text, buf->mtext, size)) {
		kvfree(msg);
		return -EFAULT;
	}
	obj = ipc_find(&msg_table, id);
	if (obj) {
		ret = send(msg_queue_of(obj), msg, flags);
		ipc_put(&msg_table, obj);
	}
	if (ret)
		kvfree(msg);
	return ret;
}

/* ---- receiving ---- */

static struct msg *find_message(struct msg_queue *q, const struct wanted *w)
{
	struct msg *msg, *found = NULL;
	long number = 0;

	list_for_each_entry(msg, &q->messages, link) {
		if (w->how == WANT_NUMBER) {
			if (number++ == w->type)
				return msg;
		} else if (wants(w, msg)) {
			if (w->how != WANT_UP_TO)
				return msg;
			/* The lowest type; the first of those. */
			if (!found || msg->type < found->type)
				found = msg;
		}
	}
	return found;
}

static void take_message(struct msg_queue *q, struct msg *msg)
{
	list_del(&msg->link);
	q->bytes -= msg->size;
	q->count--;
	atomic64_sub((s64)msg->size, &total_bytes);
	atomic64_sub(1, &total_count);
	q->lrpid = current->proc->pid;
	q->rtime = ipc_now();
	msg_wake_senders(q);
}

/* The message, the caller's now; or ERR_PTR. */
static struct msg *receive(struct msg_queue *q, const struct wanted *w, int flags)
{
	struct msg_receiver self = { .task = current, .want = *w };
	struct msg *msg;
	int err;

	spin_lock(&q->obj.lock);
	do {
		err = q->obj.dead ? -EIDRM : ipc_permission(&q->obj, 0444);
		msg = err ? ERR_PTR(err) : find_message(q, w);
		if (!msg && (flags & IPC_NOWAIT)) {
			msg = ERR_PTR(-ENOMSG);
		} else if (!msg) {
			list_add_tail(&self.link, &q->receivers);
			err = sleep_on(q, &self.link);
			msg = err ? ERR_PTR(err) : self.msg;
		} else if (!IS_ERR(msg)) {
			if (msg->size > w->size && !w->cut)
				msg = ERR_PTR(-E2BIG);
			else
				take_message(q, msg);
		}
		/* The queue's permissions changed meanwhile. */
	} while (msg == ERR_PTR(-EAGAIN));
	spin_unlock(&q->obj.lock);
	return msg;
}

/* MSG_COPY: a copy of one message, which stays where it is. */
static struct msg *peek(struct msg_queue *q, const struct wanted *w)
{
	struct msg *copy = kvmalloc(sizeof(*copy) + w->size, GFP_KERNEL), *msg;
	int err;

	if (!copy)
		return ERR_PTR(-ENOMEM);
	spin_lock(&q->obj.lock);
	err = q->obj.dead ? -EIDRM : ipc_permission(&q->obj, 0444);
	if (!err) {
		msg = find_message(q, w);
		if (!msg)
			err = -ENOMSG;
		else if (msg->size > w->size && !w->cut)
			err = -E2BIG;
		else {
			copy->type = msg->type;
			copy->size = min(msg->size, w->size);
			memcpy(copy->text, msg->text, copy->size);
		}
	}
	spin_unlock(&q->obj.lock);
	if (!err)
		return copy;
	kvfree(copy);
	return ERR_PTR(err);
}

static struct wanted parse_wanted(long type, size_t size, int flags)
{
	struct wanted w = { .type = type, .size = size, .cut = flags & MSG_NOERROR };

	if (flags & MSG_COPY) {
		w.how = WANT_NUMBER;
	} else if (!type) {
		w.how = WANT_ANY;
	} else if (type < 0) {
		w.how = WANT_UP_TO;
		w.type = type == LONG_MIN ? LONG_MAX : -type;
	} else {
		w.how = flags & MSG_EXCEPT ? WANT_OTHER : WANT_TYPE;
	}
	return w;
}

SYSCALL_DEFINE5(msgrcv, int, id, struct msgbuf __user *, buf, size_t, size, long, type, int, flags)
{
	struct wanted w = parse_wanted(type, size, flags);
	struct ipc_object *obj;
	struct msg *msg;
	long ret;

	if (id < 0 || (long)size < 0)
		return -EINVAL;
	if (flags & MSG_COPY) {
		if ((flags & MSG_EXCEPT) || !(flags & IPC_NOWAIT))
			return -EINVAL;
		w.size = min(size, (size_t)READ_ONCE(msg_max_bytes));
	}
	obj = ipc_find(&msg_table, id);
	if (!obj)
		return -EINVAL;
	if (flags & MSG_COPY)
		msg = peek(msg_queue_of(obj), &w);
	else
		msg = receive(msg_queue_of(obj), &w, flags);
	ipc_put(&msg_table, obj);
	if (IS_ERR(msg))
		return PTR_ERR(msg);
	ret = (long)min(size, msg->size);
	if (put_user(msg->type, &buf->mtype) || copy_to_user(buf->mtext, msg->text, (size_t)ret))
		ret = -EFAULT;
	kvfree(msg);
	return ret;
}
