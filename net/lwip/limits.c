/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a TCP connection may not do for ever, looked at with each slow tick of the timers, where
 * also its bytes are counted:
 *
 *	TCP_USER_TIMEOUT	wait for an acknowledgement, of data or of a probe
 *	without a socket	wait for a window that stays closed: INET_ORPHAN_MS
 *	TCP_LINGER2		wait for the other side's FIN after close(); below 0: not at all
 *	TCP_CORK		hold back what does not fill a segment: 200 ms
 *	TCP_DEFER_ACCEPT	be kept from accept() because no bytes came
 *	no memory to send	wait for it without looking again: until the next tick
 *
 * A connection that rests (conns.c) has none of these to wait for. Times are in ticks of
 * TCP_SLOW_INTERVAL, so each limit is late by up to one.
 */
#include "lwip.h"

#define CORK_TICKS 3u		/* after the first tick that sees it: 200 to 300 ms */

u32 lw_ticks(u32 ms)
{
	return DIV_ROUND_UP(ms, TCP_SLOW_INTERVAL);
}

u32 lw_tick_now(void)
{
	return (u32)(ktime_get() / (TCP_SLOW_INTERVAL * NSEC_PER_MSEC));
}

/* Is anything under way that should be answered, and nothing has been for too long? */
static bool waited_too_long(struct tcp_pcb *pcb)
{
	u32 most = pcb->user_timeout;

	if (!most && pcb->orphan && pcb->persist_backoff)
		most = INET_ORPHAN_MS;
	if (!most)
		return false;
	if ((!pcb->unacked && !pcb->persist_backoff && !pcb->keep_cnt_sent) ||
	    pcb->lastack != pcb->stuck_ack) {
		pcb->stuck_ack = pcb->lastack;
		pcb->stuck_since = tcp_ticks;
		return false;
	}
	return tcp_ticks - pcb->stuck_since >= lw_ticks(most);
}

static void release_cork(struct tcp_pcb *pcb)
{
	if (!(pcb->flags & TF_CORK) || !pcb->unsent || pcb->unacked) {
		pcb->corked = 0;
		return;
	}
	if (++pcb->corked < CORK_TICKS)
		return;
	pcb->corked = 0;
	tcp_clear_flags(pcb, TF_CORK);
	tcp_output(pcb);
	tcp_set_flags(pcb, TF_CORK);
}

void lw_limits_tick(void)
{
	struct tcp_pcb *pcb, *next;

	for (pcb = tcp_active_pcbs; pcb; pcb = next) {
		struct lw_sock *o = pcb->callback_arg;

		next = pcb->next;
		if (waited_too_long(pcb)) {
			tcp_abandon(pcb, 0);
			continue;
		}
		if (pcb->state == FIN_WAIT_2 && pcb->orphan && pcb->linger2 < 0) {
			tcp_abort(pcb);
			continue;
		}
		release_cork(pcb);
		if (o && o->pcb == pcb) {
			lw_tcp_count(o);
			lw_tcp_feed(o);
		}
		if (o && o->on_data & LW_DEFERRED && (s32)(tcp_ticks - o->deferred_until) >= 0)
			lw_tcp_undefer(o);
	}
}
