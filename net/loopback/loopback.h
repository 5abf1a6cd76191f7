/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The loopback backend, inside: TCP and UDP between sockets of this machine. There are no
 * packets: a connection is two sockets that hold each other, and what one sends goes onto
 * the other's queue. Addresses and options are as <net/inet.h> has them.
 *
 * Windows. A receiver takes on what its SO_RCVBUF (and TCP_WINDOW_CLAMP) holds. What it has in
 * its queue beyond that counts as not sent yet: it is charged to the sender, whose SO_SNDBUF is
 * for that alone; a FIN waits behind it, and a RST or TCP_USER_TIMEOUT ends it (bytes.c).
 *
 * No peer goes without a word: TCP_KEEPIDLE, KEEPINTVL and KEEPCNT never find anything. There are
 * no segments: TCP_NODELAY, CORK, QUICKACK and MSG_MORE, which say when bytes may be held back or
 * acknowledged late, are met by never doing so. The other limits have their effect.
 *
 * Locks, outermost first: lo_core (ports, listeners, every change of a TCP state), then one
 * socket's so->lock (its queue, error and shutdown bits). Under lo_core sockets are marked;
 * lo_unlock() wakes them, after it was dropped.
 */
#ifndef NET_LOOPBACK_H
#define NET_LOOPBACK_H

#include <net/inet.h>

/* How the bytes end that come to a socket: lo_sock.end. */
enum lo_end {
	LO_OPEN, LO_FIN_WAITS /* behind bytes beyond the window */, LO_FIN,
	LO_GONE /* closed: what comes is answered by a RST */,
};

/* Locks:  L lo_core   l so.lock   i constant */
struct lo_sock {
	struct inet_sock in;		/* first; its addresses and ports: L */
	u8		 end;		/* l  enum lo_end */
	u32		 window;	/* word  what it takes on: see beyond() */
	u32		 charged;	/* l  what it has beyond that, charged to the peer */
	u64		 sent;		/* peer's l  bytes, those beyond its window included */
	u64		 got;		/* L  bytes of a peer that has left */
	u8		 acked_flags;	/* L  of our SYN and FIN, how many the peer knows */
	nsec_t		 since;		/* L  the SYN, or the last time bytes were on their way */
	struct inet_due	 due;		/* L  the end of that, or of TCP_DEFER_ACCEPT */
	struct inet_port *shared;	/* L  of an accepted one: its listener's port, where it counts */
	bool		 exclusive, closed; /* L  and so; released */
	struct lo_sock	*peer;		/* L and l  counted, TCP */
	struct list_head accepts;	/* L  listening: established, not accepted */
	struct list_head pending;	/* L  listening: SYN_SENT for want of backlog */
	struct lo_sock	*spare;		/* L  of one in pending: who will be its peer */
	struct list_head deferred;	/* L  listening: TCP_DEFER_ACCEPT, no bytes yet */
	struct list_head wait_node;	/* L  in a listener's accepts, pending or deferred */
	struct lo_sock	*listener;	/* L  of one in deferred */
	u32		 nr_deferred;	/* L */
	struct inet_sock *route;		/* L  UDP: who gets what goes to the peer, */
	struct inet_cb	 head;		/* L  with this beside it, */
	u32		 route_gen;	/* L  while this is inet_port_gen; 0 none */
};

/*
 * What stays of a connection whose this end closed first: FIN_WAIT2 until the other end
 * closes, for TCP_LINGER2, then TIME_WAIT for LO_TIME_WAIT. It keeps the port from being bound anew.
 */
struct lo_tw {
	struct hlist_node port_node;	/* L  in port->over */
	struct hlist_node hash_node;	/* L  by the ports */
	struct list_head  node;		/* L  of all, the oldest first */
	struct inet_due	  due;		/* L */
	struct inet_port *port;		/* i */
	struct in6_addr	  laddr, raddr;	/* i */
	u16		  rport;	/* i */
	u8		  state;	/* L  INET_FIN_WAIT2, INET_TIME_WAIT */
	bool		  v6, exclusive; /* i  of an AF_INET6 socket; counts so in the port */
};
#define LO_TIME_WAIT	(60ull * NSEC_PER_SEC)
#define LO_TW_REUSE	NSEC_PER_SEC	/* after this long a connect may take the port */
#define LO_TW_MAX	4096u		/* the oldest goes when there are more */

static inline struct lo_sock *lo_of(struct socket *so)
{
	return container_of(so, struct lo_sock, in.so);
}

extern spinlock_t lo_core;
extern struct list_head lo_all;			/* L  of inet_sock.all_node */
extern const struct net_ops lo_tcp_ops, lo_udp_ops;
extern struct inet_counts lo_counts;
extern u64 lo_bytes;				/* word  UDP's, and those of connections that are over */

/* core.c */
static inline void lo_lock(void) ACQUIRE(lo_core)
{
	spin_lock(&lo_core);
}
void lo_unlock(void) RELEASE(lo_core);
/* The socket has news: wakes those who wait for `bits` when the lock is dropped. */
void lo_mark(struct lo_sock *o, u32 bits) REQUIRES(lo_core);
struct lo_sock *lo_new(const struct net_ops *ops, int family, int type, int protocol);
void lo_destroy(struct socket *so);
/* Turns the wildcard into the loopback address. 0, or -ENETUNREACH if it is not of here. */
int  lo_route(struct in6_addr *addr);
int  lo_setsockopt(struct socket *so, int level, int name, const void *val, u32 len);
int  lo_getsockopt(struct socket *so, int level, int name, void *val, u32 *len);

/* tcp.c: what comes to o */
/* The other end's FIN is here. */
void lo_tcp_got_fin(struct lo_sock *o) REQUIRES(lo_core);
/* Ours is there. */
void lo_tcp_fin_heard(struct lo_sock *o) REQUIRES(lo_core);
/* A RST came. */
void lo_tcp_got_reset(struct lo_sock *o) REQUIRES(lo_core);
/* Its connection is over for want of an answer. */
void lo_tcp_give_up(struct lo_sock *o) REQUIRES(lo_core);
/* A connection that was kept from accept() is shown. */
void lo_tcp_undefer(struct lo_sock *conn) REQUIRES(lo_core);

/* bytes.c */
/* The op option_changed: SO_RCVBUF or TCP_WINDOW_CLAMP has a new value. */
void lo_tcp_window(struct socket *so);
/* Its FIN goes to `to`; false: it waits there. */
bool lo_tcp_send_fin(struct lo_sock *to) REQUIRES(lo_core);
/* What `o` has beyond its window is charged to `sender` no longer. */
void lo_tcp_forgive(struct lo_sock *o, struct lo_sock *sender) REQUIRES(lo_core);
/* How long o may still wait for what it waits for, from now on if `anew`. */
void lo_tcp_limit(struct lo_sock *o, bool anew) REQUIRES(lo_core);
u32  lo_tcp_poll(struct socket *so, u32 lowat);
ssize_t lo_tcp_sendmsg(struct socket *so, struct net_msg *msg);
ssize_t lo_tcp_recvmsg(struct socket *so, struct net_msg *msg);

/* timewait.c */
/* o, whose port stays busy, is done: in INET_TIME_WAIT, or INET_FIN_WAIT2 when it was closed there. */
void lo_tw_add(struct lo_sock *o, u8 state) REQUIRES(lo_core);
/* The other end of o, which is one, closed: FIN_WAIT2 becomes TIME_WAIT, or by a reset nothing. */
void lo_tw_end(struct lo_sock *o, bool reset) REQUIRES(lo_core);
/* o is a new connection: an old one between the same ports waits no more. */
void lo_tw_forget(struct lo_sock *o) REQUIRES(lo_core);
/* For struct inet_port_ops. */
bool lo_tw_reuse(struct inet_port *p);
extern struct list_head lo_tws;			/* L  of lo_tw.node */
extern u32 lo_tw_count;				/* L */

/* info.c */
extern const struct net_config_ops lo_config;
extern const char *const lo_infos[];
int  lo_info(struct seq_file *m, const char *what);

#endif
