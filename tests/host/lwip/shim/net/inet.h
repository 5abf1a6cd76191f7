/* SPDX-License-Identifier: BSD-2-Clause */
/* What net/lwip/lwip.h and conns.c want of the socket layer, on the host: one thread, no user. */
#ifndef SHIM_INET_H
#define SHIM_INET_H

#include <netinet/in.h>
#include <stdlib.h>
#include <lib/compiler.h>
#include <lib/list.h>

typedef struct { int unused; } spinlock_t;
typedef struct { int counter; } atomic_t;
static inline int atomic_read(const atomic_t *a) { return a->counter; }
static inline void atomic_sub(int n, atomic_t *a) { a->counter -= n; }
typedef u64 nsec_t;
typedef u32 gfp_t;
typedef u16 __be16;
typedef u32 __be32;
#define spin_lock(l)	((void)(l))
#define TRACE(...)	((void)0)
#define GFP_KERNEL	0
#define kvzalloc(n, gfp) calloc(1, n)
#define EPOLL_ALL_BITS	0xffffu
#define be32_to_cpu(x)	__builtin_bswap32(x)
#define in6_u		__in6_u
#define u6_addr8	__u6_addr8
#define u6_addr32	__u6_addr32

enum { INET_SYN_RECV = 3, INET_TIME_WAIT = 6 };
enum { SOF_REUSEADDR = 2, SOF_REUSEPORT = 4 };
struct socket { int family; u32 flags; };
struct inet_sock { struct socket so; struct { u32 bytes; } q; u32 nr_accepts, backlog; };
struct inet_port { struct hlist_head over; u32 conns, exclusive; };
struct inet_port *inet_port_find(u8 proto, u16 port);
void inet_port_put(struct inet_port *p);
struct inet_sock *inet_lookup(u8 proto, const struct in6_addr *addr, u16 port,
			      const struct in6_addr *raddr, u16 rport, u32 ifindex);
struct inet_counts { int unused; };
struct net_ops;
struct net_msg;
struct seq_file;
union sockaddr_any;

static inline bool inet_is_v4(const struct in6_addr *a)
{
	return IN6_IS_ADDR_V4MAPPED(a);
}
static inline u32 inet_v4(const struct in6_addr *a)
{
	return a->in6_u.u6_addr32[3];
}

#endif
