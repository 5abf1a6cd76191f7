/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /proc/net/{dev,route,arp,snmp,if_inet6,ipv6_route}, in Linux's columns (proc(5)), from what a
 * backend shows of its configuration.
 */
#include <fs/proc.h>
#include <lib/printf.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/ipv6_route.h>
#include <linux/neighbour.h>
#include <linux/route.h>
#include <linux/rtnetlink.h>
#include "lookup.h"

#define OPS (net_backend.config)

static int show_dev(struct seq_file *m, void *data)
{
	struct net_link l;
	u32 pos = 0;

	seq_puts(m, "Inter-|   Receive                                                |  Transmit\n"
		    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n");
	while (OPS->next_link(&pos, &l)) {
		const struct netdev_stats *s = &l.stats;

		seq_printf(m, "%6s: %7llu %7llu %4llu %4llu %4u %5llu %10u %9llu %8llu %7llu %4llu %4llu %4u %5u %7u %10u\n",
			   l.name, (unsigned long long)s->rx_bytes, (unsigned long long)s->rx_packets,
			   (unsigned long long)s->rx_errors, (unsigned long long)s->rx_dropped, 0,
			   (unsigned long long)(s->rx_length_errors + s->rx_crc_errors), 0,
			   (unsigned long long)s->multicast, (unsigned long long)s->tx_bytes,
			   (unsigned long long)s->tx_packets, (unsigned long long)s->tx_errors,
			   (unsigned long long)s->tx_dropped, 0, 0, 0, 0);
	}
	return 0;
}

static u32 route_flags(const struct net_route *r)
{
	u32 flags = RTF_UP;

	if (r->type == RTN_UNREACHABLE || r->type == RTN_PROHIBIT)
		flags = RTF_REJECT;
	if (r->has_gateway)
		flags |= RTF_GATEWAY;
	if (r->dst_len == (r->family == AF_INET ? 32 : 128))
		flags |= RTF_HOST;
	return flags;
}

static const char *link_name(int ifindex, struct net_link *l)
{
	return config_link_by_index(ifindex, l) ? l->name : "*";
}

/* A line is filled up to 127 characters, as Linux does. */
static int show_route(struct seq_file *m, void *data)
{
	struct net_route r;
	struct net_link l;
	u32 pos = 0;

	seq_printf(m, "%-127s\n", "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT");
	while (OPS->next_route && OPS->next_route(&pos, &r)) {
		char line[128];

		if (r.family != AF_INET || r.table != RT_TABLE_MAIN)
			continue;
		snprintf(line, sizeof(line), "%s\t%08X\t%08X\t%04X\t%d\t%u\t%u\t%08X\t%u\t%u\t%u",
			 link_name(r.ifindex, &l), ip_v4(&r.dst),
			 r.has_gateway ? ip_v4(&r.gateway) : 0, route_flags(&r), 0, 0, r.metric,
			 mask_of(r.dst_len), r.mtu ? r.mtu + 40 : 0, 0, 0);
		seq_printf(m, "%-127s\n", line);
	}
	return 0;
}

static int show_arp(struct seq_file *m, void *data)
{
	struct net_neigh n;
	struct net_link l;
	u32 pos = 0;

	seq_puts(m, "IP address       HW type     Flags       HW address            Mask     Device\n");
	while (OPS->next_neigh && OPS->next_neigh(&pos, &n)) {
		const u8 *ip = n.dst.bytes, *mac = n.lladdr;
		u32 flags = n.state & (NUD_INCOMPLETE | NUD_FAILED) ? 0 : ATF_COM;
		char text[16];

		if (n.family != AF_INET || n.state == NUD_NONE)
			continue;
		if (n.state & NUD_PERMANENT)
			flags |= ATF_PERM;
		snprintf(text, sizeof(text), "%u.%u.%u.%u", ip[0], ip[1], ip[2], ip[3]);
		seq_printf(m, "%-16s 0x%-10x0x%-10x%02x:%02x:%02x:%02x:%02x:%02x     *        %s\n",
			   text, ARPHRD_ETHER, flags, mac[0], mac[1], mac[2], mac[3], mac[4], mac[5],
			   link_name(n.ifindex, &l));
	}
	return 0;
}

/* ---- snmp ---- */

static void show_mib(struct seq_file *m, const char *group, const char *const *names,
		     const u64 *values, unsigned n)
{
	seq_printf(m, "%s:", group);
	for (unsigned i = 0; i < n; i++)
		seq_printf(m, " %s", names[i]);
	seq_printf(m, "\n%s:", group);
	for (unsigned i = 0; i < n; i++)	/* -1 is "no limit" of MaxConn */
		seq_printf(m, " %lld", (long long)values[i]);
	seq_puts(m, "\n");
}

static int show_snmp(struct seq_file *m, void *data)
{
#define NAME(field) #field,
	static const char *const ip[] = { NET_MIB_IP(NAME) }, *const icmp[] = { NET_MIB_ICMP(NAME) },
				 *const tcp[] = { NET_MIB_TCP(NAME) }, *const udp[] = { NET_MIB_UDP(NAME) };
#undef NAME
	struct net_mib mib = { 0 };

	if (OPS->mib)
		OPS->mib(&mib);
	show_mib(m, "Ip", ip, &mib.ip.Forwarding, ARRAY_SIZE(ip));
	show_mib(m, "Icmp", icmp, &mib.icmp.InMsgs, ARRAY_SIZE(icmp));
	show_mib(m, "Tcp", tcp, &mib.tcp.RtoAlgorithm, ARRAY_SIZE(tcp));
	show_mib(m, "Udp", udp, &mib.udp.InDatagrams, ARRAY_SIZE(udp));
	show_mib(m, "UdpLite", udp, (const u64[ARRAY_SIZE(udp)]){ 0 }, ARRAY_SIZE(udp));
	return 0;
}

/* ---- IPv6 ---- */

static void put_hex(struct seq_file *m, const struct net_ip *ip)
{
	for (unsigned i = 0; i < sizeof(ip->bytes); i++)
		seq_printf(m, "%02x", ip->bytes[i]);
}

/* Scopes are the kernel's own numbers here, not rtnetlink's. */
static u32 inet6_scope(u8 scope)
{
	return scope == RT_SCOPE_HOST ? 0x10 : scope == RT_SCOPE_LINK ? 0x20 :
	       scope == RT_SCOPE_SITE ? 0x40 : 0;
}

static int show_if_inet6(struct seq_file *m, void *data)
{
	struct net_addr a;
	struct net_link l;
	u32 pos = 0;

	while (OPS->next_addr && OPS->next_addr(&pos, &a)) {
		if (a.family != AF_INET6)
			continue;
		put_hex(m, &a.local);
		seq_printf(m, " %02x %02x %02x %02x %8s\n", a.ifindex, a.prefixlen,
			   inet6_scope(a.scope), (u8)a.flags, link_name(a.ifindex, &l));
	}
	return 0;
}

static int show_ipv6_route(struct seq_file *m, void *data)
{
	static const struct net_ip none;
	struct net_route r;
	struct net_link l;
	u32 pos = 0;

	while (OPS->next_route && OPS->next_route(&pos, &r)) {
		if (r.family != AF_INET6)
			continue;
		put_hex(m, &r.dst);
		seq_printf(m, " %02x ", r.dst_len);
		put_hex(m, &none);
		seq_puts(m, " 00 ");
		put_hex(m, r.has_gateway ? &r.gateway : &none);
		seq_printf(m, " %08x %08x %08x %08x %8s\n", r.metric, 1, 0,
			   route_flags(&r) | (r.table == RT_TABLE_LOCAL ? RTF_LOCAL : 0),
			   link_name(r.ifindex, &l));
	}
	return 0;
}

static int __init config_proc_init(void)
{
	static const struct { const char *path; int (*show)(struct seq_file *m, void *data); } files[] = {
		{ "net/dev", show_dev }, { "net/route", show_route }, { "net/arp", show_arp },
		{ "net/snmp", show_snmp }, { "net/if_inet6", show_if_inet6 },
		{ "net/ipv6_route", show_ipv6_route },
	};
	int err = 0;

	if (!net_backend.config)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(files) && !err; i++)
		err = proc_create(files[i].path, 0444, files[i].show, NULL);
	return err;
}
device_initcall(config_proc_init);
