/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Options of IP, IPv6, TCP and UDP. Most say how packets should look or be timed; without
 * packets they are kept, checked and given back.
 */
#include <lib/kconfig.h>
#include "loopback.h"

static const struct option {
	u16 level, name;
	int first, min, max;
	u8  types;		/* S: TCP sockets, D: UDP sockets */
} options[] = {
#define S 1
#define D 2
	{ SOL_IP, IP_TOS, 0, 0, 255, S | D }, { SOL_IP, IP_TTL, 64, 1, 255, S | D },
	{ SOL_IP, IP_PKTINFO, 0, 0, 1, S | D }, { SOL_IP, IP_RECVTTL, 0, 0, 1, S | D },
	{ SOL_IP, IP_RECVTOS, 0, 0, 1, S | D }, { SOL_IP, IP_MTU_DISCOVER, 1, 0, 5, S | D },
	{ SOL_IP, IP_RECVERR, 0, 0, 1, S | D }, { SOL_IP, IP_FREEBIND, 0, 0, 1, S | D },
	{ SOL_IP, IP_MULTICAST_TTL, 1, 0, 255, D }, { SOL_IP, IP_MULTICAST_LOOP, 1, 0, 1, D },
	{ SOL_IP, IP_BIND_ADDRESS_NO_PORT, 0, 0, 1, S | D },
	{ SOL_IPV6, IPV6_UNICAST_HOPS, 64, 0, 255, S | D },
	{ SOL_IPV6, IPV6_MULTICAST_HOPS, 1, 0, 255, D },
	{ SOL_IPV6, IPV6_MULTICAST_LOOP, 1, 0, 1, D },
	{ SOL_IPV6, IPV6_RECVPKTINFO, 0, 0, 1, S | D }, { SOL_IPV6, IPV6_TCLASS, 0, 0, 255, S | D },
	{ SOL_IPV6, IPV6_RECVTCLASS, 0, 0, 1, S | D }, { SOL_IPV6, IPV6_RECVHOPLIMIT, 0, 0, 1, S | D },
	{ SOL_IPV6, IPV6_RECVERR, 0, 0, 1, S | D }, { SOL_IPV6, IPV6_MTU_DISCOVER, 1, 0, 5, S | D },
	{ SOL_TCP, TCP_NODELAY, 0, 0, 1, S }, { SOL_TCP, TCP_CORK, 0, 0, 1, S },
	{ SOL_TCP, TCP_KEEPIDLE, 7200, 1, 32767, S }, { SOL_TCP, TCP_KEEPINTVL, 75, 1, 32767, S },
	{ SOL_TCP, TCP_KEEPCNT, 9, 1, 127, S }, { SOL_TCP, TCP_SYNCNT, 6, 1, 127, S },
	{ SOL_TCP, TCP_LINGER2, 60, -1, 0x7fffffff, S }, { SOL_TCP, TCP_DEFER_ACCEPT, 0, 0, 0x7fffffff, S },
	{ SOL_TCP, TCP_MAXSEG, 65483, 88, 65535, S }, { SOL_TCP, TCP_QUICKACK, 1, 0, 1, S },
	{ SOL_TCP, TCP_USER_TIMEOUT, 0, 0, 0x7fffffff, S }, { SOL_TCP, TCP_WINDOW_CLAMP, 0, 0, 0x7fffffff, S },
	{ SOL_TCP, TCP_NOTSENT_LOWAT, 0, 0, 0x7fffffff, S },
	{ SOL_UDP, UDP_CORK, 0, 0, 0, D },
};
_Static_assert(ARRAY_SIZE(options) <= LO_NR_OPTIONS, "room in struct lo_sock");

static int find(const struct lo_sock *o, int level, int name)
{
	u8 type = o->so.type == SOCK_STREAM ? S : D;

	if (level == SOL_IPV6 && o->so.family != AF_INET6)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (options[i].level == level && options[i].name == name && (options[i].types & type))
			return (int)i;
	return -1;
}

void lo_options_init(struct lo_sock *o)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		o->option[i] = options[i].first;
}

int lo_option(const struct lo_sock *o, int level, int name)
{
	int i = find(o, level, name);

	return i < 0 ? 0 : o->option[i];
}

/* Options of a single byte are taken for those of IP, as Linux does. */
static int number_of(int level, const void *val, u32 len, int *number)
{
	if (len >= sizeof(int)) {
		memcpy(number, val, sizeof(int));
		return 0;
	}
	if (level != SOL_IP || !len)
		return -EINVAL;
	*number = *(const u8 *)val;
	return 0;
}

int lo_setsockopt(struct socket *so, int level, int name, const void *val, u32 len)
{
	struct lo_sock *o = lo_of(so);
	int i, number, err;

	if (level == SOL_SOCKET)
		return -ENODEV;		/* SO_BINDTODEVICE: there is only lo */
	if (level == SOL_TCP && name == TCP_CONGESTION && so->type == SOCK_STREAM)
		return len >= 4 && !memcmp(val, "reno", 4) ? 0 : -ENOENT;
	if (level == SOL_IPV6 && name == IPV6_V6ONLY && so->family == AF_INET6) {
		err = number_of(level, val, len, &number);
		if (!err && o->lport)
			err = -EINVAL;
		if (!err)
			o->v6only = number != 0;
		return err;
	}
	i = find(o, level, name);
	if (i < 0)
		return -ENOPROTOOPT;
	err = number_of(level, val, len, &number);
	if (err)
		return err;
	if (number == -1 && (name == IP_TTL || level == SOL_IPV6) && options[i].max == 255)
		number = options[i].first;
	if (options[i].max == 1)
		number = number != 0;
	if (level == SOL_TCP && name == TCP_MAXSEG && !number)
		number = options[i].first;
	if (number < options[i].min || number > options[i].max)
		return -EINVAL;
	WRITE_ONCE(o->option[i], number);
	return 0;
}

static void tcp_info(struct lo_sock *o, void *val, u32 *len)
{
	struct tcp_info info;

	memset(&info, 0, sizeof(info));
	info.tcpi_state = o->so.state;
	info.tcpi_rto = 200000;
	info.tcpi_ato = 40000;
	info.tcpi_snd_mss = info.tcpi_rcv_mss = info.tcpi_advmss = 65483;
	info.tcpi_pmtu = 65535;
	info.tcpi_rtt = 10;
	info.tcpi_rttvar = 5;
	info.tcpi_snd_cwnd = 10;
	info.tcpi_snd_ssthresh = 0x7fffffff;
	info.tcpi_rcv_space = o->so.rcvbuf;
	info.tcpi_notsent_bytes = 0;
	if (o->so.state == LO_LISTEN) {
		info.tcpi_unacked = o->nr_accepts;
		info.tcpi_sacked = o->backlog;
	}
	*len = min(*len, (u32)sizeof(info));
	memcpy(val, &info, *len);
}

int lo_getsockopt(struct socket *so, int level, int name, void *val, u32 *len)
{
	struct lo_sock *o = lo_of(so);
	int i, number;

	if (level == SOL_TCP && name == TCP_INFO && so->type == SOCK_STREAM) {
		tcp_info(o, val, len);
		return 0;
	}
	if (level == SOL_TCP && name == TCP_CONGESTION && so->type == SOCK_STREAM) {
		*len = min(*len, 16u);
		memcpy(val, "reno\0\0\0\0\0\0\0\0\0\0\0", *len);
		return 0;
	}
	if (level == SOL_SOCKET && name == SO_ACCEPTCONN) {
		number = so->state == LO_LISTEN;
	} else if (level == SOL_IPV6 && name == IPV6_V6ONLY && so->family == AF_INET6) {
		number = o->v6only;
	} else {
		i = find(o, level, name);
		if (i < 0)
			return level == SOL_SOCKET || level == SOL_IP || level == SOL_TCP ||
			       level == SOL_UDP || level == SOL_IPV6 ? -ENOPROTOOPT : -EOPNOTSUPP;
		number = o->option[i];
	}
	*len = min(*len, (u32)sizeof(int));
	memcpy(val, &number, *len);
	return 0;
}
