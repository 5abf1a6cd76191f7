/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Inside netlink: sockets, messages, and the objects of rtnetlink.
 *
 * A request is served to its end within sendmsg(), its answers queued on the sender's socket;
 * a dump, too, is one pass over the tables at that time, in pieces that fit a page. Changes
 * are made under net_config_lock. What a backend notifies goes through a work item, since it
 * may come with locks held; a request that caused it waits for that, so that its socket gets
 * the notification before the acknowledgement, as on Linux.
 */
#ifndef NET_NETLINK_INTERNAL_H
#define NET_NETLINK_INTERNAL_H

#include <linux/if.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/backend.h>
#include <net/config.h>

#define NL_CHUNK	3776u		/* bytes of messages read at once; fits a buffer of a page */

/* Locks:  n  nl_lock   l  so.lock   o  word, set by options */
struct nl_sock {
	struct socket	so;
	struct list_head node;		/* n */
	u32		pid;		/* n  0: not bound */
	u64		groups;		/* n  bit (group - 1) */
	u32		dst_pid, dst_groups; /* l  of connect */
	bool		strict;		/* o  NETLINK_GET_STRICT_CHK */
	bool		cap_ack;	/* o  acknowledge with the header only */
	bool		ext_ack;	/* o  and with words about an error */
	bool		pktinfo;	/* o */
	bool		no_enobufs;	/* o */
	struct net_bufq	q;		/* l */
};

static inline struct nl_sock *nl_of(struct socket *so)
{
	return container_of(so, struct nl_sock, so);
}

/* ---- messages ---- */

/* A buffer that messages are written into; `full` when one did not fit. */
struct nl_out {
	u8	*buf;
	u32	 len, room;
	bool	 full;
};

/* Starts a message with `n` bytes of family header (filled in by the caller, zeroed here). */
void *nl_begin(struct nl_out *o, u16 type, u16 flags, u32 seq, u32 pid, u32 n);
void nl_put(struct nl_out *o, u16 type, const void *data, u32 len);
void nl_put_u8(struct nl_out *o, u16 type, u8 value);
void nl_put_u32(struct nl_out *o, u16 type, u32 value);
void nl_put_str(struct nl_out *o, u16 type, const char *text);
/* Ends the message begun at offset `start`; false, and it is taken out, if it did not fit. */
bool nl_end(struct nl_out *o, u32 start);

/* Sorts attributes into tb[0..max]; later ones win, unknown ones are left out. */
void nl_parse(const void *attrs, u32 len, const struct nlattr **tb, unsigned max);
static inline const void *nl_data(const struct nlattr *a)
{
	return (const u8 *)a + NLA_HDRLEN;
}
static inline u32 nl_len(const struct nlattr *a)
{
	return a->nla_len - NLA_HDRLEN;
}
/* The attribute's number, if it is there. 0 or -EINVAL (too short). */
int nl_get_u32(const struct nlattr *a, u32 *value);
/* A link's name, to its first zero; empty without the attribute. 0 or -ERANGE (no byte, or too many). */
int nl_get_name(const struct nlattr *a, char name[IFNAMSIZ]);
/* An address of the family; *have says if it was there. 0 or -EINVAL. */
int nl_get_ip(const struct nlattr *a, u8 family, struct net_ip *ip, bool *have);

/* ---- delivery ---- */

/* Queues a copy of messages on the socket. False: no room, the socket was told (ENOBUFS). */
bool nl_deliver(struct nl_sock *nl, const u8 *msgs, u32 len, u32 group);
/* To every socket that listens to the group. Task context, no lock held. */
void nl_broadcast(const u8 *msgs, u32 len, u32 group);
/* Waits until what was notified so far has been delivered. */
void nl_notify_flush(void);

/* ---- rtnetlink ---- */

struct nl_request {
	struct nl_sock *nl;
	const struct nlmsghdr *hdr;
	const void *body;		/* behind the header */
	u32 len;			/* of it */
	const char *words;		/* out: about the error, or NULL */
};

#define NL_ANSWERED	1		/* a dump: it has its own end, no acknowledgement */

/* 0, NL_ANSWERED or -errno for the acknowledgement. */
int rtnl_request(struct nl_request *rq);
/* The link of a request, by its index or else its name. 0, -EINVAL (neither), -ERANGE or -ENODEV. */
int rtnl_find_link(const struct net_config_ops *ops, const struct ifinfomsg *ifi, const struct nlattr *name,
		   struct net_link *l);
/* Requests that change something; net_config_lock is held. */
int rtnl_change(const struct nl_request *rq, const struct net_config_ops *ops)
	REQUIRES(&net_config_lock);

/* Write one object as a message of the type; false if it did not fit. */
bool rtnl_fill_link(struct nl_out *o, const struct net_link *l, u16 type, u16 flags, u32 seq, u32 pid);
bool rtnl_fill_addr(struct nl_out *o, const struct net_addr *a, u16 type, u16 flags, u32 seq, u32 pid);
bool rtnl_fill_route(struct nl_out *o, const struct net_route *r, u16 type, u16 flags, u32 seq,
		     u32 pid);
bool rtnl_fill_neigh(struct nl_out *o, const struct net_neigh *n, u16 type, u16 flags, u32 seq,
		     u32 pid);

#endif
