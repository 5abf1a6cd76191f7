/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside the socket layer: shared by its files, not for backends. */
#ifndef NET_INTERNAL_H
#define NET_INTERNAL_H

#include <fs/files.h>
#include <fs/uio.h>
#include <net/backend.h>

extern const struct file_ops socket_fops;

/* A descriptor that must be a socket. Ends with fdput(*f) when it did not fail. */
static inline struct socket *sockfd_get(int fd, struct fd *f)
{
	*f = fdget((unsigned)fd);
	if (unlikely(!f->file))
		return ERR_PTR(-EBADF);
	if (unlikely(f->file->f_op != &socket_fops)) {
		fdput(*f);
		return ERR_PTR(-ENOTSOCK);
	}
	return NOT_ERR((struct socket *)f->file->private);
}

/* Moves a whole message; blocks as the file, msg->flags and the time limits say. */
ssize_t sock_send(struct file *file, struct socket *so, struct net_msg *msg);
ssize_t sock_recv(struct file *file, struct socket *so, struct net_msg *msg);

/* An address in (0, -EINVAL, -EFAULT) and out (cut to *ulen, which gets the true length). */
int sockaddr_from_user(union sockaddr_any *to, const void __user *from, int len);
int sockaddr_to_user(void __user *to, int __user *ulen, const union sockaddr_any *from, u32 len);

/* Parses the control data of a sendmsg into msg. 0, -EINVAL, -EFAULT, -EPERM, -ENOBUFS ... */
int cmsg_import(struct socket *so, struct net_msg *msg, const void __user *control, size_t len);
/* Frees what sendmsg did not take over. */
void cmsg_release(struct net_msg *msg);

int unix_create(int type, int protocol, struct socket **out);
#ifdef CONFIG_NETLINK
int netlink_create(int type, int protocol, struct socket **out);
#else
static inline int netlink_create(int type, int protocol, struct socket **out)
{
	return -EAFNOSUPPORT;
}
#endif
#ifdef CONFIG_PACKET
int packet_create(int type, int protocol, struct socket **out);
#else
static inline int packet_create(int type, int protocol, struct socket **out)
{
	return -EAFNOSUPPORT;
}
#endif
/*
 * The ioctls of links, addresses, routes and ARP, the same on every socket: netdevice(7),
 * rtentry, arp(7). -ENOIOCTLCMD for all others.
 */
#ifdef CONFIG_NET_NONE
static inline long net_config_ioctl(struct socket *so, unsigned cmd, unsigned long arg)
{
	return -ENOIOCTLCMD;
}
#else
long net_config_ioctl(struct socket *so, unsigned cmd, unsigned long arg);
#endif
/* Joins two fresh sockets of AF_UNIX. */
void unix_pair(struct socket *a, struct socket *b);

#endif
