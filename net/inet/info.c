/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /proc/net/{tcp,tcp6,udp,udp6,sockstat,sockstat6}, in Linux's columns: proc(5).
 */
#include <net/config.h>
#include <net/inet.h>

/* Linux fills lines of IPv4 up to so many characters: 149 of TCP, 127 of others. */
static void end_line(struct seq_file *m, size_t start, bool v4, bool stream)
{
	size_t width = stream ? 149 : 127, len = m->count - start;

	/* In a buffer that is full already the count stands still. */
	if (v4 && len < width)
		seq_printf(m, "%*s", (int)(width - len), "");
	seq_putc(m, '\n');
}

void inet_show_header(struct seq_file *m, int type, int family)
{
	size_t start = m->count;

	if (family == AF_INET6)
		seq_puts(m, "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode");
	else
		seq_puts(m, type == SOCK_STREAM ?
			 "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode" :
			 "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode");
	if (type != SOCK_STREAM)
		seq_puts(m, " ref pointer drops");
	end_line(m, start, family == AF_INET, type == SOCK_STREAM);
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
	size_t start = m->count;
	struct in6_addr none;

	inet_any(&none, o->so.family);
	seq_printf(m, stream ? "%4u: " : "%5u: ", n);
	show_addr(m, o, &o->laddr, o->lport);
	seq_putc(m, ' ');
	show_addr(m, o, o->rport ? &o->raddr : &none, o->rport);
	seq_printf(m, " %02X %08X:%08X %02X:%08X %08X %5u %8d %llu %d %016lx",
		   !stream && o->rport ? INET_ESTABLISHED : o->so.state, line->tx, line->rx,
		   line->timer, line->expires, line->retrans, o->uid, 0, (unsigned long long)o->so.ino,
		   line->timer == 3 ? 3 : atomic_read(&o->so.refs), 0ul);
	if (!stream)
		seq_printf(m, " %u", line->drops);
	else if (o->so.state == INET_LISTEN)
		seq_puts(m, " 100 0 0 10 0");
	else if (line->timer != 3)
		seq_puts(m, " 20 4 30 10 -1");
	end_line(m, start, o->so.family == AF_INET, stream);
}

static u32 pages_of(u64 bytes)
{
	return (u32)DIV_ROUND_UP(bytes, PAGE_SIZE);
}

u32 inet_show_sockets(struct seq_file *m, const struct list_head *all, int type, int family,
		      void (*waits)(const struct inet_sock *o, struct inet_line *line))
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
		if (waits)
			waits(o, &line);
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
		*(o->so.type == SOCK_STREAM ? &c->tcp_bytes : &c->udp_bytes) +=
			socket_wmem(&o->so) + o->q.bytes;
		c->tcp += here && o->so.type == SOCK_STREAM && o->so.state != INET_CLOSE;
		c->udp += here && o->so.type == SOCK_DGRAM;
		c->raw += o->so.type == SOCK_RAW && o->so.family == family;
	}
}

void inet_show_sockstat(struct seq_file *m, int family, const struct inet_census *c)
{
	if (family == AF_INET6) {
		seq_printf(m, "TCP6: inuse %u\nUDP6: inuse %u\nUDPLITE6: inuse 0\nRAW6: inuse %u\n"
			      "FRAG6: inuse %u memory %u\n", c->tcp, c->udp, c->raw, c->frags, c->frag_bytes);
		return;
	}
	seq_printf(m, "sockets: used %u\nTCP: inuse %u orphan %u tw %u alloc %u mem %u\n"
		      "UDP: inuse %u mem %u\nUDPLITE: inuse 0\nRAW: inuse %u\nFRAG: inuse %u memory %u\n",
		   sockets_used(), c->tcp, c->tcp_orphan, c->tcp_tw, c->tcp_alloc, pages_of(c->tcp_bytes),
		   c->udp, pages_of(c->udp_bytes), c->raw, c->frags, c->frag_bytes);
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
