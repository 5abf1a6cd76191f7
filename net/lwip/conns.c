/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Connections: found by both ends in one hash, and known to lwIP's timers only as long as
 * they wait for something.
 *
 * lwIP walks tcp_active_pcbs at each tick. A connection on which nothing is under way, no
 * data in flight, no acknowledgement owed, no keepalive, has no business there; after a tick
 * lw_conns_rest() moves such ones to `resting`. Whatever happens to one, a segment or a call,
 * begins with lw_pcb_touch(), which brings it back.
 */
#include <lib/hash.h>
#include "lwip.h"

static struct tcp_pcb **table;		/* L  by hash of both ends, linked by hash_next */
static u32 table_bits;			/* i */
static struct tcp_pcb *resting;		/* L  linked as lwIP's lists */
u32 lw_orphans;
u32 lw_half_max = LW_HALF_MAX;

int lw_conns_init(void)
{
	table_bits = 8;
	while (table_bits < 14 && (8u << table_bits) < CONFIG_NET_LWIP_CONNECTIONS)
		table_bits++;
	table = kvzalloc(sizeof(*table) << table_bits, GFP_KERNEL);
	return table ? 0 : -ENOMEM;
}

static u32 fold(const ip_addr_t *a)
{
	const u32 *w = ip_2_ip6(a)->addr;

	return IP_IS_V6(a) ? w[0] ^ w[1] ^ w[2] ^ w[3] : w[0];
}

static u32 slot_of(const ip_addr_t *local, u16 lport, const ip_addr_t *remote, u16 rport)
{
	u64 key = (u64)(fold(local) ^ fold(remote) * 0x9e3779b1u) << 32 | (u32)lport << 16 | rport;

	return (u32)hash_64(key, table_bits);
}

struct tcp_pcb *lw_pcb_find(const ip_addr_t *local, u16 lport, const ip_addr_t *remote, u16 rport)
	NO_THREAD_SAFETY_ANALYSIS
{
	struct tcp_pcb *pcb = table[slot_of(local, lport, remote, rport)];

	for (; pcb; pcb = pcb->hash_next)
		if (pcb->local_port == lport && pcb->remote_port == rport &&
		    ip_addr_cmp(&pcb->remote_ip, remote) && ip_addr_cmp(&pcb->local_ip, local)) {
			lw_pcb_touch(pcb);
			return pcb;
		}
	return NULL;
}

/* ---- lwIP's lists, which can be left from the middle ---- */

static void link_pcb(struct tcp_pcb **list, struct tcp_pcb *pcb)
{
	pcb->next = *list;
	pcb->pprev = list;
	if (pcb->next)
		pcb->next->pprev = &pcb->next;
	*list = pcb;
}

static void unlink_pcb(struct tcp_pcb *pcb)
{
	if (!pcb->pprev)
		return;
	*pcb->pprev = pcb->next;
	if (pcb->next)
		pcb->next->pprev = pcb->pprev;
	pcb->next = NULL;
	pcb->pprev = NULL;
}

static void hash_pcb(struct tcp_pcb *pcb)
{
	struct tcp_pcb **slot = &table[slot_of(&pcb->local_ip, pcb->local_port, &pcb->remote_ip,
					       pcb->remote_port)];

	pcb->hash_next = *slot;
	pcb->hash_pprev = slot;
	if (pcb->hash_next)
		pcb->hash_next->hash_pprev = &pcb->hash_next;
	*slot = pcb;
}

static void unhash_pcb(struct tcp_pcb *pcb)
{
	if (!pcb->hash_pprev)
		return;
	*pcb->hash_pprev = pcb->hash_next;
	if (pcb->hash_next)
		pcb->hash_next->hash_pprev = pcb->hash_pprev;
	pcb->hash_pprev = NULL;
}

/* The pcb counts at its port for as long as it has memory. */
static void count_port(struct tcp_pcb *pcb) REQUIRES(lw_core)
{
	const struct lw_sock *o = pcb->listener ? pcb->listener->callback_arg : pcb->callback_arg;

	if (pcb->port)
		return;
	pcb->port = inet_port_find(IPPROTO_TCP, pcb->local_port);
	if (!pcb->port)
		return;
	pcb->reuse = o && o->in.so.flags & (SOF_REUSEADDR | SOF_REUSEPORT);
	pcb->port->conns++;
	pcb->port->exclusive += !pcb->reuse;
}

void lw_pcb_add(struct tcp_pcb **list, struct tcp_pcb *pcb) NO_THREAD_SAFETY_ANALYSIS
{
	link_pcb(list, pcb);
	if (list == &tcp_active_pcbs || list == &tcp_tw_pcbs) {
		hash_pcb(pcb);
		count_port(pcb);
	}
	if (list == &tcp_active_pcbs && pcb->listener) {	/* a SYN came in */
		struct lw_sock *l = pcb->listener->callback_arg;

		list_add_tail(&pcb->half, &l->half);
		l->nr_half++;
		TRACE(tcp_state, pcb->local_port, INET_SYN_RECV);
	}
	if (list == &tcp_tw_pcbs) {
		TRACE(tcp_state, pcb->local_port, INET_TIME_WAIT);
		if (pcb->callback_arg)
			lw_mark(pcb->callback_arg, EPOLL_ALL_BITS);
		if (pcb->port)
			hlist_add_head(&pcb->over, &pcb->port->over);
	}
	tcp_timer_needed();
	if (list == &tcp_active_pcbs)
		pcb->tmr = tcp_ticks;	/* it was made before, when they may have stood */
}

void lw_pcb_del(struct tcp_pcb *pcb)
{
	unlink_pcb(pcb);
	unhash_pcb(pcb);
}

void lw_pcb_freed(struct tcp_pcb *pcb) NO_THREAD_SAFETY_ANALYSIS
{
	struct lw_sock *o = pcb->callback_arg;

	if (o && o->pcb == pcb) {
		lw_tcp_count(o);
		o->pcb = NULL;
	}
	if (pcb->port)		/* its own is forgotten by now */
		TRACE(tcp_state, pcb->port->port, INET_CLOSE);
	unlink_pcb(pcb);
	unhash_pcb(pcb);
	lw_half_done(pcb);
	if (pcb->orphan)
		lw_orphans--;
	if (pcb->port) {
		if (!hlist_unhashed(&pcb->over))
			hlist_del(&pcb->over);
		pcb->port->conns--;
		pcb->port->exclusive -= !pcb->reuse;
		inet_port_put(pcb->port);
	}
}

void lw_half_done(struct tcp_pcb *pcb) NO_THREAD_SAFETY_ANALYSIS
{
	struct lw_sock *l;

	if (!pcb->half.next || list_empty(&pcb->half))
		return;
	list_del_init(&pcb->half);
	l = pcb->listener ? pcb->listener->callback_arg : NULL;
	if (l)
		l->nr_half--;
}

/* Within this machine nothing is under way any more: Linux's tcp_tw_reuse as it is unless set. */
#define TW_REUSE_TICKS	(1000u / TCP_SLOW_INTERVAL)

bool lw_tw_reuse(struct inet_port *p) NO_THREAD_SAFETY_ANALYSIS
{
	struct hlist_node *next;
	struct tcp_pcb *pcb;
	u32 n = 0;

	hlist_for_each_entry(pcb, &p->over, over) {
		if (tcp_ticks - pcb->tmr <= TW_REUSE_TICKS || !ip_addr_isloopback(&pcb->remote_ip))
			return false;
		n++;
	}
	if (n != p->conns)		/* others live */
		return false;
	hlist_for_each_entry_safe(pcb, next, &p->over, over)
		tcp_abandon(pcb, 0);
	return true;
}

/* ---- rest ---- */

void lw_pcb_rouse(struct tcp_pcb *pcb)
{
	pcb->resting = 0;
	unlink_pcb(pcb);
	link_pcb(&tcp_active_pcbs, pcb);
	tcp_timer_needed();
}

static bool may_rest(const struct tcp_pcb *pcb) NO_THREAD_SAFETY_ANALYSIS
{
	const struct lw_sock *o = pcb->callback_arg;

	if (pcb->state != ESTABLISHED && pcb->state != CLOSE_WAIT &&
	    (pcb->state != FIN_WAIT_2 || (pcb->flags & TF_RXCLOSED)))
		return false;
	if (o && (o->on_data & LW_DEFERRED || o->starved))
		return false;
	return !pcb->unacked && !pcb->unsent && !pcb->ooseq && !pcb->refused_data &&
	       !pcb->persist_backoff && !ip_get_option(pcb, LW_KEEPALIVE) &&
	       !(pcb->flags & (TF_ACK_DELAY | TF_ACK_NOW | TF_CLOSEPEND | TF_NAGLEMEMERR));
}

void lw_conns_rest(void)
{
	struct tcp_pcb *pcb, *next;

	for (pcb = tcp_active_pcbs; pcb; pcb = next) {
		next = pcb->next;
		if (!may_rest(pcb))
			continue;
		unlink_pcb(pcb);
		link_pcb(&resting, pcb);
		pcb->resting = 1;
		pcb->stuck_ack = ~pcb->lastack;	/* what it did while it rested is no waiting */
	}
}

struct tcp_pcb *lw_pcb_next(struct tcp_pcb *pcb)
{
	u32 slot = 0;

	if (pcb) {
		if (pcb->hash_next)
			return pcb->hash_next;
		slot = slot_of(&pcb->local_ip, pcb->local_port, &pcb->remote_ip,
			       pcb->remote_port) + 1;
	}
	for (; slot < 1u << table_bits; slot++)
		if (table[slot])
			return table[slot];
	return NULL;
}

/* ---- listeners ---- */

struct tcp_pcb_listen *lw_listener_find(const ip_addr_t *local, u16 lport,
					const ip_addr_t *remote, u16 rport) NO_THREAD_SAFETY_ANALYSIS
{
	struct in6_addr laddr, raddr;
	struct lw_sock *l;

	lw_from_ip(&laddr, local);
	lw_from_ip(&raddr, remote);
	l = lw_lookup(IPPROTO_TCP, &laddr, lport, &raddr, rport,
		      netif_get_index(ip_current_input_netif()));
	return l ? l->lpcb : NULL;
}

/*
 * A SYN for l. None is answered while the queue is full, as on Linux. Of those whose answer
 * was not confirmed yet the oldest has to go: a flood of SYNs then costs honest clients a
 * race and not the service.
 */
bool lw_listener_admits(struct tcp_pcb_listen *lpcb) NO_THREAD_SAFETY_ANALYSIS
{
	struct lw_sock *l = lpcb->callback_arg;

	if (l->in.nr_accepts > l->in.backlog)
		return false;
	if (l->nr_half >= lw_half_max)
		tcp_abandon(list_first_entry(&l->half, struct tcp_pcb, half), 0);
	return true;
}
