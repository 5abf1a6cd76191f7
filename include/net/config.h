/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a backend lets others see and change of its links, addresses, routes and neighbours.
 *
 * rtnetlink, the ioctls and /proc/net are written once on top of these ops, for all backends;
 * net_backend.config points to them, or is NULL (`none`). Everything is in terms of Linux's
 * rtnetlink(7): flags, scopes, protocols and states have its numbers from <linux/...>.
 *
 * Reading is by position: next_x(&pos, &out) fills `out` with the entry at *pos, counted from
 * 0 in an order that stays the same while nothing changes, advances *pos and returns true;
 * false at the end. The ops take the backend's lock themselves and copy; a table that changes
 * meanwhile may show an entry twice or miss one, as a dump may on Linux.
 *
 * Changing ops may sleep and are called with net_config_lock held: one change at a time. They
 * return -errno as rtnetlink answers it. A missing op: -EOPNOTSUPP. After each change, by
 * whomever (DHCP, a router's advertisement, the cable), the backend calls net_notify_*().
 *
 * Context of every op: task context, no spinlock and no backend lock held.
 */
#ifndef NET_CONFIG_H
#define NET_CONFIG_H

#include <kernel/mutex.h>
#include <lib/compiler.h>
#include <lib/types.h>
#include <net/netdev.h>

/* An address of AF_INET (4 bytes, the rest 0) or AF_INET6, network byte order. */
struct net_ip {
	u8	bytes[16];
};

struct net_link {
	int	index;
	char	name[NETDEV_NAME];
	u16	type;			/* ARPHRD_ETHER, ARPHRD_LOOPBACK */
	u32	flags;			/* IFF_UP RUNNING LOWER_UP BROADCAST LOOPBACK MULTICAST PROMISC ... */
	u32	mtu, min_mtu, max_mtu;	/* max 0: no limit */
	u32	txqlen;
	u8	operstate;		/* IF_OPER_UP, _DOWN, _UNKNOWN (lo) */
	u8	addr_len;		/* 6 */
	u8	addr[ETH_ALEN], broadcast[ETH_ALEN];
	u32	promiscuity;
	struct netdev_stats stats;
};

struct net_addr {
	int	ifindex;
	u8	family;			/* AF_INET, AF_INET6 */
	u8	prefixlen;
	u8	scope;			/* RT_SCOPE_HOST, _LINK, _UNIVERSE */
	u32	flags;			/* IFA_F_PERMANENT, _TENTATIVE, _DADFAILED, _SECONDARY ... */
	struct net_ip local, peer;	/* peer == local unless point to point */
	struct net_ip broadcast;	/* AF_INET; 0 none */
	char	label[NETDEV_NAME];	/* AF_INET: "" is the link's name */
	u32	valid, preferred;	/* seconds left; ~0 for ever */
	nsec_t	created, updated;	/* monotonic; 0 unknown */
};

struct net_route {
	u8	family;
	u8	dst_len;		/* prefix length; 0 and dst 0 is the default route */
	u8	table;			/* RT_TABLE_MAIN, _LOCAL */
	u8	protocol;		/* RTPROT_KERNEL, _BOOT, _STATIC, _RA, _DHCP */
	u8	scope;			/* RT_SCOPE_* */
	u8	type;			/* RTN_UNICAST, _LOCAL, _BROADCAST, _UNREACHABLE ... */
	u8	has_gateway, has_prefsrc;
	u32	flags;			/* RTNH_F_ONLINK, _DEAD, _LINKDOWN */
	int	ifindex;		/* add, del: 0 is "the one that fits" */
	u32	metric;			/* RTA_PRIORITY; del: 0 fits any */
	u32	mtu;			/* RTAX_MTU, 0 the link's */
	struct net_ip dst, gateway, prefsrc;
};

struct net_neigh {
	int	ifindex;
	u8	family;
	u8	flags;			/* NTF_ROUTER */
	u8	type;			/* RTN_UNICAST */
	u8	lladdr[ETH_ALEN];	/* good unless state is NUD_INCOMPLETE or NUD_FAILED */
	u16	state;			/* NUD_* */
	struct net_ip dst;
	u32	used, confirmed, updated; /* seconds ago */
	u32	probes;
};

/*
 * The counters of /proc/net/snmp, by Linux's names and in its order (RFC 4293, 4022, 4113).
 * A backend fills in what it counts; what it cannot know stays 0.
 */
#define NET_MIB_IP(X) X(Forwarding) X(DefaultTTL) X(InReceives) X(InHdrErrors) X(InAddrErrors) \
	X(ForwDatagrams) X(InUnknownProtos) X(InDiscards) X(InDelivers) X(OutRequests) \
	X(OutDiscards) X(OutNoRoutes) X(ReasmTimeout) X(ReasmReqds) X(ReasmOKs) X(ReasmFails) \
	X(FragOKs) X(FragFails) X(FragCreates)
#define NET_MIB_ICMP(X) X(InMsgs) X(InErrors) X(InCsumErrors) X(InDestUnreachs) X(InTimeExcds) \
	X(InParmProbs) X(InSrcQuenchs) X(InRedirects) X(InEchos) X(InEchoReps) X(InTimestamps) \
	X(InTimestampReps) X(InAddrMasks) X(InAddrMaskReps) X(OutMsgs) X(OutErrors) \
	X(OutRateLimitGlobal) X(OutRateLimitHost) X(OutDestUnreachs) X(OutTimeExcds) \
	X(OutParmProbs) X(OutSrcQuenchs) X(OutRedirects) X(OutEchos) X(OutEchoReps) \
	X(OutTimestamps) X(OutTimestampReps) X(OutAddrMasks) X(OutAddrMaskReps)
#define NET_MIB_TCP(X) X(RtoAlgorithm) X(RtoMin) X(RtoMax) X(MaxConn) X(ActiveOpens) \
	X(PassiveOpens) X(AttemptFails) X(EstabResets) X(CurrEstab) X(InSegs) X(OutSegs) \
	X(RetransSegs) X(InErrs) X(OutRsts) X(InCsumErrors)
#define NET_MIB_UDP(X) X(InDatagrams) X(NoPorts) X(InErrors) X(OutDatagrams) X(RcvbufErrors) \
	X(SndbufErrors) X(InCsumErrors) X(IgnoredMulti) X(MemErrors)

#define NET_MIB_FIELD(name) u64 name;
struct net_mib {
	struct { NET_MIB_IP(NET_MIB_FIELD) } ip;
	struct { NET_MIB_ICMP(NET_MIB_FIELD) } icmp;
	struct { NET_MIB_TCP(NET_MIB_FIELD) } tcp;
	struct { NET_MIB_UDP(NET_MIB_FIELD) } udp;
};

struct net_config_ops {
	bool (*next_link)(u32 *pos, struct net_link *out);
	bool (*next_addr)(u32 *pos, struct net_addr *out);
	bool (*next_route)(u32 *pos, struct net_route *out);
	bool (*next_neigh)(u32 *pos, struct net_neigh *out);
	void (*mib)(struct net_mib *out);	/* `out` comes zeroed */

	/* Sets the bits `change` of IFF_* to those of `flags`. -ENODEV, -EINVAL, -EPERM. */
	int (*set_flags)(int ifindex, u32 flags, u32 change);
	int (*set_mtu)(int ifindex, u32 mtu);			/* -ENODEV, -EINVAL */
	int (*set_mac)(int ifindex, const u8 *mac);		/* -ENODEV, -EADDRNOTAVAIL, -EBUSY */
	/* -ENODEV, -EINVAL, -EEXIST, -ENOBUFS (no place). replace: changes one that is there. */
	int (*add_addr)(const struct net_addr *addr, bool replace);
	/* By ifindex, local and prefixlen. -ENODEV, -EADDRNOTAVAIL. */
	int (*del_addr)(const struct net_addr *addr);
	/*
	 * nlflags: NLM_F_CREATE, _EXCL, _REPLACE, _APPEND. -ENODEV, -ENETDOWN, -EINVAL, -EEXIST,
	 * -ENETUNREACH (gateway), -ENOENT (replace what is not there), -ENOBUFS.
	 */
	int (*add_route)(const struct net_route *route, u32 nlflags);
	int (*del_route)(const struct net_route *route);	/* -ESRCH */
	/* The route that a packet to `dst` would take now. -ENETUNREACH, -EHOSTUNREACH. */
	int (*get_route)(u8 family, const struct net_ip *dst, int ifindex, struct net_route *out);
	int (*add_neigh)(const struct net_neigh *neigh, u32 nlflags); /* -EEXIST, -ENOENT, -EINVAL */
	int (*del_neigh)(const struct net_neigh *neigh);	/* -ENOENT */
};

/* One change of the configuration at a time; outside every other lock of net/. */
extern struct mutex net_config_lock;
/*
 * What a change that fails has to say beside its errno, in Linux's words and of constant text, or
 * NULL: for programs that asked for NETLINK_EXT_ACK. Under net_config_lock; who begins a change
 * sets it to NULL.
 */
extern const char *net_config_words;
/* For a changing op: `err` with these words. */
static inline int net_config_say(int err, const char *words)
{
	net_config_words = words;
	return err;
}

/*
 * Shows a link that is there from now on below /sys/class/net. `device` is what it is a link of, as
 * in the device tree, or NULL. Task context, may sleep.
 */
#ifdef CONFIG_NET_NONE
static inline void net_sysfs_add(int ifindex, const char *device) {}
#else
void net_sysfs_add(int ifindex, const char *device);
#endif

/*
 * Something changed (gone: is no more): tells the listeners of netlink's groups. Copies; any
 * task context, the backend's lock may be held. Without CONFIG_NETLINK they do nothing.
 */
#ifdef CONFIG_NETLINK
void net_notify_link(const struct net_link *link, bool gone);
void net_notify_addr(const struct net_addr *addr, bool gone);
void net_notify_route(const struct net_route *route, bool gone);
void net_notify_neigh(const struct net_neigh *neigh, bool gone);
#else
static inline void net_notify_link(const struct net_link *link, bool gone) {}
static inline void net_notify_addr(const struct net_addr *addr, bool gone) {}
static inline void net_notify_route(const struct net_route *route, bool gone) {}
static inline void net_notify_neigh(const struct net_neigh *neigh, bool gone) {}
#endif

#endif
