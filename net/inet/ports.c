/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ports: who may bind to what, and which socket gets what is sent there. One hash for all
 * protocols; a port's own list is as long as sockets are bound to it. See <net/inet.h>.
 */
#include <lib/hash.h>
#include <net/inet.h>

#define PORT_BITS 10
static struct hlist_head ports[1u << PORT_BITS];	/* b */
u32 inet_port_gen = 1;

static struct hlist_head *bucket(u8 proto, u16 port)
{
	return &ports[hash_32((u32)proto << 16 | port, PORT_BITS)];
}

struct inet_port *inet_port_find(u8 proto, u16 port)
{
	struct inet_port *p;

	hlist_for_each_entry(p, bucket(proto, port), node)
		if (p->port == port && p->proto == proto)
			return p;
	return NULL;
}

void inet_port_put(struct inet_port *p)
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

static bool v6only(const struct inet_sock *o)
{
	return inet_opt(o, IPV6_V6ONLY);
}

/* Both want to share: by SO_REUSEADDR unless one listens, or by SO_REUSEPORT of one user. */
static bool may_share(const struct inet_sock *o, const struct inet_sock *x)
{
	u32 both = o->so.flags & x->so.flags;

	return ((both & SOF_REUSEADDR) && x->so.state != INET_LISTEN) ||
	       ((both & SOF_REUSEPORT) && o->uid == x->uid);
}

static bool conflicts(const struct inet_sock *o, const struct in6_addr *addr, struct inet_port *p)
{
	struct inet_sock *x;

	if (!p)
		return false;
	if (p->conns && (p->exclusive || !inet_reuses(o)))
		return true;
	hlist_for_each_entry(x, &p->socks, port_node)
		if (x != o && (!o->so.bound_if || !x->so.bound_if ||
			       o->so.bound_if == x->so.bound_if) &&
		    overlap(addr, v6only(o), &x->laddr, v6only(x)) && !may_share(o, x))
			return true;
	return false;
}

/* Enters o at `port`. `fresh` becomes the port's object if there is none yet. */
static void enter(struct inet_sock *o, const struct in6_addr *addr, u16 port,
		  struct inet_port **fresh)
{
	struct inet_port *p = inet_port_find((u8)o->so.protocol, port);

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
	inet_port_gen += 2;
}

/* A port that nobody uses, or 0. A connection may take one whose last ones are over, too. */
static u16 find_free(const struct inet_sock *o, bool connecting)
{
	u32 range = INET_EPHEMERAL_MAX - INET_EPHEMERAL_MIN + 1;
	u32 start = (u32)get_random_u64() % range;

	for (u32 i = 0; i < range; i++) {
		u16 port = (u16)(INET_EPHEMERAL_MIN + (start + i) % range);
		struct inet_port *p = inet_port_find((u8)o->so.protocol, port);

		if (!p || (connecting && hlist_empty(&p->socks) && inet_port_ops.reuse &&
			   inet_port_ops.reuse(p)))
			return port;
	}
	return 0;
}

/* Binds an unbound socket; port 0: any. 0, -EADDRINUSE, -EINVAL, -ENOMEM. */
static int bind_to(struct inet_sock *o, const struct in6_addr *addr, u16 port, bool connecting)
{
	struct inet_port *fresh = kzalloc(sizeof(*fresh), GFP_KERNEL);
	int err = -EADDRINUSE;

	if (!fresh)
		return -ENOMEM;
	inet_port_ops.lock();
	if (o->lport) {
		err = -EINVAL;
		goto out;
	}
	if (!port)
		port = find_free(o, connecting);
	else if (conflicts(o, addr, inet_port_find((u8)o->so.protocol, port)))
		goto out;
	if (!port)
		goto out;
	enter(o, addr, port, &fresh);
	err = 0;
out:
	inet_port_ops.unlock();
	kfree(fresh);
	return err;
}

static bool is_ours(const struct inet_sock *o, const struct in6_addr *addr)
{
	return inet_is_any(addr) || inet_opt(o, IP_FREEBIND) || inet_opt(o, IPV6_FREEBIND) ||
	       inet_port_ops.is_ours(o, addr);
}

int inet_bind(struct socket *so, const union sockaddr_any *from, u32 len)
{
	struct inet_sock *o = inet_of(so);
	struct in6_addr addr;
	u16 port;
	int err = inet_bind_in(o, from, len, &addr, &port);

	if (err)
		return err;
	if (!is_ours(o, &addr))
		return -EADDRNOTAVAIL;
	if (port && port < 1024 && !capable(CAP_NET_BIND_SERVICE))
		return -EACCES;
	if (READ_ONCE(o->lport) || (so->type == SOCK_STREAM && so->state != INET_CLOSE))
		return -EINVAL;
	if (!port && inet_opt(o, IP_BIND_ADDRESS_NO_PORT)) {
		inet_port_ops.lock();
		o->laddr = addr;
		o->bound = inet_is_any(&addr) ? 0 : INET_BOUND_ADDR;
		inet_port_ops.unlock();
		return 0;
	}
	err = bind_to(o, &addr, port, false);
	if (!err)
		o->bound = (inet_is_any(&addr) ? 0 : INET_BOUND_ADDR) | (port ? INET_BOUND_PORT : 0);
	return err;
}

int inet_autobind(struct inet_sock *o)
{
	struct in6_addr addr;
	int err;

	if (READ_ONCE(o->lport))
		return 0;
	addr = o->laddr;
	err = bind_to(o, &addr, 0, o->so.type == SOCK_STREAM);
	if (err == -EADDRINUSE)
		return -EAGAIN;
	return err == -EINVAL ? 0 : err;	/* another thread bound it */
}

void inet_port_release(struct inet_sock *o)
{
	struct inet_port *p = o->port;

	if (!p)
		return;
	hlist_del_init(&o->port_node);
	o->port = NULL;
	inet_port_gen += 2;
	inet_port_put(p);
}

void inet_unbind_auto(struct inet_sock *o)
{
	if (!(o->bound & INET_BOUND_ADDR))
		inet_any(&o->laddr, o->so.family);
	if (!(o->bound & INET_BOUND_PORT)) {
		inet_port_release(o);
		o->lport = 0;
	}
}

bool inet_may_listen(const struct inet_sock *o)
{
	struct inet_sock *x;

	hlist_for_each_entry(x, &o->port->socks, port_node)
		if (x != o && x->so.state == INET_LISTEN &&
		    overlap(&o->laddr, v6only(o), &x->laddr, v6only(x)) &&
		    !(o->so.flags & x->so.flags & SOF_REUSEPORT))
			return false;
	return true;
}

/* How well x matches, or -1. */
static int score(const struct inet_sock *x, const struct in6_addr *addr,
		 const struct in6_addr *raddr, u16 rport, u32 ifindex)
{
	bool same = inet_same(&x->laddr, addr);
	int points = 0;

	if (x->so.type == SOCK_STREAM && x->so.state != INET_LISTEN)
		return -1;
	if (x->so.bound_if && x->so.bound_if != ifindex)
		return -1;
	if (!same && !overlap(&x->laddr, v6only(x), addr, true))
		return -1;
	if (same)
		points += 2;
	if (x->so.family == AF_INET)
		points++;
	if (x->so.bound_if)
		points += 4;
	if (x->rport) {
		if (x->rport != rport || !inet_same(&x->raddr, raddr))
			return -1;
		points += 8;
	}
	return points;
}

/* Of several sockets the one that matches best. */
static noinline struct inet_sock *best_of(struct inet_port *p, const struct in6_addr *addr,
					  const struct in6_addr *raddr, u16 rport, u32 ifindex)
{
	struct inet_sock *x, *best = NULL;
	int best_score = -1;
	u32 same = 0;

	hlist_for_each_entry(x, &p->socks, port_node) {
		int s = score(x, addr, raddr, rport, ifindex);

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

struct inet_sock *inet_lookup(u8 proto, const struct in6_addr *addr, u16 port,
			      const struct in6_addr *raddr, u16 rport, u32 ifindex)
{
	struct inet_port *p = inet_port_find(proto, port);
	struct inet_sock *x;

	if (!p || hlist_empty(&p->socks))
		return NULL;
	x = hlist_entry(p->socks.first, struct inet_sock, port_node);
	if (unlikely(x->port_node.next))
		return best_of(p, addr, raddr, rport, ifindex);
	return score(x, addr, raddr, rport, ifindex) >= 0 ? x : NULL;
}
