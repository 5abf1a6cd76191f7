/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AF_NETLINK: sockets, their port numbers and groups, and delivery to them. The one protocol is
 * NETLINK_ROUTE; see netlink.h.
 */
#include <fs/proc.h>
#include <linux/if.h>
#include "netlink.h"
#include "../internal.h"

#define REQUEST_MAX	(256u << 10)	/* bytes of one sendmsg(): far above what any tool sends */
#define NR_GROUPS	64u

static DEFINE_SPINLOCK(nl_lock);	/* before any so->lock */
static LIST_HEAD(sockets);		/* under nl_lock */

/* ---- port numbers ---- */

static bool pid_taken(u32 pid) REQUIRES(&nl_lock)
{
	struct nl_sock *nl;

	list_for_each_entry(nl, &sockets, node)
		if (nl->pid == pid)
			return true;
	return false;
}

/* The process's number; for its second socket on, one of the numbers no process has. */
static void autobind(struct nl_sock *nl) REQUIRES(&nl_lock)
{
	u32 pid = (u32)current->proc->pid;

	for (u32 n = (u32)-4097; pid_taken(pid); n--)
		pid = n;
	nl->pid = pid;
}

static void ensure_bound(struct nl_sock *nl)
{
	spin_lock(&nl_lock);
	if (!nl->pid)
		autobind(nl);
	spin_unlock(&nl_lock);
}

static int read_name(const union sockaddr_any *any, u32 len, const struct sockaddr_nl **out)
{
	*out = (const void *)any;
	return len < sizeof(**out) || any->family != AF_NETLINK ? -EINVAL : 0;
}

static int nl_bind(struct socket *so, const union sockaddr_any *any, u32 len)
{
	struct nl_sock *nl = nl_of(so);
	const struct sockaddr_nl *name;
	int err = read_name(any, len, &name);

	if (err)
		return err;
	spin_lock(&nl_lock);
	if (nl->pid)
		err = name->nl_pid && name->nl_pid != nl->pid ? -EINVAL : 0;
	else if (!name->nl_pid)
		autobind(nl);
	else if (pid_taken(name->nl_pid))
		err = -EADDRINUSE;
	else
		nl->pid = name->nl_pid;
	if (!err)
		nl->groups = (nl->groups & ~(u64)~0u) | name->nl_groups;
	spin_unlock(&nl_lock);
	return err;
}

static int nl_connect(struct socket *so, const union sockaddr_any *any, u32 len, nsec_t *timeo)
{
	struct nl_sock *nl = nl_of(so);
	const struct sockaddr_nl *name;
	int err;

	if (len >= sizeof(any->family) && any->family == AF_UNSPEC) {
		spin_lock(&so->lock);
		nl->dst_pid = nl->dst_groups = 0;
		spin_unlock(&so->lock);
		return 0;
	}
	err = read_name(any, len, &name);
	if (err)
		return err;
	if ((name->nl_groups || name->nl_pid) && !capable(CAP_NET_ADMIN))
		return -EPERM;
	ensure_bound(nl);
	spin_lock(&so->lock);
	nl->dst_pid = name->nl_pid;
	nl->dst_groups = name->nl_groups;
	spin_unlock(&so->lock);
	return 0;
}

static int nl_getname(struct socket *so, union sockaddr_any *any, bool peer)
{
	struct nl_sock *nl = nl_of(so);
	struct sockaddr_nl *name = (void *)any;

	*name = (struct sockaddr_nl){ .nl_family = AF_NETLINK };
	if (peer) {
		name->nl_pid = nl->dst_pid;
		name->nl_groups = nl->dst_groups;
	} else {
		name->nl_pid = nl->pid;
		name->nl_groups = (u32)nl->groups;
	}
	return sizeof(*name);
}

/* ---- delivery ---- */

struct nl_cb {
	u64 reserved;		/* the buffer layer's */
	u32 group;
};

bool nl_deliver(struct nl_sock *nl, const u8 *msgs, u32 len, u32 group)
{
	struct socket *so = &nl->so;
	struct net_buf *b = net_buf_alloc(len);
	bool room = b;

	if (b) {
		memcpy(b->data, msgs, len);
		b->len = len;
		((struct nl_cb *)b->cb)->group = group;
	}
	spin_lock(&so->lock);
	room = b && (!nl->q.count || nl->q.bytes + len <= READ_ONCE(so->rcvbuf));
	if (room)
		net_bufq_add(&nl->q, b);
	spin_unlock(&so->lock);
	if (room) {
		sock_wake(so, EPOLL_IN_BITS);
		return true;
	}
	if (b)
		net_buf_free(b);
	if (!nl->no_enobufs) {
		xchg(&so->err, ENOBUFS);
		sock_wake_all(so);
	}
	return false;
}

/* The next listener behind the first `skip`, with a reference, or NULL. */
static struct nl_sock *listener(u32 group, u32 skip)
{
	struct nl_sock *nl, *found = NULL;

	spin_lock(&nl_lock);
	list_for_each_entry(nl, &sockets, node) {
		if (!(nl->groups & BIT(group - 1)) || skip--)
			continue;
		socket_get(&nl->so);
		found = nl;
		break;
	}
	spin_unlock(&nl_lock);
	return found;
}

void nl_broadcast(const u8 *msgs, u32 len, u32 group)
{
	struct nl_sock *nl;

	for (u32 n = 0; (nl = listener(group, n)); n++) {
		nl_deliver(nl, msgs, len, group);
		socket_put(&nl->so);
	}
}

/* ---- requests ---- */

/*
 * The original header (on failure with its body, unless the socket said not to), the verdict, and
 * words about it where there are any and they were asked for.
 */
static void acknowledge(const struct nl_request *rq, int err)
{
	const struct nlmsghdr *h = rq->hdr;
	u32 body = err && !rq->nl->cap_ack ? h->nlmsg_len - NLMSG_HDRLEN : 0;
	const char *words = rq->nl->ext_ack ? rq->words : NULL;
	u32 text = words ? NLA_ALIGN(NLA_HDRLEN + (u32)strlen(words) + 1) : 0;
	u32 room = NLMSG_SPACE(sizeof(struct nlmsgerr) + body) + text;
	struct nl_out o = { .buf = kvmalloc(room, GFP_KERNEL), .room = room };
	u16 flags = (err && !rq->nl->cap_ack ? 0 : NLM_F_CAPPED) | (words ? NLM_F_ACK_TLVS : 0);
	struct nlmsgerr *e;

	if (o.buf) {
		e = nl_begin(&o, NLMSG_ERROR, flags, h->nlmsg_seq, rq->nl->pid,
			     (u32)sizeof(*e) + body);
		e->error = err;
		memcpy(&e->msg, h, sizeof(*h) + body);
		if (words)
			nl_put_str(&o, NLMSGERR_ATTR_MSG, words);
		nl_end(&o, 0);
		/* The length is that of the body, not of what aligns the next message. */
		if (!words)
			((struct nlmsghdr *)o.buf)->nlmsg_len = NLMSG_LENGTH((u32)sizeof(*e) + body);
		nl_deliver(rq->nl, o.buf, o.len, 0);
	} else {
		xchg(&rq->nl->so.err, ENOBUFS);
		sock_wake_all(&rq->nl->so);
	}
	kvfree(o.buf);
}

/* Serves the requests of one buffer, up to the first that is not a whole message. */
static void serve(struct nl_sock *nl, const u8 *buf, u32 len)
{
	while (len >= NLMSG_HDRLEN) {
		const struct nlmsghdr *h = (const void *)buf;
		struct nl_request rq = { nl, h, buf + NLMSG_HDRLEN, h->nlmsg_len - NLMSG_HDRLEN, NULL };
		u32 step = NLMSG_ALIGN(h->nlmsg_len);
		int err = 0;

		if (h->nlmsg_len < NLMSG_HDRLEN || h->nlmsg_len > len)
			return;
		if ((h->nlmsg_flags & NLM_F_REQUEST) && h->nlmsg_type >= NLMSG_MIN_TYPE)
			err = rtnl_request(&rq);
		if (err < 0 || (!err && (h->nlmsg_flags & NLM_F_ACK)))
			acknowledge(&rq, err);
		if (step >= len)
			return;
		buf += step;
		len -= step;
	}
}

static ssize_t nl_sendmsg(struct socket *so, struct net_msg *msg)
{
	struct nl_sock *nl = nl_of(so);
	size_t len = iov_iter_count(msg->iter);
	u32 pid = nl->dst_pid, groups = nl->dst_groups;
	const struct sockaddr_nl *name;
	int err;
	u8 *buf;

	if (msg->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (msg->name) {
		err = read_name(msg->name, msg->namelen, &name);
		if (err)
			return err;
		pid = name->nl_pid;
		groups = name->nl_groups;
	}
	/* To other programs: of rtnetlink, only an administrator's, and nobody listens there. */
	if (pid || groups)
		return capable(CAP_NET_ADMIN) ? -ECONNREFUSED : -EPERM;
	if (len > REQUEST_MAX || len + 32 > READ_ONCE(so->sndbuf))
		return -EMSGSIZE;
	ensure_bound(nl);
	buf = kvmalloc(len + 1, GFP_KERNEL);
	if (!buf)
		return -ENOBUFS;
	if (copy_from_iter(buf, len, msg->iter) != len) {
		kvfree(buf);
		return -EFAULT;
	}
	serve(nl, buf, (u32)len);
	kvfree(buf);
	return (ssize_t)len;
}

/* ---- receiving ---- */

static void tell_about(const struct nl_sock *nl, struct net_msg *msg, u32 group)
{
	static const struct ucred kernel;
	struct nl_pktinfo info = { group };

	if (msg->name) {
		struct sockaddr_nl *name = (void *)msg->name;

		*name = (struct sockaddr_nl){ .nl_family = AF_NETLINK };
		name->nl_groups = group && group <= 32 ? 1u << (group - 1) : 0;
		msg->namelen = sizeof(*name);
	}
	if (nl->so.flags & SOF_PASSCRED)
		net_put_cmsg(msg, SOL_SOCKET, SCM_CREDENTIALS, &kernel, sizeof(kernel));
	if (nl->pktinfo)
		net_put_cmsg(msg, SOL_NETLINK, NETLINK_PKTINFO, &info, sizeof(info));
}

static ssize_t nl_recvmsg(struct socket *so, struct net_msg *msg)
{
	struct nl_sock *nl = nl_of(so);
	bool peek = msg->flags & MSG_PEEK;
	struct net_buf *b;
	ssize_t ret;
	u32 n;

	if (msg->flags & (MSG_OOB | MSG_ERRQUEUE))
		return -EOPNOTSUPP;
	mutex_lock(&so->reader);
	ret = sock_error(so);
	if (ret)
		goto out;
	spin_lock(&so->lock);
	b = peek ? nl->q.head : net_bufq_take(&nl->q);
	spin_unlock(&so->lock);
	ret = -EAGAIN;
	if (!b)
		goto out;
	n = (u32)min_t(size_t, b->len, iov_iter_count(msg->iter));
	if (copy_to_iter(b->data, n, msg->iter) != n) {
		ret = -EFAULT;
	} else {
		ret = msg->flags & MSG_TRUNC ? b->len : n;
		if (n < b->len)
			msg->out_flags |= MSG_TRUNC;
		tell_about(nl, msg, ((struct nl_cb *)b->cb)->group);
	}
	if (!peek)
		net_buf_free(b);
out:
	mutex_unlock(&so->reader);
	return ret;
}

static u32 nl_poll(struct socket *so, u32 lowat)
{
	u32 bits = EPOLL_OUT_BITS;

	if (!net_bufq_empty(&nl_of(so)->q))
		bits |= EPOLL_IN_BITS;
	if (READ_ONCE(so->err))
		bits |= EPOLLERR;
	return bits;
}

/* ---- options ---- */

static int set_group(struct nl_sock *nl, u32 group, bool on)
{
	if (!group || group > RTNLGRP_MAX || group > NR_GROUPS)
		return -EINVAL;
	spin_lock(&nl_lock);
	if (!nl->pid)
		autobind(nl);
	if (on)
		nl->groups |= BIT(group - 1);
	else
		nl->groups &= ~BIT(group - 1);
	spin_unlock(&nl_lock);
	return 0;
}

static bool *nl_switch(struct nl_sock *nl, int name)
{
	switch (name) {
	case NETLINK_PKTINFO:
		return &nl->pktinfo;
	case NETLINK_NO_ENOBUFS:
		return &nl->no_enobufs;
	case NETLINK_CAP_ACK:
		return &nl->cap_ack;
	case NETLINK_EXT_ACK:
		return &nl->ext_ack;
	case NETLINK_GET_STRICT_CHK:
		return &nl->strict;
	default:
		return NULL;
	}
}

static int nl_setsockopt(struct socket *so, int level, int name, const void *val, u32 len)
{
	struct nl_sock *nl = nl_of(so);
	bool *flag = nl_switch(nl, name);
	u32 number;

	if (level != SOL_NETLINK)
		return -ENOPROTOOPT;
	if (len < sizeof(number))
		return -EINVAL;
	memcpy(&number, val, sizeof(number));
	switch (name) {
	case NETLINK_ADD_MEMBERSHIP:
	case NETLINK_DROP_MEMBERSHIP:
		return set_group(nl, number, name == NETLINK_ADD_MEMBERSHIP);
	}
	if (!flag)
		return -ENOPROTOOPT;
	*flag = number != 0;
	return 0;
}

static int nl_getsockopt(struct socket *so, int level, int name, void *val, u32 *len)
{
	struct nl_sock *nl = nl_of(so);
	bool *flag = nl_switch(nl, name);
	u32 number;

	if (level != SOL_NETLINK)
		return -ENOPROTOOPT;
	if (name == NETLINK_LIST_MEMBERSHIPS) {
		memcpy(val, &nl->groups, min_t(u32, *len & ~3u, sizeof(nl->groups)));
		*len = sizeof(nl->groups);
		return 0;
	}
	if (!flag)
		return -ENOPROTOOPT;
	if (*len < sizeof(number))
		return -EINVAL;
	number = *flag;
	memcpy(val, &number, sizeof(number));
	*len = sizeof(number);
	return 0;
}

/* ---- life ---- */

static void nl_release(struct socket *so)
{
	struct nl_sock *nl = nl_of(so);
	struct net_buf *chain;

	spin_lock(&nl_lock);
	list_del_init(&nl->node);
	nl->groups = 0;
	spin_unlock(&nl_lock);
	spin_lock(&so->lock);
	chain = nl->q.head;
	nl->q = (struct net_bufq){ 0 };
	spin_unlock(&so->lock);
	net_buf_free_chain(chain);
}

/* A broadcast may have come between release and the last reference. */
static void nl_destroy(struct socket *so)
{
	net_buf_free_chain(nl_of(so)->q.head);
	kfree(nl_of(so));
}

static const struct net_ops nl_ops = {
	.release = nl_release, .destroy = nl_destroy, .bind = nl_bind, .connect = nl_connect,
	.sendmsg = nl_sendmsg, .recvmsg = nl_recvmsg, .poll = nl_poll, .getname = nl_getname,
	.setsockopt = nl_setsockopt, .getsockopt = nl_getsockopt,
};

int netlink_create(int type, int protocol, struct socket **out)
{
	struct nl_sock *nl;

	if (type != SOCK_RAW && type != SOCK_DGRAM)
		return -ESOCKTNOSUPPORT;
	if (protocol != NETLINK_ROUTE || !net_backend.config)
		return -EPROTONOSUPPORT;
	nl = kzalloc(sizeof(*nl), GFP_KERNEL);
	if (!nl)
		return -ENOBUFS;
	socket_init(&nl->so, &nl_ops, AF_NETLINK, type, protocol);
	spin_lock(&nl_lock);
	list_add_tail(&nl->node, &sockets);
	spin_unlock(&nl_lock);
	*out = &nl->so;
	return 0;
}

/* ---- /proc/net/netlink ---- */

static int show_sockets(struct seq_file *m, void *data)
{
	struct nl_sock *nl;

	seq_puts(m, "sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode\n");
	spin_lock(&nl_lock);
	list_for_each_entry(nl, &sockets, node)
		seq_printf(m, "%016lx %-3d %-10u %08x %-8u %-8d %-5d %-8d %-8u %-8llu\n", 0ul,
			   nl->so.protocol, nl->pid, (u32)nl->groups, nl->q.bytes, 0, 0,
			   atomic_read(&nl->so.refs), 0, (unsigned long long)nl->so.ino);
	spin_unlock(&nl_lock);
	return 0;
}

static int __init netlink_init(void)
{
	return proc_create("net/netlink", 0444, show_sockets, NULL);
}
device_initcall(netlink_init);
