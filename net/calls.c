/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The calls that set up and end connections: bind, listen, accept, connect, shutdown,
 * getsockname and getpeername.
 */
#include <arch/uaccess.h>
#include <kernel/syscall.h>
#include "internal.h"

int sockaddr_from_user(union sockaddr_any *to, const void __user *from, int len)
{
	if (len < 0 || (size_t)len > sizeof(*to))
		return -EINVAL;
	if (len && copy_from_user(to, from, (size_t)len))
		return -EFAULT;
	if (len < (int)sizeof(to->family))
		to->family = AF_UNSPEC;
	return 0;
}

int sockaddr_to_user(void __user *to, int __user *ulen, const union sockaddr_any *from, u32 len)
{
	int room;

	if (get_user(room, ulen))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	if (room > (int)len)
		room = (int)len;
	if (room && copy_to_user(to, from, (size_t)room))
		return -EFAULT;
	return put_user((int)len, ulen);
}

/* A call's socket and its address. Ends with fdput(*f) when it did not fail. */
static struct socket *sockfd_addr(int fd, struct fd *f, union sockaddr_any *addr,
				  const void __user *uaddr, int len)
{
	struct socket *so = sockfd_get(fd, f);
	int err;

	if (IS_ERR(so))
		return so;
	err = sockaddr_from_user(addr, uaddr, len);
	if (!err)
		return so;
	fdput(*f);
	return ERR_PTR(err);
}

SYSCALL_DEFINE3(bind, int, fd, const void __user *, uaddr, int, len)
{
	union sockaddr_any addr;
	struct fd f;
	struct socket *so = sockfd_addr(fd, &f, &addr, uaddr, len);
	int err = -EOPNOTSUPP;

	if (IS_ERR(so))
		return PTR_ERR(so);
	if (so->ops->bind)
		err = so->ops->bind(so, &addr, (u32)len);
	fdput(f);
	return err;
}

SYSCALL_DEFINE2(listen, int, fd, int, backlog)
{
	struct fd f;
	struct socket *so = sockfd_get(fd, &f);
	int err = -EOPNOTSUPP;

	if (IS_ERR(so))
		return PTR_ERR(so);
	backlog = (int)min((unsigned)backlog, (unsigned)READ_ONCE(net_somaxconn));
	if (so->ops->listen)
		err = so->ops->listen(so, backlog);
	fdput(f);
	return err;
}

/* Takes a connection off the queue, waiting for one if that is wanted. */
static int wait_accept(struct file *file, struct socket *so, struct socket **out)
{
	nsec_t timeo = file->f_flags & O_NONBLOCK ? 0 : READ_ONCE(so->rcvtimeo);
	int err;

	if (!so->ops->accept)
		return -EOPNOTSUPP;
	for (;;) {
		err = so->ops->accept(so, out);
		if (err == -ESHUTDOWN)
			return timeo ? -EINVAL : -EAGAIN;
		if (err != -EAGAIN || !timeo)
			return err;
		err = sock_wait_for(so, EPOLL_IN_BITS, true,
				    so->ops->poll(so, 1) & (EPOLLIN | EPOLLERR | EPOLLHUP), &timeo);
		if (err)
			return err;
	}
}

static long do_accept(int fd, void __user *uaddr, int __user *ulen, int flags)
{
	union sockaddr_any addr;
	struct socket *so, *conn;
	struct file *file;
	struct fd f;
	int newfd, err;

	if (flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK))
		return -EINVAL;
	so = sockfd_get(fd, &f);
	if (IS_ERR(so))
		return PTR_ERR(so);
	newfd = err = fd_alloc((unsigned)flags & SOCK_CLOEXEC);
	if (err < 0)
		goto out;
	err = wait_accept(f.file, so, &conn);
	if (err)
		goto out_fd;
	file = socket_file(conn, flags & SOCK_NONBLOCK);
	if (IS_ERR(file)) {
		err = (int)PTR_ERR(file);
		goto out_fd;
	}
	if (uaddr) {
		err = conn->ops->getname(conn, &addr, true);
		/* Gone already: the program learns it by reading. */
		if (err < 0)
			err = err == -ENOTCONN ? -ECONNABORTED : err;
		else
			err = sockaddr_to_user(uaddr, ulen, &addr, (u32)err);
		if (err) {
			file_put(file);
			goto out_fd;
		}
	}
	fd_install((unsigned)newfd, file);
	fdput(f);
	return newfd;
out_fd:
	fd_free((unsigned)newfd);
out:
	fdput(f);
	return err;
}

SYSCALL_DEFINE3(accept, int, fd, void __user *, uaddr, int __user *, ulen)
{
	return do_accept(fd, uaddr, ulen, 0);
}

SYSCALL_DEFINE4(accept4, int, fd, void __user *, uaddr, int __user *, ulen, int, flags)
{
	return do_accept(fd, uaddr, ulen, flags);
}

static int do_connect(struct file *file, struct socket *so, const union sockaddr_any *addr, u32 len)
{
	nsec_t timeo = file->f_flags & O_NONBLOCK ? 0 : READ_ONCE(so->sndtimeo);
	int err;

	if (!so->ops->connect)
		return -EOPNOTSUPP;
	err = so->ops->connect(so, addr, len, &timeo);
	if ((err != -EINPROGRESS && err != -EALREADY) || !timeo)
		return err;
	err = sock_wait_for(so, EPOLL_OUT_BITS, false,
			    so->ops->poll(so, 1) & (EPOLLOUT | EPOLLERR | EPOLLHUP), &timeo);
	if (err)
		return err == -EAGAIN ? -EINPROGRESS : err;
	return so->ops->connect(so, addr, len, &timeo);
}

SYSCALL_DEFINE3(connect, int, fd, const void __user *, uaddr, int, len)
{
	union sockaddr_any addr;
	struct fd f;
	struct socket *so = sockfd_addr(fd, &f, &addr, uaddr, len);
	int err;

	if (IS_ERR(so))
		return PTR_ERR(so);
	err = do_connect(f.file, so, &addr, (u32)len);
	fdput(f);
	return err;
}

SYSCALL_DEFINE2(shutdown, int, fd, int, how)
{
	struct fd f;
	struct socket *so = sockfd_get(fd, &f);
	int err = -EINVAL;

	if (IS_ERR(so))
		return PTR_ERR(so);
	if (how >= SHUT_RD && how <= SHUT_RDWR)
		err = so->ops->shutdown ? so->ops->shutdown(so, how) : -EOPNOTSUPP;
	fdput(f);
	return err;
}

static long do_getname(int fd, void __user *uaddr, int __user *ulen, bool peer)
{
	union sockaddr_any addr;
	struct fd f;
	struct socket *so = sockfd_get(fd, &f);
	int err;

	if (IS_ERR(so))
		return PTR_ERR(so);
	err = so->ops->getname(so, &addr, peer);
	if (err >= 0)
		err = sockaddr_to_user(uaddr, ulen, &addr, (u32)err);
	fdput(f);
	return err;
}

SYSCALL_DEFINE3(getsockname, int, fd, void __user *, uaddr, int __user *, ulen)
{
	return do_getname(fd, uaddr, ulen, false);
}

SYSCALL_DEFINE3(getpeername, int, fd, void __user *, uaddr, int __user *, ulen)
{
	return do_getname(fd, uaddr, ulen, true);
}
