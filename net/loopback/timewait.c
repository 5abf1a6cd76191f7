/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Connections that were closed here first: FIN_WAIT2 and TIME_WAIT, see struct lo_tw. All wait
 * equally long, so the list is in order of expiry; one timer stands for its head.
 */
#include "loopback.h"

static void tw_fire(struct timer *t);
static void tw_reap(struct work *w);

static LIST_HEAD(tw_list);		/* lo_lock */
static u32 tw_count;			/* lo_lock */
static struct timer tw_timer = { .fn = tw_fire };
static struct work tw_work = WORK_INIT(tw_work, tw_reap);

static void tw_free(struct lo_tw *tw) REQUIRES(lo_lock)
{
	list_del(&tw->node);
	hlist_del(&tw->port_node);
	tw_count--;
	tw->port->conns--;
	tw->port->exclusive -= tw->exclusive;
	inet_port_put(tw->port);
	kfree(tw);
}

/* lo_lock is not for interrupts, so the timer hands on to a work item. */
static void tw_fire(struct timer *t)
{
	schedule_work(&tw_work);
}

static void tw_reap(struct work *w)
{
	nsec_t now = ktime_get();
	struct lo_tw *tw;

	spin_lock(&lo_lock);
	while ((tw = list_first_entry_or_null(&tw_list, struct lo_tw, node)) && tw->expires <= now)
		tw_free(tw);
	if (tw)
		timer_start(&tw_timer, tw->expires);
	spin_unlock(&lo_lock);
}

static void tw_start(struct lo_tw *tw, u8 state) REQUIRES(lo_lock)
{
	tw->state = state;
	tw->expires = ktime_get() + LO_TIME_WAIT;
	list_add_tail(&tw->node, &tw_list);
	if (!timer_pending(&tw_timer))
		timer_start(&tw_timer, tw->expires);
}

void lo_tw_add(struct lo_sock *o, u8 state)
{
	struct inet_port *p = o->shared ? o->shared : o->in.port;
	struct lo_tw *tw;

	if (!p)
		return;
	if (tw_count >= LO_TW_MAX)
		tw_free(list_first_entry(&tw_list, struct lo_tw, node));
	tw = kmalloc(sizeof(*tw), GFP_NOWAIT);
	if (!tw)			/* then the port is free at once */
		return;
	*tw = (struct lo_tw){ .port = p, .laddr = o->in.laddr, .raddr = o->in.raddr,
			      .rport = o->in.rport, .v6 = o->in.so.family == AF_INET6,
			      .exclusive = !inet_reuses(&o->in) };
	hlist_add_head(&tw->port_node, &p->over);
	p->conns++;
	p->exclusive += tw->exclusive;
	tw_count++;
	tw_start(tw, state);
	TRACE(tcp_state, o->in.lport, state);
}

void lo_tw_end(struct lo_sock *closer, bool reset)
{
	struct inet_port *p = inet_port_find(IPPROTO_TCP, closer->in.rport);
	struct lo_tw *tw;

	if (!p)
		return;
	hlist_for_each_entry(tw, &p->over, port_node) {
		if (tw->state != INET_FIN_WAIT2 || tw->rport != closer->in.lport ||
		    !inet_same(&tw->raddr, &closer->in.laddr))
			continue;
		if (reset) {
			tw_free(tw);
		} else {
			list_del(&tw->node);
			tw_start(tw, INET_TIME_WAIT);
			TRACE(tcp_state, p->port, INET_TIME_WAIT);
		}
		return;
	}
}

bool lo_tw_reuse(struct inet_port *p) NO_THREAD_SAFETY_ANALYSIS
{
	nsec_t limit = ktime_get() + LO_TIME_WAIT - LO_TW_REUSE;
	struct hlist_node *next;
	struct lo_tw *tw;
	u32 n = 0;

	hlist_for_each_entry(tw, &p->over, port_node) {
		if (tw->expires > limit || tw->state != INET_TIME_WAIT)
			return false;
		n++;
	}
	if (n != p->conns)		/* others live */
		return false;
	hlist_for_each_entry_safe(tw, next, &p->over, port_node)
		tw_free(tw);
	return true;
}

struct lo_tw *lo_tw_next(struct lo_tw *tw)
{
	struct list_head *next = tw ? tw->node.next : tw_list.next;

	return next == &tw_list ? NULL : list_entry(next, struct lo_tw, node);
}

u32 lo_tw_count(void)
{
	return tw_count;
}
