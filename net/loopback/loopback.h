/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The loopback backend, inside: TCP and UDP between sockets of this machine. There are no
 * packets: a connection is two sockets that hold each other, and what one sends goes onto
 * the other's queue.
 *
 * Addresses are kept as IPv6; those of IPv4 as ::ffff:a.b.c.d. Ports are in host order.
 *
 * Locks, outermost first: lo_lock (ports, listeners, every change of a TCP state), then one
 * socket's so->lock (its queue, error and shutdown bits).
 */
#ifndef NET_LOOPBACK_H
#define NET_LOOPBACK_H

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <lib/byteorder.h>
#include <net/backend.h>

/* so->state of both protocols, as /proc/net/tcp and TCP_INFO number them. */
enum {
	LO_ESTABLISHED = 1, LO_SYN_SENT, LO_SYN_RECV, LO_FIN_WAIT1, LO_FIN_WAIT2, LO_TIME_WAIT,
	LO_CLOSE, LO_CLOSE_WAIT, LO_LAST_ACK, LO_LISTEN,
};

#define LO_EPHEMERAL_MIN 32768u
#define LO_EPHEMERAL_MAX 60999u
#define LO_UDP_MAX	 65507u
#define LO_NR_OPTIONS	 40

/* A port in use: by the sockets bound to it, and by accepted connections. */
struct lo_port {
	struct hlist_node node;		/* lo_lock */
	struct hlist_head socks;	/* lo_lock */
	u32		  conns;	/* lo_lock  accepted sockets that still live */
	u16		  port;		/* i */
	u8		  proto;	/* i */
};

/* Locks:  L lo_lock   l so.lock   i constant   o option, word */
struct lo_sock {
	struct socket	 so;		/* first */
	struct in6_addr	 laddr, raddr;	/* L */
	u16		 lport, rport;	/* L  0: not bound, not connected */
	bool		 v6only;	/* o */
	bool		 connecting;	/* L  the result of connect() was not told yet */
	bool		 got_fin;	/* l  the peer will send no more */
	bool		 dead;		/* l  released */
	bool		 accepted;	/* i  counts in port->conns */
	bool		 embryo;	/* L  waits in accepts */
	struct lo_port	*port;		/* L */
	struct hlist_node port_node;	/* L  in port->socks */
	struct lo_sock	*peer;		/* l  counted, TCP */
	struct net_bufq	 q;		/* l */
	struct list_head accepts;	/* L  listening: established, not accepted */
	struct list_head pending;	/* L  listening: SYN_SENT for want of backlog */
	struct list_head wait_node;	/* L  in a listener's accepts or pending */
	u32		 nr_accepts, backlog; /* L */
	u32		 uid;		/* i */
	u32		 drops;		/* l  datagrams lost */
	struct list_head all_node;	/* L */
	int		 option[LO_NR_OPTIONS]; /* o  see options.c */
};

static inline struct lo_sock *lo_of(struct socket *so)
{
	return container_of(so, struct lo_sock, so);
}
static inline bool lo_is_v4(const struct in6_addr *a)
{
	return !a->in6_u.u6_addr32[0] && !a->in6_u.u6_addr32[1] &&
	       a->in6_u.u6_addr32[2] == cpu_to_be32(0xffff);
}
static inline bool lo_same(const struct in6_addr *a, const struct in6_addr *b)
{
	const u32 *x = a->in6_u.u6_addr32, *y = b->in6_u.u6_addr32;

	return !((x[3] ^ y[3]) | (x[2] ^ y[2]) | (x[1] ^ y[1]) | (x[0] ^ y[0]));
}
static inline bool lo_is_any(const struct in6_addr *a)
{
	return !a->in6_u.u6_addr32[3] && (lo_is_v4(a) || !a->in6_u.u6_addr32[2]) &&
	       !a->in6_u.u6_addr32[0] && !a->in6_u.u6_addr32[1];
}

extern spinlock_t lo_lock;
extern struct list_head lo_all;			/* lo_lock  of lo_sock.all_node */
extern const struct net_ops lo_tcp_ops, lo_udp_ops;
/* Counts for /proc/net/snmp; single words, changed without a lock. */
extern struct lo_counts {
	u64 udp_in, udp_out, udp_noport, udp_drop;
	u64 tcp_active, tcp_passive, tcp_fails, tcp_resets, tcp_out;
	u64 bytes;
} lo_counts;

/* core.c */
struct lo_sock *lo_new(const struct net_ops *ops, int family, int type, int protocol);
void lo_destroy(struct socket *so);
/* Reads an address for `o`. 0, -EINVAL, -EAFNOSUPPORT, -ENETUNREACH (v4 on a v6only socket). */
int  lo_addr_in(const struct lo_sock *o, const union sockaddr_any *from, u32 len,
		struct in6_addr *addr, u16 *port);
/* Writes one as o's family shows it; returns its length. */
int  lo_addr_out(const struct lo_sock *o, const struct in6_addr *addr, u16 port,
		 union sockaddr_any *to);
/* Turns the wildcard into the loopback address. 0, or -ENETUNREACH if it is not of here. */
int  lo_route(struct in6_addr *addr);
void lo_any(struct in6_addr *addr, int family);
int  lo_getname(struct socket *so, union sockaddr_any *addr, bool peer);

/* ports.c */
int  lo_bind(struct socket *so, const union sockaddr_any *addr, u32 len);
/* Gives it an ephemeral port if it has none. 0, -EADDRINUSE, -ENOMEM. */
int  lo_autobind(struct lo_sock *o);
/* Of an accepted connection: the listener's port. lo_lock held. */
void lo_port_share(struct lo_sock *o, struct lo_sock *listener) REQUIRES(lo_lock);
void lo_port_release(struct lo_sock *o) REQUIRES(lo_lock);
/* May o listen, beside others that do? lo_lock held. */
bool lo_may_listen(struct lo_sock *o) REQUIRES(lo_lock);
/* The socket that gets what (raddr, rport) sends to (addr, port), or NULL. lo_lock held. */
struct lo_sock *lo_lookup(u8 proto, const struct in6_addr *addr, u16 port,
			  const struct in6_addr *raddr, u16 rport) REQUIRES(lo_lock);

/* options.c */
void lo_options_init(struct lo_sock *o);
int  lo_setsockopt(struct socket *so, int level, int name, const void *val, u32 len);
int  lo_getsockopt(struct socket *so, int level, int name, void *val, u32 *len);
/* The value of an option of the table. */
int  lo_option(const struct lo_sock *o, int level, int name);

/* info.c */
extern const char *const lo_infos[];
int  lo_info(struct seq_file *m, const char *what);

#endif
