/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The part of the socket ABI that the UAPI headers leave to the C library: families,
 * types, MSG_* flags and the structs of sendmsg(2) and recvmsg(2). The rest comes from
 * <linux/...> and <asm/socket.h>.
 */
#ifndef NET_ABI_H
#define NET_ABI_H

#include <lib/types.h>
#include <lib/compiler.h>
#include <linux/fcntl.h>
#include <linux/socket.h>
#include <linux/sockios.h>
#include <linux/un.h>
#include <asm/socket.h>
#include <asm/sockios.h>
#include <asm/ioctls.h>

struct iovec;

#define AF_UNSPEC	0
#define AF_UNIX		1
#define AF_INET		2
#define AF_INET6	10
#define AF_NETLINK	16
#define AF_PACKET	17
#define AF_MAX		46

#define SOCK_STREAM	1
#define SOCK_DGRAM	2
#define SOCK_RAW	3
#define SOCK_RDM	4
#define SOCK_SEQPACKET	5
#define SOCK_PACKET	10
#define SOCK_MAX	11
#define SOCK_TYPE_MASK	0xf
#define SOCK_CLOEXEC	O_CLOEXEC
#define SOCK_NONBLOCK	O_NONBLOCK

#define SOL_IP		0
#define SOL_TCP		6
#define SOL_UDP		17
#define SOL_IPV6	41
#define SOL_RAW		255
#define SOL_PACKET	263
#define SOL_NETLINK	270

#define MSG_OOB		0x1
#define MSG_PEEK	0x2
#define MSG_DONTROUTE	0x4
#define MSG_CTRUNC	0x8
#define MSG_PROBE	0x10
#define MSG_TRUNC	0x20
#define MSG_DONTWAIT	0x40
#define MSG_EOR		0x80
#define MSG_WAITALL	0x100
#define MSG_CONFIRM	0x800
#define MSG_ERRQUEUE	0x2000
#define MSG_NOSIGNAL	0x4000
#define MSG_MORE	0x8000
#define MSG_WAITFORONE	0x10000
#define MSG_FASTOPEN	0x20000000
#define MSG_CMSG_CLOEXEC 0x40000000

#define SCM_RIGHTS	1
#define SCM_CREDENTIALS	2
#define SCM_MAX_FD	253		/* files one message may carry */

#define SHUT_RD		0
#define SHUT_WR		1
#define SHUT_RDWR	2
#define SOMAXCONN	4096
#define UIO_MAXIOV_MSGS	1024		/* messages of one sendmmsg or recvmmsg */

struct user_msghdr {
	void __user		*msg_name;
	int			 msg_namelen;
	struct iovec __user	*msg_iov;
	size_t			 msg_iovlen;
	void __user		*msg_control;
	size_t			 msg_controllen;
	unsigned int		 msg_flags;
};

struct mmsghdr {
	struct user_msghdr	msg_hdr;
	unsigned int		msg_len;
};

struct cmsghdr {
	size_t	cmsg_len;
	int	cmsg_level;
	int	cmsg_type;
};
#define CMSG_ALIGN(n)	(((n) + sizeof(long) - 1) & ~(sizeof(long) - 1))
#define CMSG_HDR	CMSG_ALIGN(sizeof(struct cmsghdr))

struct ucred {
	u32 pid, uid, gid;
};

struct linger {
	int l_onoff, l_linger;
};

/* Any address: `family` is in the place of each struct's own. */
union sockaddr_any {
	__kernel_sa_family_t		family;
	struct __kernel_sockaddr_storage storage;
	struct sockaddr_un		un;
	u8				bytes[sizeof(struct __kernel_sockaddr_storage)];
};

#endif
