/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rtnetlink(7): what a request is, and those that only ask: dumps of whole tables, and single
 * links and routes. Changes are in change.c.
 */
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include "netlink.h"

/* What of a table is wanted; 0 matches everything. */
struct filter {
	u8	family, table;
	int	ifindex;
};

/* A dump on its way: messages gather in `out`, which is delivered when it is full. */
struct dump {
	const struct nl_request *rq;
	struct filter f;
	u16	flags;
	bool	broken;			/* the socket's buffer is full: the rest is lost */
	struct nl_out out;
	u8	buf[NL_CHUNK];
};

typedef bool (*fill_fn)(struct nl_out *o, const void *entry, u16 type, u16 flags, u32 seq, u32 pid);

static void flush(struct dump *d)
{
	if (d->out.len && !d->broken)
		d->broken = !nl_deliver(d->rq->nl, d->buf, d->out.len, 0);
	d->out.len = 0;
}

static bool add_once(struct dump *d, fill_fn fill, u16 type, const void *entry)
{
	return fill(&d->out, entry, type, d->flags, d->rq->hdr->nlmsg_seq, d->rq->nl->pid);
}

/* False: no use to go on. */
static bool add(struct dump *d, fill_fn fill, u16 type, const void *entry)
{
	if (!add_once(d, fill, type, entry)) {
		flush(d);
		add_once(d, fill, type, entry);
	}
	return !d->broken;
}

/* ---- the tables ---- */

#define FILL(kind) \
	static bool fill_##kind(struct nl_out *o, const void *e, u16 type, u16 flags, u32 seq, u32 pid) \
	{ \
		return rtnl_fill_##kind(o, e, type, flags, seq, pid); \
	}
FILL(link)
FILL(addr)
FILL(route)
FILL(neigh)

static void dump_links(struct dump *d, const struct net_config_ops *ops)
{
	struct net_link l;
	u32 pos = 0;

	while (ops->next_link(&pos, &l))
		if (!add(d, fill_link, RTM_NEWLINK, &l))
			break;
}

static void dump_addrs(struct dump *d, const struct net_config_ops *ops)
{
	struct net_addr a;
	u32 pos = 0;

	while (ops->next_addr && ops->next_addr(&pos, &a))
		if ((!d->f.family || d->f.family == a.family) &&
		    (!d->f.ifindex || d->f.ifindex == a.ifindex) &&
		    !add(d, fill_addr, RTM_NEWADDR, &a))
			break;
}

static void dump_routes(struct dump *d, const struct net_config_ops *ops)
{
	struct net_route r;
	u32 pos = 0;

	while (ops->next_route && ops->next_route(&pos, &r))
		if ((!d->f.family || d->f.family == r.family) &&
		    (!d->f.table || d->f.table == r.table) &&
		    (!d->f.ifindex || d->f.ifindex == r.ifindex) &&
		    !add(d, fill_route, RTM_NEWROUTE, &r))
			break;
}

static void dump_neighs(struct dump *d, const struct net_config_ops *ops)
{
	struct net_neigh n;
	u32 pos = 0;

	while (ops->next_neigh && ops->next_neigh(&pos, &n))
		if ((!d->f.family || d->f.family == n.family) &&
		    (!d->f.ifindex || d->f.ifindex == n.ifindex) &&
		    !add(d, fill_neigh, RTM_NEWNEIGH, &n))
			break;
}

/* ---- what is wanted of them ---- */

/* The number of an attribute, or of the header's field if there is none. */
static int choose(const struct nlattr *a, u32 field, u32 *value)
{
	*value = field;
	return nl_get_u32(a, value);
}

/* Only a socket that asked for it (NETLINK_GET_STRICT_CHK) gets less than everything. */
static int read_filter(const struct nl_request *rq, struct filter *f)
{
	const struct nlattr *tb[RTA_TABLE + 1];
	u32 table = 0, oif = 0;
	int err = 0;

	*f = (struct filter){ .family = *(const u8 *)rq->body };
	if (f->family != AF_INET && f->family != AF_INET6)
		f->family = AF_UNSPEC;
	if (!rq->nl->strict && rq->hdr->nlmsg_type != RTM_GETNEIGH)
		return 0;
	switch (rq->hdr->nlmsg_type) {
	case RTM_GETADDR:
		if (rq->len < sizeof(struct ifaddrmsg))
			return -EINVAL;
		f->ifindex = (int)((const struct ifaddrmsg *)rq->body)->ifa_index;
		return 0;
	case RTM_GETROUTE:
		if (rq->len < sizeof(struct rtmsg))
			return -EINVAL;
		nl_parse((const u8 *)rq->body + sizeof(struct rtmsg),
			 rq->len - (u32)sizeof(struct rtmsg), tb, RTA_TABLE);
		err = choose(tb[RTA_TABLE], ((const struct rtmsg *)rq->body)->rtm_table, &table);
		if (!err)
			err = choose(tb[RTA_OIF], 0, &oif);
		f->table = (u8)table;
		f->ifindex = (int)oif;
		return err;
	case RTM_GETNEIGH:
		if (rq->len < sizeof(struct ndmsg))
			return 0;
		nl_parse((const u8 *)rq->body + sizeof(struct ndmsg),
			 rq->len - (u32)sizeof(struct ndmsg), tb, NDA_IFINDEX);
		err = choose(tb[NDA_IFINDEX], 0, &oif);
		f->ifindex = (int)oif;
		return err;
	}
	return 0;
}

static int dump(const struct nl_request *rq, const struct net_config_ops *ops)
{
	static void (*const tables[])(struct dump *d, const struct net_config_ops *ops) = {
		[RTM_GETLINK] = dump_links, [RTM_GETADDR] = dump_addrs,
		[RTM_GETROUTE] = dump_routes, [RTM_GETNEIGH] = dump_neighs,
	};
	u16 type = rq->hdr->nlmsg_type;
	struct dump *d;
	int err, *verdict;
	u32 start;

	if (type >= ARRAY_SIZE(tables) || !tables[type])
		return -EOPNOTSUPP;
	d = kmalloc(sizeof(*d), GFP_KERNEL);
	if (!d)
		return -ENOBUFS;
	d->rq = rq;
	d->broken = false;
	d->out = (struct nl_out){ .buf = d->buf, .room = sizeof(d->buf) };
	err = read_filter(rq, &d->f);
	if (err)
		goto out;
	d->flags = NLM_F_MULTI;
	if (d->f.ifindex || d->f.table)
		d->flags |= NLM_F_DUMP_FILTERED;
	tables[type](d, ops);
	if (d->out.room - d->out.len < NLMSG_SPACE(sizeof(*verdict)))
		flush(d);
	start = d->out.len;
	nl_begin(&d->out, NLMSG_DONE, NLM_F_MULTI, rq->hdr->nlmsg_seq, rq->nl->pid, sizeof(*verdict));
	nl_end(&d->out, start);
	flush(d);
	err = NL_ANSWERED;
out:
	kfree(d);
	return err;
}

/* ---- one of them ---- */

static int answer(const struct nl_request *rq, fill_fn fill, u16 type, const void *entry)
{
	struct nl_out o = { .buf = kmalloc(NL_CHUNK, GFP_KERNEL), .room = NL_CHUNK };

	if (!o.buf)
		return -ENOBUFS;
	fill(&o, entry, type, 0, rq->hdr->nlmsg_seq, rq->nl->pid);
	nl_deliver(rq->nl, o.buf, o.len, 0);
	kfree(o.buf);
	return 0;
}

int rtnl_find_link(const struct net_config_ops *ops, const struct ifinfomsg *ifi, const struct nlattr *name,
		   struct net_link *l)
{
	char want[IFNAMSIZ];
	int err = nl_get_name(name, want);
	u32 pos = 0;

	if (err)
		return err;
	if (ifi->ifi_index <= 0 && !name)
		return -EINVAL;
	while (ops->next_link(&pos, l))
		if (ifi->ifi_index > 0 ? l->index == ifi->ifi_index : !strcmp(l->name, want))
			return 0;
	return -ENODEV;
}

static int get_link(const struct nl_request *rq, const struct net_config_ops *ops)
{
	const struct ifinfomsg *ifi = rq->body;
	const struct nlattr *tb[IFLA_IFNAME + 1];
	struct net_link l;
	int err;

	if (rq->len < sizeof(*ifi))
		return -EINVAL;
	nl_parse(ifi + 1, rq->len - (u32)sizeof(*ifi), tb, IFLA_IFNAME);
	err = rtnl_find_link(ops, ifi, tb[IFLA_IFNAME], &l);
	return err ? err : answer(rq, fill_link, RTM_NEWLINK, &l);
}

static int get_route(const struct nl_request *rq, const struct net_config_ops *ops)
{
	const struct rtmsg *rtm = rq->body;
	const struct nlattr *tb[RTA_OIF + 1];
	struct net_ip dst = { { 0 } };
	struct net_route r;
	bool have;
	u32 oif;
	int err;

	if (rq->len < sizeof(*rtm))
		return -EINVAL;
	if (rtm->rtm_family != AF_INET && rtm->rtm_family != AF_INET6)
		return -EOPNOTSUPP;
	nl_parse(rtm + 1, rq->len - (u32)sizeof(*rtm), tb, RTA_OIF);
	err = nl_get_ip(tb[RTA_DST], rtm->rtm_family, &dst, &have);
	if (!err)
		err = choose(tb[RTA_OIF], 0, &oif);
	if (!err)
		err = ops->get_route ? ops->get_route(rtm->rtm_family, &dst, (int)oif, &r) :
				       -EOPNOTSUPP;
	if (err)
		return err;
	/* The answer is about the one destination, whatever route it is under. */
	r.dst = dst;
	r.dst_len = r.family == AF_INET ? 32 : 128;
	r.flags |= RTM_F_CLONED;
	if (!(rtm->rtm_flags & RTM_F_LOOKUP_TABLE))
		r.table = RT_TABLE_MAIN;	/* as Linux has it for who did not ask */
	return answer(rq, fill_route, RTM_NEWROUTE, &r);
}

int rtnl_request(struct nl_request *rq)
{
	const struct net_config_ops *ops = net_backend.config;
	u16 type = rq->hdr->nlmsg_type;
	bool asks = (type & 3) == 2;	/* RTM_GETx are 2 above their RTM_NEWx */
	int err;

	if (type > RTM_MAX)
		return -EOPNOTSUPP;
	if (rq->len < sizeof(struct rtgenmsg))
		return 0;
	if (!asks) {
		if (!capable(CAP_NET_ADMIN))
			return -EPERM;
		mutex_lock(&net_config_lock);
		net_config_words = NULL;
		err = rtnl_change(rq, ops);
		rq->words = err ? net_config_words : NULL;
		mutex_unlock(&net_config_lock);
		nl_notify_flush();
		return err;
	}
	/* The two bits of NLM_F_DUMP are one question. */
	if (rq->hdr->nlmsg_flags & NLM_F_DUMP)
		return dump(rq, ops);
	switch (type) {
	case RTM_GETLINK:
		return get_link(rq, ops);
	case RTM_GETROUTE:
		return get_route(rq, ops);
	}
	return -EOPNOTSUPP;
}
