/* SPDX-License-Identifier: BSD-2-Clause */
/* POSIX message queues: sending, receiving, notification. The contract is in mqueue.h. */
#include <fs/poll.h>
#include <kernel/clock_set.h>
#include <kernel/cred.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <lib/err.h>
#include <mm/slab.h>
#include "mqueue.h"

int mq_queues_max = 256, mq_msg_max = 10, mq_msgsize_max = 8192;
int mq_msg_default = 10, mq_msgsize_default = 8192;

/* On the sleeper's stack; under the queue's lock. */
struct mq_sleeper {
	struct list_head link;
	struct task	*task;
	struct mq_message *msg;		/* to send; or received */
};

/* ---- life ---- */

static int check_attr(long count, long size)
{
	bool privileged = capable(CAP_SYS_RESOURCE);

	if (count <= 0 || size <= 0)
		return -EINVAL;
	if (count > (privileged ? MQ_HARD_MSG_MAX : READ_ONCE(mq_msg_max)) ||
	    size > (privileged ? MQ_HARD_SIZE_MAX : READ_ONCE(mq_msgsize_max)))
		return -EINVAL;
	return 0;
}

struct mqueue *mqueue_alloc(const struct mq_attr *attr)
{
	long count = min(READ_ONCE(mq_msg_default), READ_ONCE(mq_msg_max));
	long size = min(READ_ONCE(mq_msgsize_default), READ_ONCE(mq_msgsize_max));
	struct mqueue *q;
	int err;

	if (attr) {
		count = attr->mq_maxmsg;
		size = attr->mq_msgsize;
		err = check_attr(count, size);
		if (err)
			return ERR_PTR(err);
	}
	q = kzalloc(sizeof(*q), GFP_KERNEL);
	if (!q)
		return ERR_PTR(-ENOMEM);
	spin_lock_init(&q->lock);
	wait_queue_init(&q->poll_wait);
	INIT_LIST_HEAD(&q->messages);
	INIT_LIST_HEAD(&q->receivers);
	INIT_LIST_HEAD(&q->senders);
	q->user = user_count_get(current_uid());
	if (!q->user) {
		kfree(q);
		return ERR_PTR(-ENOMEM);
	}
	q->charge = (u64)count * ((u64)size + sizeof(struct mq_message));
	if ((u64)atomic64_add_return((s64)q->charge, &q->user->mq_bytes) > rlimit(RLIMIT_MSGQUEUE)) {
		mqueue_free(q);
		return ERR_PTR(-EMFILE);
	}
	q->max_count = count;
	q->max_size = (size_t)size;
	return q;
}

void mqueue_free(struct mqueue *q)
{
	struct mq_message *msg, *next;

	list_for_each_entry_safe(msg, next, &q->messages, link)
		kvfree(msg);
	if (q->notify.owner)
		process_put(q->notify.owner);
	atomic64_sub((s64)q->charge, &q->user->mq_bytes);
	user_count_put(q->user);
	kfree(q);
}

/* ---- notification ---- */

static void clear_notify(struct mqueue *q)
{
	process_put(q->notify.owner);
	q->notify.owner = NULL;
}

int mqueue_set_notify(struct mqueue *q, const struct mq_notify *notify)
{
	int err = 0;

	spin_lock(&q->lock);
	if (q->notify.owner) {
		err = -EBUSY;
	} else {
		q->notify = *notify;
		q->notify.owner = process_get(current->proc);
	}
	spin_unlock(&q->lock);
	return err;
}

void mqueue_drop_notify(struct mqueue *q)
{
	spin_lock(&q->lock);
	if (q->notify.owner == current->proc)
		clear_notify(q);
	spin_unlock(&q->lock);
}

/* A message came to the empty queue and nobody was waiting for it. */
static void notify(struct mqueue *q)
{
	if (!q->notify.owner)
		return;
	if (q->notify.how == SIGEV_SIGNAL && q->notify.signo) {
		siginfo_t info = { .si_signo = q->notify.signo, .si_code = SI_MESGQ };

		info.si_pid = current->proc->pid;
		info.si_uid = current_uid();
		info.si_value = q->notify.value;
		signal_send_process(q->notify.signo, &info, q->notify.owner);
	}
	clear_notify(q);
}

/* ---- messages ---- */

static void insert(struct mqueue *q, struct mq_message *msg)
{
	struct mq_message *before;

	/* Most messages go to the end of their like, and most are alike. */
	list_for_each_entry_reverse(before, &q->messages, link)
		if (before->priority >= msg->priority)
			break;
	list_add(&msg->link, &before->link);
	q->count++;
	q->bytes += msg->size;
}

static struct mq_message *take(struct mqueue *q)
{
	struct mq_message *msg = list_first_entry(&q->messages, struct mq_message, link);

	list_del(&msg->link);
	q->count--;
	q->bytes -= msg->size;
	return msg;
}

/* The first sleeper of a list, off it and woken; the lock keeps it from going. NULL: nobody. */
static struct mq_sleeper *wake_first(struct list_head *sleepers)
{
	struct mq_sleeper *s;

	if (list_empty(sleepers))
		return NULL;
	s = list_first_entry(sleepers, struct mq_sleeper, link);
	list_del_init(&s->link);
	task_wake(s->task, TASK_INTERRUPTIBLE);
	return s;
}

/* Sleeps until somebody takes `self` off its list. 0, -ETIMEDOUT, -ERESTARTSYS. */
static int sleep_on(struct mqueue *q, struct mq_sleeper *self, struct list_head *list,
		    nsec_t deadline) REQUIRES(q->lock)
{
	bool late = false;

	self->task = current;
	list_add_tail(&self->link, list);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		spin_unlock(&q->lock);
		if (wait_signal_pending(TASK_INTERRUPTIBLE))
			;
		else if (deadline == NSEC_MAX)
			schedule();
		else	/* the clock may be set meanwhile: it has the last word */
			late = schedule_until(clock_to_mono(CLOCK_REALTIME, deadline)) &&
			       ktime_get_real() >= deadline;
		set_current_state(TASK_RUNNING);
		spin_lock(&q->lock);
		if (list_empty(&self->link))
			return 0;
		if (!late && !wait_signal_pending(TASK_INTERRUPTIBLE))
			continue;
		list_del_init(&self->link);
		return late ? -ETIMEDOUT : -ERESTARTSYS;
	}
}

static void wake_poll(struct mqueue *q, u32 mask)
{
	if (!wait_queue_empty(&q->poll_wait))
		wake_up_common(&q->poll_wait, TASK_NORMAL, 0, (void *)(unsigned long)mask);
}

int mqueue_send(struct mqueue *q, struct mq_message *msg, bool nonblock, nsec_t deadline)
{
	struct mq_sleeper self = { .msg = msg }, *receiver;
	bool came = false;
	int err = 0;

	spin_lock(&q->lock);
	if (q->count == q->max_count) {
		err = nonblock ? -EAGAIN : sleep_on(q, &self, &q->senders, deadline);
	} else {
		receiver = wake_first(&q->receivers);
		if (receiver) {
			receiver->msg = msg;
		} else {
			insert(q, msg);
			came = true;
			if (q->count == 1)
				notify(q);
		}
	}
	spin_unlock(&q->lock);
	if (came)
		wake_poll(q, EPOLLIN | EPOLLRDNORM);
	return err;
}

struct mq_message *mqueue_receive(struct mqueue *q, bool nonblock, nsec_t deadline)
{
	struct mq_sleeper self = { .msg = NULL }, *sender;
	bool went = false;
	int err = 0;

	spin_lock(&q->lock);
	if (q->count) {
		self.msg = take(q);
		sender = wake_first(&q->senders);
		if (sender)
			insert(q, sender->msg);
		else
			went = true;
	} else {
		err = nonblock ? -EAGAIN : sleep_on(q, &self, &q->receivers, deadline);
	}
	spin_unlock(&q->lock);
	if (went)
		wake_poll(q, EPOLLOUT | EPOLLWRNORM);
	return err ? ERR_PTR(err) : self.msg;
}
