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
#include <lib/rbtree.h>
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
#define INET_DGRAM_OVERHEAD	64u	/* of SO_RCVBUF, for each message */

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
	struct list_head all_node;		/* b  in the backend's list of all sockets */
	u32		nr_accepts, backlog;	/* b, word  of a listener */
	u32		marks;			/* b  EPOLL* bits to wake for: inet_mark() */
	struct inet_sock *mark_next;		/* b */
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

/*
 * Nobody is woken under a backend's lock, since an epoll waker takes others. A socket that has
 * news is put on a list there, which holds a reference. Whoever drops the lock takes the list
 * apart before, one by one, and wakes after.
 */
static inline void inet_mark(struct inet_sock **list, struct inet_sock *o, u32 bits)
{
	if (!o->marks) {
		socket_get(&o->so);
		o->mark_next = *list;
		*list = o;
	}
	o->marks |= bits;
}
/* Takes the first off a list that has one: *bits are its news. */
static inline struct inet_sock *inet_unmark(struct inet_sock **list, u32 *bits)
{
	struct inet_sock *o = *list;

	*list = o->mark_next;
	*bits = o->marks;
	o->marks = 0;
	return o;
}
/* Without the lock; drops the list's reference. */
static inline void inet_wake_marked(struct inet_sock *o, u32 bits)
{
	if (bits == EPOLL_ALL_BITS)
		sock_wake_all(&o->so);
	else
		sock_wake(&o->so, bits);
	socket_put(&o->so);
}

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

/*
 * A link-local address means another machine on each link: the link that one names (sin6_scope_id),
 * 0 for none and for other addresses; and the link it came by, told beside one that is.
 */
u32  inet_link_in(const union sockaddr_any *from, u32 len);
void inet_link_out(union sockaddr_any *to, u32 link);
/* Reads an address for `o`. 0, -EINVAL, -EAFNOSUPPORT, -ENETUNREACH (IPv4 on a v6only socket). */
int inet_addr_in(const struct inet_sock *o, const union sockaddr_any *from, u32 len,
		 struct in6_addr *addr, u16 *port);
/* The same for bind(2), whose errors differ. 0, -EINVAL, -EAFNOSUPPORT. */
int inet_bind_in(const struct inet_sock *o, const union sockaddr_any *from, u32 len,
		 struct in6_addr *addr, u16 *port);
/* Writes one as o's family shows it; returns its length. */
int inet_addr_out(const struct inet_sock *o, const struct in6_addr *addr, u16 port,
		  union sockaddr_any *to);

/* The op. A datagram socket without a protocol of ports has a peer in INET_ESTABLISHED. */
int inet_getname(struct socket *so, union sockaddr_any *addr, bool peer);

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

/*
 * How long a window may stay closed for bytes whose socket is closed: until Linux's probes are two minutes
 * apart, ten of them, the first after 200 ms, each after twice as long.
 */
#define INET_ORPHAN_MS	205000u

/* Seconds of a SYN that is repeated so often, in distances that double; counts until `enough`. */
u32 inet_tcp_syn_seconds(u32 repeats, u32 enough);

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

/* Frees what was not read. */
void inet_purge(struct inet_sock *o);
/* So many messages of so many bytes leave no room for another; there always is for the first. */
static inline bool inet_dgram_full(const struct inet_sock *o, u32 messages, u32 bytes)
{
	return messages && messages * INET_DGRAM_OVERHEAD + bytes > READ_ONCE(o->so.rcvbuf);
}
static inline bool inet_dgram_connected(const struct inet_sock *o)
{
	return o->rport || o->so.state == INET_ESTABLISHED;	/* raw sockets have no port */
}
/*
 * To whom a message goes: who it names, or the peer. Of a protocol with ports not to port 0. 0,
 * -EDESTADDRREQ, -EINVAL, -EAFNOSUPPORT, -ENETUNREACH (to IPv4 from IPv6, and the other way).
 */
int inet_dgram_to(const struct inet_sock *o, const struct net_msg *msg, struct in6_addr *to,
		  u16 *port);
/* Queues a datagram, the caller wakes. False, and one more of o->drops: there is no room. */
static inline bool inet_dgram_add(struct inet_sock *o, struct net_buf *b) REQUIRES(&o->so.lock)
{
	inet_cb(b)->drops = o->drops;
	if (unlikely(inet_dgram_full(o, o->q.count, o->q.bytes + b->len))) {
		o->drops++;
		return false;
	}
	net_bufq_add(&o->q, b);
	return true;
}
ssize_t inet_dgram_recvmsg(struct socket *so, struct net_msg *msg);
/* The same for a backend with a queue of its own: what goes before it is looked at, 0 or -errno, */
static inline int inet_dgram_before_recv(struct socket *so, const struct net_msg *msg)
{
	if (likely(!(msg->flags & (MSG_ERRQUEUE | MSG_OOB)) && !READ_ONCE(so->err)))
		return 0;
	if (msg->flags & MSG_ERRQUEUE)
		return -EAGAIN;		/* there is none: always empty */
	return msg->flags & MSG_OOB ? -EOPNOTSUPP : sock_error(so);
}
/* and what it says when that is empty. */
static inline ssize_t inet_dgram_nothing(const struct socket *so, const struct net_msg *msg)
{
	return (READ_ONCE(so->shutdown) & RCV_SHUTDOWN) && msg->timeo ? 0 : -EAGAIN;
}
int  inet_dgram_shutdown(struct socket *so, int how);
u32  inet_dgram_poll(struct socket *so, u32 lowat);
/* The same for a backend with a queue of its own, in which something is or not. */
u32  inet_dgram_poll_bits(struct socket *so, bool readable);
long inet_dgram_ioctl(struct socket *so, unsigned cmd, unsigned long arg);
/* Less than half of SO_SNDBUF is charged. */
bool inet_dgram_writable(const struct socket *so);
void inet_dgram_write_space(struct socket *so);

/* ---- ops of TCP sockets; pieces of the stream are in o->q ---- */

/*
 * How far connect(2) is, under the backend's lock: 1 begin; 0 and -EISCONN connected; -EALREADY;
 * another error: how it ended.
 */
int  inet_tcp_connect_again(struct inet_sock *o);
/* What a backend does of it. */
struct inet_tcp_connector {
	/* Dissolves whatever there is; the socket can be used anew. May sleep. */
	void (*disconnect)(struct inet_sock *o);
	/* Is there a way to *to? Turns the wildcard into an address of this machine. 0 or -errno. */
	int (*route)(struct in6_addr *to);
	/*
	 * Takes the lock and asks inet_tcp_connect_again() once more: if that still says 1 sends the
	 * SYN, and returns 0 or -errno; else what it said.
	 */
	int (*start)(struct inet_sock *o, const struct in6_addr *to, u16 port);
	/* Under the lock: sends the FIN if there is a connection. */
	void (*finish)(struct inet_sock *o);
	/* Under the lock: everybody who waits is to be woken. */
	void (*mark)(struct inet_sock *o);
};
/* The ops. */
int  inet_tcp_shutdown(struct socket *so, int how, const struct inet_tcp_connector *by);
int  inet_tcp_connect(struct socket *so, const union sockaddr_any *to, u32 len, const nsec_t *timeo,
		      const struct inet_tcp_connector *by);
/* What listen(2) does before the lock is taken: 0 with a port, -EINVAL, -EADDRINUSE, -ENOMEM. */
int  inet_tcp_before_listen(struct inet_sock *o);
/* SO_LINGER with a time: waits until nothing is charged to the socket any more. */
void inet_tcp_linger(struct socket *so);
/* What a disconnect leaves of a socket, but for its port. Under the backend's lock. */
void inet_tcp_forget(struct inet_sock *o, u8 old_state);
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
/* Why a read of an empty queue got nothing: 0 it is the end, or -errno. */
ssize_t inet_tcp_nothing(struct socket *so, struct net_msg *msg);
/* A read that is none. */
ssize_t inet_tcp_recv_refused(struct socket *so, struct net_msg *msg);
/* The op. `take` reads from a queue that is not empty: bytes, 0 (another was faster), -errno. */
static __always_inline ssize_t inet_tcp_recvmsg(struct socket *so, struct net_msg *msg,
						ssize_t (*take)(struct socket *, struct net_msg *))
{
	ssize_t n = 0;

	if (unlikely((msg->flags & (MSG_ERRQUEUE | MSG_OOB)) || so->state == INET_LISTEN))
		return inet_tcp_recv_refused(so, msg);
	if (READ_ONCE(inet_of(so)->q.bytes))
		n = take(so, msg);
	return n ? n : inet_tcp_nothing(so, msg);
}
/* Linux's sk_stream_is_writeable() of what is charged to the socket. */
bool inet_tcp_writable(const struct socket *so);
/* TCP_NOTSENT_LOWAT: as much waits to be sent as may, or, to be called writable, half of it. */
static inline bool inet_tcp_holds_back(const struct inet_sock *o, u32 not_sent, bool half)
{
	u32 most = (u32)inet_opt(o, TCP_NOTSENT_LOWAT);

	return unlikely(most) && (u64)not_sent << half >= most;
}
/* Of a listener: are there connections to accept? */
u32  inet_tcp_poll(struct socket *so, u32 lowat);
void inet_tcp_write_space(struct socket *so);
/* There is room again, and somebody was told before that there is none. */
bool inet_tcp_wants_room(struct socket *so);
long inet_tcp_ioctl(struct socket *so, unsigned cmd, unsigned long arg);

/* ---- what is to be done at a time, under the backend's lock ---- */

struct inet_due {
	struct rb_node	node;		/* b  linked while fn is not NULL */
	nsec_t		expires;	/* b */
	void		(*fn)(struct inet_due *d); /* b */
};
/* fn is called when it is so late, with the lock held, unless it is called off. Zeroes: off. */
void inet_due_at(struct inet_due *d, nsec_t expires, void (*fn)(struct inet_due *));
void inet_due_off(struct inet_due *d);

/* ---- /proc/net ---- */

/* One line of tcp, tcp6, udp, udp6. */
struct inet_line {
	u32 tx, rx;		/* bytes queued; of a listener: 0 and connections to accept */
	u32 timer, expires;	/* 0 none, 1 retransmit, 2 keepalive, 3 TIME_WAIT, 4 closed window; in 1/100 s */
	u32 retrans;		/* how often what is not acknowledged was sent again */
	u32 drops;		/* UDP */
};
void inet_show_header(struct seq_file *m, int type, int family);
void inet_show_socket(struct seq_file *m, const struct inet_sock *o, u32 n,
		      const struct inet_line *line);

/*
 * All of the list that are of this kind and have a port, or are raw: how many. waits, if any, adds
 * what a connection waits for to its line. Under the lock.
 */
u32  inet_show_sockets(struct seq_file *m, const struct list_head *all, int type, int family,
		       void (*waits)(const struct inet_sock *o, struct inet_line *line));

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
	u64 tcp_bytes, udp_bytes;	/* queued, both ways */
	u32 frags, frag_bytes;		/* packets that wait for fragments */
};
/* Adds those of the list up. Under the lock. */
void inet_count_sockets(struct inet_census *c, const struct list_head *all, int family);
/* /proc/net/sockstat (family AF_INET) or sockstat6. */
void inet_show_sockstat(struct seq_file *m, int family, const struct inet_census *c);

#endif
