/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Message queues, for msg.c and msg_ctl.c.
 *
 * A receiver that finds nothing waits in line with what it wants; a sender gives its message
 * straight to the first who wants it, and only else puts it into the queue. A sender that
 * finds the queue full waits in line, too, and tries again when it is woken.
 */
#ifndef IPC_MSG_H
#define IPC_MSG_H

#include <linux/msg.h>
#include "object.h"

struct task;

struct msg {
	struct list_head link;		/* the queue's lock */
	long		type;		/* > 0 */
	size_t		size;
	char		text[];
};

/* Locks:  l  obj.lock */
struct msg_queue {
	struct ipc_object obj;
	struct list_head messages;	/* l  oldest first */
	struct list_head receivers;	/* l  msg_receiver.link */
	struct list_head senders;	/* l  msg_sender.link */
	u64		bytes, count;	/* l  in messages */
	u64		max_bytes;	/* l  msg_qbytes */
	long		stime, rtime, ctime; /* l  seconds since 1970 */
	pid_t		lspid, lrpid;	/* l */
};

static inline struct msg_queue *msg_queue_of(struct ipc_object *obj)
{
	return container_of(obj, struct msg_queue, obj);
}

/* In all queues together. */
u64 msg_total_bytes(void);
u64 msg_total_count(void);
/* Wakes every sender to look again. Holds q->obj.lock. */
void msg_wake_senders(struct msg_queue *q);
/* The same for receivers; with an error, they return it. Holds q->obj.lock. */
void msg_end_receivers(struct msg_queue *q, int error);

#endif
