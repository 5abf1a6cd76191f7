/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/net of the lwIP backend: sockets, counts, and what its pools have given out. */
#include "dev.h"
#include "lwip/memp.h"

const char *const lw_infos[] = {
	"tcp", "tcp6", "udp", "udp6", "raw", "raw6", "sockstat", "sockstat6", "lwip", "pnp", NULL,
};

/* Connections that no socket has any more. */
static u32 show_orphans(struct seq_file *m, int family, u32 n) REQUIRES(lw_core)
{
	for (struct tcp_pcb *pcb = lw_pcb_next(NULL); pcb; pcb = lw_pcb_next(pcb)) {
		struct inet_sock shown = { .lport = pcb->local_port, .rport = pcb->remote_port };
		struct inet_line line = { 0 };
		u32 age = (tcp_ticks - pcb->tmr) * (TCP_SLOW_INTERVAL / 10);

		if (pcb->callback_arg && pcb->state != SYN_RCVD)
			continue;
		lw_from_ip(&shown.laddr, &pcb->local_ip);
		lw_from_ip(&shown.raddr, &pcb->remote_ip);
		shown.so.type = SOCK_STREAM;
		shown.so.family = inet_is_v4(&shown.raddr) ? AF_INET : AF_INET6;
		shown.so.state = lw_tcp_state(pcb);
		line.tx = pcb->snd_lbb - pcb->lastack;
		if (pcb->state == TIME_WAIT) {
			line.timer = 3;
			line.expires = age < 2 * TCP_MSL / 10 ? 2 * TCP_MSL / 10 - age : 0;
			line.tx = 0;
		}
		if (shown.so.family == family)
			inet_show_socket(m, &shown, n++, &line);
	}
	return n;
}

/* What a connection waits for. */
static void show_timer(const struct inet_sock *in, struct inet_line *line) NO_THREAD_SAFETY_ANALYSIS
{
	const struct tcp_pcb *pcb = container_of(in, struct lw_sock, in)->pcb;
	u32 unit = TCP_SLOW_INTERVAL / 10, since;

	if (!pcb)
		return;
	since = tcp_ticks - pcb->tmr;
	line->retrans = pcb->nrtx;
	if (pcb->unacked) {
		line->timer = 1;
		line->expires = pcb->rto > pcb->rtime ? (u32)(pcb->rto - pcb->rtime) * unit : 0;
	} else if (pcb->persist_backoff) {
		line->timer = 4;
	} else if (ip_get_option(pcb, LW_KEEPALIVE)) {
		line->timer = 2;
		line->expires = pcb->keep_idle / 10 > since * unit ? pcb->keep_idle / 10 - since * unit : 0;
	}
}

static int show_sockets(struct seq_file *m, int type, int family)
{
	u32 n;

	lw_lock();
	n = inet_show_sockets(m, &lw_all, type, family, show_timer);
	if (type == SOCK_STREAM)
		show_orphans(m, family, n);
	lw_unlock();
	return 0;
}

#define LW_FRAG_BYTES 2048u	/* of a packet that waits for fragments: at least one buffer */

static void show_sockstat(struct seq_file *m, int family)
{
	struct inet_census c = { 0 };
	u64 refused;
	u32 limit;

	lw_lock();
	inet_count_sockets(&c, &lw_all, family);
	for (struct tcp_pcb *pcb = tcp_tw_pcbs; pcb; pcb = pcb->next)
		c.tcp_tw++;
	lw_pool_usage(family == AF_INET ? MEMP_REASSDATA : MEMP_IP6_REASSDATA, &c.frags, &limit, &refused);
	c.frag_bytes = c.frags * LW_FRAG_BYTES;
	c.tcp_orphan = lw_orphans - min(lw_orphans, c.tcp_tw);
	lw_unlock();
	inet_show_sockstat(m, family, &c);
}

/* Beside the Linux ones: what runs out first, and how often it did. */
static void show_pools(struct seq_file *m)
{
	static const struct { const char *name; int pool; } shown[] = {
		{ "tcp_pcb", MEMP_TCP_PCB }, { "tcp_listen", MEMP_TCP_PCB_LISTEN },
		{ "tcp_seg", MEMP_TCP_SEG }, { "reassembly", MEMP_REASSDATA },
		{ "reassembly6", MEMP_IP6_REASSDATA }, { "arp_queue", MEMP_ARP_QUEUE },
		{ "nd6_queue", MEMP_ND6_QUEUE }, { "groups", MEMP_IGMP_GROUP },
		{ "groups6", MEMP_MLD6_GROUP },
	};
	u32 used, limit;
	u64 refused;

	seq_printf(m, "pool used limit refused\npackets %d %d %llu\n", atomic_read(&lw_mem_used),
		   lw_mem_limit, (unsigned long long)lw_mem_refused);
	for (size_t i = 0; i < ARRAY_SIZE(shown); i++) {
		lw_pool_usage(shown[i].pool, &used, &limit, &refused);
		seq_printf(m, "%s %u %u %llu\n", shown[i].name, used, limit, (unsigned long long)refused);
	}
}

int lw_info(struct seq_file *m, const char *what)
{
	int type = what[0] == 't' ? SOCK_STREAM : what[0] == 'u' ? SOCK_DGRAM : SOCK_RAW;
	int family = what[strlen(what) - 1] == '6' ? AF_INET6 : AF_INET;

	if (what[0] == 's')
		show_sockstat(m, family);
	else if (what[0] == 'l')
		show_pools(m);
	else if (what[0] == 'p')
		lw_show_pnp(m);
	else
		return show_sockets(m, type, family);
	return 0;
}
