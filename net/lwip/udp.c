/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * UDP sockets. lwIP's own udp.c serves what is inside the stack (DHCP) and answers what no
 * socket wants; datagrams for sockets pass it by in both directions.
 */
#include "lwip.h"
#include "lwip/dhcp.h"
#include "lwip/prot/iana.h"
#include "lwip/prot/ip6.h"
#include "lwip/prot/udp.h"

struct inet_counts lw_counts;
u32 lw_udp_drops;

/* ---- coming ---- */

/* Length and checksum are right; cuts what is behind the datagram. */
static bool valid(struct pbuf *p, struct netif *inp)
{
	const struct udp_hdr *udp = p->payload;
	u16 len;

	if (p->len < UDP_HLEN)
		return false;
	len = lwip_ntohs(udp->len);
	if (len < UDP_HLEN || len > p->tot_len)
		return false;
	if (len < p->tot_len)
		pbuf_realloc(p, len);
	if (!(inp->chksum_flags & NETIF_CHECKSUM_CHECK_UDP) || (p->flags & LW_CSUM_OK))
		return true;
	if (!udp->chksum)
		return !ip_current_is_v6();
	return !ip_chksum_pseudo(p, IP_PROTO_UDP, p->tot_len, ip_current_src_addr(),
				 ip_current_dest_addr());
}

/* Every socket that joined gets a copy; true if one did. */
static bool deliver_group(struct pbuf *p, u16 port, const struct in6_addr *to,
			  const struct in6_addr *from, u16 sport) REQUIRES(lw_core)
{
	struct inet_port *bound = inet_port_find(IPPROTO_UDP, port);
	struct inet_sock *in;
	bool found = false;

	if (!bound)
		return false;
	hlist_for_each_entry(in, &bound->socks, port_node) {
		struct lw_sock *o = lw_of(&in->so);
		void *ip = p->iphdr;
		struct pbuf *copy;

		if (!lw_group_wanted(o, to, p->if_idx) ||
		    (in->so.bound_if && in->so.bound_if != p->if_idx) ||
		    (!inet_is_any(&in->laddr) && !inet_same(&in->laddr, to)) ||
		    (in->rport && (in->rport != sport || !inet_same(&in->raddr, from))))
			continue;
		found = true;
		/* With all headers, which the reader's address comes from. */
		pbuf_add_header_force(p, (size_t)((u8 *)p->payload - (u8 *)ip));
		copy = lw_clone(p);
		pbuf_remove_header(p, ip_current_header_tot_len());
		if (!copy)
			continue;
		copy->iphdr = copy->payload;
		pbuf_remove_header(copy, ip_current_header_tot_len() + UDP_HLEN);
		lw_counts.udp_in++;
		lw_dgram_queue(o, copy);
	}
	return found;
}

void lw_udp_input(struct pbuf *p, struct netif *inp) NO_THREAD_SAFETY_ANALYSIS
{
	const struct udp_hdr *udp = p->payload;
	struct in6_addr to, from;
	struct lw_sock *o;
	u16 port, sport;

	if (unlikely(!valid(p, inp))) {
		lw_counts.udp_errors++;
		TRACE(net_drop, p->tot_len, NET_DROP_BAD);
		pbuf_free(p);
		return;
	}
	if (unlikely(ip_current_is_v6())) {
		lw_from_ip(&to, ip_current_dest_addr());
		lw_from_ip(&from, ip_current_src_addr());
	} else {
		inet_from_v4(&to, ip4_addr_get_u32(ip4_current_dest_addr()));
		inet_from_v4(&from, ip4_addr_get_u32(ip4_current_src_addr()));
	}
	port = lwip_ntohs(udp->dest);
	sport = lwip_ntohs(udp->src);
	p->iphdr = ip_current_is_v6() ? (void *)ip6_current_header() : (void *)ip4_current_header();
	p->if_idx = netif_get_index(inp);
	if (unlikely(lw_is_group(&to) || ip_addr_isbroadcast(ip_current_dest_addr(), inp))) {
		if (!deliver_group(p, port, &to, &from, sport))
			udp_input(p, inp);
		else
			pbuf_free(p);
		return;
	}
	o = lw_lookup(IPPROTO_UDP, &to, port, &from, sport, netif_get_index(inp));
	if (unlikely(!o)) {
		if (port != LWIP_IANA_PORT_DHCP_CLIENT || !netif_dhcp_data(inp))
			lw_counts.udp_noport++;
		udp_input(p, inp);
		return;
	}
	lw_counts.udp_in++;
	p->payload = (u8 *)p->payload + UDP_HLEN;
	p->len -= UDP_HLEN;
	p->tot_len -= UDP_HLEN;
	TRACE(net_rx, p->tot_len, port);
	lw_dgram_queue(o, p);
}

/* ---- going ---- */

static void add_header(const struct lw_sock *o, struct pbuf *p, const struct lw_dest *d)
{
	struct udp_hdr *udp;

	/* There is room: lw_dgram_fill(). */
	udp = p->payload = (u8 *)p->payload - UDP_HLEN;
	p->len += UDP_HLEN;
	p->tot_len += UDP_HLEN;
	udp->src = lwip_htons(o->in.lport);
	udp->dest = lwip_htons(d->port);
	udp->len = lwip_htons(p->tot_len);
	udp->chksum = 0;
}

static void fill_checksum(struct netif *n, struct pbuf *p, const struct lw_dest *d) REQUIRES(lw_core)
{
	struct udp_hdr *udp = p->payload;
	ip_addr_t src, dst;

	if (lw_csum_later(n, p, d)) {
		p->flags |= LW_CSUM_LATER;
		return;
	}
	lw_to_ip(&src, &d->from);
	lw_to_ip(&dst, &d->to);
	udp->chksum = ip_chksum_pseudo(p, IP_PROTO_UDP, p->tot_len, &src, &dst);
	if (!udp->chksum)
		udp->chksum = 0xffff;
}

/* The route is known only here, and the sum covers the source address. */
static int output(struct lw_sock *o, struct pbuf *p, struct lw_dest *d) REQUIRES(lw_core)
{
	struct netif *n = lw_route(&d->to, &d->from, d->ifindex);
	int err;

	if (unlikely(!n))
		return -ENETUNREACH;
	if ((n->chksum_flags & NETIF_CHECKSUM_GEN_UDP) &&
	    (!(o->in.so.flags & SOF_NO_CHECK) || !inet_is_v4(&d->to)))
		fill_checksum(n, p, d);
	lw_dgram_charge(o, p, n);
	err = lw_dgram_output(n, p, d, IP_PROTO_UDP);
	if (likely(err != -ENOBUFS))
		return err;
	/* A queue of the device is full: lost on the way, which only those hear of who asked to. */
	lw_counts.udp_unsent++;
	return n == &lw_lo || inet_opt(&o->in, IP_RECVERR) || inet_opt(&o->in, IPV6_RECVERR) ? err : 0;
}

static ssize_t sendmsg_op(struct socket *so, struct net_msg *msg)
{
	struct lw_sock *o = lw_of(so);
	size_t n = iov_iter_count(msg->iter);
	struct lw_dest d;
	struct pbuf *p;
	int err;

	if (unlikely(n > INET_UDP_MAX))
		return -EMSGSIZE;
	if (unlikely(msg->flags & MSG_OOB))
		return -EOPNOTSUPP;
	err = lw_dgram_dest(o, msg, &d);
	if (unlikely(err))
		return err;
	/* lwIP counts a packet, headers and all, in 16 bits. */
	if (unlikely(n > U16_MAX - IP6_HLEN - UDP_HLEN) && !inet_is_v4(&d.to))
		return -EMSGSIZE;
	if (unlikely(!o->in.lport) && (err = inet_autobind(&o->in)))
		return err;
	if (unlikely(READ_ONCE(so->err)) && (err = sock_error(so)))
		return err;
	if (unlikely(READ_ONCE(so->shutdown) & SEND_SHUTDOWN))
		return -EPIPE;
	if (unlikely(socket_wmem(so) >= READ_ONCE(so->sndbuf)))
		return -EAGAIN;
	p = lw_dgram_fill(msg, n, UDP_HLEN);
	if (IS_ERR(p))
		return PTR_ERR(p);
	add_header(o, p, &d);
	lw_lock();
	err = output(o, p, &d);
	pbuf_free(p);
	lw_counts.udp_out++;
	lw_unlock();
	TRACE(net_tx, (u32)n, d.port);
	return err ? err : (ssize_t)n;
}

const struct net_ops lw_udp_ops = {
	.release = lw_dgram_release, .destroy = lw_destroy, .bind = inet_bind,
	.connect = lw_dgram_connect, .shutdown = inet_dgram_shutdown, .sendmsg = sendmsg_op,
	.recvmsg = lw_dgram_recvmsg, .poll = lw_dgram_poll, .getname = inet_getname,
	.setsockopt = lw_setsockopt, .getsockopt = lw_getsockopt, .ioctl = lw_dgram_ioctl,
	.write_space = inet_dgram_write_space,
};
