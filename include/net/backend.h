/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a protocol provides: AF_UNIX, and one network backend for AF_INET and AF_INET6.
 *
 * A Kconfig choice builds one folder of net/, which defines `net_backend`. Everything that
 * is the same for all protocols has been done when an op is called: the descriptor is a
 * socket and stays open, addresses and headers are in kernel memory (not yet checked: their
 * length and family are the op's). Everything that comes after is done too: blocking, time
 * limits, signals, SIGPIPE, copying results out. MSG_* flags an op does not know it ignores,
 * as Linux does, but refuses what would change the result (MSG_OOB, MSG_ERRQUEUE).
 *
 * Context of every op: task context, no lock held, may sleep for memory and user copies;
 * several tasks may be in ops of one socket at once. An op must not sleep for the network:
 * it returns -EAGAIN (connect: -EINPROGRESS) and wakes by sock_wake() with the EPOLL* bits
 * that became true. Callbacks of a stack under its own lock only queue and mark; they wake
 * after that lock was dropped, since an epoll waker may take other locks.
 *
 * A backend includes only this header, <net/inet.h> (what all of them share), <net/config.h> and
 * <net/netdev.h> (what it shows of its configuration, and devices below it), <lib/...> and the UAPI.
 */
#ifndef NET_BACKEND_H
#define NET_BACKEND_H

#include <fs/seq_file.h>
#include <kernel/cred.h>
#include <kernel/init.h>
#include <kernel/printk.h>
#include <kernel/random.h>
#include <kernel/timer.h>
#include <kernel/workqueue.h>
#include <lib/err.h>
#include <lib/errno.h>
#include <lib/list.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <net/abi.h>
#include <net/buf.h>
#include <net/socket.h>
#include <arch/uaccess.h>
#include <arch/current.h>
#include <kernel/task.h>
#include <trace/net.h>

struct net_config_ops;

/* A missing op means -EOPNOTSUPP, unless said otherwise. */
struct net_ops {
	/*
	 * The last descriptor is closed: detach from peers, names and queues. Linger and
	 * what is still to be sent are the protocol's affair. The caller drops the file's
	 * reference afterwards.
	 */
	void (*release)(struct socket *so);
	/* All references and charged buffers are gone: free the memory. No sleeping. */
	void (*destroy)(struct socket *so);
	/* -EINVAL length or already bound, -EAFNOSUPPORT, -EADDRINUSE, -EADDRNOTAVAIL, -EACCES. */
	int (*bind)(struct socket *so, const union sockaddr_any *addr, u32 len);
	/*
	 * Starts to connect. 0 done; -EINPROGRESS started, poll will show EPOLLOUT or an
	 * error in so->err; -EALREADY it was started before; -EISCONN. Called once more when
	 * it is decided: 0, or how it ended, and the socket can be used anew. A protocol whose
	 * waiting is not for this socket (a full backlog of AF_UNIX) may wait itself, up to
	 * *timeo. AF_UNSPEC dissolves a datagram socket's association.
	 */
	int (*connect)(struct socket *so, const union sockaddr_any *addr, u32 len, nsec_t *timeo);
	/* backlog is 0..SOMAXCONN. Again on a listening socket: changes the backlog. */
	int (*listen)(struct socket *so, int backlog);
	/* *out with a reference and no file. -EAGAIN none yet, -EINVAL not listening, -ESHUTDOWN. */
	int (*accept)(struct socket *so, struct socket **out);
	/* how is SHUT_*. -ENOTCONN. */
	int (*shutdown)(struct socket *so, int how);
	/*
	 * Takes bytes from msg->iter. Streams: as many as fit, at least one, -EAGAIN if none
	 * do. Datagrams: all, or an error. msg->name: destination. -EPIPE is answered with
	 * SIGPIPE for streams by the caller. On success msg->files was taken over.
	 */
	ssize_t (*sendmsg)(struct socket *so, struct net_msg *msg);
	/*
	 * Gives bytes to msg->iter: what is there (streams), one message (others, the rest
	 * is dropped, MSG_TRUNC in out_flags and, if asked for, the true length returned).
	 * 0 is the end of a stream. A pending error is taken only if msg->done is 0.
	 */
	ssize_t (*recvmsg)(struct socket *so, struct net_msg *msg);
	/* EPOLL* bits now, as if SO_RCVLOWAT were `lowat`. No sleeping, no lock needed. */
	u32 (*poll)(struct socket *so, u32 lowat);
	/* The own (peer false) or the peer's address and its length, or -ENOTCONN. */
	int (*getname)(struct socket *so, union sockaddr_any *addr, bool peer);
	/* Levels other than SOL_SOCKET; SOL_SOCKET ones the layer does not know. -ENOPROTOOPT. */
	int (*setsockopt)(struct socket *so, int level, int name, const void *val, u32 len);
	/* SO_KEEPALIVE or SO_RCVBUF has a new value, which the protocol may want to act on. */
	void (*option_changed)(struct socket *so);
	/* Fills val (*len bytes of room, at least 256 are there) and sets *len. */
	int (*getsockopt)(struct socket *so, int level, int name, void *val, u32 *len);
	/* -ENOIOCTLCMD for what it does not know. */
	long (*ioctl)(struct socket *so, unsigned cmd, unsigned long arg);
	/* A buffer charged to `so` was freed: wake writers if there is room now. Any socket lock may be held. */
	void (*write_space)(struct socket *so);
	/* A BUF_SPECIAL buffer is about to be freed. */
	void (*buf_release)(struct net_buf *b);
};

struct net_backend {
	const char *name;
	/* Once, before the first create. 0 or -errno: AF_INET stays away. */
	int (*init)(void);
	/*
	 * A socket with one reference. family AF_INET or AF_INET6; type without flags.
	 * -EAFNOSUPPORT, -ESOCKTNOSUPPORT, -EPROTONOSUPPORT, -EPERM (raw), -ENOMEM.
	 */
	int (*create)(int family, int type, int protocol, struct socket **out);
	/* Prints /proc/net/<what> for each name it lists in `infos` (ends with NULL). */
	const char *const *infos;
	int (*info)(struct seq_file *m, const char *what);
	/* Links, addresses, routes, neighbours; NULL without any. */
	const struct net_config_ops *config;
};

extern const struct net_backend net_backend;

/* ioctls of sockets that are the same for each protocol: a number out to user space. */
static inline long net_put_int(unsigned long arg, int value)
{
	return put_user(value, (int __user *)arg);
}

#endif
