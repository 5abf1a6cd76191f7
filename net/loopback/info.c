/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /proc/net of the loopback backend: sockets, the one device, routes and counts.
 */
#include "loopback.h"

const char *const lo_infos[] = {
	"tcp", "tcp6", "udp", "udp6", "dev", "route", "arp", "snmp", "sockstat", "sockstat6", NULL,
};

/* Connections that are over but for their time. */
static void show_tws(struct seq_file *m, int family, u32 n) REQUIRES(lo_lock)
{
	nsec_t now = ktime_get();

	for (struct lo_tw *tw = lo_tw_next(NULL); tw; tw = lo_tw_next(tw)) {
		struct inet_sock shown = { .laddr = tw->laddr, .raddr = tw->raddr,
					   .lport = tw->port->port, .rport = tw->rport };
		u64 left = tw->expires > now ? tw->expires - now : 0;
		struct inet_line line = { .timer = 3, .expires = (u32)(left / 10000000) };

		shown.so.type = SOCK_STREAM;
		shown.so.family = tw->v6 ? AF_INET6 : AF_INET;
		shown.so.state = tw->state;
		if (shown.so.family == family)
			inet_show_socket(m, &shown, n++, &line);
	}
}

static int show_sockets(struct seq_file *m, int type, int family)
{
	struct lo_sock *o;
	u32 n = 0;

	inet_show_header(m, type, family);
	spin_lock(&lo_lock);
	list_for_each_entry(o, &lo_all, all_node) {
		struct inet_line line = {
			.tx = type == SOCK_DGRAM ? socket_wmem(&o->in.so) : 0,
			.rx = o->in.so.state == INET_LISTEN ? o->nr_accepts : o->in.q.bytes,
			.drops = o->in.drops,
		};

		if (o->in.so.type != type || o->in.so.family != family || !o->in.lport ||
		    (type == SOCK_STREAM && o->in.so.state == INET_CLOSE))
			continue;
		inet_show_socket(m, &o->in, n++, &line);
	}
	if (type == SOCK_STREAM)
		show_tws(m, family, n);
	spin_unlock(&lo_lock);
	return 0;
}

static void show_sockstat(struct seq_file *m, int family)
{
	struct inet_census c = { 0 };
	struct lo_sock *o;

	spin_lock(&lo_lock);
	list_for_each_entry(o, &lo_all, all_node) {
		bool stream = o->in.so.type == SOCK_STREAM;

		c.tcp_alloc += stream;
		if (o->in.so.family == family && o->in.lport) {
			c.tcp += stream && o->in.so.state != INET_CLOSE;
			c.udp += !stream;
		}
	}
	c.tcp_tw = lo_tw_count();
	spin_unlock(&lo_lock);
	inet_show_sockstat(m, family, &c);
}

static void show_snmp(struct seq_file *m)
{
	struct inet_counts c = lo_counts;

	c.tcp_in = c.tcp_out;
	c.tcp_rsts = c.tcp_resets;
	c.ip_in = c.ip_out = c.udp_out + c.tcp_out;
	inet_show_snmp(m, &c);
}

static void show_dev(struct seq_file *m)
{
	u64 packets = lo_counts.udp_out + lo_counts.tcp_out;

	seq_puts(m, "Inter-|   Receive                                                |  Transmit\n");
	seq_puts(m, " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n");
	seq_printf(m, "    lo: %7llu %7llu    0    0    0     0          0         0 %8llu %7llu    0    0    0     0       0          0\n",
		   (unsigned long long)lo_bytes, (unsigned long long)packets,
		   (unsigned long long)lo_bytes, (unsigned long long)packets);
}

int lo_info(struct seq_file *m, const char *what)
{
	if (!strncmp(what, "tcp", 3))
		return show_sockets(m, SOCK_STREAM, what[3] ? AF_INET6 : AF_INET);
	if (!strncmp(what, "udp", 3))
		return show_sockets(m, SOCK_DGRAM, what[3] ? AF_INET6 : AF_INET);
	if (!strcmp(what, "dev"))
		show_dev(m);
	else if (!strcmp(what, "route"))
		seq_puts(m, "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n");
	else if (!strcmp(what, "arp"))
		seq_puts(m, "IP address       HW type     Flags       HW address            Mask     Device\n");
	else if (!strcmp(what, "snmp"))
		show_snmp(m);
	else
		show_sockstat(m, what[8] ? AF_INET6 : AF_INET);
	return 0;
}
