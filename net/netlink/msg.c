/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing and reading netlink messages and their attributes: netlink(7). */
#include "netlink.h"

/* `n` more bytes, zeroed and aligned; NULL when the buffer is full. */
static void *reserve(struct nl_out *o, u32 n)
{
	void *p = o->buf + o->len;

	n = NLMSG_ALIGN(n);
	if (o->full || n > o->room - o->len) {
		o->full = true;
		return NULL;
	}
	memset(p, 0, n);
	o->len += n;
	return p;
}

void *nl_begin(struct nl_out *o, u16 type, u16 flags, u32 seq, u32 pid, u32 n)
{
	struct nlmsghdr *h = reserve(o, NLMSG_HDRLEN + n);

	if (!h)
		return NULL;
	h->nlmsg_type = type;
	h->nlmsg_flags = flags;
	h->nlmsg_seq = seq;
	h->nlmsg_pid = pid;
	return (u8 *)h + NLMSG_HDRLEN;
}

bool nl_end(struct nl_out *o, u32 start)
{
	if (o->full) {
		o->len = start;
		o->full = false;
		return false;
	}
	((struct nlmsghdr *)(o->buf + start))->nlmsg_len = o->len - start;
	return true;
}

void nl_put(struct nl_out *o, u16 type, const void *data, u32 len)
{
	struct nlattr *a = reserve(o, NLA_HDRLEN + len);

	if (!a)
		return;
	a->nla_type = type;
	a->nla_len = (u16)(NLA_HDRLEN + len);
	memcpy((u8 *)a + NLA_HDRLEN, data, len);
}

void nl_put_u8(struct nl_out *o, u16 type, u8 value)
{
	nl_put(o, type, &value, sizeof(value));
}

void nl_put_u32(struct nl_out *o, u16 type, u32 value)
{
	nl_put(o, type, &value, sizeof(value));
}

void nl_put_str(struct nl_out *o, u16 type, const char *text)
{
	nl_put(o, type, text, (u32)strlen(text) + 1);
}

void nl_parse(const void *attrs, u32 len, const struct nlattr **tb, unsigned max)
{
	const u8 *p = attrs;

	memset(tb, 0, (max + 1) * sizeof(*tb));
	while (len >= NLA_HDRLEN) {
		const struct nlattr *a = (const void *)p;
		u32 step = NLA_ALIGN(a->nla_len), type = a->nla_type & NLA_TYPE_MASK;

		if (a->nla_len < NLA_HDRLEN || a->nla_len > len)
			return;
		if (type <= max)
			tb[type] = a;
		if (step >= len)
			return;
		p += step;
		len -= step;
	}
}

int nl_get_u32(const struct nlattr *a, u32 *value)
{
	if (!a)
		return 0;
	if (nl_len(a) < sizeof(*value))
		return -EINVAL;
	memcpy(value, nl_data(a), sizeof(*value));
	return 0;
}

int nl_get_name(const struct nlattr *a, char name[IFNAMSIZ])
{
	const char *text;
	u32 len;

	name[0] = 0;
	if (!a)
		return 0;
	text = nl_data(a);
	len = nl_len(a);
	if (!len)
		return -ERANGE;
	if (!text[len - 1])
		len--;
	if (len >= IFNAMSIZ)
		return -ERANGE;
	memcpy(name, text, len);
	name[len] = 0;
	return 0;
}

int nl_get_ip(const struct nlattr *a, u8 family, struct net_ip *ip, bool *have)
{
	u32 size = family == AF_INET ? 4 : 16;

	*have = a;
	if (!a)
		return 0;
	if (nl_len(a) < size)
		return -EINVAL;
	memset(ip, 0, sizeof(*ip));
	memcpy(ip->bytes, nl_data(a), size);
	return 0;
}
