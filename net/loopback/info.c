/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /proc/net of the loopback backend: sockets, the one device, routes and counts.
 */
#include "loopback.h"


const char *const lo_infos[] = {
	"tcp", "tcp6", "udp", "udp6", "dev", "route", "arp", "snmp", "sockstat", NULL,
};

static void show_addr(struct seq_file *m, const struct lo_sock *o, const struct in6_addr *a, u16 port)
{
	if (o->so.family == AF_INET)
		seq_printf(m, "%08X:%04X", a->in6_u.u6_addr32[3], port);
	else
		seq_printf(m, "%08X%08X%08X%08X:%04X", a->in6_u.u6_addr32[0],
			   a->in6_u.u6_addr32[1], a->in6_u.u6_addr32[2],
			   a->in6_u.u6_addr32[3], port);
}

static int show_sockets(struct seq_file *m, int type, int family)
{
	struct lo_sock *o;
	u32 n = 0;

	if (family == AF_INET)
		seq_puts(m, type == SOCK_STREAM ?
			 "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n" :
			 "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n");
	else
		seq_puts(m, "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n");
	spin_lock(&lo_lock);
	list_for_each_entry(o, &lo_all, all_node) {
		u32 rx = o->so.state == LO_LISTEN ? o->nr_accepts : o->q.bytes;

		if (o->so.type != type || o->so.family != family || !o->lport)
			continue;
		if (type == SOCK_STREAM && o->so.state == LO_CLOSE)
			continue;
		seq_printf(m, type == SOCK_STREAM ? "%4u: " : "%5u: ", n++);
		show_addr(m, o, &o->laddr, o->lport);
		seq_putc(m, ' ');
		show_addr(m, o, &o->raddr, o->rport);
		seq_printf(m, " %02X %08X:%08X %02X:%08X %08X %5u %8d %llu",
			   type == SOCK_DGRAM && o->rport ? LO_ESTABLISHED : o->so.state,
			   type == SOCK_DGRAM ? socket_wmem(&o->so) : 0, rx, 0, 0, 0, o->uid, 0,
			   (unsigned long long)o->so.ino);
		if (type == SOCK_DGRAM)
			seq_printf(m, " %d %016lx %u\n", atomic_read(&o->so.refs), 0ul, o->drops);
		else
			seq_printf(m, " %d %016lx 20 4 30 10 -1\n", atomic_read(&o->so.refs), 0ul);
	}
	spin_unlock(&lo_lock);
	return 0;
}

static u32 count(int type, int family)
{
	struct lo_sock *o;
	u32 n = 0;

	spin_lock(&lo_lock);
	list_for_each_entry(o, &lo_all, all_node)
		if (o->so.type == type && o->so.family == family && o->lport)
			n++;
	spin_unlock(&lo_lock);
	return n;
}

static void show_snmp(struct seq_file *m)
{
	const struct lo_counts *c = &lo_counts;
	u64 ip = c->udp_out + c->tcp_out;

	seq_puts(m, "Ip: Forwarding DefaultTTL InReceives InHdrErrors InAddrErrors ForwDatagrams InUnknownProtos InDiscards InDelivers OutRequests OutDiscards OutNoRoutes ReasmTimeout ReasmReqds ReasmOKs ReasmFails FragOKs FragFails FragCreates\n");
	seq_printf(m, "Ip: 2 64 %llu 0 0 0 0 0 %llu %llu 0 0 0 0 0 0 0 0 0\n",
		   (unsigned long long)ip, (unsigned long long)ip, (unsigned long long)ip);
	seq_puts(m, "Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs OutSegs RetransSegs InErrs OutRsts InCsumErrors\n");
	seq_printf(m, "Tcp: 1 200 120000 -1 %llu %llu %llu %llu 0 %llu %llu 0 0 %llu 0\n",
		   (unsigned long long)c->tcp_active, (unsigned long long)c->tcp_passive,
		   (unsigned long long)c->tcp_fails, (unsigned long long)c->tcp_resets,
		   (unsigned long long)c->tcp_out, (unsigned long long)c->tcp_out,
		   (unsigned long long)c->tcp_resets);
	seq_puts(m, "Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors IgnoredMulti MemErrors\n");
	seq_printf(m, "Udp: %llu %llu %llu %llu %llu 0 0 0 0\n", (unsigned long long)c->udp_in,
		   (unsigned long long)c->udp_noport, (unsigned long long)c->udp_drop,
		   (unsigned long long)c->udp_out, (unsigned long long)c->udp_drop);
}

static void show_dev(struct seq_file *m)
{
	u64 packets = lo_counts.udp_out + lo_counts.tcp_out;

	seq_puts(m, "Inter-|   Receive                                                |  Transmit\n");
	seq_puts(m, " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n");
	seq_printf(m, "    lo: %7llu %7llu    0    0    0     0          0         0 %8llu %7llu    0    0    0     0       0          0\n",
		   (unsigned long long)lo_counts.bytes, (unsigned long long)packets,
		   (unsigned long long)lo_counts.bytes, (unsigned long long)packets);
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
		seq_printf(m, "sockets: used %u\nTCP: inuse %u orphan 0 tw 0 alloc %u mem 0\nUDP: inuse %u mem 0\nUDPLITE: inuse 0\nRAW: inuse 0\nFRAG: inuse 0 memory 0\n",
			   count(SOCK_STREAM, AF_INET) + count(SOCK_STREAM, AF_INET6) +
			   count(SOCK_DGRAM, AF_INET) + count(SOCK_DGRAM, AF_INET6),
			   count(SOCK_STREAM, AF_INET), count(SOCK_STREAM, AF_INET),
			   count(SOCK_DGRAM, AF_INET));
	return 0;
}
