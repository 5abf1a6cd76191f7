/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The loopback backend: creation, routes, options, and the table that joins it to the socket
 * layer.
 */
#include "loopback.h"

#define LO_MTU		65536
#define LO_MSS(v4)	((v4) ? 65483 : 65463)	/* of the MTU, less headers and time stamps */

DEFINE_SPINLOCK(lo_core);
LIST_HEAD(lo_all);
static struct inet_sock *marked;	/* L */
struct inet_counts lo_counts;
u64 lo_bytes;
static struct kmem_cache *lo_cache;

void lo_mark(struct lo_sock *o, u32 bits)
{
	inet_mark(&marked, &o->in, bits);
}

void lo_unlock(void)
{
	struct inet_sock *o;
	u32 bits;

	while (unlikely(marked)) {
		o = inet_unmark(&marked, &bits);
		spin_unlock(&lo_core);
		inet_wake_marked(o, bits);
		spin_lock(&lo_core);
	}
	spin_unlock(&lo_core);
}

struct lo_sock *lo_new(const struct net_ops *ops, int family, int type, int protocol)
{
	struct lo_sock *o = kmem_cache_zalloc(lo_cache, GFP_KERNEL);

	if (!o)
		return NULL;
	inet_init(&o->in, ops, family, type, protocol);
	INIT_LIST_HEAD(&o->accepts);
	INIT_LIST_HEAD(&o->pending);
	INIT_LIST_HEAD(&o->deferred);
	INIT_LIST_HEAD(&o->wait_node);
	lo_tcp_window(&o->in.so);
	return o;
}

void lo_destroy(struct socket *so)
{
	inet_purge(&lo_of(so)->in);	/* what came while it was being closed */
	kmem_cache_free(lo_cache, lo_of(so));
}

static int lo_create(int family, int type, int protocol, struct socket **out)
{
	struct lo_sock *o;
	int err = inet_protocol(type, &protocol);

	if (err)
		return err;
	if (protocol == IPPROTO_TCP && type == SOCK_STREAM)
		o = lo_new(&lo_tcp_ops, family, type, protocol);
	else if (protocol == IPPROTO_UDP && type == SOCK_DGRAM)
		o = lo_new(&lo_udp_ops, family, type, protocol);
	else
		return -EPROTONOSUPPORT;
	if (!o)
		return -ENOBUFS;
	o->in.so.readable = type == SOCK_DGRAM ? &o->in.q.count : NULL;
	lo_lock();
	list_add_tail(&o->in.all_node, &lo_all);
	lo_unlock();
	*out = &o->in.so;
	return 0;
}

int lo_route(struct in6_addr *addr)
{
	if (inet_is_v4(addr)) {
		if (!addr->in6_u.u6_addr32[3])
			addr->in6_u.u6_addr32[3] = cpu_to_be32(INADDR_LOOPBACK);
		return addr->in6_u.u6_addr8[12] == 127 ? 0 : -ENETUNREACH;
	}
	if (inet_is_any(addr))
		addr->in6_u.u6_addr32[3] = cpu_to_be32(1);
	return !addr->in6_u.u6_addr32[0] && !addr->in6_u.u6_addr32[1] &&
	       !addr->in6_u.u6_addr32[2] && addr->in6_u.u6_addr32[3] == cpu_to_be32(1) ?
	       0 : -ENETUNREACH;
}

/* ---- options ---- */

int lo_setsockopt(struct socket *so, int level, int name, const void *val, u32 len)
{
	struct lo_sock *o = lo_of(so);
	int err;

	if (level == SOL_SOCKET)
		return name == SO_BINDTODEVICE ? -ENODEV : -ENOPROTOOPT; /* there is only lo */
	/* Nor a device that takes multicast, and without a route Linux finds none either. */
	if (level == SOL_IP && name == IP_ADD_MEMBERSHIP)
		return so->type == SOCK_STREAM ? -EPROTO :
		       len < sizeof(struct ip_mreq) ? -EINVAL : -ENODEV;
	if (level == SOL_IPV6 && name == IPV6_ADD_MEMBERSHIP && so->family == AF_INET6)
		return len < sizeof(struct ipv6_mreq) ? -EINVAL : -ENODEV;
	err = inet_setsockopt(so, level, name, val, len);
	lo_lock();
	if (so->type == SOCK_DGRAM) {
		inet_port_gen += 2;	/* what is remembered may have another head now */
	} else {
		lo_tcp_window(so);
		lo_tcp_limit(o, so->state != INET_SYN_SENT);
	}
	lo_unlock();
	return err;
}

/* Those beyond a window wait here as they would at the sender, and do not count. */
static void fill_bytes(struct lo_sock *o, struct tcp_info *info)
{
	struct lo_sock *peer;

	lo_lock();
	peer = o->peer && o->peer->peer == o ? o->peer : NULL;
	info->tcpi_bytes_sent = o->sent - (peer ? READ_ONCE(peer->charged) : 0);
	info->tcpi_bytes_acked = info->tcpi_bytes_sent + o->acked_flags;
	info->tcpi_bytes_received = (peer ? peer->sent - READ_ONCE(o->charged) : o->got) + o->in.got_fin;
	lo_unlock();
}

static void tcp_info(struct lo_sock *o, void *val, u32 *len)
{
	u32 mss = LO_MSS(inet_is_v4(&o->in.raddr));
	struct tcp_info info = {
		.tcpi_state = o->in.so.state, .tcpi_rto = 200000, .tcpi_ato = 40000,
		.tcpi_snd_mss = mss, .tcpi_rcv_mss = mss, .tcpi_advmss = mss, .tcpi_pmtu = LO_MTU,
		.tcpi_rtt = 10, .tcpi_rttvar = 5, .tcpi_snd_cwnd = 10,
		.tcpi_snd_ssthresh = 0x7fffffff, .tcpi_rcv_space = o->in.so.rcvbuf,
	};

	if (o->in.so.state == INET_LISTEN) {
		info.tcpi_unacked = o->in.nr_accepts;
		info.tcpi_sacked = o->in.backlog;
	}
	fill_bytes(o, &info);
	*len = min(*len, (u32)sizeof(info));
	memcpy(val, &info, *len);
}

int lo_getsockopt(struct socket *so, int level, int name, void *val, u32 *len)
{
	struct lo_sock *o = lo_of(so);
	bool connected = o->in.rport && so->state != INET_SYN_SENT &&
			 (so->type != SOCK_STREAM || so->state != INET_CLOSE);

	if (level == SOL_TCP && name == TCP_INFO && so->type == SOCK_STREAM) {
		tcp_info(o, val, len);
		return 0;
	}
	if (level == SOL_TCP && name == TCP_MAXSEG && so->type == SOCK_STREAM && connected) {
		int mss = LO_MSS(inet_is_v4(&o->in.raddr)), own = inet_opt(&o->in, TCP_MAXSEG);

		return inet_put_number(level, own ? min(own, mss) : mss, val, len);
	}
	if ((level == SOL_IP && name == IP_MTU) ||
	    (level == SOL_IPV6 && name == IPV6_MTU && so->family == AF_INET6))
		return connected ? inet_put_number(level, LO_MTU, val, len) : -ENOTCONN;
	return inet_getsockopt(so, level, name, val, len);
}

static bool is_ours(const struct inet_sock *o, const struct in6_addr *addr)
{
	struct in6_addr routed = *addr;

	return !lo_route(&routed);
}

const struct inet_port_ops inet_port_ops = {
	.lock = lo_lock, .unlock = lo_unlock, .is_ours = is_ours, .reuse = lo_tw_reuse,
};

static int lo_init(void)
{
	lo_cache = KMEM_CACHE(lo_sock);
	return lo_cache ? 0 : -ENOMEM;
}

const struct net_backend net_backend = {
	.name = "loopback", .init = lo_init, .create = lo_create,
	.infos = lo_infos, .info = lo_info, .config = &lo_config,
};
