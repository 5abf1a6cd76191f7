/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AF_INET and AF_INET6: protocols of socket(2) and addresses. See <net/inet.h>.
 */
#include <net/inet.h>

void inet_inherit(struct inet_sock *conn, const struct inet_sock *l)
{
	conn->connect = INET_CONNECTED;
	conn->so.flags = l->so.flags;
	conn->so.sndbuf = l->so.sndbuf;
	conn->so.rcvbuf = l->so.rcvbuf;
	conn->so.rcvlowat = l->so.rcvlowat;
	conn->so.linger = l->so.linger;
	conn->so.rcvtimeo = l->so.rcvtimeo;
	conn->so.sndtimeo = l->so.sndtimeo;
	conn->so.priority = l->so.priority;
	conn->so.mark = l->so.mark;
	conn->so.bound_if = l->so.bound_if;
	conn->reno = l->reno;
	conn->uid = l->uid;
	memcpy(conn->option, l->option, sizeof(conn->option));
}

int inet_protocol(int type, int *protocol)
{
	if (*protocol < 0 || *protocol >= IPPROTO_MAX)
		return -EINVAL;
	switch (type) {
	case SOCK_STREAM:
		if (*protocol && *protocol != IPPROTO_TCP)
			return -EPROTONOSUPPORT;
		*protocol = IPPROTO_TCP;
		return 0;
	case SOCK_DGRAM:
		if (*protocol == IPPROTO_ICMP || *protocol == IPPROTO_ICMPV6)
			return 0;
		if (*protocol && *protocol != IPPROTO_UDP)
			return -EPROTONOSUPPORT;
		*protocol = IPPROTO_UDP;
		return 0;
	case SOCK_RAW:
		if (!*protocol)
			return -EPROTONOSUPPORT;
		return capable(CAP_NET_RAW) ? 0 : -EPERM;
	default:
		return -ESOCKTNOSUPPORT;
	}
}

/* ---- addresses ---- */

void inet_from_v4(struct in6_addr *a, __be32 v4)
{
	a->in6_u.u6_addr32[0] = a->in6_u.u6_addr32[1] = 0;
	a->in6_u.u6_addr32[2] = cpu_to_be32(0xffff);
	a->in6_u.u6_addr32[3] = v4;
}

void inet_any(struct in6_addr *a, int family)
{
	if (family == AF_INET)
		inet_from_v4(a, 0);
	else
		memset(a, 0, sizeof(*a));
}

int inet_addr_in(const struct inet_sock *o, const union sockaddr_any *from, u32 len,
		 struct in6_addr *addr, u16 *port)
{
	const struct sockaddr_in *in = (const void *)from;
	const struct sockaddr_in6 *in6 = (const void *)from;

	if (o->so.family == AF_INET || (from->family == AF_INET && len >= sizeof(*in))) {
		if (len < sizeof(*in))
			return -EINVAL;
		if (from->family != AF_INET &&
		    !(from->family == AF_UNSPEC && o->so.type != SOCK_STREAM))
			return -EAFNOSUPPORT;
		if (o->so.family == AF_INET6 && inet_opt(o, IPV6_V6ONLY))
			return -ENETUNREACH;
		inet_from_v4(addr, in->sin_addr.s_addr);
		*port = be16_to_cpu(in->sin_port);
		return 0;
	}
	if (len < 24)		/* without sin6_scope_id, as RFC 2133 had it */
		return -EINVAL;
	if (from->family != AF_INET6)
		return -EAFNOSUPPORT;
	*addr = in6->sin6_addr;
	*port = be16_to_cpu(in6->sin6_port);
	return inet_is_v4(addr) && inet_opt(o, IPV6_V6ONLY) ? -ENETUNREACH : 0;
}

/* fe80::/10 */
static bool is_linklocal(const u8 *a)
{
	return a[0] == 0xfe && (a[1] & 0xc0) == 0x80;
}

u32 inet_link_in(const union sockaddr_any *from, u32 len)
{
	const struct sockaddr_in6 *in6 = (const void *)from;
	const u8 *a = in6->sin6_addr.in6_u.u6_addr8;

	if (len < sizeof(*in6) || from->family != AF_INET6)
		return 0;
	return is_linklocal(a) || (a[0] == 0xff && (a[1] & 15) == 2) ?
	       in6->sin6_scope_id : 0;
}

void inet_link_out(union sockaddr_any *to, u32 link)
{
	struct sockaddr_in6 *in6 = (void *)to;
	const u8 *a = in6->sin6_addr.in6_u.u6_addr8;

	if (to->family == AF_INET6 && is_linklocal(a))
		in6->sin6_scope_id = link;
}

int inet_bind_in(const struct inet_sock *o, const union sockaddr_any *from, u32 len,
		 struct in6_addr *addr, u16 *port)
{
	const struct sockaddr_in *in = (const void *)from;
	int err;

	if (o->so.family == AF_INET) {
		if (len < sizeof(*in))
			return -EINVAL;
		/* Old programs leave the family out when they bind to the wildcard. */
		if (from->family != AF_INET && (from->family != AF_UNSPEC || in->sin_addr.s_addr))
			return -EAFNOSUPPORT;
		inet_from_v4(addr, in->sin_addr.s_addr);
		*port = be16_to_cpu(in->sin_port);
		return 0;
	}
	if (len < 24)
		return -EINVAL;
	if (from->family != AF_INET6)
		return -EAFNOSUPPORT;
	err = inet_addr_in(o, from, len, addr, port);
	return err == -ENETUNREACH ? -EINVAL : err;
}

int inet_addr_out(const struct inet_sock *o, const struct in6_addr *addr, u16 port,
		  union sockaddr_any *to)
{
	struct sockaddr_in *in = (void *)to;
	struct sockaddr_in6 *in6 = (void *)to;

	if (o->so.family == AF_INET) {
		memset(in, 0, sizeof(*in));
		in->sin_family = AF_INET;
		in->sin_port = cpu_to_be16(port);
		in->sin_addr.s_addr = inet_v4(addr);
		return sizeof(*in);
	}
	memset(in6, 0, sizeof(*in6));
	in6->sin6_family = AF_INET6;
	in6->sin6_port = cpu_to_be16(port);
	in6->sin6_addr = *addr;
	return sizeof(*in6);
}

int inet_getname(struct socket *so, union sockaddr_any *addr, bool peer)
{
	struct inet_sock *o = inet_of(so);
	int len = -ENOTCONN;

	inet_port_ops.lock();
	if (!peer)
		len = inet_addr_out(o, &o->laddr, o->lport, addr);
	else if (so->type != SOCK_STREAM ? inet_dgram_connected(o) :
		 o->rport && so->state != INET_CLOSE && so->state != INET_SYN_SENT)
		len = inet_addr_out(o, &o->raddr, o->rport, addr);
	inet_port_ops.unlock();
	return len;
}
