/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Connections that were closed here first: FIN_WAIT2 and TIME_WAIT, see struct lo_tw.
 */
#include <lib/hash.h>
#include "loopback.h"

LIST_HEAD(lo_tws);
u32 lo_tw_count;

#define TW_BITS 8
static struct hlist_head by_ports[1u << TW_BITS];	/* L */

static struct hlist_head *bucket(u16 lport, u16 rport)
{
	return &by_ports[hash_32((u32)lport << 16 | rport, TW_BITS)];
}

/* What waits in o's place. */
static struct lo_tw *tw_find(const struct inet_sock *o, u8 state) REQUIRES(lo_core)
{
	struct lo_tw *tw;

	hlist_for_each_entry(tw, bucket(o->lport, o->rport), hash_node)
		if (tw->state == state && tw->port->port == o->lport && tw->rport == o->rport &&
		    inet_same(&tw->raddr, &o->raddr) && inet_same(&tw->laddr, &o->laddr))
			return tw;
	return NULL;
}

static void tw_free(struct lo_tw *tw) REQUIRES(lo_core)
{
	inet_due_off(&tw->due);
	list_del(&tw->node);
	hlist_del(&tw->port_node);
	hlist_del(&tw->hash_node);
	lo_tw_count--;
	tw->port->conns--;
	tw->port->exclusive -= tw->exclusive;
	inet_port_put(tw->port);
	kfree(tw);
}

static void tw_over(struct inet_due *d) NO_THREAD_SAFETY_ANALYSIS
{
	tw_free(container_of(d, struct lo_tw, due));
}

static void tw_start(struct lo_tw *tw, u8 state, nsec_t time) REQUIRES(lo_core)
{
	tw->state = state;
	inet_due_at(&tw->due, ktime_get() + time, tw_over);
	TRACE(tcp_state, tw->port->port, state);
}

void lo_tw_add(struct lo_sock *o, u8 state)
{
	nsec_t time = state == INET_TIME_WAIT ? LO_TIME_WAIT :
		      (nsec_t)inet_opt(&o->in, TCP_LINGER2) * NSEC_PER_SEC;
	struct inet_port *p = o->shared ? o->shared : o->in.port;
	struct lo_tw *tw;

	if (!p)
		return;
	if (lo_tw_count >= LO_TW_MAX)
		tw_free(list_first_entry(&lo_tws, struct lo_tw, node));
	tw = kmalloc(sizeof(*tw), GFP_ATOMIC);
	if (!tw)			/* then the port is free at once */
		return;
	*tw = (struct lo_tw){ .port = p, .laddr = o->in.laddr, .raddr = o->in.raddr,
			      .rport = o->in.rport, .v6 = o->in.so.family == AF_INET6,
			      .exclusive = !inet_reuses(&o->in) };
	hlist_add_head(&tw->port_node, &p->over);
	hlist_add_head(&tw->hash_node, bucket(p->port, tw->rport));
	list_add_tail(&tw->node, &lo_tws);
	p->conns++;
	p->exclusive += tw->exclusive;
	lo_tw_count++;
	tw_start(tw, state, time);
}

void lo_tw_end(struct lo_sock *o, bool reset)
{
	struct lo_tw *tw = tw_find(&o->in, INET_FIN_WAIT2);

	if (!tw)
		return;
	if (reset)
		tw_free(tw);
	else
		tw_start(tw, INET_TIME_WAIT, LO_TIME_WAIT);
}

void lo_tw_forget(struct lo_sock *o)
{
	struct lo_tw *tw = tw_find(&o->in, INET_TIME_WAIT);

	if (unlikely(tw))
		tw_free(tw);
}

bool lo_tw_reuse(struct inet_port *p) NO_THREAD_SAFETY_ANALYSIS
{
	nsec_t limit = ktime_get() + LO_TIME_WAIT - LO_TW_REUSE;
	struct hlist_node *next;
	struct lo_tw *tw;
	u32 n = 0;

	hlist_for_each_entry(tw, &p->over, port_node) {
		if (tw->due.expires > limit || tw->state != INET_TIME_WAIT)
			return false;
		n++;
	}
	if (n != p->conns)		/* others live */
		return false;
	hlist_for_each_entry_safe(tw, next, &p->over, port_node)
		tw_free(tw);
	return true;
}
