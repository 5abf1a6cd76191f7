/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sockets as files: creation, read and write, poll, ioctl, the last close; and the calls
 * socket(2) and socketpair(2).
 */
#include <arch/uaccess.h>
#include <fs/fs.h>
#include <kernel/syscall.h>
#include "internal.h"

void socket_init(struct socket *so, const struct net_ops *ops, int family, int type, int protocol)
{
	so->ops = ops;
	so->family = (u16)family;
	so->type = (u16)type;
	so->protocol = (u16)protocol;
	spin_lock_init(&so->lock);
	wait_queue_init(&so->wait);
	mutex_init(&so->reader);
	atomic_set(&so->refs, 1);
	atomic_set(&so->wmem, 1);
	so->sndbuf = (u32)READ_ONCE(net_wmem_default);
	so->rcvbuf = (u32)READ_ONCE(net_rmem_default);
	so->rcvlowat = 1;
	so->rcvtimeo = so->sndtimeo = NSEC_MAX;
}

void socket_free_last(struct socket *so)
{
	so->ops->destroy(so);
}

static atomic_t used;

u32 sockets_used(void)
{
	return (u32)atomic_read(&used);
}

struct socket *socket_of(const struct file *file)
{
	return file->f_op == &socket_fops ? file->private : NULL;
}

void socket_lock_two(struct socket *a, struct socket *b) NO_THREAD_SAFETY_ANALYSIS
{
	if (a > b)
		swap(a, b);
	spin_lock(&a->lock);
	if (a != b)
		spin_lock(&b->lock);
}

void socket_unlock_two(struct socket *a, struct socket *b) NO_THREAD_SAFETY_ANALYSIS
{
	if (a != b)
		spin_unlock(&b->lock);
	spin_unlock(&a->lock);
}

/* ---- the file ---- */

static ssize_t socket_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	struct net_msg msg = { .iter = to };

	if (unlikely(!iov_iter_count(to)))
		return 0;
	return sock_recv(file, file->private, &msg);
}

static ssize_t socket_write(struct file *file, struct iov_iter *from, loff_t *pos)
{
	struct socket *so = file->private;
	struct net_msg msg = { .iter = from };

	if (so->type == SOCK_SEQPACKET)
		msg.flags = MSG_EOR;
	return sock_send(file, so, &msg);
}

static u32 socket_poll(struct file *file, struct poll_table *pt)
{
	struct socket *so = file->private;

	if (pt && pt->queue) {
		WRITE_ONCE(so->out_watch, true);
		poll_wait(file, &so->wait, pt);
	}
	return so->ops->poll(so, READ_ONCE(so->rcvlowat));
}

static long socket_ioctl(struct file *file, unsigned cmd, unsigned long arg)
{
	struct socket *so = file->private;
	long ret;
	int owner;

	switch (cmd) {
	case FIOSETOWN:
	case SIOCSPGRP:
		if (get_user(owner, (int __user *)arg))
			return -EFAULT;
		return file_set_owner(file, owner);
	case FIOGETOWN:
	case SIOCGPGRP:
		return put_user(file->f_owner, (int __user *)arg);
	}
	ret = so->ops->ioctl ? so->ops->ioctl(so, cmd, arg) : -ENOIOCTLCMD;
	return ret == -ENOIOCTLCMD ? net_config_ioctl(so, cmd, arg) : ret;
}

/* Room is told of to who was refused for the lack of it; the end of both ways as that alone. */
static u32 socket_async(struct file *file, u32 events, bool ask)
{
	struct socket *so = file->private;

	if (events & EPOLLHUP)
		return EPOLLHUP;
	if (ask)
		return events & (events & EPOLLIN ? EPOLLIN | EPOLLERR : EPOLLOUT | EPOLLERR);
	if (events & EPOLLOUT) {
		if (!READ_ONCE(so->no_room))
			events &= ~(u32)EPOLLOUT;
		WRITE_ONCE(so->no_room, false);
	}
	return events;
}

static int socket_release(struct inode *inode, struct file *file)
{
	struct socket *so = file->private;

	spin_lock(&so->lock);
	so->file = NULL;
	spin_unlock(&so->lock);
	atomic_dec(&used);
	so->ops->release(so);
	socket_put(so);
	return 0;
}

const struct file_ops socket_fops = {
	.read = socket_read, .write = socket_write, .poll = socket_poll, .ioctl = socket_ioctl,
	.async = socket_async,
	.release = socket_release, .llseek = no_llseek, .seek_none = true,
};

struct file *socket_file(struct socket *so, int flags)
{
	struct inode *inode = pseudo_inode(S_IFSOCK | 0777);
	struct file *file = ERR_PTR(-ENOMEM);

	if (inode) {
		/* Opening /proc/PID/fd/N fails with ENXIO. */
		init_special_inode(inode, S_IFSOCK | 0777, 0);
		so->ino = inode->i_ino;
		file = pseudo_file(inode, "socket", &socket_fops, so,
				   O_RDWR | (flags & O_NONBLOCK));
	}
	if (IS_ERR(file)) {
		so->ops->release(so);
		socket_put(so);
		return file;
	}
	so->file = file;
	atomic_inc(&used);
	return file;
}

/* ---- socket and socketpair ---- */

/* Splits type and flags, and asks the family. 0 or -errno. */
static int socket_create(int family, int type, int protocol, struct socket **out)
{
	if (family < 0 || family >= AF_MAX)
		return -EAFNOSUPPORT;
	if ((type & ~SOCK_TYPE_MASK) & ~(SOCK_CLOEXEC | SOCK_NONBLOCK))
		return -EINVAL;
	type &= SOCK_TYPE_MASK;
	if (type >= SOCK_MAX)
		return -EINVAL;
	switch (family) {
	case AF_UNIX:
		return unix_create(type, protocol, out);
	case AF_INET:
	case AF_INET6:
		return net_backend.create(family, type, protocol, out);
	case AF_NETLINK:
		return netlink_create(type, protocol, out);
	case AF_PACKET:
		return packet_create(type, protocol, out);
	default:
		return -EAFNOSUPPORT;
	}
}

SYSCALL_DEFINE3(socket, int, family, int, type, int, protocol)
{
	struct socket *so;
	struct file *file;
	int err = socket_create(family, type, protocol, &so);

	if (err)
		return err;
	file = socket_file(so, type & SOCK_NONBLOCK);
	if (IS_ERR(file))
		return PTR_ERR(file);
	return fd_install_new(file, (unsigned)type & SOCK_CLOEXEC);
}

static int pair_files(int family, int type, int protocol, struct file *files[2])
{
	struct socket *a, *b;
	int err = socket_create(family, type, protocol, &a);

	if (err)
		return err;
	err = family == AF_UNIX ? socket_create(family, type, protocol, &b) : -EOPNOTSUPP;
	if (err) {
		a->ops->release(a);
		socket_put(a);
		return err;
	}
	unix_pair(a, b);
	files[0] = socket_file(a, type & SOCK_NONBLOCK);
	files[1] = socket_file(b, type & SOCK_NONBLOCK);
	if (!IS_ERR(files[0]) && !IS_ERR(files[1]))
		return 0;
	for (int i = 0; i < 2; i++) {
		if (IS_ERR(files[i]))
			err = (int)PTR_ERR(files[i]);
		else
			file_put(files[i]);
	}
	return err;
}

SYSCALL_DEFINE4(socketpair, int, family, int, type, int, protocol, int __user *, fds)
{
	struct file *files[2];
	int err = pair_files(family, type, protocol, files);

	if (err)
		return err;
	return fd_install_pair(files, (unsigned)type & SOCK_CLOEXEC, fds);
}
