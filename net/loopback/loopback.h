/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The loopback backend, inside: TCP and UDP between sockets of this machine. There are no
 * packets: a connection is two sockets that hold each other, and what one sends goes onto
 * the other's queue. Addresses and options are as <net/inet.h> has them.
 *
 * Locks, outermost first: lo_lock (ports, listeners, every change of a TCP state), then one
 * socket's so->lock (its queue, error and shutdown bits).
 */
#ifndef NET_LOOPBACK_H
#define NET_LOOPBACK_H

#include <net/inet.h>

/* A port in use: by the sockets bound to it, by accepted connections, by ones just closed. */
struct lo_port {
	struct hlist_node node;		/* lo_lock */
	struct hlist_head socks;	/* lo_lock */
	struct hlist_head tws;		/* lo_lock  of lo_tw.port_node */
	u32		  conns;	/* lo_lock  accepted sockets that still live */
	u16		  port;		/* i */
	u8		  proto;	/* i */
};

/* Locks:  L lo_lock   l so.lock   i constant */
struct lo_sock {
	struct inet_sock in;		/* first; its addresses and ports: L */
	bool		 dead;		/* l  released */
	bool		 accepted;	/* i  counts in port->conns */
	bool		 bound_addr, bound_port; /* L  by bind(), so kept by a disconnect */
	struct lo_port	*port;		/* L */
	struct hlist_node port_node;	/* L  in port->socks */
	struct lo_sock	*peer;		/* l  counted, TCP */
	struct list_head accepts;	/* L  listening: established, not accepted */
	struct list_head pending;	/* L  listening: SYN_SENT for want of backlog */
	struct list_head deferred;	/* L  listening: TCP_DEFER_ACCEPT, no bytes yet */
	struct list_head wait_node;	/* L  in a listener's accepts, pending or deferred */
	struct lo_sock	*listener;	/* L  of one in deferred */
	u32		 nr_accepts, nr_deferred, backlog; /* L */
	struct lo_sock	*route;		/* L  UDP: who gets what goes to the peer, */
	struct inet_cb	 head;		/* L  with this beside it, */
	u32		 route_gen;	/* L  while this is lo_route_gen; 0 none */
	struct list_head all_node;	/* L */
};

/*
 * What stays of a connection whose this end closed first: FIN_WAIT2 until the other end
 * closes, then TIME_WAIT, each for LO_TIME_WAIT. It keeps the port from being bound anew.
 */
struct lo_tw {
	struct hlist_node port_node;	/* L */
	struct list_head  node;		/* L  in order of `expires` */
	struct lo_port	 *port;		/* i */
	struct in6_addr	  laddr, raddr;	/* i */
	u16		  rport;	/* i */
	u8		  state;	/* L  INET_FIN_WAIT2, INET_TIME_WAIT */
	bool		  v6;		/* i  of an AF_INET6 socket */
	bool		  v6only;	/* i */
	u32		  flags;	/* i  SOF_REUSEADDR, SOF_REUSEPORT */
	nsec_t		  expires;	/* L */
};
#define LO_TIME_WAIT	(60ull * NSEC_PER_SEC)
#define LO_TW_REUSE	NSEC_PER_SEC	/* after this long a connect may take the port */
#define LO_TW_MAX	4096u		/* the oldest goes when there are more */

static inline struct lo_sock *lo_of(struct socket *so)
{
	return container_of(so, struct lo_sock, in.so);
}

extern spinlock_t lo_lock;
extern struct list_head lo_all;			/* lo_lock  of lo_sock.all_node */
extern const struct net_ops lo_tcp_ops, lo_udp_ops;
/* Moves on when a port has other owners, or a UDP socket another peer; never 0. */
extern u32 lo_route_gen;			/* lo_lock */
extern struct inet_counts lo_counts;
extern u64 lo_bytes;				/* word  through the device that there is not */

/* core.c */
struct lo_sock *lo_new(const struct net_ops *ops, int family, int type, int protocol);
void lo_destroy(struct socket *so);
/* Turns the wildcard into the loopback address. 0, or -ENETUNREACH if it is not of here. */
int  lo_route(struct in6_addr *addr);
int  lo_getname(struct socket *so, union sockaddr_any *addr, bool peer);
int  lo_setsockopt(struct socket *so, int level, int name, const void *val, u32 len);
int  lo_getsockopt(struct socket *so, int level, int name, void *val, u32 *len);

/* ports.c */
int  lo_bind(struct socket *so, const union sockaddr_any *addr, u32 len);
/* Gives it an ephemeral port if it has none. 0, -EADDRINUSE, -ENOMEM. */
int  lo_autobind(struct lo_sock *o);
/* Of an accepted connection: the listener's port. */
void lo_port_share(struct lo_sock *o, struct lo_sock *listener) REQUIRES(lo_lock);
void lo_port_release(struct lo_sock *o) REQUIRES(lo_lock);
/* A socket that loses its peer keeps only what bind() gave it. */
void lo_unbind_auto(struct lo_sock *o) REQUIRES(lo_lock);
/* Frees it when nobody uses it. */
void lo_port_put(struct lo_port *p) REQUIRES(lo_lock);
struct lo_port *lo_port_find(u8 proto, u16 port) REQUIRES(lo_lock);
/* May o listen, beside others that do? */
bool lo_may_listen(struct lo_sock *o) REQUIRES(lo_lock);
/* The socket that gets what (raddr, rport) sends to (addr, port), or NULL. */
struct lo_sock *lo_lookup(u8 proto, const struct in6_addr *addr, u16 port,
			  const struct in6_addr *raddr, u16 rport) REQUIRES(lo_lock);

/* timewait.c */
/* o, whose port stays busy, is done: in INET_TIME_WAIT, or INET_FIN_WAIT2 when it was closed there. */
void lo_tw_add(struct lo_sock *o, u8 state) REQUIRES(lo_lock);
/* The other end of one closed, too: its FIN_WAIT2 becomes TIME_WAIT, or after a reset nothing. */
void lo_tw_end(struct lo_sock *closer, bool reset) REQUIRES(lo_lock);
/* Drops those of a port that a new connection may take over; false: some stay. */
bool lo_tw_reuse(struct lo_port *p) REQUIRES(lo_lock);
/* The next after *tw (NULL: the first), for /proc/net. */
struct lo_tw *lo_tw_next(struct lo_tw *tw) REQUIRES(lo_lock);
u32  lo_tw_count(void) REQUIRES(lo_lock);

/* info.c */
extern const struct net_config_ops lo_config;
extern const char *const lo_infos[];
int  lo_info(struct seq_file *m, const char *what);

#endif
