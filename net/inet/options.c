/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Options of IP, IPv6 and TCP: kept, checked and given back. See <net/inet.h>.
 */
#include <lib/kconfig.h>
#include <net/inet.h>

#define STREAM	1
#define DGRAM	2
#define BOTH	(STREAM | DGRAM)

enum { SWITCH, RANGE, HOPS, CLAMP, BYTE, KIND = 15, EMPTY = 16 };

static const struct option {
	u16 level, name;
	int first, min, max;
	u8  kind, sockets;
} options[INET_NR_OPTIONS] = {
#define INET_OPT(level, name, first, min, max, kind, sockets) \
	[OPT_##name] = { level, name, first, min, max, kind, sockets },
#include <net/inet_options.h>
#undef INET_OPT
};

static const char *const congestion[] = { "cubic", "reno" };

#define TCP_NAME_MAX		16	/* TCP_CA_NAME_MAX */
#define TCP_LEAST_MSS		88
#define TCP_LEAST_CLAMP		1152	/* SOCK_MIN_RCVBUF / 2 */
#define TCP_MSS_UNCONNECTED	536

void inet_init(struct inet_sock *o, const struct net_ops *ops, int family, int type, int protocol)
{
	socket_init(&o->so, ops, family, type, protocol);
	INIT_HLIST_NODE(&o->port_node);
	INIT_LIST_HEAD(&o->all_node);
	o->so.state = INET_CLOSE;
	inet_any(&o->laddr, family);
	inet_any(&o->raddr, family);
	o->uid = current_euid();
	for (size_t i = 0; i < INET_NR_OPTIONS; i++)
		o->option[i] = options[i].first;
}

/* The option's index, or -1 when this socket has none of that name. */
static int find(const struct inet_sock *o, int level, int name)
{
	u8 type = o->so.type == SOCK_STREAM ? STREAM : DGRAM;

	if (level == SOL_IPV6 && o->so.family != AF_INET6)
		return -1;
	for (int i = 0; i < INET_NR_OPTIONS; i++)
		if (options[i].level == level && options[i].name == name &&
		    (options[i].sockets & type))
			return i;
	return -1;
}

/* Options of a single byte are taken for those of IP, as Linux does. */
static int number_of(const struct option *opt, const void *val, u32 len, int *number)
{
	if (len >= sizeof(int)) {
		memcpy(number, val, sizeof(int));
		return 0;
	}
	if (opt->level != SOL_IP || (!len && !(opt->kind & EMPTY)))
		return -EINVAL;
	*number = len ? *(const u8 *)val : 0;
	return 0;
}

u32 inet_tcp_syn_seconds(u32 repeats, u32 enough)
{
	u32 total = 0, step = 1;

	while (repeats-- && total < enough) {
		total += step;
		step = min(step * 2, 120u);
	}
	return total;
}

/* What is special about one option's value. 0 or -errno. */
static int adjust(const struct inet_sock *o, enum inet_option i, int *number)
{
	switch (i) {
	case OPT_IPV6_V6ONLY:
		return o->lport ? -EINVAL : 0;
	case OPT_IP_TOS:		/* TCP keeps the two bits of ECN to itself */
		if (o->so.type == SOCK_STREAM)
			*number &= ~3;
		return 0;
	case OPT_IPV6_TCLASS:
		if (o->so.type == SOCK_STREAM)
			*number &= ~3;
		return 0;
	case OPT_TCP_MAXSEG:
		return *number && *number < TCP_LEAST_MSS ? -EINVAL : 0;
	case OPT_TCP_DEFER_ACCEPT:
		*number = (int)inet_tcp_syn_seconds(~0u, (u32)*number);
		return 0;
	case OPT_TCP_LINGER2:
		if (!*number)
			*number = options[i].first;
		return 0;
	case OPT_TCP_WINDOW_CLAMP:
		if (!*number)
			return o->so.state == INET_CLOSE ? 0 : -EINVAL;
		*number = max(*number, TCP_LEAST_CLAMP);
		return 0;
	default:
		return 0;
	}
}

static int fit(const struct option *opt, int *number)
{
	switch (opt->kind & KIND) {
	case SWITCH:
		*number = *number != 0;
		return 0;
	case BYTE:
		*number &= 255;
		return 0;
	case CLAMP:
		*number = clamp(*number, opt->min, opt->max);
		return 0;
	case HOPS:
		if (*number == -1)
			*number = opt->first;
		fallthrough;
	default:
		return *number < opt->min || *number > opt->max ? -EINVAL : 0;
	}
}

static int set_congestion(struct inet_sock *o, const char *val, u32 len)
{
	char name[TCP_NAME_MAX] = "";

	if (!len)
		return -EINVAL;
	memcpy(name, val, min_t(u32, len, TCP_NAME_MAX - 1));
	for (size_t i = 0; i < ARRAY_SIZE(congestion); i++) {
		if (!strcmp(name, congestion[i])) {
			o->reno = i == 1;
			return 0;
		}
	}
	return -ENOENT;
}

int inet_setsockopt(struct socket *so, int level, int name, const void *val, u32 len)
{
	struct inet_sock *o = inet_of(so);
	int i, number, err;

	if (level == SOL_TCP && name == TCP_CONGESTION && so->type == SOCK_STREAM)
		return set_congestion(o, val, len);
	if (level == so->protocol && len < sizeof(int))
		return -EINVAL;
	i = find(o, level, name);
	if (i < 0)
		return -ENOPROTOOPT;
	err = number_of(&options[i], val, len, &number);
	if (!err)
		err = fit(&options[i], &number);
	if (!err)
		err = adjust(o, (enum inet_option)i, &number);
	if (!err)
		WRITE_ONCE(o->option[i], number);
	return err;
}

int inet_put_number(int level, int number, void *val, u32 *len)
{
	if (level == SOL_IP && *len && *len < sizeof(int) && number >= 0 && number <= 255) {
		*(u8 *)val = (u8)number;
		*len = 1;
		return 0;
	}
	*len = min(*len, (u32)sizeof(int));
	memcpy(val, &number, *len);
	return 0;
}

/* A level that a socket of this kind has at all. */
static bool level_known(const struct socket *so, int level)
{
	return level == SOL_SOCKET || level == SOL_IP || level == so->protocol ||
	       (level == SOL_IPV6 && so->family == AF_INET6);
}

int inet_getsockopt(struct socket *so, int level, int name, void *val, u32 *len)
{
	struct inet_sock *o = inet_of(so);
	int i;

	if (level == SOL_SOCKET && name == SO_ACCEPTCONN)
		return inet_put_number(level, so->state == INET_LISTEN, val, len);
	if (level == SOL_TCP && name == TCP_CONGESTION && so->type == SOCK_STREAM) {
		char buf[TCP_NAME_MAX] = "";

		strscpy(buf, congestion[o->reno], sizeof(buf));
		*len = min_t(u32, *len, TCP_NAME_MAX);
		memcpy(val, buf, *len);
		return 0;
	}
	if ((level == SOL_IP && name == IP_MULTICAST_IF) ||
	    (level == SOL_IPV6 && name == IPV6_MULTICAST_IF && so->family == AF_INET6)) {
		*len = min_t(u32, *len, 4);
		memset(val, 0, *len);
		return 0;
	}
	i = find(o, level, name);
	if (i < 0)
		return level_known(so, level) ? -ENOPROTOOPT : -EOPNOTSUPP;
	if (i == OPT_TCP_MAXSEG && !o->option[i])
		return inet_put_number(level, TCP_MSS_UNCONNECTED, val, len);
	return inet_put_number(level, o->option[i], val, len);
}
