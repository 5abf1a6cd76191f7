/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lwIP backend, inside: sockets on one side, lwIP's raw API on the other.
 *
 * The lock. lwIP knows no threads: everything of it, and every field below marked L, is
 * touched only between lw_lock() and lw_unlock(). Nobody sleeps there and nobody is woken:
 * callbacks queue packets and lw_mark() the socket. lw_unlock() first feeds packets to this
 * machine that were sent meanwhile (loop.c) until there are none, tells devices of what was
 * queued for them, drops the lock, and then wakes who was marked, each once.
 *
 * Bytes. A write is copied once, outside the lock, into pbufs that become TCP segments or a
 * datagram; the driver or the loopback interface takes them as they are. What arrives hangs on
 * the socket as it came and is copied once, outside the lock, to the reader.
 *
 * Finding. A port's sockets hang on struct inet_port, by hash; connections on a hash of both
 * ends. lwIP's lists serve its timers only, and hold only connections that have something to
 * wait for (conns.c).
 *
 * Locks, outermost first: so->reader, lw_core, so->lock.
 */
#ifndef NET_LWIP_H
#define NET_LWIP_H

#include "lwip/opt.h"
#include "lwip/inet_chksum.h"
#include "lwip/ip.h"
#include "lwip/netif.h"
#include "lwip/pbuf.h"
#include "lwip/priv/raw_priv.h"
#include "lwip/sys.h"
#include "lwip/tcp.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/udp.h"
#include "lwip_hooks.h"

/* Three names that <net/socket.h> has too; of lwIP's only this one is needed. */
enum { LW_KEEPALIVE = SOF_KEEPALIVE };
#undef SOF_REUSEADDR
#undef SOF_KEEPALIVE
#undef SOF_BROADCAST
#include <net/inet.h>
#include <net/netdev.h>
#include <lib/kconfig.h>

/* Packets linked by pbuf.link. */
struct lw_queue {
	struct pbuf *head, *tail;
	u32	     count;
};

/* What a connection carried, as of the last lw_tcp_count(); control bits count, but for `sent`. */
struct lw_bytes {
	u64 acked, received, sent, resent;
	u32 segments_resent;
	u32 snd_base, rcv_base;		/* sequence numbers where acked and received are 0 */
	bool opened;			/* its SYN was the first */
};

/* Locks:  L lw_core   r so.reader   i constant   o word, read anywhere */
struct lw_sock {
	struct inet_sock in;		/* first; its addresses and ports: L */
	bool		 dead;		/* L  released */
	int		 soft_error;	/* L  of ICMP: why nothing comes back */
	u8		 on_data;	/* L  LW_DEFERRED, LW_QUICK: what bytes that come have to do */
	u8		 quick_acks;	/* L  LW_QUICK: so many are acknowledged at once */
	u32		 deferred_until; /* L  LW_DEFERRED: tick of the timers */

	struct lw_queue	 rxq;		/* L  arrived; TCP: pieces, others: packets */
	struct lw_queue	 rdq;		/* r  TCP: taken by the reader */
					/*    in.q.bytes: L, o  in both; in.q's list is not used */

	struct tcp_pcb	*pcb;		/* L  NULL when there is none (any more) */
	u32		 charged;	/* L  TCP: bytes sent and not acknowledged, part of so.wmem */
	u32		 seg_room;	/* word  of a full segment when it last sent; 0: not yet */
	u16		 seg_options;	/* word  and its options */
	u16		 seg_gap;	/* word  what the last one, not sent yet, is short of full */
	bool		 starved;	/* L, o  there was no memory for what it wanted to send */
	struct lw_bytes	 bytes;		/* L  TCP: for TCP_INFO */

	struct tcp_pcb_listen *lpcb;	/* L */
	struct list_head accepts;	/* L  listener: not yet accepted; else node in it */
	struct list_head deferring;	/* L  listener: TCP_DEFER_ACCEPT, no bytes yet */
	struct list_head half;		/* L  listener: pcbs in SYN_RCVD, of tcp_pcb.half */
	struct lw_sock	*listener;	/* L  of one that waits in accepts or is deferred */
	u32		 nr_half;	/* L */

	struct lw_group	*groups;	/* L  multicast */
	u32		 mcast_if;	/* o */
	__be32		 mcast_addr;	/* o  IP_MULTICAST_IF, if it was by address: also the source */
	bool		 hdrincl;	/* o  IP_HDRINCL */
	u8		 icmp_filter[32]; /* o  raw ICMP and ICMPv6: types not wanted */
};
#define LW_DEFERRED	1u		/* TCP_DEFER_ACCEPT: no bytes yet, not in accepts */
#define LW_QUICK	2u		/* TCP_QUICKACK: not to be acknowledged late */
#define LW_QUICK_ACKS	16u		/* then late ones do again, as on Linux */
#define LW_HALF_MAX	256u		/* most connections of a listener in SYN_RCVD */

static inline struct lw_sock *lw_of(struct socket *so)
{
	return container_of(so, struct lw_sock, in.so);
}

/* ---- core.c ---- */

extern spinlock_t lw_core;
extern struct list_head lw_all;			/* L */
static inline void lw_lock(void) ACQUIRE(lw_core)
{
	spin_lock(&lw_core);
}
void lw_unlock(void) RELEASE(lw_core);
/* The socket has news: wakes those who wait for `bits` when the lock is dropped. */
void lw_mark(struct lw_sock *o, u32 bits) REQUIRES(lw_core);

struct lw_sock *lw_new(const struct net_ops *ops, int family, int type, int protocol, gfp_t gfp);
void lw_list(struct lw_sock *o) REQUIRES(lw_core);
void lw_destroy(struct socket *so);

/* Addresses as lwIP has them and back. */
void lw_to_ip(ip_addr_t *to, const struct in6_addr *from);
void lw_from_ip(struct in6_addr *to, const ip_addr_t *from);
int  lw_errno(err_t err);

static inline void lw_queue_add(struct lw_queue *q, struct pbuf *p)
{
	p->link = NULL;
	if (q->head)
		q->tail->link = p;
	else
		q->head = p;
	q->tail = p;
	q->count++;
}
static inline struct pbuf *lw_queue_take(struct lw_queue *q)
{
	struct pbuf *p = q->head;

	if (p) {
		q->head = p->link;
		q->count--;
	}
	return p;
}
void lw_queue_free(struct lw_queue *q) REQUIRES(lw_core);

/* ---- memory.c ---- */

int  lw_memory_init(void);
/* Other limits than Kconfig's; before lw_memory_init(). */
void lw_limit_connections(u32 n);
void lw_limit_memory(u32 kb);
/* Bytes that packets hold, and how often there were too many. */
extern atomic_t lw_mem_used;
extern u64 lw_mem_refused;
/* i  of all; when programs may send no more; when no more is kept for them to read. */
extern int lw_mem_limit, lw_mem_send_max, lw_mem_keep_max;
/* Bytes that are not of the heap count, too. False: they would be more than `most`. */
bool lw_mem_charge(u32 bytes, int most);
static inline void lw_mem_uncharge(u32 bytes)
{
	atomic_sub((int)bytes, &lw_mem_used);
}
/* Is there as much as `most` already? Then it counts as a refusal. */
static inline bool lw_mem_tight(int most)
{
	if (likely(atomic_read(&lw_mem_used) <= most))
		return false;
	lw_mem_refused++;
	return true;
}
/*
 * The largest block of packets' memory, which the allocator's largest class has, and what of any block the
 * bytes do not get: memory.c's own word, struct pbuf, all headers and TCP's options.
 */
#define LW_BLOCK		8192u
#define LW_BLOCK_OVERHEAD	(16u + (u32)LWIP_MEM_ALIGN_SIZE(sizeof(struct pbuf)) + \
				 (u32)LWIP_MEM_ALIGN_SIZE(PBUF_TRANSPORT) + 32u)
/*
 * A block for n bytes that follow the headers of `layer`, or for fewer when only single pages are
 * left: its len says. NULL: no memory. Without the lock it may sleep and free caches.
 */
struct pbuf *lw_block_alloc(pbuf_layer layer, u32 n);
/* Of a pool of lwIP (enum memp_t): in use, limit, refused. */
void lw_pool_usage(int pool, u32 *used, u32 *limit, u64 *refused);

/* ---- loop.c: lo ---- */

extern struct netif lw_lo;
extern struct netdev_stats lw_lo_stats;	/* L */
int  lw_loop_prepare(void);			/* before the lock is taken: may sleep */
void lw_loop_init(void) REQUIRES(lw_core);
extern struct lw_queue lw_loop_queue;		/* L */
err_t lw_ip4_output_if(struct pbuf *p, const ip4_addr_t *src, const ip4_addr_t *dest, u8 ttl, u8 tos,
		       u8 proto, struct netif *n);
void lw_loop_drain(void) REQUIRES(lw_core);
/* Queues a whole IP packet as if it had come in by n; p is taken over. */
void lw_loop_back(struct pbuf *p, struct netif *n) REQUIRES(lw_core);

/* ---- conns.c ---- */

int  lw_conns_init(void);
/* A connection is about to be used: puts it where the timers look. */
void lw_pcb_rouse(struct tcp_pcb *pcb) REQUIRES(lw_core);
static inline void lw_pcb_touch(struct tcp_pcb *pcb) REQUIRES(lw_core)
{
	if (unlikely(pcb->resting))
		lw_pcb_rouse(pcb);
}
/* Puts those aside that have nothing to wait for. */
void lw_conns_rest(void) REQUIRES(lw_core);
/* A connection is no longer half open. */
void lw_half_done(struct tcp_pcb *pcb);
/* A pcb's memory goes back. */
void lw_pcb_freed(struct tcp_pcb *pcb);
/* For struct inet_port_ops. */
bool lw_tw_reuse(struct inet_port *p);
/* Next of all connections after `pcb` (NULL: first), in no order. */
struct tcp_pcb *lw_pcb_next(struct tcp_pcb *pcb) REQUIRES(lw_core);
extern u32 lw_half_max;				/* i  of a listener: a quarter of all at most */
extern u32 lw_orphans;				/* L  connections without a socket */

/* ---- timers.c ---- */

/* Does what is due; returns when it wants to be called next. */
nsec_t lw_timers_run(nsec_t now) REQUIRES(lw_core);
/* Called before the lock is dropped: starts what has become necessary. */
void lw_timers_check(void) REQUIRES(lw_core);
extern bool lw_timers_stale;			/* L */
/* A link carried a packet: its tables age. */
void lw_link_used(void) REQUIRES(lw_core);

/* ---- limits.c ---- */

/* Ticks of the slow timer that make up at least so long. */
u32  lw_ticks(u32 ms);
/* What tcp_ticks would be if it had not stood while nothing needed it. */
u32  lw_tick_now(void);
/* What has waited for longer than it may. */
void lw_limits_tick(void) REQUIRES(lw_core);

/* ---- route_table.c: routes that were added; NULL: none of them is the way ---- */

struct netif *lw_table_netif(u32 addr) REQUIRES(lw_core);
const ip4_addr_t *lw_table_gateway(struct netif *n, const ip4_addr_t *dest) REQUIRES(lw_core);
/* route6.c: the same of IPv6 */
struct netif *lw_table_netif6(const ip6_addr_t *dest) REQUIRES(lw_core);
const ip6_addr_t *lw_table_gateway6(struct netif *n, const ip6_addr_t *dest) REQUIRES(lw_core);

/* ---- route.c ---- */

bool lw_is_local(const struct in6_addr *a) REQUIRES(lw_core);
/* The socket that gets it, see inet_lookup(). */
static inline struct lw_sock *lw_lookup(u8 proto, const struct in6_addr *addr, u16 port,
					const struct in6_addr *raddr, u16 rport, u32 ifindex)
	REQUIRES(lw_core)
{
	struct inet_sock *o = inet_lookup(proto, addr, port, raddr, rport, ifindex);

	return o ? lw_of(&o->so) : NULL;
}
/* How a packet to *to goes: fills in the source if *from is the wildcard. NULL: no route. */
struct netif *lw_route(const struct in6_addr *to, struct in6_addr *from, u32 bound_if)
	REQUIRES(lw_core);
/* A multicast address. */
static inline bool lw_is_group(const struct in6_addr *a)
{
	return inet_is_v4(a) ? (be32_to_cpu(inet_v4(a)) >> 28) == 14 : a->in6_u.u6_addr8[0] == 255;
}
/* A wildcard destination is this machine. */
void lw_fix_wildcard(struct in6_addr *a);

/* ---- tcp*.c ---- */

extern const struct net_ops lw_tcp_ops, lw_udp_ops, lw_raw_ops;
void lw_tcp_attach(struct lw_sock *o, struct tcp_pcb *pcb) REQUIRES(lw_core);
/* The connection goes on without the socket. */
void lw_tcp_detach(struct lw_sock *o) REQUIRES(lw_core);
void lw_tcp_set_state(struct lw_sock *o, u8 state) REQUIRES(lw_core);
/* Brings o->bytes up to what its pcb says: while it has one, and at least every 2^32 bytes. */
void lw_tcp_count(struct lw_sock *o) REQUIRES(lw_core);
err_t lw_tcp_accepted(void *arg, struct tcp_pcb *pcb, err_t err);
err_t lw_tcp_connected(void *arg, struct tcp_pcb *pcb, err_t err);
/* A deferred connection is shown to its listener. */
void lw_tcp_undefer(struct lw_sock *o) REQUIRES(lw_core);
/* The receive window becomes what the receive buffer has room for. */
void lw_tcp_open_window(struct lw_sock *o) REQUIRES(lw_core);
/* Brings pcb in line with the socket's options. */
void lw_tcp_options(struct lw_sock *o) REQUIRES(lw_core);
/* There is memory again for what it wanted to send. */
void lw_tcp_feed(struct lw_sock *o) REQUIRES(lw_core);
/* TCP_NOTSENT_LOWAT: as much waits to be sent as may, or, to be called writable, half of it. */
bool lw_tcp_holds_back(struct lw_sock *o, bool half);
ssize_t lw_tcp_sendmsg(struct socket *so, struct net_msg *msg);
ssize_t lw_tcp_recvmsg(struct socket *so, struct net_msg *msg);
u8   lw_tcp_state(const struct tcp_pcb *pcb);
void lw_tcp_info(struct lw_sock *o, void *val, u32 *len);

/* ---- dgram.c: what UDP, ping and raw sockets share ---- */

/* Hangs p, whose payload is what the reader gets, on o, or drops it; p is taken over. */
void lw_dgram_queue(struct lw_sock *o, struct pbuf *p) REQUIRES(lw_core);
ssize_t lw_dgram_recvmsg(struct socket *so, struct net_msg *msg);
int  lw_dgram_connect(struct socket *so, const union sockaddr_any *to, u32 len, nsec_t *timeo);
void lw_dgram_release(struct socket *so);
u32  lw_dgram_poll(struct socket *so, u32 lowat);
long lw_dgram_ioctl(struct socket *so, unsigned cmd, unsigned long arg);
void lw_dgram_write_space(struct socket *so);
/* Where a message goes, and from where. */
struct lw_dest {
	struct in6_addr to, from;
	u16		port;
	u32		ifindex;
	u8		hops, tclass;
	bool		group;
	bool		loop;		/* group: members on this machine get it, too */
};
/* Reads msg's address and control data, or takes the socket's. 0 or -errno. */
int  lw_dgram_dest(struct lw_sock *o, struct net_msg *msg, struct lw_dest *d);
/* Copies the message into a packet with room for headers of IP and `hlen` bytes. ERR_PTR. */
struct pbuf *lw_dgram_fill(struct net_msg *msg, size_t n, u16 hlen);
/*
 * Charges a packet that leaves by n to its sender until nobody has it any more; one for this
 * machine is the receiver's at once.
 */
void lw_dgram_charge_out(struct lw_sock *o, struct pbuf *p) REQUIRES(lw_core);
static inline void lw_dgram_charge(struct lw_sock *o, struct pbuf *p, const struct netif *n)
	REQUIRES(lw_core)
{
	if (n != &lw_lo)
		lw_dgram_charge_out(o, p);
}
/* Sends it by n, headers up to the transport's in place; d->from is known. 0 or -errno. */
int  lw_dgram_output(struct netif *n, struct pbuf *p, const struct lw_dest *d, u8 proto)
	REQUIRES(lw_core);

/* A copy of p that may be queued elsewhere. NULL: no memory. */
struct pbuf *lw_clone(struct pbuf *p) REQUIRES(lw_core);
/* Tells the socket of an ICMP error. */
void lw_sock_error(struct lw_sock *o, int err) REQUIRES(lw_core);

/* Where the stack hands packets of these protocols (Makefile), each with its owner. */
void lw_udp_input(struct pbuf *p, struct netif *inp);
void lw_icmp_input(struct pbuf *p, struct netif *inp);
void lw_icmp6_input(struct pbuf *p, struct netif *inp);
raw_input_state_t lw_raw_input(struct pbuf *p, struct netif *inp);

/* pbuf.flags: coming, the transport's checksum was found good below; going, the device makes it. */
#define LW_CSUM_OK	0x40u
#define LW_CSUM_LATER	LW_CSUM_OK
/* Whether a UDP packet by n may leave its checksum to the device. */
bool lw_csum_later(struct netif *n, const struct pbuf *udp, const struct lw_dest *d)
	REQUIRES(lw_core);

extern struct inet_counts lw_counts;
extern u32 lw_udp_drops;
extern u32 lw_raw_sockets;			/* L  that exist: each sees all packets */
/* A raw socket comes or goes. */
void lw_raw_count(const struct lw_sock *o, int change) REQUIRES(lw_core);

/* ---- options.c, info.c ---- */

/* SO_KEEPALIVE or SO_RCVBUF changed. */
void lw_option_changed(struct socket *so);

int  lw_setsockopt(struct socket *so, int level, int name, const void *val, u32 len);
int  lw_getsockopt(struct socket *so, int level, int name, void *val, u32 *len);
void lw_groups_drop(struct lw_sock *o) REQUIRES(lw_core);
bool lw_group_wanted(const struct lw_sock *o, const struct in6_addr *group, u32 ifindex)
	REQUIRES(lw_core);
extern const char *const lw_infos[];
int  lw_info(struct seq_file *m, const char *what);

#endif
