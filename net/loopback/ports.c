/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ports: who may bind to what, and who receives what is sent there. One table for both
 * protocols, by port; a port's own list is as long as sockets are bound to it.
 */
#include <lib/hash.h>
#include "loopback.h"

#define PORT_BITS 10
static struct hlist_head ports[1u << PORT_BITS];	/* lo_lock */
u32 lo_route_gen = 1;

static struct hlist_head *bucket(u8 proto, u16 port)
{
	return &ports[hash_32((u32)proto << 16 | port, PORT_BITS)];
}

struct lo_port *lo_port_find(u8 proto, u16 port)
{
	struct lo_port *p;

	hlist_for_each_entry(p, bucket(proto, port), node)
		if (p->port == port && p->proto == proto)
			return p;
	return NULL;
}

void lo_port_put(struct lo_port *p)
{
	if (p->conns || !hlist_empty(&p->socks) || !hlist_empty(&p->tws))
		return;
	hlist_del(&p->node);
	kfree(p);
}

/* Can one packet be for both? Wildcards, and IPv6 ones that take IPv4 too. */
static bool overlap(const struct in6_addr *a, bool a_v6only, const struct in6_addr *b,
		    bool b_v6only)
{
	if (inet_is_v4(a) != inet_is_v4(b)) {
		const struct in6_addr *v6 = inet_is_v4(a) ? b : a;

		return inet_is_any(v6) && !(v6 == a ? a_v6only : b_v6only);
	}
	return inet_is_any(a) || inet_is_any(b) || inet_same(a, b);
}

/* Two that may share a port: both by SO_REUSEADDR, or by SO_REUSEPORT of one user. */
static bool may_share(u32 flags, bool same_user, bool listening)
{
	return ((flags & SOF_REUSEADDR) && !listening) || ((flags & SOF_REUSEPORT) && same_user);
}

static bool conflicts(struct lo_sock *o, const struct in6_addr *addr, struct lo_port *p)
	REQUIRES(lo_lock)
{
	u32 flags = o->in.so.flags;
	bool v6only = inet_opt(&o->in, IPV6_V6ONLY);
	struct lo_sock *x;
	struct lo_tw *tw;

	if (!p)
		return false;
	if (p->conns && !(flags & (SOF_REUSEADDR | SOF_REUSEPORT)))
		return true;
	hlist_for_each_entry(x, &p->socks, port_node)
		if (x != o && overlap(addr, v6only, &x->in.laddr, inet_opt(&x->in, IPV6_V6ONLY)) &&
		    !may_share(flags & x->in.so.flags, o->in.uid == x->in.uid,
			       x->in.so.state == INET_LISTEN))
			return true;
	hlist_for_each_entry(tw, &p->tws, port_node)
		if (overlap(addr, v6only, &tw->laddr, tw->v6only) &&
		    !may_share(flags & tw->flags, true, false))
			return true;
	return false;
}

/* Enters o at `port`. `fresh` becomes the port's object if there is none yet. */
static void enter(struct lo_sock *o, const struct in6_addr *addr, u16 port, struct lo_port **fresh)
	REQUIRES(lo_lock)
{
	struct lo_port *p = lo_port_find((u8)o->in.so.protocol, port);

	if (!p) {
		p = *fresh;
		*fresh = NULL;
		p->port = port;
		p->proto = (u8)o->in.so.protocol;
		hlist_add_head(&p->node, bucket(p->proto, port));
	}
	o->port = p;
	o->in.lport = port;
	o->in.laddr = *addr;
	hlist_add_head(&o->port_node, &p->socks);
	lo_route_gen += 2;
}

/* A port that nobody uses, or 0. `connecting`: one that only waits for its time to pass, too. */
static u16 find_free(struct lo_sock *o, bool connecting) REQUIRES(lo_lock)
{
	u32 range = INET_EPHEMERAL_MAX - INET_EPHEMERAL_MIN + 1;
	u32 start = (u32)get_random_u64() % range;

	for (u32 i = 0; i < range; i++) {
		u16 port = (u16)(INET_EPHEMERAL_MIN + (start + i) % range);
		struct lo_port *p = lo_port_find((u8)o->in.so.protocol, port);

		if (!p)
			return port;
		if (connecting && !p->conns && hlist_empty(&p->socks) && lo_tw_reuse(p)) {
			lo_port_put(p);
			return port;
		}
	}
	return 0;
}

/* Binds an unbound socket; port 0: any. 0, -EADDRINUSE, -EINVAL, -ENOMEM. */
static int bind_to(struct lo_sock *o, const struct in6_addr *addr, u16 port, bool connecting)
{
	struct lo_port *fresh = kzalloc(sizeof(*fresh), GFP_KERNEL);
	int err = -EADDRINUSE;

	if (!fresh)
		return -ENOMEM;
	spin_lock(&lo_lock);
	if (o->in.lport) {
		err = -EINVAL;
		goto out;
	}
	if (!port)
		port = find_free(o, connecting);
	else if (conflicts(o, addr, lo_port_find((u8)o->in.so.protocol, port)))
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

	err = inet_bind_in(&o->in, from, len, &addr, &port);
	if (err)
		return err;
	routed = addr;
	if (lo_route(&routed) && !inet_opt(&o->in, IP_FREEBIND) && !inet_opt(&o->in, IPV6_FREEBIND))
		return -EADDRNOTAVAIL;
	if (port && port < 1024 && !capable(CAP_NET_BIND_SERVICE))
		return -EACCES;
	if (READ_ONCE(o->in.lport) || (so->type == SOCK_STREAM && so->state != INET_CLOSE))
		return -EINVAL;
	if (!port && inet_opt(&o->in, IP_BIND_ADDRESS_NO_PORT)) {
		spin_lock(&lo_lock);
		o->in.laddr = addr;
		o->bound_addr = !inet_is_any(&addr);
		spin_unlock(&lo_lock);
		return 0;
	}
	err = bind_to(o, &addr, port, false);
	if (err)
		return err;
	o->bound_addr = !inet_is_any(&addr);
	o->bound_port = port != 0;
	return 0;
}

int lo_autobind(struct lo_sock *o)
{
	struct in6_addr addr;
	int err;

	if (READ_ONCE(o->in.lport))
		return 0;
	addr = o->in.laddr;
	err = bind_to(o, &addr, 0, o->in.so.type == SOCK_STREAM);
	if (err == -EADDRINUSE)
		return -EAGAIN;
	return err == -EINVAL ? 0 : err;	/* another thread bound it */
}

void lo_port_share(struct lo_sock *o, struct lo_sock *listener)
{
	o->port = listener->port;
	o->in.lport = listener->in.lport;
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
	lo_route_gen += 2;
	o->port = NULL;
	lo_port_put(p);
}

void lo_unbind_auto(struct lo_sock *o)
{
	if (!o->bound_addr)
		inet_any(&o->in.laddr, o->in.so.family);
	if (o->bound_port || o->accepted)
		return;
	lo_port_release(o);
	o->in.lport = 0;
}

bool lo_may_listen(struct lo_sock *o)
{
	struct lo_sock *x;

	hlist_for_each_entry(x, &o->port->socks, port_node)
		if (x != o && x->in.so.state == INET_LISTEN &&
		    overlap(&o->in.laddr, inet_opt(&o->in, IPV6_V6ONLY), &x->in.laddr, inet_opt(&x->in, IPV6_V6ONLY)) &&
		    !(o->in.so.flags & x->in.so.flags & SOF_REUSEPORT))
			return false;
	return true;
}

/* How well x matches, or -1. */
static int score(const struct lo_sock *x, const struct in6_addr *addr,
		 const struct in6_addr *raddr, u16 rport)
{
	int points = 0;

	if (x->in.so.type == SOCK_STREAM && x->in.so.state != INET_LISTEN)
		return -1;
	if (!overlap(&x->in.laddr, inet_opt(&x->in, IPV6_V6ONLY), addr, true))
		return -1;
	if (inet_same(&x->in.laddr, addr))
		points += 2;
	if (x->in.so.family == AF_INET)
		points++;
	if (x->in.rport) {
		if (x->in.rport != rport || !inet_same(&x->in.raddr, raddr))
			return -1;
		points += 4;
	}
	return points;
}

struct lo_sock *lo_lookup(u8 proto, const struct in6_addr *addr, u16 port,
			  const struct in6_addr *raddr, u16 rport)
{
	struct lo_port *p = lo_port_find(proto, port);
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
		} else if (s >= 0 && s == best_score && (x->in.so.flags & SOF_REUSEPORT)) {
			/* Spread by the sender's port, the same one always to the same socket. */
			same++;
			if (hash_32((u32)rport * same, 16) % same == 0)
				best = x;
		}
	}
	return best;
}
