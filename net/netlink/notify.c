/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What changed, on its way to the listeners: written as a message where it is noticed, under
 * whatever locks, and delivered by a work item.
 */
#include <kernel/workqueue.h>
#include "netlink.h"

#define EVENT_ROOM	1024u		/* bytes of the longest message: a link's */

struct event {
	struct list_head node;
	u32	group, len;
	u8	msg[EVENT_ROOM];
};

static DEFINE_SPINLOCK(event_lock);	/* a leaf */
static LIST_HEAD(events);		/* under event_lock */

static struct event *next_event(void)
{
	struct event *e;

	spin_lock(&event_lock);
	e = list_first_entry_or_null(&events, struct event, node);
	if (e)
		list_del(&e->node);
	spin_unlock(&event_lock);
	return e;
}

static void deliver(struct work *w)
{
	struct event *e;

	while ((e = next_event())) {
		nl_broadcast(e->msg, e->len, e->group);
		kfree(e);
	}
}
static struct work delivery = WORK_INIT(delivery, deliver);

void nl_notify_flush(void)
{
	flush_work(&delivery);
}

/* An empty event with its buffer in *o; NULL without memory: listeners miss it. */
static struct event *event_new(struct nl_out *o, u32 group)
{
	struct event *e = kmalloc(sizeof(*e), GFP_ATOMIC);

	if (!e)
		return NULL;
	e->group = group;
	*o = (struct nl_out){ .buf = e->msg, .room = EVENT_ROOM };
	return e;
}

static void event_send(struct event *e, const struct nl_out *o)
{
	e->len = o->len;
	spin_lock(&event_lock);
	list_add_tail(&e->node, &events);
	spin_unlock(&event_lock);
	schedule_work(&delivery);
}

void net_notify_link(const struct net_link *link, bool gone)
{
	struct nl_out o;
	struct event *e = event_new(&o, RTNLGRP_LINK);

	if (e) {
		rtnl_fill_link(&o, link, gone ? RTM_DELLINK : RTM_NEWLINK, 0, 0, 0);
		event_send(e, &o);
	}
}

void net_notify_addr(const struct net_addr *addr, bool gone)
{
	struct nl_out o;
	struct event *e = event_new(&o, addr->family == AF_INET ? RTNLGRP_IPV4_IFADDR :
								 RTNLGRP_IPV6_IFADDR);

	if (e) {
		rtnl_fill_addr(&o, addr, gone ? RTM_DELADDR : RTM_NEWADDR, 0, 0, 0);
		event_send(e, &o);
	}
}

void net_notify_route(const struct net_route *route, bool gone)
{
	struct nl_out o;
	struct event *e = event_new(&o, route->family == AF_INET ? RTNLGRP_IPV4_ROUTE :
								  RTNLGRP_IPV6_ROUTE);

	if (e) {
		rtnl_fill_route(&o, route, gone ? RTM_DELROUTE : RTM_NEWROUTE, 0, 0, 0);
		event_send(e, &o);
	}
}

void net_notify_neigh(const struct net_neigh *neigh, bool gone)
{
	struct nl_out o;
	struct event *e = event_new(&o, RTNLGRP_NEIGH);

	if (e) {
		rtnl_fill_neigh(&o, neigh, gone ? RTM_DELNEIGH : RTM_NEWNEIGH, 0, 0, 0);
		event_send(e, &o);
	}
}
