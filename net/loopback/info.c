/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /proc/net of the loopback backend: its sockets.
 */
#include "loopback.h"

const char *const lo_infos[] = {
	"tcp", "tcp6", "udp", "udp6", "sockstat", "sockstat6", NULL,
};

/* Connections that are over but for their time. */
static void show_tws(struct seq_file *m, int family, u32 n) REQUIRES(lo_core)
{
	nsec_t now = ktime_get();
	struct lo_tw *tw;

	list_for_each_entry(tw, &lo_tws, node) {
		struct inet_sock shown = { .laddr = tw->laddr, .raddr = tw->raddr,
					   .lport = tw->port->port, .rport = tw->rport };
		u64 left = tw->due.expires > now ? tw->due.expires - now : 0;
		struct inet_line line = { .timer = 3, .expires = (u32)(left / 10000000) };

		shown.so.type = SOCK_STREAM;
		shown.so.family = tw->v6 ? AF_INET6 : AF_INET;
		shown.so.state = tw->state;
		if (shown.so.family == family)
			inet_show_socket(m, &shown, n++, &line);
	}
}

int lo_info(struct seq_file *m, const char *what)
{
	int family = what[strlen(what) - 1] == '6' ? AF_INET6 : AF_INET;
	struct inet_census c = { 0 };
	u32 n;

	lo_lock();
	if (what[0] == 's') {
		inet_count_sockets(&c, &lo_all, family);
		c.tcp_tw = lo_tw_count;
	} else {
		n = inet_show_sockets(m, &lo_all, what[0] == 't' ? SOCK_STREAM : SOCK_DGRAM, family,
				      NULL);
		if (what[0] == 't')
			show_tws(m, family, n);
	}
	lo_unlock();
	if (what[0] == 's')
		inet_show_sockstat(m, family, &c);
	return 0;
}
