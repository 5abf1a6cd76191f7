/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What every backend of AF_INET and AF_INET6 shares: addresses in and out, options of IP, IPv6
 * and TCP, control messages, and the lines of /proc/net. Nothing here knows a packet.
 *
 * Addresses are kept as IPv6; those of IPv4 as ::ffff:a.b.c.d. Ports are in host order. A
 * backend's socket begins with struct inet_sock; so.state has the numbers below, which are
 * Linux's in /proc/net/tcp and TCP_INFO, for UDP too.
 *
 * Options are kept by inet_setsockopt() and read with inet_opt(); a backend that has to act on
 * one looks at it after the call, or when it needs it. Context: as ops of <net/backend.h>.
 */
#ifndef NET_INET_H
#define NET_INET_H

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <lib/byteorder.h>
#include <lib/list.h>
#include <net/backend.h>

enum inet_state {
	INET_ESTABLISHED = 1, INET_SYN_SENT, INET_SYN_RECV, INET_FIN_WAIT1, INET_FIN_WAIT2,
	INET_TIME_WAIT, INET_CLOSE, INET_CLOSE_WAIT, INET_LAST_ACK, INET_LISTEN, INET_CLOSING,
};

/* How far connect(2) is, beside the state of the protocol: a connection that broke is still one. */
enum inet_connect {
	INET_UNCONNECTED, INET_CONNECTING /* its result was not told yet */, INET_CONNECTED,
};

#define INET_EPHEMERAL_MIN	32768u	/* net.ipv4.ip_local_port_range */
#define INET_EPHEMERAL_MAX	60999u
#define INET_UDP_MAX		65507u	/* bytes of a datagram */

enum inet_option {
#define INET_OPT(level, name, first, min, max, kind, sockets) OPT_##name,
#include <net/inet_options.h>
#undef INET_OPT
	INET_NR_OPTIONS,
};

/* Locks:  b the backend's own   l so.lock   i constant   o option, word */
struct inet_sock {
	struct socket	so;			/* first */
	struct in6_addr	laddr, raddr;		/* b */
	u16		lport, rport;		/* b  0: not bound, not connected */
	u8		connect;		/* b  enum inet_connect */
	u8		bound;			/* b  INET_BOUND_*: by bind(), so kept by a disconnect */
	struct inet_port *port;			/* b */
	struct hlist_node port_node;		/* b  in port->socks */
	bool		got_fin;		/* l  TCP: the peer will send no more */
	bool		nospace;		/* word  TCP: somebody was told that there is no room */
	struct net_bufq	q;			/* l  what came and was not read */
	u32		drops;			/* l  datagrams lost */
	bool		reno;			/* o  TCP_CONGESTION: reno, not cubic */
	u32		uid;			/* i  of who made it */
	int		option[INET_NR_OPTIONS]; /* o  read by inet_opt() */
};

#define INET_BOUND_ADDR	1u
#define INET_BOUND_PORT	2u

static inline struct inet_sock *inet_of(struct socket *so)
{
	return container_of(so, struct inet_sock, so);
}
#define inet_opt(o, name) READ_ONCE((o)->option[OPT_##name])

/* Fills in a zeroed socket, socket_init() included; state INET_CLOSE. */
void inet_init(struct inet_sock *o, const struct net_ops *ops, int family, int type, int protocol);
/* What an accepted connection has from its listener: options, sizes, switches. */
void inet_inherit(struct inet_sock *conn, const struct inet_sock *listener);

/*
 * Which of TCP (IPPROTO_TCP), UDP (IPPROTO_UDP) or neither (the protocol of a raw or ping
 * socket) these arguments of socket(2) name: *protocol. 0, -EINVAL, -EPERM, -EPROTONOSUPPORT,
 * -ESOCKTNOSUPPORT.
 */
int inet_protocol(int type, int *protocol);

/* ---- addresses ---- */

static inline bool inet_is_v4(const struct in6_addr *a)
{
	return !a->in6_u.u6_addr32[0] && !a->in6_u.u6_addr32[1] &&
	       a->in6_u.u6_addr32[2] == cpu_to_be32(0xffff);
}
static inline bool inet_same(const struct in6_addr *a, const struct in6_addr *b)
{
	const u32 *x = a->in6_u.u6_addr32, *y = b->in6_u.u6_addr32;

	return !((x[3] ^ y[3]) | (x[2] ^ y[2]) | (x[1] ^ y[1]) | (x[0] ^ y[0]));
}
/* 0.0.0.0 or :: */
static inline bool inet_is_any(const struct in6_addr *a)
{
	return !a->in6_u.u6_addr32[3] && (inet_is_v4(a) || !a->in6_u.u6_addr32[2]) &&
	       !a->in6_u.u6_addr32[0] && !a->in6_u.u6_addr32[1];
}
/* Of IPv4; *a is written as ::ffff:v4. */
void inet_from_v4(struct in6_addr *a, __be32 v4);
static inline __be32 inet_v4(const struct in6_addr *a)
{
	return a->in6_u.u6_addr32[3];
}
/* The wildcard of a family. */
void inet_any(struct in6_addr *a, int family);

/* Reads an address for `o`. 0, -EINVAL, -EAFNOSUPPORT, -ENETUNREACH (IPv4 on a v6only socket). */
int inet_addr_in(const struct inet_sock *o, const union sockaddr_any *from, u32 len,
		 struct in6_addr *addr, u16 *port);
/* The same for bind(2), whose errors differ. 0, -EINVAL, -EAFNOSUPPORT. */
int inet_bind_in(const struct inet_sock *o, const union sockaddr_any *from, u32 len,
		 struct in6_addr *addr, u16 *port);
/* Writes one as o's family shows it; returns its length. */
int inet_addr_out(const struct inet_sock *o, const struct in6_addr *addr, u16 port,
		  union sockaddr_any *to);

/* ---- ports: one table for all protocols, under the backend's lock ---- */

/* A port in use: by the sockets bound to it, and by connections, those that are over included. */
struct inet_port {
	struct hlist_node node;		/* b */
	struct hlist_head socks;	/* b  of inet_sock.port_node */
	struct hlist_head over;		/* b  the backend's: connections that wait for their time */
	u32		  conns;	/* b  connections with this local port and not in socks */
	u32		  exclusive;	/* b  of these, whose sockets had no SO_REUSEADDR or PORT */
	u16		  port;		/* i */
	u8		  proto;	/* i */
};

/* What the table asks its backend, which defines this one. */
struct inet_port_ops {
	void (*lock)(void);
	void (*unlock)(void);
	/* May a socket be bound to this address, which is not the wildcard? No lock is held. */
	bool (*is_ours)(const struct inet_sock *o, const struct in6_addr *addr);
	/*
	 * A new connection wants a port without sockets: may it take the place of those that are
	 * over? The last inet_port_put() of them frees p. NULL: never.
	 */
	bool (*reuse)(struct inet_port *p);
};
extern const struct inet_port_ops inet_port_ops;
/* Moves on whenever a port has other sockets; never 0. */
extern u32 inet_port_gen;			/* b */

/* The op. -EINVAL, -EADDRINUSE, -EADDRNOTAVAIL, -EACCES, -EAFNOSUPPORT, -ENOMEM. */
int  inet_bind(struct socket *so, const union sockaddr_any *addr, u32 len);
/* Gives it an ephemeral port if it has none. 0, -EAGAIN, -ENOMEM. The lock is not held. */
int  inet_autobind(struct inet_sock *o);
/* What follows is called under the backend's lock. */
struct inet_port *inet_port_find(u8 proto, u16 port);
/* Frees it when nobody uses it. */
void inet_port_put(struct inet_port *p);
void inet_port_release(struct inet_sock *o);
/* A socket that loses its peer keeps only what bind() gave it. */
void inet_unbind_auto(struct inet_sock *o);
/* May o listen, beside others that do? */
bool inet_may_listen(const struct inet_sock *o);
/* The socket that gets what (raddr, rport) sends to (addr, port) by device ifindex, or NULL. */
struct inet_sock *inet_lookup(u8 proto, const struct in6_addr *addr, u16 port,
			      const struct in6_addr *raddr, u16 rport, u32 ifindex);
static inline bool inet_reuses(const struct inet_sock *o)
{
	return o->so.flags & (SOF_REUSEADDR | SOF_REUSEPORT);
}

/* ---- options ---- */

/*
 * Everything a socket of this kind may set or ask that is kept or computed from struct
 * inet_sock: a backend passes on what it does not serve itself. -ENOPROTOOPT and the rest.
 */
int inet_setsockopt(struct socket *so, int level, int name, const void *val, u32 len);
int inet_getsockopt(struct socket *so, int level, int name, void *val, u32 *len);
/* Stores a number as getsockopt(2) answers: a byte if there is room for no more. */
int inet_put_number(int level, int number, void *val, u32 *len);

/* ---- control messages of datagrams ---- */

struct inet_meta {
	struct in6_addr addr;		/* send: from where; receive: to where it was sent */
	u32		ifindex;	/* 0: any */
	int		hops, tclass;	/* TTL and TOS; send: -1 as the socket has it */
};

/* What sendmsg was given beside the bytes; addr is all zeroes when it was not. 0 or -EINVAL. */
int inet_send_meta(const struct inet_sock *o, const struct net_msg *msg, struct inet_meta *meta);
/* What the socket asked to be told of a message that came. */
void inet_recv_meta(const struct inet_sock *o, struct net_msg *msg, const struct inet_meta *meta);

/* ---- ops of datagram sockets; buffers in o->q carry a struct inet_cb ---- */

struct inet_cb {
	u64		reserved;		/* the buffer layer's */
	struct in6_addr	src, dst;
	u16		sport;
	u8		hops, tclass;
	u32		drops;			/* of the receiver, when this came: SO_RXQ_OVFL */
};
static inline struct inet_cb *inet_cb(struct net_buf *b)
{
	_Static_assert(sizeof(struct inet_cb) <= sizeof(b->cb), "fits");
	return (struct inet_cb *)b->cb;
}

/* Queues a datagram and wakes a reader; false, and one more of o->drops: its buffer is full. */
bool inet_dgram_queue(struct inet_sock *o, struct net_buf *b);
/* Frees what was not read. */
void inet_purge(struct inet_sock *o);
ssize_t inet_dgram_recvmsg(struct socket *so, struct net_msg *msg);
u32  inet_dgram_poll(struct socket *so, u32 lowat);
/* The same for a backend with a queue of its own, in which something is or not. */
u32  inet_dgram_poll_bits(struct socket *so, bool readable);
long inet_dgram_ioctl(struct socket *so, unsigned cmd, unsigned long arg);
/* Less than half of SO_SNDBUF is charged. */
bool inet_dgram_writable(const struct socket *so);
void inet_dgram_write_space(struct socket *so);

/* ---- ops of TCP sockets; pieces of the stream are in o->q ---- */

/*
 * What connect(2) says before it does anything, under the backend's lock: 1 begin; 0 and
 * -EISCONN connected; -EALREADY; another error: how it ended, and the backend has to make the
 * socket as after connect(AF_UNSPEC) before it returns that.
 */
int  inet_tcp_connect_again(struct inet_sock *o);
/* What may be sent now: 0, -EAGAIN no room or not connected yet, -EPIPE, a pending error. */
int  inet_tcp_why_not_send(struct socket *so);
static inline int inet_tcp_may_send(struct socket *so)
{
	if (likely(!READ_ONCE(so->err) && !(READ_ONCE(so->shutdown) & SEND_SHUTDOWN) &&
		   READ_ONCE(so->state) == INET_ESTABLISHED &&
		   socket_wmem(so) < READ_ONCE(so->sndbuf)))
		return 0;
	return inet_tcp_why_not_send(so);
}
ssize_t inet_tcp_recvmsg(struct socket *so, struct net_msg *msg);
/* Linux's sk_stream_is_writeable() of what is charged to the socket. */
bool inet_tcp_writable(const struct socket *so);
/* Not of a listener, whose readiness is the backend's affair. */
u32  inet_tcp_poll(struct socket *so, u32 lowat);
void inet_tcp_write_space(struct socket *so);
long inet_tcp_ioctl(struct socket *so, unsigned cmd, unsigned long arg);

/* ---- /proc/net ---- */

/* One line of tcp, tcp6, udp, udp6. */
struct inet_line {
	u32 tx, rx;		/* bytes queued; of a listener: 0 and connections to accept */
	u32 timer, expires;	/* 0 none, 1 retransmit, 2 keepalive, 3 TIME_WAIT; in 1/100 s */
	u32 drops;		/* UDP */
};
void inet_show_header(struct seq_file *m, int type, int family);
void inet_show_socket(struct seq_file *m, const struct inet_sock *o, u32 n,
		      const struct inet_line *line);

/* Counts for snmp; single words, changed without a lock. */
struct inet_counts {
	u64 ip_in, ip_out, ip_discards;
	u64 udp_in, udp_out, udp_noport, udp_drop, udp_errors, udp_unsent;
	u64 tcp_active, tcp_passive, tcp_fails, tcp_resets, tcp_in, tcp_out, tcp_retrans, tcp_rsts;
	u32 tcp_current;
};
struct net_mib;
/* As the groups Ip, Tcp and Udp of <net/config.h> have them. */
void inet_fill_mib(const struct inet_counts *c, struct net_mib *out);

/* Counts for sockstat. */
struct inet_census {
	u32 tcp, tcp_orphan, tcp_tw, tcp_alloc, udp, raw;
};
/* /proc/net/sockstat (family AF_INET) or sockstat6. */
void inet_show_sockstat(struct seq_file *m, int family, const struct inet_census *c);

#endif
