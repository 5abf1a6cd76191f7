/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sending and receiving: the loops that block, and the calls send*, recv* with their
 * message headers.
 */
#include <arch/uaccess.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include "internal.h"

ssize_t sock_send(struct file *file, struct socket *so, struct net_msg *msg)
{
	ssize_t ret;

	msg->timeo = 0;
	if (!(file->f_flags & O_NONBLOCK) && !(msg->flags & MSG_DONTWAIT))
		msg->timeo = READ_ONCE(so->sndtimeo);
	for (;;) {
		ret = so->ops->sendmsg(so, msg);
		if (likely(ret > 0)) {
			msg->done += (size_t)ret;
			if (likely(so->type != SOCK_STREAM || !iov_iter_count(msg->iter)))
				return (ssize_t)msg->done;
			continue;
		}
		if (ret != -EAGAIN)
			break;
		WRITE_ONCE(so->no_room, true);
		if (!msg->timeo)
			break;
		ret = sock_sleep(so, EPOLL_OUT_BITS, false, &msg->timeo);
		if (ret)
			break;
	}
	if (msg->done)
		return (ssize_t)msg->done;
	if (ret == -EPIPE && so->type == SOCK_STREAM && !(msg->flags & MSG_NOSIGNAL))
		signal_send_task(SIGPIPE, current);
	return ret;
}

ssize_t sock_recv(struct file *file, struct socket *so, struct net_msg *msg)
{
	size_t want = iov_iter_count(msg->iter), target;
	bool stream = so->type == SOCK_STREAM;
	ssize_t ret;

	msg->timeo = 0;
	if (!(file->f_flags & O_NONBLOCK) && !(msg->flags & MSG_DONTWAIT))
		msg->timeo = READ_ONCE(so->rcvtimeo);
	target = msg->flags & MSG_WAITALL ? want : min_t(size_t, want, READ_ONCE(so->rcvlowat));
	for (;;) {
		ret = so->ops->recvmsg(so, msg);
		if (likely(ret > 0)) {
			msg->done += (size_t)ret;
			if (!stream || msg->done >= target || msg->stop)
				return (ssize_t)msg->done;
			continue;
		}
		if (ret != -EAGAIN || !msg->timeo)
			break;
		ret = sock_sleep(so, EPOLL_IN_BITS | EPOLLRDHUP, !stream, &msg->timeo);
		if (ret)
			break;
	}
	return msg->done ? (ssize_t)msg->done : ret;
}

/* ---- one buffer ---- */

static long do_sendto(int fd, void __user *buf, size_t len, unsigned flags,
		      const void __user *uaddr, int ulen)
{
	union sockaddr_any addr;
	struct iov_iter iter;
	struct net_msg msg = { .iter = &iter, .flags = flags };
	struct socket *so;
	struct fd f;
	ssize_t ret;

	len = min_t(size_t, len, MAX_RW_COUNT);
	if (unlikely(!access_ok(buf, len)))
		return -EFAULT;
	so = sockfd_get(fd, &f);
	if (IS_ERR(so))
		return PTR_ERR(so);
	iov_iter_ubuf(&iter, ITER_SOURCE, buf, len);
	if (uaddr) {
		ret = sockaddr_from_user(&addr, uaddr, ulen);
		if (ret)
			goto out;
		msg.name = &addr;
		msg.namelen = (u32)ulen;
	}
	ret = sock_send(f.file, so, &msg);
out:
	fdput(f);
	return ret;
}

SYSCALL_DEFINE6(sendto, int, fd, void __user *, buf, size_t, len, unsigned, flags,
		const void __user *, uaddr, int, ulen)
{
	return do_sendto(fd, buf, len, flags, uaddr, ulen);
}

SYSCALL_DEFINE6(recvfrom, int, fd, void __user *, buf, size_t, len, unsigned, flags,
		void __user *, uaddr, int __user *, ulen)
{
	union sockaddr_any addr;
	struct iov_iter iter;
	struct net_msg msg = { .iter = &iter, .flags = flags };
	struct socket *so;
	struct fd f;
	ssize_t ret;
	int err;

	len = min_t(size_t, len, MAX_RW_COUNT);
	if (unlikely(!access_ok(buf, len)))
		return -EFAULT;
	so = sockfd_get(fd, &f);
	if (IS_ERR(so))
		return PTR_ERR(so);
	msg.name = uaddr ? &addr : NULL;
	iov_iter_ubuf(&iter, ITER_DEST, buf, len);
	ret = sock_recv(f.file, so, &msg);
	if (ret >= 0 && uaddr) {
		err = sockaddr_to_user(uaddr, ulen, &addr, msg.namelen);
		if (err)
			ret = err;
	}
	fdput(f);
	return ret;
}

/* ---- message headers ---- */

/* Copies the header in and its iovec; kfree(*heap) afterwards. 0 or -errno. */
static int import_hdr(struct user_msghdr *hdr, const struct user_msghdr __user *uhdr,
		      struct iov_iter *iter, u8 rw, struct iovec *fast, struct iovec **heap)
{
	ssize_t ret;

	*heap = NULL;
	if (copy_from_user(hdr, uhdr, sizeof(*hdr)))
		return -EFAULT;
	if (!hdr->msg_name)
		hdr->msg_namelen = 0;
	if (hdr->msg_namelen < 0)
		return -EINVAL;
	if ((size_t)hdr->msg_namelen > sizeof(union sockaddr_any))
		hdr->msg_namelen = sizeof(union sockaddr_any);
	if (hdr->msg_iovlen > UIO_MAXIOV)
		return -EMSGSIZE;
	ret = import_iovec(rw, hdr->msg_iov, hdr->msg_iovlen, fast, heap, iter);
	return ret < 0 ? (int)ret : 0;
}

static long send_one(struct file *file, struct socket *so, const struct user_msghdr __user *uhdr,
		     unsigned flags)
{
	struct iovec fast[UIO_FAST], *heap;
	union sockaddr_any addr;
	struct user_msghdr hdr;
	struct iov_iter iter;
	struct net_msg msg = { .iter = &iter, .flags = flags };
	long ret = import_hdr(&hdr, uhdr, &iter, ITER_SOURCE, fast, &heap);

	if (ret)
		return ret;
	if (hdr.msg_namelen) {
		ret = sockaddr_from_user(&addr, hdr.msg_name, hdr.msg_namelen);
		if (ret)
			goto out;
		msg.name = &addr;
		msg.namelen = (u32)hdr.msg_namelen;
	}
	if (hdr.msg_controllen) {
		ret = cmsg_import(so, &msg, hdr.msg_control, hdr.msg_controllen);
		if (ret)
			goto out_control;
	}
	ret = sock_send(file, so, &msg);
out_control:
	cmsg_release(&msg);
out:
	kfree(heap);
	return ret;
}

static long recv_one(struct file *file, struct socket *so, struct user_msghdr __user *uhdr,
		     unsigned flags)
{
	struct iovec fast[UIO_FAST], *heap;
	union sockaddr_any addr;
	struct user_msghdr hdr;
	struct iov_iter iter;
	struct net_msg msg = { .iter = &iter, .flags = flags };
	long ret = import_hdr(&hdr, uhdr, &iter, ITER_DEST, fast, &heap), err;

	if (ret)
		return ret;
	msg.name = hdr.msg_name ? &addr : NULL;
	msg.user_control = hdr.msg_control;
	msg.user_left = hdr.msg_control ? hdr.msg_controllen : 0;
	ret = sock_recv(file, so, &msg);
	kfree(heap);
	if (ret < 0)
		return ret;
	if (hdr.msg_name) {
		err = sockaddr_to_user(hdr.msg_name, &uhdr->msg_namelen, &addr, msg.namelen);
		if (err)
			return err;
	}
	hdr.msg_controllen = hdr.msg_control ? hdr.msg_controllen - msg.user_left : 0;
	if (put_user(msg.out_flags | (flags & MSG_CMSG_CLOEXEC), &uhdr->msg_flags) ||
	    put_user(hdr.msg_controllen, &uhdr->msg_controllen))
		return -EFAULT;
	return ret;
}

SYSCALL_DEFINE3(sendmsg, int, fd, const struct user_msghdr __user *, uhdr, unsigned, flags)
{
	struct fd f;
	struct socket *so = sockfd_get(fd, &f);
	long ret;

	if (IS_ERR(so))
		return PTR_ERR(so);
	ret = send_one(f.file, so, uhdr, flags);
	fdput(f);
	return ret;
}

SYSCALL_DEFINE3(recvmsg, int, fd, struct user_msghdr __user *, uhdr, unsigned, flags)
{
	struct fd f;
	struct socket *so = sockfd_get(fd, &f);
	long ret;

	if (IS_ERR(so))
		return PTR_ERR(so);
	ret = recv_one(f.file, so, uhdr, flags);
	fdput(f);
	return ret;
}

SYSCALL_DEFINE4(sendmmsg, int, fd, struct mmsghdr __user *, umsgs, unsigned, count, unsigned, flags)
{
	struct fd f;
	struct socket *so = sockfd_get(fd, &f);
	unsigned done = 0;
	long ret = 0;

	if (IS_ERR(so))
		return PTR_ERR(so);
	count = min(count, (unsigned)UIO_MAXIOV_MSGS);
	while (done < count) {
		ret = send_one(f.file, so, &umsgs[done].msg_hdr, flags);
		if (ret < 0)
			break;
		if (put_user((unsigned)ret, &umsgs[done].msg_len)) {
			ret = -EFAULT;
			break;
		}
		done++;
		if (wait_signal_pending(TASK_INTERRUPTIBLE))
			break;
	}
	fdput(f);
	return done ? (long)done : ret;
}

/* The deadline of recvmmsg: NSEC_MAX none. 0 or -errno. */
static int import_deadline(const struct __kernel_timespec __user *utime, nsec_t *deadline)
{
	struct timespec64 ts;

	*deadline = NSEC_MAX;
	if (!utime)
		return 0;
	if (copy_from_user(&ts, utime, sizeof(ts)))
		return -EFAULT;
	if (!timespec64_valid(&ts))
		return -EINVAL;
	*deadline = ktime_get() + min_t(nsec_t, timespec64_to_ns(&ts), NSEC_MAX / 2);
	return 0;
}

SYSCALL_DEFINE5(recvmmsg, int, fd, struct mmsghdr __user *, umsgs, unsigned, count, unsigned, flags,
		struct __kernel_timespec __user *, utime)
{
	nsec_t deadline;
	unsigned done = 0;
	struct socket *so;
	struct fd f;
	long ret = import_deadline(utime, &deadline);

	if (ret)
		return ret;
	so = sockfd_get(fd, &f);
	if (IS_ERR(so))
		return PTR_ERR(so);
	ret = sock_error(so);
	count = min(count, (unsigned)UIO_MAXIOV_MSGS);
	while (!ret && done < count) {
		ret = recv_one(f.file, so, &umsgs[done].msg_hdr, flags & ~(unsigned)MSG_WAITFORONE);
		if (ret < 0)
			break;
		if (put_user((unsigned)ret, &umsgs[done].msg_len)) {
			ret = -EFAULT;
			break;
		}
		ret = 0;
		done++;
		if (flags & MSG_WAITFORONE)
			flags |= MSG_DONTWAIT;
		if (deadline != NSEC_MAX && ktime_get() >= deadline)
			break;
	}
	/* An error after the first message is for the next call. */
	if (done && ret < 0 && ret != -EAGAIN && ret != -ERESTARTSYS && ret != -EINTR)
		WRITE_ONCE(so->err, (int)-ret);
	fdput(f);
	if (done && utime) {
		nsec_t now = ktime_get();
		struct timespec64 left = ns_to_timespec64(now < deadline ? deadline - now : 0);

		if (copy_to_user(utime, &left, sizeof(left)))
			return -EFAULT;
	}
	return done ? (long)done : ret;
}
