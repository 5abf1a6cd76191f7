/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AF_UNIX, inside. Streams and sequenced packets are pairs of sockets that hold each other;
 * a buffer goes straight onto the receiver's queue and is charged to the sender. Datagram
 * sockets find the receiver by name for each message, or keep it as their peer.
 *
 * Locks, outermost first: gc_mutex (unix/gc.c), socket->reader, socket->lock (two: by
 * address), names_lock. A stream's peer is set once and stays until its own release, so its
 * own operations read it without a lock; a datagram socket's peer changes under its lock.
 */
#ifndef NET_UNIX_H
#define NET_UNIX_H

#include <fs/files.h>
#include <fs/fs.h>
#include <fs/namei.h>
#include <lib/list.h>
#include <net/backend.h>
#include "../internal.h"

#define UNIX_CLOSED	0
#define UNIX_LISTEN	1
#define UNIX_CONNECTED	2

#define UNIX_HEAD	offsetof(struct sockaddr_un, sun_path)

/* A name; never changes once it is a socket's. */
struct unix_addr {
	refcount_t	   refs;
	u32		   len;		/* of name, header included */
	struct sockaddr_un name;
	char		   end;		/* sun_path need not be terminated */
};

/*
 * Locks:  l so.lock   i constant   n names_lock   g gc_mutex   R so.lock of the receiver
 */
struct unix_sock {
	struct socket	   so;		/* first */
	struct unix_addr  *addr;	/* l to set, once; constant then */
	struct path	   path;	/* set with addr: of the S_IFSOCK inode, or empty */
	struct hlist_node  name_node;	/* n */
	struct list_head   all_node;	/* n  every socket, for /proc/net/unix */
	struct unix_sock  *peer;	/* l  counted */
	struct net_bufq	   q;		/* l  what was sent to us */
	struct list_head   accepts;	/* l  listening: connections not accepted yet */
	struct list_head   accept_node;	/* R  in the listener's accepts */
	u32		   nr_accepts;	/* l */
	u32		   backlog;	/* l  for datagrams: how many may wait */
	struct list_head   senders;	/* l  datagram sockets connected to us */
	struct list_head   sender_node;	/* R  in the peer's senders */
	struct ucred	   peercred;	/* l  listening: our own */
	bool		   dead;	/* l  released */
	u32		   inflight;	/* g  messages that carry our file */
	u32		   internal;	/* g  references from inside, while collecting */
	struct list_head   inflight_node; /* g */
	struct list_head   gc_node;	/* g */
	bool		   candidate;	/* g */
};

static inline struct unix_sock *unix_of(struct socket *so)
{
	return container_of(so, struct unix_sock, so);
}
static inline struct unix_sock *unix_get(struct unix_sock *u)
{
	socket_get(&u->so);
	return u;
}
static inline void unix_put(struct unix_sock *u)
{
	socket_put(&u->so);
}

/* What a buffer carries beside its bytes. */
struct unix_cb {
	const struct net_ops *ops;	/* for BUF_SPECIAL */
	struct scm_files     *files;
	struct unix_addr     *from;	/* counted, datagrams only */
	struct ucred	      cred;
};
_Static_assert(sizeof(struct unix_cb) <= sizeof(((struct net_buf *)0)->cb), "fits");

static inline struct unix_cb *unix_cb(struct net_buf *b)
{
	return (struct unix_cb *)b->cb;
}

extern const struct net_ops unix_stream_ops, unix_seqpacket_ops, unix_dgram_ops;

/* af_unix.c */
void unix_set_own_cred(struct ucred *c);
struct socket *unix_new(const struct net_ops *ops, int type, int protocol);
u32  unix_poll_stream(struct socket *so, u32 lowat);
u32  unix_poll_packet(struct socket *so, u32 lowat);
/* Room for one more message of any size, as poll sees it. */
static inline bool unix_writable(struct unix_sock *u)
{
	return u->so.state != UNIX_LISTEN && socket_wmem(&u->so) * 4ull <= u->so.sndbuf;
}

/* stream.c */
int     unix_stream_connect(struct socket *so, const union sockaddr_any *addr, u32 len, nsec_t *timeo);
int     unix_listen(struct socket *so, int backlog);
int     unix_accept(struct socket *so, struct socket **out);
ssize_t unix_stream_sendmsg(struct socket *so, struct net_msg *msg);
ssize_t unix_stream_recvmsg(struct socket *so, struct net_msg *msg);

/* dgram.c */
int     unix_dgram_connect(struct socket *so, const union sockaddr_any *addr, u32 len, nsec_t *timeo);
ssize_t unix_dgram_sendmsg(struct socket *so, struct net_msg *msg);
ssize_t unix_seqpacket_sendmsg(struct socket *so, struct net_msg *msg);
ssize_t unix_dgram_recvmsg(struct socket *so, struct net_msg *msg);
ssize_t unix_seqpacket_recvmsg(struct socket *so, struct net_msg *msg);
static inline bool unix_dgram_full(struct unix_sock *u)
{
	return READ_ONCE(u->q.count) > READ_ONCE(u->backlog);
}
/* Forgets the peer of a datagram socket. */
void    unix_dgram_disconnect(struct unix_sock *u);

/* name.c */
int  unix_bind(struct socket *so, const union sockaddr_any *addr, u32 len);
int  unix_autobind(struct unix_sock *u);
void unix_unbind(struct unix_sock *u);
void unix_names_add(struct unix_sock *u);
/* The socket of that name, counted, or ERR_PTR: -EINVAL, -ECONNREFUSED, -EPROTOTYPE, -EACCES ... */
struct unix_sock *unix_find(const union sockaddr_any *addr, u32 len, int type);
void unix_addr_put(struct unix_addr *addr);
/* Copies an address (NULL: unnamed) and returns its length. */
int  unix_addr_copy(const struct unix_addr *addr, union sockaddr_any *to);

/* scm.c */
/* Fills the buffer's cb from the message; takes over msg->files. 0, -ETOOMANYREFS. */
int  unix_cb_fill(struct unix_sock *u, struct net_buf *b, struct net_msg *msg);
void unix_buf_release(struct net_buf *b);
/* Delivers credentials and files to a receiver. 0 or -EFAULT. */
int  unix_recv_cred(struct socket *so, struct net_msg *msg, const struct ucred *c);
/* They stay the buffer's: what a receiver has no room for is closed outside so->reader, as a close may sleep. */
void unix_recv_files(struct net_msg *msg, struct net_buf *b);

/* gc.c */
int  unix_files_inflight(struct scm_files *files);
void unix_files_landed(struct scm_files *files);
void unix_gc_lock(void);
void unix_gc_unlock(void);
void unix_gc(void);
bool unix_any_inflight(void);

struct scm_files {
	struct list_head link;		/* waiting to be put */
	u32		 count;
	bool		 inflight;	/* counted in sockets' inflight */
	u32		 uid;		/* who sent it */
	struct file	*file[];
};

#endif
