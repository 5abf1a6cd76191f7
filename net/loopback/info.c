/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /proc/net of the loopback backend: its sockets.
 */
#include "loopback.h"

const char *const lo_infos[] = {
	"tcp", "tcp6", "udp", "udp6", "sockstat", "sockstat6", NULL,
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

int lo_info(struct seq_file *m, const char *what)
{
	if (!strncmp(what, "tcp", 3))
		return show_sockets(m, SOCK_STREAM, what[3] ? AF_INET6 : AF_INET);
	if (!strncmp(what, "udp", 3))
		return show_sockets(m, SOCK_DGRAM, what[3] ? AF_INET6 : AF_INET);
	show_sockstat(m, what[8] ? AF_INET6 : AF_INET);
	return 0;
}
