/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ports: who may bind to what, and who receives what is sent there. One table for both
 * protocols, by port; a port's own list is as long as sockets are bound to it.
 */
#include <lib/hash.h>
#include "loopback.h"

#define PORT_BITS 10
static struct hlist_head ports[1u << PORT_BITS];	/* lo_lock */

static struct hlist_head *bucket(u8 proto, u16 port)
{
	return &ports[hash_32((u32)proto << 16 | port, PORT_BITS)];
}

static struct lo_port *port_find(u8 proto, u16 port) REQUIRES(lo_lock)
{
	struct lo_port *p;

	hlist_for_each_entry(p, bucket(proto, port), node)
		if (p->port == port && p->proto == proto)
			return p;
	return NULL;
}

static void port_put(struct lo_port *p) REQUIRES(lo_lock)
{
	if (p->conns || !hlist_empty(&p->socks))
		return;
	hlist_del(&p->node);
	kfree(p);
}

/* Can one packet be for both? Wildcards, and IPv6 ones that take IPv4 too. */
static bool overlap(const struct in6_addr *a, bool a_v6only, const struct in6_addr *b,
		    bool b_v6only)
{
	if (lo_is_v4(a) != lo_is_v4(b)) {
		const struct in6_addr *v6 = lo_is_v4(a) ? b : a;

		return lo_is_any(v6) && !(v6 == a ? a_v6only : b_v6only);
	}
	return lo_is_any(a) || lo_is_any(b) || lo_same(a, b);
}

/* `any_user`: looking for a free port, not for one that may be shared. */
static bool conflicts(struct lo_sock *o, const struct in6_addr *addr, struct lo_port *p,
		      bool any_user) REQUIRES(lo_lock)
{
	struct lo_sock *x;

	if (!p)
		return false;
	if (p->conns && !(o->so.flags & (SOF_REUSEADDR | SOF_REUSEPORT)))
		return true;
	if (any_user)
		return true;
	hlist_for_each_entry(x, &p->socks, port_node) {
		u32 both = o->so.flags & x->so.flags;

		if (x == o || !overlap(addr, o->v6only, &x->laddr, x->v6only))
			continue;
		if ((both & SOF_REUSEADDR) && x->so.state != LO_LISTEN)
			continue;
		if ((both & SOF_REUSEPORT) && o->uid == x->uid)
			continue;
		return true;
	}
	return false;
}

/* Enters o at `port`. `fresh` becomes the port's object if there is none yet. */
static void enter(struct lo_sock *o, const struct in6_addr *addr, u16 port, struct lo_port **fresh)
	REQUIRES(lo_lock)
{
	struct lo_port *p = port_find((u8)o->so.protocol, port);

	if (!p) {
		p = *fresh;
		*fresh = NULL;
		p->port = port;
		p->proto = (u8)o->so.protocol;
		hlist_add_head(&p->node, bucket(p->proto, port));
	}
	o->port = p;
	o->lport = port;
	o->laddr = *addr;
	hlist_add_head(&o->port_node, &p->socks);
}

static int find_free(struct lo_sock *o, const struct in6_addr *addr) REQUIRES(lo_lock)
{
	u32 range = LO_EPHEMERAL_MAX - LO_EPHEMERAL_MIN + 1, start = (u32)get_random_u64() % range;

	for (u32 i = 0; i < range; i++) {
		u16 port = (u16)(LO_EPHEMERAL_MIN + (start + i) % range);

		if (!conflicts(o, addr, port_find((u8)o->so.protocol, port), true))
			return port;
	}
	return 0;
}

/* Binds an unbound socket; port 0: any. 0, -EADDRINUSE, -EINVAL, -ENOMEM. */
static int bind_to(struct lo_sock *o, const struct in6_addr *addr, u16 port)
{
	struct lo_port *fresh = kzalloc(sizeof(*fresh), GFP_KERNEL);
	int err = -EADDRINUSE;

	if (!fresh)
		return -ENOMEM;
	spin_lock(&lo_lock);
	if (o->lport) {
		err = -EINVAL;
		goto out;
	}
	if (!port)
		port = (u16)find_free(o, addr);
	else if (conflicts(o, addr, port_find((u8)o->so.protocol, port), false))
		goto out;
	if (!port)
		goto out;
	enter(o, addr, port, &fresh);
	err = 0;
out:
	spin_unlock(&lo_lock);
	kfree(fresh);
	return err;
}

int lo_bind(struct socket *so, const union sockaddr_any *from, u32 len)
{
	struct lo_sock *o = lo_of(so);
	struct in6_addr addr, routed;
	u16 port;
	int err;

	if (so->family == AF_INET6 && from->family == AF_INET)
		return -EINVAL;
	err = lo_addr_in(o, from, len, &addr, &port);
	if (err)
		return err == -ENETUNREACH ? -EINVAL : err;
	routed = addr;
	if (lo_route(&routed))
		return -EADDRNOTAVAIL;
	if (port && port < 1024 && !capable(CAP_NET_BIND_SERVICE))
		return -EACCES;
	if (READ_ONCE(o->lport) || (so->type == SOCK_STREAM && so->state != LO_CLOSE))
		return -EINVAL;
	return bind_to(o, &addr, port);
}

int lo_autobind(struct lo_sock *o)
{
	struct in6_addr addr;
	int err;

	if (READ_ONCE(o->lport))
		return 0;
	addr = o->laddr;
	err = bind_to(o, &addr, 0);
	if (err == -EADDRINUSE)
		return -EAGAIN;
	return err == -EINVAL ? 0 : err;	/* another thread bound it */
}

void lo_port_share(struct lo_sock *o, struct lo_sock *listener)
{
	o->port = listener->port;
	o->lport = listener->lport;
	o->port->conns++;
	o->accepted = true;
}

void lo_port_release(struct lo_sock *o)
{
	struct lo_port *p = o->port;

	if (!p)
		return;
	if (o->accepted)
		p->conns--;
	else
		hlist_del_init(&o->port_node);
	o->port = NULL;
	port_put(p);
}

bool lo_may_listen(struct lo_sock *o)
{
	struct lo_sock *x;

	hlist_for_each_entry(x, &o->port->socks, port_node)
		if (x != o && x->so.state == LO_LISTEN &&
		    overlap(&o->laddr, o->v6only, &x->laddr, x->v6only) &&
		    !(o->so.flags & x->so.flags & SOF_REUSEPORT))
			return false;
	return true;
}

/* How well x matches, or -1. */
static int score(const struct lo_sock *x, const struct in6_addr *addr,
		 const struct in6_addr *raddr, u16 rport)
{
	int points = 0;

	if (x->so.type == SOCK_STREAM && x->so.state != LO_LISTEN)
		return -1;
	if (!overlap(&x->laddr, x->v6only, addr, true))
		return -1;
	if (lo_same(&x->laddr, addr))
		points += 2;
	if (x->so.family == AF_INET)
		points++;
	if (x->rport) {
		if (x->rport != rport || !lo_same(&x->raddr, raddr))
			return -1;
		points += 4;
	}
	return points;
}

struct lo_sock *lo_lookup(u8 proto, const struct in6_addr *addr, u16 port,
			  const struct in6_addr *raddr, u16 rport)
{
	struct lo_port *p = port_find(proto, port);
	struct lo_sock *x, *best = NULL;
	int best_score = -1;
	u32 same = 0;

	if (!p)
		return NULL;
	hlist_for_each_entry(x, &p->socks, port_node) {
		int s = score(x, addr, raddr, rport);

		if (s > best_score) {
			best = x;
			best_score = s;
			same = 1;
		} else if (s >= 0 && s == best_score && (x->so.flags & SOF_REUSEPORT)) {
			/* Spread by the sender's port, the same one always to the same socket. */
			same++;
			if (hash_32((u32)rport * same, 16) % same == 0)
				best = x;
		}
	}
	return best;
}
