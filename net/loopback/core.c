/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The loopback backend: creation, addresses, and the table that joins it to the socket layer.
 */
#include "loopback.h"

DEFINE_SPINLOCK(lo_lock);
LIST_HEAD(lo_all);
struct lo_counts lo_counts;
static struct kmem_cache *lo_cache;

struct lo_sock *lo_new(const struct net_ops *ops, int family, int type, int protocol)
{
	struct lo_sock *o = kmem_cache_zalloc(lo_cache, GFP_KERNEL);

	if (!o)
		return NULL;
	socket_init(&o->so, ops, family, type, protocol);
	o->so.state = LO_CLOSE;
	INIT_LIST_HEAD(&o->accepts);
	INIT_LIST_HEAD(&o->pending);
	INIT_LIST_HEAD(&o->wait_node);
	INIT_HLIST_NODE(&o->port_node);
	lo_any(&o->laddr, family);
	lo_any(&o->raddr, family);
	o->uid = current_euid();
	lo_options_init(o);
	spin_lock(&lo_lock);
	list_add_tail(&o->all_node, &lo_all);
	spin_unlock(&lo_lock);
	return o;
}

void lo_destroy(struct socket *so)
{
	kmem_cache_free(lo_cache, lo_of(so));
}

static int lo_create(int family, int type, int protocol, struct socket **out)
{
	struct lo_sock *o;

	if (type == SOCK_RAW)
		return capable(CAP_NET_RAW) ? -EPROTONOSUPPORT : -EPERM;
	if (type != SOCK_STREAM && type != SOCK_DGRAM)
		return -ESOCKTNOSUPPORT;
	if (protocol < 0 || protocol >= IPPROTO_MAX)
		return -EINVAL;
	if (protocol && protocol != (type == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP))
		return -EPROTONOSUPPORT;
	if (type == SOCK_STREAM)
		o = lo_new(&lo_tcp_ops, family, type, IPPROTO_TCP);
	else
		o = lo_new(&lo_udp_ops, family, type, IPPROTO_UDP);
	if (!o)
		return -ENOBUFS;
	*out = &o->so;
	return 0;
}

/* ---- addresses ---- */

static void from_v4(struct in6_addr *addr, __be32 v4)
{
	memset(addr, 0, sizeof(*addr));
	addr->in6_u.u6_addr32[2] = cpu_to_be32(0xffff);
	addr->in6_u.u6_addr32[3] = v4;
}

void lo_any(struct in6_addr *addr, int family)
{
	if (family == AF_INET)
		from_v4(addr, 0);
	else
		memset(addr, 0, sizeof(*addr));
}

int lo_addr_in(const struct lo_sock *o, const union sockaddr_any *from, u32 len,
	       struct in6_addr *addr, u16 *port)
{
	const struct sockaddr_in *in = (const void *)from;
	const struct sockaddr_in6 *in6 = (const void *)from;

	if (o->so.family == AF_INET || (from->family == AF_INET && len >= sizeof(*in))) {
		if (len < sizeof(*in))
			return -EINVAL;
		if (from->family != AF_INET &&
		    !(from->family == AF_UNSPEC && !in->sin_addr.s_addr))
			return -EAFNOSUPPORT;
		if (o->so.family == AF_INET6 && o->v6only)
			return -ENETUNREACH;
		from_v4(addr, in->sin_addr.s_addr);
		*port = be16_to_cpu(in->sin_port);
		return 0;
	}
	if (len < 24)		/* without sin6_scope_id, as RFC 2133 had it */
		return -EINVAL;
	if (from->family != AF_INET6)
		return -EAFNOSUPPORT;
	*addr = in6->sin6_addr;
	*port = be16_to_cpu(in6->sin6_port);
	return lo_is_v4(addr) && o->v6only ? -ENETUNREACH : 0;
}

int lo_addr_out(const struct lo_sock *o, const struct in6_addr *addr, u16 port,
		union sockaddr_any *to)
{
	struct sockaddr_in *in = (void *)to;
	struct sockaddr_in6 *in6 = (void *)to;

	if (o->so.family == AF_INET) {
		memset(in, 0, sizeof(*in));
		in->sin_family = AF_INET;
		in->sin_port = cpu_to_be16(port);
		in->sin_addr.s_addr = addr->in6_u.u6_addr32[3];
		return sizeof(*in);
	}
	memset(in6, 0, sizeof(*in6));
	in6->sin6_family = AF_INET6;
	in6->sin6_port = cpu_to_be16(port);
	in6->sin6_addr = *addr;
	return sizeof(*in6);
}

int lo_route(struct in6_addr *addr)
{
	if (lo_is_v4(addr)) {
		if (!addr->in6_u.u6_addr32[3])
			addr->in6_u.u6_addr32[3] = cpu_to_be32(INADDR_LOOPBACK);
		return (be32_to_cpu(addr->in6_u.u6_addr32[3]) >> 24) == 127 ? 0 : -ENETUNREACH;
	}
	if (lo_is_any(addr))
		addr->in6_u.u6_addr32[3] = cpu_to_be32(1);
	return !addr->in6_u.u6_addr32[0] && !addr->in6_u.u6_addr32[1] &&
	       !addr->in6_u.u6_addr32[2] && addr->in6_u.u6_addr32[3] == cpu_to_be32(1) ?
	       0 : -ENETUNREACH;
}

int lo_getname(struct socket *so, union sockaddr_any *addr, bool peer)
{
	struct lo_sock *o = lo_of(so);
	int len = -ENOTCONN;

	spin_lock(&lo_lock);
	if (!peer)
		len = lo_addr_out(o, &o->laddr, o->lport, addr);
	else if (o->rport && (so->type == SOCK_DGRAM ||
			      (so->state != LO_CLOSE && so->state != LO_SYN_SENT)))
		len = lo_addr_out(o, &o->raddr, o->rport, addr);
	spin_unlock(&lo_lock);
	return len;
}

static int lo_init(void)
{
	lo_cache = KMEM_CACHE(lo_sock);
	return lo_cache ? 0 : -ENOMEM;
}

const struct net_backend net_backend = {
	.name = "loopback", .init = lo_init, .create = lo_create,
	.infos = lo_infos, .info = lo_info,
};
