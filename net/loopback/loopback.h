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

/* Locks:  L lo_lock   l so.lock   i constant */
struct lo_sock {
	struct inet_sock in;		/* first; its addresses and ports: L */
	bool		 dead;		/* l  released */
	struct inet_port *shared;	/* L  of an accepted one: its listener's port, where it counts */
	bool		 exclusive;	/* L  and so */
	struct lo_sock	*peer;		/* l  counted, TCP */
	struct list_head accepts;	/* L  listening: established, not accepted */
	struct list_head pending;	/* L  listening: SYN_SENT for want of backlog */
	struct list_head deferred;	/* L  listening: TCP_DEFER_ACCEPT, no bytes yet */
	struct list_head wait_node;	/* L  in a listener's accepts, pending or deferred */
	struct lo_sock	*listener;	/* L  of one in deferred */
	u32		 nr_accepts, nr_deferred, backlog; /* L */
	struct inet_sock *route;		/* L  UDP: who gets what goes to the peer, */
	struct inet_cb	 head;		/* L  with this beside it, */
	u32		 route_gen;	/* L  while this is inet_port_gen; 0 none */
	struct list_head all_node;	/* L */
};

/*
 * What stays of a connection whose this end closed first: FIN_WAIT2 until the other end
 * closes, then TIME_WAIT, each for LO_TIME_WAIT. It keeps the port from being bound anew.
 */
struct lo_tw {
	struct hlist_node port_node;	/* L  in port->over */
	struct list_head  node;		/* L  in order of `expires` */
	struct inet_port *port;		/* i */
	struct in6_addr	  laddr, raddr;	/* i */
	u16		  rport;	/* i */
	u8		  state;	/* L  INET_FIN_WAIT2, INET_TIME_WAIT */
	bool		  v6;		/* i  of an AF_INET6 socket */
	bool		  exclusive;	/* i  counts so in the port */
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

/* timewait.c */
/* o, whose port stays busy, is done: in INET_TIME_WAIT, or INET_FIN_WAIT2 when it was closed there. */
void lo_tw_add(struct lo_sock *o, u8 state) REQUIRES(lo_lock);
/* The other end of one closed, too: its FIN_WAIT2 becomes TIME_WAIT, or after a reset nothing. */
void lo_tw_end(struct lo_sock *closer, bool reset) REQUIRES(lo_lock);
/* For struct inet_port_ops. */
bool lo_tw_reuse(struct inet_port *p);
/* The next after *tw (NULL: the first), for /proc/net. */
struct lo_tw *lo_tw_next(struct lo_tw *tw) REQUIRES(lo_lock);
u32  lo_tw_count(void) REQUIRES(lo_lock);

/* info.c */
extern const struct net_config_ops lo_config;
extern const char *const lo_infos[];
int  lo_info(struct seq_file *m, const char *what);

#endif
