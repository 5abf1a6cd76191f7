/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ports: who may bind to what, and which socket gets what is sent there. One hash for all
 * protocols; a port's own list is as long as sockets are bound to it.
 */
#include <lib/hash.h>
#include "lwip.h"

#define PORT_BITS 10
static struct hlist_head ports[1u << PORT_BITS];	/* L */

static struct hlist_head *bucket(u8 proto, u16 port)
{
	return &ports[hash_32((u32)proto << 16 | port, PORT_BITS)];
}

struct lw_port *lw_port_find(u8 proto, u16 port)
{
	struct lw_port *p;

	hlist_for_each_entry(p, bucket(proto, port), node)
		if (p->port == port && p->proto == proto)
			return p;
	return NULL;
}

void lw_port_put(struct lw_port *p)
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
	if (inet_is_v4(a) != inet_is_v4(b)) {
		const struct in6_addr *v6 = inet_is_v4(a) ? b : a;

		return inet_is_any(v6) && !(v6 == a ? a_v6only : b_v6only);
	}
	return inet_is_any(a) || inet_is_any(b) || inet_same(a, b);
}

static bool v6only(const struct lw_sock *o)
{
	return inet_opt(&o->in, IPV6_V6ONLY);
}

/* Both want to share: by SO_REUSEADDR unless one listens, or by SO_REUSEPORT of one user. */
static bool may_share(const struct lw_sock *o, const struct lw_sock *x)
{
	u32 both = o->in.so.flags & x->in.so.flags;

	return ((both & SOF_REUSEADDR) && x->in.so.state != INET_LISTEN) ||
	       ((both & SOF_REUSEPORT) && o->in.uid == x->in.uid);
}

static bool conflicts(struct lw_sock *o, const struct in6_addr *addr, struct lw_port *p)
	REQUIRES(lw_core)
{
	struct lw_sock *x;

	if (!p)
		return false;
	if (p->conns && (p->exclusive || !(o->in.so.flags & (SOF_REUSEADDR | SOF_REUSEPORT))))
		return true;
	hlist_for_each_entry(x, &p->socks, port_node)
		if (x != o && (!o->in.so.bound_if || !x->in.so.bound_if ||
			       o->in.so.bound_if == x->in.so.bound_if) &&
		    overlap(addr, v6only(o), &x->in.laddr, v6only(x)) && !may_share(o, x))
			return true;
	return false;
}

/* Enters o at `port`. `fresh` becomes the port's object if there is none yet. */
static void enter(struct lw_sock *o, const struct in6_addr *addr, u16 port, struct lw_port **fresh)
	REQUIRES(lw_core)
{
	struct lw_port *p = lw_port_find((u8)o->in.so.protocol, port);

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
}

/* A port that nobody uses, or 0. */
static u16 find_free(struct lw_sock *o) REQUIRES(lw_core)
{
	u32 range = INET_EPHEMERAL_MAX - INET_EPHEMERAL_MIN + 1;
	u32 start = (u32)get_random_u64() % range;

	for (u32 i = 0; i < range; i++) {
		u16 port = (u16)(INET_EPHEMERAL_MIN + (start + i) % range);

		if (!lw_port_find((u8)o->in.so.protocol, port))
			return port;
	}
	return 0;
}

/* Binds an unbound socket; port 0: any. 0, -EADDRINUSE, -EINVAL, -ENOMEM. */
static int bind_to(struct lw_sock *o, const struct in6_addr *addr, u16 port)
{
	struct lw_port *fresh = kzalloc(sizeof(*fresh), GFP_KERNEL);
	int err = -EADDRINUSE;

	if (!fresh)
		return -ENOMEM;
	lw_lock();
	if (o->in.lport) {
		err = -EINVAL;
		goto out;
	}
	if (!port)
		port = find_free(o);
	else if (conflicts(o, addr, lw_port_find((u8)o->in.so.protocol, port)))
		goto out;
	if (!port)
		goto out;
	enter(o, addr, port, &fresh);
	err = 0;
out:
	lw_unlock();
	kfree(fresh);
	return err;
}

static bool is_ours(const struct lw_sock *o, const struct in6_addr *addr)
{
	bool ours;

	if (inet_is_any(addr) || inet_opt(&o->in, IP_FREEBIND) || inet_opt(&o->in, IPV6_FREEBIND))
		return true;
	if (lw_is_group(addr))
		return o->in.so.type != SOCK_STREAM;
	lw_lock();
	ours = lw_is_local(addr);
	lw_unlock();
	return ours;
}

int lw_bind(struct socket *so, const union sockaddr_any *from, u32 len)
{
	struct lw_sock *o = lw_of(so);
	struct in6_addr addr;
	u16 port;
	int err = inet_bind_in(&o->in, from, len, &addr, &port);

	if (err)
		return err;
	if (!is_ours(o, &addr))
		return -EADDRNOTAVAIL;
	if (port && port < 1024 && !capable(CAP_NET_BIND_SERVICE))
		return -EACCES;
	if (READ_ONCE(o->in.lport) || (so->type == SOCK_STREAM && so->state != INET_CLOSE))
		return -EINVAL;
	if (!port && inet_opt(&o->in, IP_BIND_ADDRESS_NO_PORT)) {
		lw_lock();
		o->in.laddr = addr;
		o->bound = inet_is_any(&addr) ? 0 : LW_BOUND_ADDR;
		lw_unlock();
		return 0;
	}
	err = bind_to(o, &addr, port);
	if (!err)
		o->bound = (inet_is_any(&addr) ? 0 : LW_BOUND_ADDR) | (port ? LW_BOUND_PORT : 0);
	return err;
}

int lw_autobind(struct lw_sock *o)
{
	struct in6_addr addr;
	int err;

	if (READ_ONCE(o->in.lport))
		return 0;
	addr = o->in.laddr;
	err = bind_to(o, &addr, 0);
	if (err == -EADDRINUSE)
		return -EAGAIN;
	return err == -EINVAL ? 0 : err;	/* another thread bound it */
}

void lw_port_share(struct lw_sock *o, struct lw_sock *listener)
{
	o->in.lport = listener->in.lport;
}

void lw_port_release(struct lw_sock *o)
{
	struct lw_port *p = o->port;

	if (!p)
		return;
	hlist_del_init(&o->port_node);
	o->port = NULL;
	lw_port_put(p);
}

void lw_unbind_auto(struct lw_sock *o)
{
	if (!(o->bound & LW_BOUND_ADDR))
		inet_any(&o->in.laddr, o->in.so.family);
	if (!(o->bound & LW_BOUND_PORT)) {
		lw_port_release(o);
		o->in.lport = 0;
	}
}

bool lw_may_listen(struct lw_sock *o)
{
	struct lw_sock *x;

	hlist_for_each_entry(x, &o->port->socks, port_node)
		if (x != o && x->in.so.state == INET_LISTEN &&
		    overlap(&o->in.laddr, v6only(o), &x->in.laddr, v6only(x)) &&
		    !(o->in.so.flags & x->in.so.flags & SOF_REUSEPORT))
			return false;
	return true;
}

/* How well x matches, or -1. */
static int score(const struct lw_sock *x, const struct in6_addr *addr,
		 const struct in6_addr *raddr, u16 rport, u32 ifindex)
{
	bool same = inet_same(&x->in.laddr, addr);
	int points = 0;

	if (x->in.so.type == SOCK_STREAM && x->in.so.state != INET_LISTEN)
		return -1;
	if (x->in.so.bound_if && x->in.so.bound_if != ifindex)
		return -1;
	if (!same && !overlap(&x->in.laddr, v6only(x), addr, true))
		return -1;
	if (same)
		points += 2;
	if (x->in.so.family == AF_INET)
		points++;
	if (x->in.so.bound_if)
		points += 4;
	if (x->in.rport) {
		if (x->in.rport != rport || !inet_same(&x->in.raddr, raddr))
			return -1;
		points += 8;
	}
	return points;
}

/* Of several sockets the one that matches best. */
static noinline struct lw_sock *best_of(struct lw_port *p, const struct in6_addr *addr,
					const struct in6_addr *raddr, u16 rport, u32 ifindex)
	REQUIRES(lw_core)
{
	struct lw_sock *x, *best = NULL;
	int best_score = -1;
	u32 same = 0;

	hlist_for_each_entry(x, &p->socks, port_node) {
		int s = score(x, addr, raddr, rport, ifindex);

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

struct lw_sock *lw_lookup(u8 proto, const struct in6_addr *addr, u16 port,
			  const struct in6_addr *raddr, u16 rport, u32 ifindex)
{
	struct lw_port *p = lw_port_find(proto, port);
	struct lw_sock *x;

	if (!p || hlist_empty(&p->socks))
		return NULL;
	x = hlist_entry(p->socks.first, struct lw_sock, port_node);
	if (unlikely(x->port_node.next))
		return best_of(p, addr, raddr, rport, ifindex);
	return score(x, addr, raddr, rport, ifindex) >= 0 ? x : NULL;
}
