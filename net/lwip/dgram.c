/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What UDP, ping and raw sockets share: a queue of packets, the addresses of a message, and
 * sending one packet. Who sent a packet is read from its headers, which are still in front of
 * what the reader gets (pbuf.iphdr).
 */
#include "lwip.h"
#include "lwip/mem.h"
#include "lwip/prot/ip4.h"
#include "lwip/prot/ip6.h"

/* ---- coming ---- */

void lw_dgram_queue(struct lw_sock *o, struct pbuf *p)
{
	struct inet_sock *in = &o->in;
	struct net_buf when;

	if (unlikely(inet_dgram_full(in, o->rxq.count, in->q.bytes + p->tot_len) ||
		     (o->rxq.count && lw_mem_tight(lw_mem_keep_max)))) {
		in->drops++;
		lw_udp_drops++;
		TRACE(net_drop, p->tot_len, in->lport);
		pbuf_free(p);
		return;
	}
	when.stamp = 0;
	net_stamp(&when);
	p->stamp = when.stamp;
	p->drops = in->drops;
	in->q.bytes += p->tot_len;
	lw_queue_add(&o->rxq, p);
	lw_mark(o, EPOLL_IN_BITS);
}

/* Bytes of a packet from `skip` on to the user, `n` at most. 0 or -EFAULT. */
static int copy_out(const struct pbuf *p, size_t n, struct net_msg *msg)
{
	for (; p && n; p = p->next) {
		size_t step = min_t(size_t, p->len, n);

		if (step && copy_to_iter(p->payload, step, msg->iter) != step)
			return -EFAULT;
		n -= step;
	}
	return 0;
}

/* What the headers of a packet say. */
struct origin {
	struct inet_meta meta;
	struct in6_addr	 src;
	u16		 sport;
};

static void read_headers(const struct lw_sock *o, const struct pbuf *p, struct origin *from)
{
	const struct ip_hdr *ip = p->iphdr;

	from->meta.ifindex = p->if_idx;
	if (IPH_V(ip) == 4) {
		inet_from_v4(&from->src, ip->src.addr);
		inet_from_v4(&from->meta.addr, ip->dest.addr);
		from->meta.hops = IPH_TTL(ip);
		from->meta.tclass = IPH_TOS(ip);
	} else {
		const struct ip6_hdr *ip6 = p->iphdr;

		memcpy(&from->src, &ip6->src, sizeof(from->src));
		memcpy(&from->meta.addr, &ip6->dest, sizeof(from->meta.addr));
		from->meta.hops = IP6H_HOPLIM(ip6);
		from->meta.tclass = IP6H_TC(ip6);
	}
	from->sport = 0;
	if (o->in.so.protocol == IPPROTO_UDP && o->in.so.type == SOCK_DGRAM)
		from->sport = be16_to_cpu(((const __be16 *)p->payload)[-4]);
}

static ssize_t copy_message(struct lw_sock *o, struct net_msg *msg, const struct pbuf *p)
{
	size_t n = min_t(size_t, p->tot_len, iov_iter_count(msg->iter));
	struct origin from;

	if (copy_out(p, n, msg))
		return -EFAULT;
	if (n < p->tot_len)
		msg->out_flags |= MSG_TRUNC;
	if (msg->name || unlikely(msg->user_left)) {
		read_headers(o, p, &from);
		if (msg->name) {
			msg->namelen = (u32)inet_addr_out(&o->in, &from.src, from.sport, msg->name);
			inet_link_out(msg->name, p->if_idx);
		}
		if (unlikely(o->in.so.flags & SOF_STAMPS)) {
			const struct net_buf stamp = { .stamp = p->stamp };

			net_put_stamp(&o->in.so, msg, &stamp);
		}
		if (unlikely((o->in.so.flags & SOF_RXQ_OVFL) && p->drops))
			net_put_cmsg(msg, SOL_SOCKET, SO_RXQ_OVFL, &p->drops, sizeof(p->drops));
		if (unlikely(msg->user_left))
			inet_recv_meta(&o->in, msg, &from.meta);
	}
	return msg->flags & MSG_TRUNC ? (ssize_t)p->tot_len : (ssize_t)n;
}

/* A packet that is on no queue any more. One of a piece that nobody else holds needs no lock. */
static void free_taken(struct pbuf *p)
{
	if (likely(p->ref == 1 && !p->next && p->type_internal == (u8)PBUF_RAM &&
		   !(p->flags & PBUF_FLAG_IS_CUSTOM))) {
		mem_free(p);
		return;
	}
	lw_lock();
	pbuf_free(p);
	lw_unlock();
}

/* Apart, because the first look of a reader that has to wait finds nothing. */
static noinline ssize_t take_message(struct lw_sock *o, struct net_msg *msg)
{
	bool peek = msg->flags & MSG_PEEK;
	struct pbuf *p;
	ssize_t ret;

	lw_lock();
	p = o->rxq.head;
	if (likely(p)) {
		if (unlikely(peek)) {
			pbuf_ref(p);
		} else {
			lw_queue_take(&o->rxq);
			o->in.q.bytes -= p->tot_len;
		}
	}
	lw_unlock();
	if (unlikely(!p))		/* another reader was faster */
		return inet_dgram_nothing(&o->in.so, msg);
	ret = copy_message(o, msg, p);
	free_taken(p);
	return ret;
}

ssize_t lw_dgram_recvmsg(struct socket *so, struct net_msg *msg)
{
	struct lw_sock *o = lw_of(so);
	int err = inet_dgram_before_recv(so, msg);

	if (unlikely(err))
		return err;
	if (!READ_ONCE(o->rxq.head))
		return inet_dgram_nothing(so, msg);
	return take_message(o, msg);
}

/* ---- going ---- */

static bool zero(const struct in6_addr *a)
{
	return !(a->in6_u.u6_addr32[0] | a->in6_u.u6_addr32[1] | a->in6_u.u6_addr32[2] |
		 a->in6_u.u6_addr32[3]);
}

/* TTL and TOS of a message, where nothing else was asked for. */
static void fill_fields(const struct lw_sock *o, struct lw_dest *d, const struct inet_meta *meta)
{
	bool v4 = inet_is_v4(&d->to), group = lw_is_group(&d->to);
	int hops = meta->hops, tclass = meta->tclass;

	if (hops < 0 && v4)
		hops = group ? inet_opt(&o->in, IP_MULTICAST_TTL) : inet_opt(&o->in, IP_TTL);
	else if (hops < 0)
		hops = group ? inet_opt(&o->in, IPV6_MULTICAST_HOPS) :
			       inet_opt(&o->in, IPV6_UNICAST_HOPS);
	if (tclass < 0)
		tclass = v4 ? inet_opt(&o->in, IP_TOS) : inet_opt(&o->in, IPV6_TCLASS);
	d->group = group;
	if (unlikely(group))
		d->loop = v4 ? inet_opt(&o->in, IP_MULTICAST_LOOP) :
			       inet_opt(&o->in, IPV6_MULTICAST_LOOP);
	d->hops = (u8)hops;
	d->tclass = (u8)tclass;
}

static bool broadcast(const struct in6_addr *a)
{
	return inet_is_v4(a) && inet_v4(a) == cpu_to_be32(INADDR_BROADCAST);
}

int lw_dgram_dest(struct lw_sock *o, struct net_msg *msg, struct lw_dest *d)
{
	struct inet_sock *in = &o->in;
	static const struct inet_meta none = { .hops = -1, .tclass = -1 };
	const struct inet_meta *meta = &none;
	struct inet_meta given;
	u32 link = 0;
	int err;

	if (likely(!msg->namelen)) {
		if (unlikely(in->so.state != INET_ESTABLISHED))
			return -EDESTADDRREQ;
		d->to = in->raddr;
		d->port = in->rport;
	} else {
		err = inet_dgram_to(in, msg, &d->to, &d->port);
		if (err)
			return err;
		lw_fix_wildcard(&d->to);
		link = inet_link_in(msg->name, msg->namelen);
	}
	if (unlikely(msg->control_len)) {
		given = none;
		meta = &given;
		err = inet_send_meta(in, msg, &given);
		if (err)
			return err;
	}
	if (unlikely(broadcast(&d->to)) && !(in->so.flags & SOF_BROADCAST))
		return -EACCES;
	fill_fields(o, d, meta);
	d->from = in->laddr;
	if (unlikely(meta != &none) && !zero(&meta->addr))
		d->from = meta->addr;
	d->ifindex = meta->ifindex ? meta->ifindex : link ? link : in->so.bound_if;
	if (unlikely(d->group) && !d->ifindex) {
		d->ifindex = o->mcast_if;
		if (o->mcast_addr && inet_is_v4(&d->to) && inet_is_any(&d->from))
			inet_from_v4(&d->from, o->mcast_addr);
	}
	if (inet_is_any(&d->from))
		inet_any(&d->from, inet_is_v4(&d->to) ? AF_INET : AF_INET6);
	return 0;
}

struct pbuf *lw_dgram_fill(struct net_msg *msg, size_t n, u16 hlen)
{
	struct pbuf *head = NULL;

	if (unlikely(lw_mem_tight(lw_mem_send_max)))
		return ERR_PTR(-ENOBUFS);
	do {
		struct pbuf *p = lw_block_alloc(head ? PBUF_RAW : PBUF_TRANSPORT,
						min_t(size_t, n, LW_BLOCK - LW_BLOCK_OVERHEAD));
		u16 step;

		if (unlikely(!p))
			goto fail;
		step = p->len;
		if (!head)
			head = p;
		else
			pbuf_cat(head, p);
		if (unlikely(step && copy_from_iter(p->payload, step, msg->iter) != step)) {
			pbuf_free(head);
			return ERR_PTR(-EFAULT);
		}
		n -= step;
	} while (n);
	return head;
fail:
	if (head)
		pbuf_free(head);
	return ERR_PTR(-ENOBUFS);
}

#define CHARGE_OVERHEAD	512u	/* of SO_SNDBUF, for each packet; Linux takes as much and more */

void lw_dgram_charge_out(struct lw_sock *o, struct pbuf *p)
{
	p->sender = o;
	p->charge = p->tot_len + CHARGE_OVERHEAD;
	p->flags |= LW_CHARGED;
	atomic_add((int)p->charge, &o->in.so.wmem);
}

/* From lwIP: the packet is freed. The rest of the charge keeps the socket until it was marked. */
void lw_dgram_uncharge(struct pbuf *p) NO_THREAD_SAFETY_ANALYSIS
{
	struct socket *so = &p->sender->in.so;

	atomic_sub((int)p->charge - 1, &so->wmem);
	smp_mb();	/* the charge before the look for a writer, who looks at it after he said so */
	if (READ_ONCE(so->out_watch) && inet_dgram_writable(so) && socket_get_live(so)) {
		lw_mark(p->sender, EPOLL_OUT_BITS);
		socket_put(so);
	}
	socket_uncharge(so, 1);
}

/* A group's packet for the members on this machine. Lost, as any datagram, without memory. */
static void loop_group(struct netif *n, struct pbuf *p, const struct lw_dest *d, u8 proto)
	REQUIRES(lw_core)
{
	bool v4 = inet_is_v4(&d->to);
	struct pbuf *copy = pbuf_alloc(PBUF_IP, p->tot_len, PBUF_RAM);

	if (!copy)
		return;
	pbuf_copy(copy, p);
	if (v4) {
		struct ip_hdr *ip;

		pbuf_add_header(copy, IP_HLEN);
		ip = copy->payload;
		memset(ip, 0, IP_HLEN);
		IPH_VHL_SET(ip, 4, IP_HLEN / 4);
		IPH_TOS_SET(ip, d->tclass);
		IPH_LEN_SET(ip, lwip_htons(copy->tot_len));
		IPH_TTL_SET(ip, d->hops);
		IPH_PROTO_SET(ip, proto);
		ip->src.addr = inet_v4(&d->from);
		ip->dest.addr = inet_v4(&d->to);
		IPH_CHKSUM_SET(ip, inet_chksum(ip, IP_HLEN));
	} else {
		struct ip6_hdr *ip6;

		pbuf_add_header(copy, IP6_HLEN);
		ip6 = copy->payload;
		IP6H_VTCFL_SET(ip6, 6, d->tclass, 0);
		IP6H_PLEN_SET(ip6, p->tot_len);
		IP6H_NEXTH_SET(ip6, proto);
		IP6H_HOPLIM_SET(ip6, d->hops);
		memcpy(&ip6->src, &d->from, sizeof(ip6->src));
		memcpy(&ip6->dest, &d->to, sizeof(ip6->dest));
	}
	copy->flags |= LW_CSUM_OK;
	lw_loop_back(copy, n);
}

int lw_dgram_output(struct netif *n, struct pbuf *p, const struct lw_dest *d, u8 proto)
{
	ip_addr_t src, dst;

	if (unlikely(d->group)) {
		if (d->loop && n != &lw_lo)
			loop_group(n, p, d, proto);
		if (!d->hops)
			return 0;	/* not beyond this machine */
	}
	if (likely(inet_is_v4(&d->to))) {
		const ip4_addr_t from4 = { inet_v4(&d->from) }, to4 = { inet_v4(&d->to) };

		return lw_errno(n == &lw_lo ?
				lw_ip4_output_if(p, &from4, &to4, d->hops, d->tclass, proto, n) :
				ip4_output_if_src(p, &from4, &to4, d->hops, d->tclass, proto, n));
	}
	lw_to_ip(&src, &d->from);
	lw_to_ip(&dst, &d->to);
	return lw_errno(ip6_output_if_src(p, ip_2_ip6(&src), ip_2_ip6(&dst), d->hops, d->tclass,
					  proto, n));
}

/* ---- the rest ---- */

int lw_dgram_connect(struct socket *so, const union sockaddr_any *to, u32 len, nsec_t *timeo)
{
	struct lw_sock *o = lw_of(so);
	struct in6_addr addr, from;
	u16 port;
	int err;

	if (len >= sizeof(to->family) && to->family == AF_UNSPEC) {
		lw_lock();
		o->in.rport = 0;
		inet_any(&o->in.raddr, so->family);
		so->state = INET_CLOSE;
		inet_unbind_auto(&o->in);
		lw_unlock();
		return 0;
	}
	err = inet_addr_in(&o->in, to, len, &addr, &port);
	if (err)
		return err;
	lw_fix_wildcard(&addr);
	if (broadcast(&addr) && !(so->flags & SOF_BROADCAST))
		return -EACCES;
	if (inet_is_v4(&addr) != inet_is_v4(&o->in.laddr) && !inet_is_any(&o->in.laddr))
		return -ENETUNREACH;
	if (so->type == SOCK_DGRAM) {
		err = inet_autobind(&o->in);
		if (err)
			return err;
	}
	if (inet_link_in(to, len))
		so->bound_if = inet_link_in(to, len);	/* to stay on that link, as on Linux */
	lw_lock();
	from = o->in.laddr;
	if (inet_is_any(&from))
		inet_any(&from, inet_is_v4(&addr) ? AF_INET : AF_INET6);
	if (!lw_route(&addr, &from, so->bound_if ? so->bound_if : lw_is_group(&addr) ? o->mcast_if : 0)) {
		err = -ENETUNREACH;
	} else {
		o->in.laddr = from;
		o->in.raddr = addr;
		o->in.rport = port;
		so->state = INET_ESTABLISHED;
	}
	lw_unlock();
	return err;
}

void lw_dgram_release(struct socket *so)
{
	struct lw_sock *o = lw_of(so);

	lw_lock();
	o->dead = true;
	lw_groups_drop(o);
	inet_port_release(&o->in);
	lw_queue_free(&o->rxq);
	o->in.q.bytes = 0;
	list_del_init(&o->in.all_node);
	lw_unlock();
}

u32 lw_dgram_poll(struct socket *so, u32 lowat)
{
	return inet_dgram_poll_bits(so, READ_ONCE(lw_of(so)->rxq.head));
}

long lw_dgram_ioctl(struct socket *so, unsigned cmd, unsigned long arg)
{
	struct lw_sock *o = lw_of(so);
	u32 n;

	if (cmd != SIOCINQ)
		return inet_dgram_ioctl(so, cmd, arg);
	lw_lock();
	n = o->rxq.head ? o->rxq.head->tot_len : 0;
	lw_unlock();
	return net_put_int(arg, (int)n);
}

struct pbuf *lw_clone(struct pbuf *p)
{
	struct pbuf *q = pbuf_alloc(PBUF_RAW, p->tot_len, PBUF_RAM);

	if (q) {
		pbuf_copy(q, p);
		q->if_idx = p->if_idx;
	}
	return q;
}

void lw_sock_error(struct lw_sock *o, int err)
{
	WRITE_ONCE(o->in.so.err, err);
	lw_mark(o, EPOLL_ALL_BITS);
}
