/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sleeping for a socket's event. A sleeper says which EPOLL* bits concern it, so a writer
 * is not woken by arriving data although both wait on the socket's one queue. The first
 * reader stands beside it, alone: see sock_sleep() in <net/socket.h>.
 */
#include <kernel/signal.h>
#include <net/backend.h>

int sock_waiter_wake(struct wait_entry *entry, unsigned state, void *key)
{
	struct sock_waiter *w = container_of(entry, struct sock_waiter, entry);
	u32 bits = (u32)(unsigned long)key;

	if (bits && !(bits & w->bits))
		return 0;
	return wake_entry_autoremove(entry, state, key);
}

int sock_waiter_sleep(nsec_t *timeo)
{
	if (!*timeo)
		return -EAGAIN;
	if (signal_pending(current))
		return *timeo == NSEC_MAX ? -ERESTARTSYS : -EINTR;
	if (*timeo == NSEC_MAX)
		schedule();
	else
		*timeo = schedule_timeout(*timeo);
	return 0;
}

static noinline int sleep_in_queue(struct socket *so, u32 bits, bool exclusive, nsec_t *timeo)
{
	struct sock_waiter w;
	int ret = 0;

	sock_waiter_init(&w, so, bits);
	if (exclusive)
		prepare_to_wait_exclusive(&so->wait, &w.entry, TASK_INTERRUPTIBLE);
	else
		prepare_to_wait(&so->wait, &w.entry, TASK_INTERRUPTIBLE);
	if (!(so->ops->poll(so, 1) & (bits | EPOLLERR | EPOLLHUP)))
		ret = sock_waiter_sleep(timeo);
	finish_wait(&so->wait, &w.entry);
	return ret;
}

/* Nobody took the sleeper out, or it is not let go yet by a waker, who does not lose its CPU. */
static noinline void leave(struct socket *so, struct sock_sleeper *s)
{
	if (cmpxchg(&so->sleeper, s, NULL) == s)
		return;
	while (smp_load_acquire(&s->task))
		cpu_relax();
}

/*
 * Is there nothing to wait for? Protocols in which only what comes, an error and the end of receiving
 * end a read have a word for the first, which costs less than their poll.
 */
static inline bool has_news(struct socket *so, u32 bits)
{
	if (so->readable)
		return READ_ONCE(*so->readable) || READ_ONCE(so->err) ||
		       READ_ONCE(so->shutdown) & RCV_SHUTDOWN;
	return so->ops->poll(so, 1) & (bits | EPOLLERR | EPOLLHUP);
}

int sock_sleep(struct socket *so, u32 bits, bool exclusive, nsec_t *timeo)
{
	struct sock_sleeper s = { .task = current };
	int ret = 0;

	if (!(bits & EPOLLIN) || READ_ONCE(so->sleeper))
		return sleep_in_queue(so, bits, exclusive, timeo);
	WRITE_ONCE(current->state, TASK_INTERRUPTIBLE);
	/* A full barrier: who sees us sees the state, and we what was true before that. */
	if (unlikely(cmpxchg(&so->sleeper, NULL, &s))) {
		WRITE_ONCE(current->state, TASK_RUNNING);
		return sleep_in_queue(so, bits, exclusive, timeo);
	}
	if (likely(!has_news(so, bits)))
		ret = sock_waiter_sleep(timeo);
	WRITE_ONCE(current->state, TASK_RUNNING);
	if (unlikely(smp_load_acquire(&s.task)))
		leave(so, &s);
	return ret;
}

void sock_wake_sleeper(struct socket *so)
{
	struct sock_sleeper *s;

	preempt_disable();
	s = xchg(&so->sleeper, NULL);
	if (likely(s)) {
		task_wake(s->task, TASK_NORMAL);
		smp_store_release(&s->task, NULL);
	}
	preempt_enable();
}
