/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Raw sockets, and ping sockets (SOCK_DGRAM of ICMP), whose "port" is the echo identifier:
 * raw(7), icmp(7).
 */
#include "lwip.h"

#include "lwip/prot/icmp.h"
#include "lwip/prot/icmp6.h"
#include "lwip/prot/ip4.h"
#include "lwip/prot/ip6.h"

u32 lw_raw_sockets;

static bool is_raw(const struct lw_sock *o)
{
	return o->in.so.type == SOCK_RAW;
}

/* ---- coming ---- */

static bool filtered(const struct lw_sock *o, u8 type)
{
	if (o->in.so.protocol == IPPROTO_ICMP && o->in.so.family == AF_INET)
		return type < 32 && (o->icmp_filter[type / 8] >> (type % 8) & 1);
	if (o->in.so.protocol == IPPROTO_ICMPV6 && o->in.so.family == AF_INET6)
		return o->icmp_filter[type / 8] >> (type % 8) & 1;
	return false;
}

static bool wants(const struct lw_sock *o, u8 proto, const struct in6_addr *to,
		  const struct in6_addr *from, u32 ifindex)
{
	const struct inet_sock *in = &o->in;

	return is_raw(o) && in->so.protocol == proto &&
	       (in->so.family == AF_INET) == inet_is_v4(to) &&
	       (!in->so.bound_if || in->so.bound_if == ifindex) &&
	       (inet_is_any(&in->laddr) || inet_same(&in->laddr, to)) &&
	       (in->so.state != INET_ESTABLISHED || inet_same(&in->raddr, from));
}

/* The protocol behind IPv6's headers, `skip` bytes in all, which lwIP has walked already. */
static u8 transport6(const struct pbuf *p, u16 skip)
{
	u8 proto = IP6H_NEXTH((const struct ip6_hdr *)p->payload), head[2];

	for (u16 at = IP6_HLEN; at < skip; at = (u16)(at + (head[1] + 1) * 8)) {
		if (pbuf_copy_partial(p, head, 2, at) != 2)
			break;
		if (proto == IP6_NEXTH_FRAGMENT)
			head[1] = 0;
		proto = head[0];
	}
	return proto;
}

/*
 * Each packet, whole and reassembled, payload at its IP header. Raw sockets of IPv4 get the
 * header too, those of IPv6 do not.
 */
raw_input_state_t lw_raw_input(struct pbuf *p, struct netif *inp) NO_THREAD_SAFETY_ANALYSIS
{
	raw_input_state_t ret = RAW_INPUT_NONE;
	struct in6_addr to, from;
	struct lw_sock *o;
	bool v6;
	u8 proto;
	u16 skip;

	if (likely(!lw_raw_sockets))
		return RAW_INPUT_NONE;
	v6 = ip_current_is_v6();
	skip = ip_current_header_tot_len();
	proto = v6 ? transport6(p, skip) : IPH_PROTO((struct ip_hdr *)p->payload);
	lw_from_ip(&to, ip_current_dest_addr());
	lw_from_ip(&from, ip_current_src_addr());
	list_for_each_entry(o, &lw_all, in.all_node) {
		struct pbuf *copy;
		u8 type = 0;

		if (!wants(o, proto, &to, &from, netif_get_index(inp)))
			continue;
		ret = RAW_INPUT_DELIVERED;
		pbuf_copy_partial(p, &type, 1, skip);
		if (filtered(o, type))
			continue;
		copy = lw_clone(p);
		if (!copy)
			continue;
		copy->if_idx = netif_get_index(inp);
		copy->iphdr = copy->payload;
		if (v6)
			pbuf_remove_header(copy, skip);
		lw_dgram_queue(o, copy);
	}
	return ret;
}

/* lwIP moves its own raw control blocks when an address changes; there are none. */
void raw_netif_ip_addr_changed(const ip_addr_t *old_addr, const ip_addr_t *new_addr)
{
}

/* ---- going ---- */

/* A ping: the identifier is the socket's, the sum is ours. 0 or -EINVAL. */
static int fix_echo(struct lw_sock *o, struct pbuf *p)
{
	u8 *head = p->payload;
	bool v6 = o->in.so.family == AF_INET6;

	if (p->tot_len < 8 || head[0] != (v6 ? ICMP6_TYPE_EREQ : ICMP_ECHO) || head[1])
		return -EINVAL;
	head[2] = head[3] = 0;
	head[4] = (u8)(o->in.lport >> 8);
	head[5] = (u8)o->in.lport;
	return 0;
}

/* Sums of ICMP that are the kernel's to make. */
static void fill_sum(struct lw_sock *o, struct pbuf *p, const struct lw_dest *d)
{
	u8 *head = p->payload;
	ip_addr_t src, dst;
	u16 sum;

	if (p->len < 4)
		return;
	if (o->in.so.protocol == IPPROTO_ICMPV6 && o->in.so.family == AF_INET6) {
		lw_to_ip(&src, &d->from);
		lw_to_ip(&dst, &d->to);
		head[2] = head[3] = 0;
		sum = ip_chksum_pseudo(p, IP6_NEXTH_ICMP6, p->tot_len, &src, &dst);
	} else if (o->in.so.protocol == IPPROTO_ICMP && !is_raw(o)) {
		sum = inet_chksum_pbuf(p);
	} else {
		return;
	}
	memcpy(head + 2, &sum, sizeof(sum));
}

/* IP_HDRINCL: the program made the header; length, sum and an empty source are filled in. */
static int send_with_header(struct lw_sock *o, struct pbuf *p, struct lw_dest *d) REQUIRES(lw_core)
{
	struct ip_hdr *ip = p->payload;
	struct netif *n;
	ip4_addr_t to;

	if (p->len < IP_HLEN || IPH_HL_BYTES(ip) < IP_HLEN || IPH_HL_BYTES(ip) > p->len)
		return -EINVAL;
	n = lw_route(&d->to, &d->from, d->ifindex);
	if (!n)
		return -ENETUNREACH;
	if (!ip->src.addr)
		ip->src.addr = inet_v4(&d->from);
	IPH_LEN_SET(ip, lwip_htons(p->tot_len));
	IPH_CHKSUM_SET(ip, 0);
	IPH_CHKSUM_SET(ip, inet_chksum(ip, IPH_HL_BYTES(ip)));
	ip4_addr_set_u32(&to, inet_v4(&d->to));
	lw_dgram_charge(o, p, n);
	return lw_errno(n->output(n, p, &to));
}

static ssize_t sendmsg_op(struct socket *so, struct net_msg *msg)
{
	struct lw_sock *o = lw_of(so);
	size_t n = iov_iter_count(msg->iter);
	struct lw_dest d;
	struct pbuf *p;
	int err;

	if (n > 65535 - IP_HLEN)
		return -EMSGSIZE;
	if (msg->flags & MSG_OOB)
		return -EOPNOTSUPP;
	err = lw_dgram_dest(o, msg, &d);
	if (!err && !is_raw(o))
		err = inet_autobind(&o->in);
	if (!err)
		err = sock_error(so);
	if (!err && (READ_ONCE(so->shutdown) & SEND_SHUTDOWN))
		err = -EPIPE;
	if (!err && socket_wmem(so) >= READ_ONCE(so->sndbuf))
		err = -EAGAIN;
	if (err)
		return err;
	p = lw_dgram_fill(msg, n, 0);
	if (IS_ERR(p))
		return PTR_ERR(p);
	if (!is_raw(o))
		err = fix_echo(o, p);
	lw_lock();
	if (!err && is_raw(o) && so->family == AF_INET &&
	    (so->protocol == IPPROTO_RAW || o->hdrincl)) {
		err = send_with_header(o, p, &d);
	} else if (!err) {
		struct netif *out = lw_route(&d.to, &d.from, d.ifindex);

		err = -ENETUNREACH;
		if (out) {
			fill_sum(o, p, &d);
			lw_dgram_charge(o, p, out);
			err = lw_dgram_output(out, p, &d, (u8)so->protocol);
		}
	}
	pbuf_free(p);
	lw_unlock();
	TRACE(net_tx, (u32)n, 0);
	return err ? err : (ssize_t)n;
}

/* ---- the rest ---- */

void lw_raw_count(const struct lw_sock *o, int change)
{
	if (is_raw(o))
		lw_raw_sockets += (u32)change;
}

static int bind_op(struct socket *so, const union sockaddr_any *from, u32 len)
{
	struct lw_sock *o = lw_of(so);
	struct in6_addr addr;
	u16 port;
	int err;

	if (!is_raw(o))
		return inet_bind(so, from, len);
	err = inet_bind_in(&o->in, from, len, &addr, &port);
	if (err)
		return err;
	lw_lock();
	if (!inet_is_any(&addr) && !lw_is_local(&addr) && !lw_is_group(&addr))
		err = -EADDRNOTAVAIL;
	else
		o->in.laddr = addr;
	lw_unlock();
	return err;
}

static void release_op(struct socket *so)
{
	lw_lock();
	lw_raw_count(lw_of(so), -1);
	lw_unlock();
	lw_dgram_release(so);
}

const struct net_ops lw_raw_ops = {
	.release = release_op, .destroy = lw_destroy, .bind = bind_op,
	.connect = lw_dgram_connect, .shutdown = inet_dgram_shutdown, .sendmsg = sendmsg_op,
	.recvmsg = lw_dgram_recvmsg, .poll = lw_dgram_poll, .getname = inet_getname,
	.setsockopt = lw_setsockopt, .getsockopt = lw_getsockopt, .ioctl = lw_dgram_ioctl,
	.write_space = inet_dgram_write_space,
};
