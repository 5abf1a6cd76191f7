/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * POSIX message queues (mq_overview(7)): a queue is an inode of the file system `mqueue`, its
 * descriptor an open file.
 *
 * mqueue_fs.c makes, finds and removes them; mqueue.c moves messages; mqueue_calls.c has the
 * system calls. Messages are handed over: a sender that finds a receiver asleep gives it the
 * message, a receiver that makes room takes in the message of the first sender asleep.
 */
#ifndef IPC_MQUEUE_H
#define IPC_MQUEUE_H

#include <arch/atomic.h>
#include <kernel/spinlock.h>
#include <kernel/time.h>
#include <kernel/wait.h>
#include <lib/list.h>
#include <lib/types.h>
#include <linux/mqueue.h>
#include <asm/siginfo.h>

struct file;
struct inode;
struct process;
struct user_count;

struct mq_message {
	struct list_head link;		/* q->lock */
	unsigned int	priority;
	size_t		size;
	char		text[];
};

/* Who is told when a message comes to the empty queue: once, and one process at a time. */
struct mq_notify {
	struct process	*owner;		/* counted; NULL: nobody */
	int		how;		/* SIGEV_NONE or SIGEV_SIGNAL */
	int		signo;
	sigval_t	value;
};

/* Locks:  l  lock   i  never changes */
struct mqueue {
	spinlock_t	lock;
	struct list_head messages;	/* l  the highest priority first, then the oldest */
	long		count;		/* l */
	size_t		bytes;		/* l  in messages */
	long		max_count;	/* i */
	size_t		max_size;	/* i  of one message */
	struct list_head receivers, senders; /* l  mq_sleeper.link */
	struct mq_notify notify;	/* l */
	struct wait_queue poll_wait;
	struct user_count *user;	/* i  charged, counted */
	u64		charge;		/* i  bytes of RLIMIT_MSGQUEUE */
};

/* /proc/sys/fs/mqueue */
extern int mq_queues_max, mq_msg_max, mq_msgsize_max, mq_msg_default, mq_msgsize_default;
#define MQ_HARD_MSG_MAX		65536
#define MQ_HARD_SIZE_MAX	(16 << 20)

/* A new queue for current's user. attr NULL: the defaults. ERR_PTR: -EINVAL -EMFILE -ENOMEM ... */
struct mqueue *mqueue_alloc(const struct mq_attr *attr);
void mqueue_free(struct mqueue *q);

/*
 * Takes over msg on success. deadline: CLOCK_REALTIME ns, NSEC_MAX none. 0, -EAGAIN (nonblock),
 * -ETIMEDOUT, -ERESTARTSYS.
 */
int mqueue_send(struct mqueue *q, struct mq_message *msg, bool nonblock, nsec_t deadline);
/* The first message, the caller's to kvfree(), or ERR_PTR of the same errors. */
struct mq_message *mqueue_receive(struct mqueue *q, bool nonblock, nsec_t deadline);
/* Registers current; how SIGEV_NONE or SIGEV_SIGNAL. 0, -EBUSY. */
int mqueue_set_notify(struct mqueue *q, const struct mq_notify *notify);
/* Ends current's registration if it has one. */
void mqueue_drop_notify(struct mqueue *q);

/* mqueue_fs.c: opens, and with O_CREAT makes, a queue. ERR_PTR as mq_open(3). */
struct file *mqueue_open(const char *name, int flags, umode_t mode, const struct mq_attr *attr);
int mqueue_unlink(const char *name);
/* The queue of an open file, or NULL if it is something else. */
struct mqueue *mqueue_of(struct file *file);

#endif
