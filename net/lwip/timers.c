/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lwIP's timers: each row of the table is a function to be called at an interval for as long
 * as something needs it. When nothing does, nothing ticks.
 *
 * Who makes a timer necessary only says that the table is stale (lw_timers_stale); the rows
 * are looked through before the lock is dropped. A row ends itself when its need is over.
 */
#include "lwip.h"
#include "lwip/etharp.h"
#include "lwip/dhcp.h"
#include "lwip/igmp.h"
#include "lwip/ip4_frag.h"
#include "lwip/ip6_frag.h"
#include "lwip/mld6.h"
#include "lwip/nd6.h"
#include "lwip/timeouts.h"

bool lw_timers_stale;
static u32 busy_until;		/* L  ms: links were used lately, so their tables have entries */

/* ---- needs ---- */

static bool tcp_needed(void)
{
	return tcp_active_pcbs || tcp_tw_pcbs;
}

/* Entries of neighbours and fragments live for at most five minutes after the last packet. */
#define LINK_MEMORY (5 * 60 * 1000 + 10000)

static bool link_needed(void)
{
	return (s32)(busy_until - sys_now()) > 0;
}

static bool dhcp_needed(void)
{
	struct netif *n;

	NETIF_FOREACH(n)
		if (netif_dhcp_data(n))
			return true;
	return false;
}

static bool igmp_needed(void)
{
	struct netif *n;

	NETIF_FOREACH(n) {
		for (struct igmp_group *g = netif_igmp_data(n); g; g = g->next)
			if (g->timer)
				return true;
		for (struct mld_group *g = netif_mld6_data(n); g; g = g->next)
			if (g->timer)
				return true;
	}
	return false;
}

static bool nd6_needed(void)
{
	struct netif *n;

	NETIF_FOREACH(n)
		if (n != &lw_lo && netif_is_up(n) && netif_is_link_up(n))
			return true;
	return false;
}

/* ---- actions ---- */

static void tcp_tick(void) NO_THREAD_SAFETY_ANALYSIS
{
	static bool slow;

	/* The count of ticks is the clock that connections' times are in; it may have stood. */
	slow = !slow;
	if (slow) {
		tcp_ticks = lw_tick_now() - 1;
		tcp_slowtmr();
		lw_limits_tick();
		lw_conns_rest();
	}
	if (tcp_active_pcbs)
		tcp_fasttmr();
}

static void links_tick(void)
{
	etharp_tmr();
	ip_reass_tmr();
	ip6_reass_tmr();
}

static void groups_tick(void)
{
	igmp_tmr();
	mld6_tmr();
}

static struct row {
	bool	(*needed)(void);
	void	(*tick)(void);
	u32	interval;		/* ms */
	nsec_t	next;			/* L  0: not running */
} rows[] = {
	{ tcp_needed, tcp_tick, TCP_TMR_INTERVAL, 0 },
	{ link_needed, links_tick, ARP_TMR_INTERVAL, 0 },
	{ dhcp_needed, dhcp_fine_tmr, DHCP_FINE_TIMER_MSECS, 0 },
	{ dhcp_needed, dhcp_coarse_tmr, DHCP_COARSE_TIMER_MSECS, 0 },
	{ igmp_needed, groups_tick, IGMP_TMR_INTERVAL, 0 },
	{ nd6_needed, nd6_tmr, ND6_TMR_INTERVAL, 0 },
};

void lw_timers_check(void)
{
	nsec_t now = ktime_get();

	lw_timers_stale = false;
	for (struct row *r = rows; r < rows + ARRAY_SIZE(rows); r++) {
		if (r->next || !r->needed())
			continue;
		r->next = now + r->interval * NSEC_PER_MSEC;
		netdev_timer_before(r->next);
	}
}

nsec_t lw_timers_run(nsec_t now)
{
	nsec_t next = NSEC_MAX;

	for (struct row *r = rows; r < rows + ARRAY_SIZE(rows); r++) {
		if (r->next && r->next <= now) {
			r->next = 0;
			r->tick();
			if (r->needed())
				r->next = now + r->interval * NSEC_PER_MSEC;
		}
		if (r->next && r->next < next)
			next = r->next;
	}
	return next;
}

void lw_link_used(void)
{
	if (!link_needed())
		lw_timers_stale = true;
	busy_until = sys_now() + LINK_MEMORY;
}

/*
 * From lwIP and conns.c: a connection was entered. What it begins now is timed by the ticks, which
 * stood if nothing needed them.
 */
void tcp_timer_needed(void)
{
	if (rows[0].next)
		return;
	lw_timers_stale = true;
	tcp_ticks = lw_tick_now();
}

void sys_timeouts_init(void)
{
}
