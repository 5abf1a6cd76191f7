/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * setsockopt(2) and getsockopt(2): the options of SOL_SOCKET; others go to the protocol.
 */
#include <arch/uaccess.h>
#include <kernel/syscall.h>
#include "internal.h"

#define OPT_MAX 256	/* bytes of the longest option passed to a protocol */

static const struct { u8 name; u32 flag; } switches[] = {
	{ SO_DEBUG, SOF_DEBUG }, { SO_REUSEADDR, SOF_REUSEADDR }, { SO_REUSEPORT, SOF_REUSEPORT },
	{ SO_KEEPALIVE, SOF_KEEPALIVE }, { SO_OOBINLINE, SOF_OOBINLINE },
	{ SO_BROADCAST, SOF_BROADCAST }, { SO_DONTROUTE, SOF_DONTROUTE },
	{ SO_PASSCRED, SOF_PASSCRED }, { SO_TIMESTAMP_OLD, SOF_TIMESTAMP },
	{ SO_TIMESTAMPNS_OLD, SOF_TIMESTAMPNS }, { SO_NO_CHECK, SOF_NO_CHECK },
	{ SO_RXQ_OVFL, SOF_RXQ_OVFL }, { SO_TIMESTAMP_NEW, SOF_TIMESTAMP_NEW },
	{ SO_TIMESTAMPNS_NEW, SOF_TIMESTAMPNS_NEW },
};

static u32 switch_flag(int name)
{
	for (size_t i = 0; i < ARRAY_SIZE(switches); i++)
		if (switches[i].name == name)
			return switches[i].flag;
	return 0;
}

static void set_switch(struct socket *so, u32 flag, bool on)
{
	if (on && (flag & SOF_STAMPS))
		net_stamp_enable();
	spin_lock(&so->lock);
	/* One kind of stamp at a time; turning any off turns off all. */
	so->flags &= ~(flag & SOF_STAMPS ? SOF_STAMPS : flag);
	if (on)
		so->flags |= flag;
	spin_unlock(&so->lock);
}

/* Linux keeps twice what was asked for, for its bookkeeping, and shows that. */
static int set_buffer(struct socket *so, int name, int val)
{
	bool force = name == SO_SNDBUFFORCE || name == SO_RCVBUFFORCE;
	bool send = name == SO_SNDBUF || name == SO_SNDBUFFORCE;
	u32 want;

	if (force && !capable(CAP_NET_ADMIN))
		return -EPERM;
	if (force)
		want = val < 0 ? 0 : (u32)min(val, INT_MAX / 2);
	else
		want = min_t(u32, (u32)val, (u32)READ_ONCE(*(send ? &net_wmem_max : &net_rmem_max)));
	if (send) {
		WRITE_ONCE(so->sndbuf, max(want * 2, SOCK_MIN_SNDBUF));
		if (so->ops->write_space)
			so->ops->write_space(so);
	} else {
		WRITE_ONCE(so->rcvbuf, max(want * 2, SOCK_MIN_RCVBUF));
		if (so->ops->option_changed)
			so->ops->option_changed(so);
	}
	return 0;
}

/* struct timeval of 64-bit fields: 0 0 is for ever. */
static int set_timeout(nsec_t *timeo, const void __user *uval, u32 len)
{
	s64 tv[2];

	if (len < sizeof(tv))
		return -EINVAL;
	if (copy_from_user(tv, uval, sizeof(tv)))
		return -EFAULT;
	if (tv[1] < 0 || tv[1] >= 1000000)
		return -EDOM;
	if (tv[0] < 0)
		WRITE_ONCE(*timeo, 0);
	else if ((!tv[0] && !tv[1]) || (u64)tv[0] >= NSEC_MAX / NSEC_PER_SEC / 2)
		WRITE_ONCE(*timeo, NSEC_MAX);
	else
		WRITE_ONCE(*timeo, (nsec_t)tv[0] * NSEC_PER_SEC + (nsec_t)tv[1] * NSEC_PER_USEC);
	return 0;
}

static int set_linger(struct socket *so, const void __user *uval, u32 len)
{
	struct linger l;

	if (len < sizeof(l))
		return -EINVAL;
	if (copy_from_user(&l, uval, sizeof(l)))
		return -EFAULT;
	WRITE_ONCE(so->linger, (u32)l.l_linger);
	set_switch(so, SOF_LINGER, l.l_onoff != 0);
	return 0;
}

static int bind_device(struct socket *so, const char __user *uval, u32 len)
{
	char name[16] = "";

	if (so->bound_if && !capable(CAP_NET_RAW))
		return -EPERM;
	if (len > sizeof(name) - 1)
		len = sizeof(name) - 1;
	if (copy_from_user(name, uval, len))
		return -EFAULT;
	if (name[0] && strcmp(name, "lo") != 0) {
		if (so->ops->setsockopt)
			return so->ops->setsockopt(so, SOL_SOCKET, SO_BINDTODEVICE, name, sizeof(name));
		return -ENODEV;
	}
	WRITE_ONCE(so->bound_if, name[0] ? 1 : 0);
	return 0;
}

/* The options that are an int and not a switch. */
static int set_number(struct socket *so, int name, int val)
{
	switch (name) {
	case SO_SNDBUF:
	case SO_RCVBUF:
	case SO_SNDBUFFORCE:
	case SO_RCVBUFFORCE:
		return set_buffer(so, name, val);
	case SO_RCVLOWAT:
		WRITE_ONCE(so->rcvlowat, val < 0 ? INT_MAX : val ? (u32)val : 1);
		return 0;
	case SO_PRIORITY:
		if ((val < 0 || val > 6) && !capable(CAP_NET_ADMIN))
			return -EPERM;
		WRITE_ONCE(so->priority, (u32)val);
		return 0;
	case SO_MARK:
		if (!capable(CAP_NET_ADMIN))
			return -EPERM;
		WRITE_ONCE(so->mark, (u32)val);
		return 0;
	case SO_BINDTOIFINDEX:
		if (so->bound_if && !capable(CAP_NET_RAW))
			return -EPERM;
		if (val < 0)
			return -EINVAL;
		WRITE_ONCE(so->bound_if, (u32)val);
		return 0;
	case SO_TYPE:
	case SO_PROTOCOL:
	case SO_DOMAIN:
	case SO_ERROR:
	case SO_ACCEPTCONN:
	case SO_SNDLOWAT:
	case SO_PEERCRED:
	default:
		return -ENOPROTOOPT;
	}
}

static int set_other(struct socket *so, int level, int name, const void __user *uval, u32 len)
{
	u8 val[OPT_MAX] __aligned(8);

	if (!so->ops->setsockopt)
		return -EOPNOTSUPP;
	if (len > sizeof(val))
		len = sizeof(val);
	memset(val, 0, sizeof(val));
	if (copy_from_user(val, uval, len))
		return -EFAULT;
	return so->ops->setsockopt(so, level, name, val, len);
}

/* Filters are for the packets of packet sockets. */
static bool is_filter_option(const struct socket *so, int name)
{
	return so->family == AF_PACKET && (name == SO_ATTACH_FILTER || name == SO_DETACH_FILTER ||
					   name == SO_LOCK_FILTER);
}

static int set_socket_option(struct socket *so, int name, const void __user *uval, u32 len)
{
	u32 flag;
	int val;

	if (name == SO_BINDTODEVICE)
		return bind_device(so, uval, len);
	if (len < sizeof(int))
		return -EINVAL;
	if (get_user(val, (const int __user *)uval))
		return -EFAULT;
	if (is_filter_option(so, name))
		return set_other(so, SOL_SOCKET, name, uval, len);
	switch (name) {
	case SO_RCVTIMEO_OLD:
	case SO_RCVTIMEO_NEW:
		return set_timeout(&so->rcvtimeo, uval, len);
	case SO_SNDTIMEO_OLD:
	case SO_SNDTIMEO_NEW:
		return set_timeout(&so->sndtimeo, uval, len);
	case SO_LINGER:
		return set_linger(so, uval, len);
	}
	flag = switch_flag(name);
	if (!flag)
		return set_number(so, name, val);
	if (flag == SOF_DEBUG && val && !capable(CAP_NET_ADMIN))
		return -EACCES;
	if (flag == SOF_REUSEPORT && val && so->family != AF_INET && so->family != AF_INET6)
		return -EOPNOTSUPP;
	set_switch(so, flag, val != 0);
	if (flag == SOF_KEEPALIVE && so->ops->option_changed)
		so->ops->option_changed(so);
	return 0;
}

SYSCALL_DEFINE5(setsockopt, int, fd, int, level, int, name, const void __user *, uval, int, len)
{
	struct socket *so;
	struct fd f;
	int err;

	if (len < 0)
		return -EINVAL;
	so = sockfd_get(fd, &f);
	if (IS_ERR(so))
		return PTR_ERR(so);
	if (level == SOL_SOCKET)
		err = set_socket_option(so, name, uval, (u32)len);
	else
		err = set_other(so, level, name, uval, (u32)len);
	fdput(f);
	return err;
}

/* ---- reading ---- */

static void get_timeout(nsec_t timeo, s64 tv[2])
{
	tv[0] = tv[1] = 0;
	if (timeo != NSEC_MAX) {
		tv[0] = (s64)(timeo / NSEC_PER_SEC);
		tv[1] = (s64)(timeo % NSEC_PER_SEC / NSEC_PER_USEC);
	}
}

static u64 cookie_of(struct socket *so)
{
	static u64 last;
	u64 mine = __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED), cookie;

	spin_lock(&so->lock);
	if (!so->cookie)
		so->cookie = mine;
	cookie = so->cookie;
	spin_unlock(&so->lock);
	return cookie;
}

/* Fills val and *len (in: sizeof(int), what most options are). */
static int get_socket_option(struct socket *so, int name, union sockaddr_any *val, u32 *len,
			     u32 room)
{
	int *number = (int *)val->bytes, n;
	u32 flag = switch_flag(name);

	if (flag) {
		*number = (so->flags & flag) != 0;
		return 0;
	}
	switch (name) {
	case SO_TYPE:
		*number = so->type;
		return 0;
	case SO_DOMAIN:
		*number = so->family;
		return 0;
	case SO_PROTOCOL:
		*number = so->protocol;
		return 0;
	case SO_ERROR:
		*number = -sock_error(so);
		return 0;
	case SO_SNDBUF:
		*number = (int)so->sndbuf;
		return 0;
	case SO_RCVBUF:
		*number = (int)so->rcvbuf;
		return 0;
	case SO_RCVLOWAT:
		*number = (int)so->rcvlowat;
		return 0;
	case SO_SNDLOWAT:
		*number = 1;
		return 0;
	case SO_PRIORITY:
		*number = (int)so->priority;
		return 0;
	case SO_MARK:
		*number = (int)so->mark;
		return 0;
	case SO_BINDTOIFINDEX:
		*number = (int)so->bound_if;
		return 0;
	case SO_COOKIE:
		if (room < sizeof(u64))
			return -EINVAL;
		*(u64 *)val->bytes = cookie_of(so);
		*len = sizeof(u64);
		return 0;
	case SO_PEERCRED:
		if (so->family == AF_UNIX)
			return -ENOPROTOOPT;	/* the protocol answers */
		*(struct ucred *)val->bytes = (struct ucred){ 0, INVALID_UID, INVALID_GID };
		*len = sizeof(struct ucred);
		return 0;
	case SO_PEERGROUPS:
		return so->family == AF_UNIX ? -ENOPROTOOPT : -ENODATA;
	case SO_LINGER:
		number[0] = (so->flags & SOF_LINGER) != 0;
		number[1] = (int)so->linger;
		*len = sizeof(struct linger);
		return 0;
	case SO_RCVTIMEO_OLD:
	case SO_RCVTIMEO_NEW:
	case SO_SNDTIMEO_OLD:
	case SO_SNDTIMEO_NEW:
		get_timeout(name == SO_RCVTIMEO_OLD || name == SO_RCVTIMEO_NEW ?
			    so->rcvtimeo : so->sndtimeo, (s64 *)val->bytes);
		*len = 16;
		return 0;
	case SO_BINDTODEVICE:
		*len = so->bound_if ? 3 : 0;
		memcpy(val->bytes, "lo", 3);
		if (so->bound_if && room < 16)		/* IFNAMSIZ */
			return -EINVAL;
		return so->bound_if > 1 ? -ENOPROTOOPT : 0;	/* the protocol knows its name */
	case SO_PEERNAME:
		n = so->ops->getname(so, val, true);
		if (n < 0)
			return n;
		*len = (u32)n;
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

SYSCALL_DEFINE5(getsockopt, int, fd, int, level, int, name, void __user *, uval, int __user *, ulen)
{
	union { union sockaddr_any any; u8 bytes[OPT_MAX]; } val;
	struct socket *so;
	int room, err;
	struct fd f;
	u32 len = sizeof(int);

	so = sockfd_get(fd, &f);
	if (IS_ERR(so))
		return PTR_ERR(so);
	memset(&val, 0, sizeof(val));
	err = -EFAULT;
	if (get_user(room, ulen))
		goto out;
	err = -EINVAL;
	if (room < 0)
		goto out;
	err = level == SOL_SOCKET ? get_socket_option(so, name, &val.any, &len, (u32)room) : -ENOPROTOOPT;
	if (err == -ENOPROTOOPT) {
		len = (u32)min(room, OPT_MAX);
		if (so->ops->getsockopt)
			err = so->ops->getsockopt(so, level, name, &val, &len);
		else if (level != SOL_SOCKET)
			err = -EOPNOTSUPP;
	}
	if (err)
		goto out;
	if (name == SO_PEERNAME && level == SOL_SOCKET && (u32)room > len)
		err = -EINVAL;
	len = min(len, (u32)room);
	if (!err && (copy_to_user(uval, &val, len) || put_user((int)len, ulen)))
		err = -EFAULT;
out:
	fdput(f);
	return err;
}
