/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sleeping for a socket's event. A sleeper says which EPOLL* bits concern it, so a writer
 * is not woken by arriving data although both wait on the socket's one queue.
 */
#include <kernel/signal.h>
#include <net/socket.h>

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
	if (wait_signal_pending(TASK_INTERRUPTIBLE))
		return *timeo == NSEC_MAX ? -ERESTARTSYS : -EINTR;
	if (*timeo == NSEC_MAX)
		schedule();
	else
		*timeo = schedule_timeout(*timeo);
	return 0;
}
