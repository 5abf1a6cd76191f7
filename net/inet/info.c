/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /proc/net/{tcp,tcp6,udp,udp6,sockstat,sockstat6}, in Linux's columns: proc(5).
 */
#include <net/config.h>
#include <net/inet.h>

void inet_show_header(struct seq_file *m, int type, int family)
{
	if (family == AF_INET6)
		seq_puts(m, "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode");
	else
		seq_puts(m, type == SOCK_STREAM ?
			 "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode" :
			 "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode");
	seq_puts(m, type == SOCK_STREAM ? "\n" : " ref pointer drops\n");
}

static void show_addr(struct seq_file *m, const struct inet_sock *o, const struct in6_addr *a, u16 port)
{
	const u32 *word = a->in6_u.u6_addr32;

	if (o->so.family == AF_INET6)
		seq_printf(m, "%08X%08X%08X", word[0], word[1], word[2]);
	seq_printf(m, "%08X:%04X", word[3], port);
}

void inet_show_socket(struct seq_file *m, const struct inet_sock *o, u32 n,
		      const struct inet_line *line)
{
	bool stream = o->so.type == SOCK_STREAM;
	struct in6_addr none;

	inet_any(&none, o->so.family);
	seq_printf(m, stream ? "%4u: " : "%5u: ", n);
	show_addr(m, o, &o->laddr, o->lport);
	seq_putc(m, ' ');
	show_addr(m, o, o->rport ? &o->raddr : &none, o->rport);
	seq_printf(m, " %02X %08X:%08X %02X:%08X %08X %5u %8d %llu %d %016lx",
		   !stream && o->rport ? INET_ESTABLISHED : o->so.state, line->tx, line->rx,
		   line->timer, line->expires, 0, o->uid, 0, (unsigned long long)o->so.ino,
		   line->timer == 3 ? 3 : atomic_read(&o->so.refs), 0ul);
	if (!stream)
		seq_printf(m, " %u\n", line->drops);
	else if (line->timer == 3)
		seq_puts(m, "\n");
	else
		seq_printf(m, " 20 4 30 10 %d\n", o->so.state == INET_LISTEN ? 0 : -1);
}

u32 inet_show_sockets(struct seq_file *m, const struct list_head *all, int type, int family)
{
	struct inet_sock *o;
	u32 n = 0;

	inet_show_header(m, type, family);
	list_for_each_entry(o, all, all_node) {
		struct inet_line line = {
			.tx = socket_wmem(&o->so),
			.rx = o->so.state == INET_LISTEN ? o->nr_accepts : o->q.bytes,
			.drops = o->drops,
		};

		if (o->so.type != type || o->so.family != family ||
		    (type != SOCK_RAW && !o->lport) ||
		    (type == SOCK_STREAM && o->so.state == INET_CLOSE))
			continue;
		inet_show_socket(m, o, n++, &line);
	}
	return n;
}

void inet_count_sockets(struct inet_census *c, const struct list_head *all, int family)
{
	struct inet_sock *o;

	list_for_each_entry(o, all, all_node) {
		bool here = o->so.family == family && o->lport;

		c->tcp_alloc += o->so.type == SOCK_STREAM;
		c->tcp += here && o->so.type == SOCK_STREAM && o->so.state != INET_CLOSE;
		c->udp += here && o->so.type == SOCK_DGRAM;
		c->raw += o->so.type == SOCK_RAW && o->so.family == family;
	}
}

void inet_show_sockstat(struct seq_file *m, int family, const struct inet_census *c)
{
	if (family == AF_INET6) {
		seq_printf(m, "TCP6: inuse %u\nUDP6: inuse %u\nUDPLITE6: inuse 0\nRAW6: inuse %u\n"
			      "FRAG6: inuse 0 memory 0\n", c->tcp, c->udp, c->raw);
		return;
	}
	seq_printf(m, "sockets: used %u\nTCP: inuse %u orphan %u tw %u alloc %u mem 0\n"
		      "UDP: inuse %u mem 0\nUDPLITE: inuse 0\nRAW: inuse %u\nFRAG: inuse 0 memory 0\n",
		   sockets_used(), c->tcp, c->tcp_orphan, c->tcp_tw, c->tcp_alloc, c->udp, c->raw);
}

void inet_fill_mib(const struct inet_counts *c, struct net_mib *out)
{
	out->ip.Forwarding = 2;		/* RFC 4293: no */
	out->ip.DefaultTTL = 64;
	out->ip.InReceives = c->ip_in;
	out->ip.InDiscards = c->ip_discards;
	out->ip.InDelivers = c->ip_in - c->ip_discards;
	out->ip.OutRequests = c->ip_out;
	out->tcp.RtoAlgorithm = 1;
	out->tcp.RtoMin = 200;
	out->tcp.RtoMax = 120000;
	out->tcp.MaxConn = (u64)-1;
	out->tcp.ActiveOpens = c->tcp_active;
	out->tcp.PassiveOpens = c->tcp_passive;
	out->tcp.AttemptFails = c->tcp_fails;
	out->tcp.EstabResets = c->tcp_resets;
	out->tcp.CurrEstab = c->tcp_current;
	out->tcp.InSegs = c->tcp_in;
	out->tcp.OutSegs = c->tcp_out;
	out->tcp.RetransSegs = c->tcp_retrans;
	out->tcp.OutRsts = c->tcp_rsts;
	out->udp.InDatagrams = c->udp_in;
	out->udp.NoPorts = c->udp_noport;
	out->udp.InErrors = c->udp_drop + c->udp_errors;
	out->udp.OutDatagrams = c->udp_out;
	out->udp.RcvbufErrors = c->udp_drop;
	out->udp.SndbufErrors = c->udp_unsent;
}
