/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Control messages: what travels beside the data of sendmsg(2) and recvmsg(2).
 */
#include <arch/uaccess.h>
#include "internal.h"

#define CONTROL_MAX 20480u	/* net.core.optmem_max */

/* May current claim to be this? */
static int check_cred(const struct ucred *c)
{
	const struct cred *me = current_cred();

	if (c->pid != (u32)current->proc->pid && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (c->uid != me->uid && c->uid != me->euid && c->uid != me->suid && !capable(CAP_SETUID))
		return -EPERM;
	if (c->gid != me->gid && c->gid != me->egid && c->gid != me->sgid && !capable(CAP_SETGID))
		return -EPERM;
	if (c->uid == INVALID_UID || c->gid == INVALID_GID)
		return -EINVAL;
	return 0;
}

static int import_one(struct net_msg *msg, const struct cmsghdr *h, const u8 *data)
{
	size_t n = h->cmsg_len - CMSG_HDR;

	switch (h->cmsg_type) {
	case SCM_RIGHTS:
		n /= sizeof(int);
		if (!n)
			return 0;
		if (n > SCM_MAX_FD || msg->files)
			return -EINVAL;
		msg->files = scm_files_import((const int *)data, (u32)n);
		if (IS_ERR(msg->files)) {
			int err = (int)PTR_ERR(msg->files);

			msg->files = NULL;
			return err;
		}
		return 0;
	case SCM_CREDENTIALS:
		if (n != sizeof(struct ucred))
			return -EINVAL;
		memcpy(&msg->cred, data, sizeof(struct ucred));
		msg->has_cred = true;
		return check_cred(&msg->cred);
	default:
		return -EINVAL;
	}
}

static int import_all(struct socket *so, struct net_msg *msg)
{
	size_t at = 0, len = msg->control_len;

	while (len - at >= sizeof(struct cmsghdr)) {
		struct cmsghdr h;
		int err;

		memcpy(&h, msg->control + at, sizeof(h));
		if (h.cmsg_len < sizeof(h) || h.cmsg_len > len - at)
			return -EINVAL;
		if (h.cmsg_level == SOL_SOCKET && so->family == AF_UNIX) {
			err = import_one(msg, &h, msg->control + at + CMSG_HDR);
			if (err)
				return err;
		}
		if (CMSG_ALIGN(h.cmsg_len) >= len - at)
			break;
		at += CMSG_ALIGN(h.cmsg_len);
	}
	return 0;
}

int cmsg_import(struct socket *so, struct net_msg *msg, const void __user *control, size_t len)
{
	if (len > CONTROL_MAX)
		return -ENOBUFS;
	msg->control = kmalloc(len, GFP_KERNEL);
	if (!msg->control)
		return -ENOBUFS;
	msg->control_len = len;
	if (copy_from_user(msg->control, control, len))
		return -EFAULT;
	return import_all(so, msg);
}

void cmsg_release(struct net_msg *msg)
{
	kfree(msg->control);
	if (msg->files)
		scm_files_drop(msg->files);
}

int net_put_cmsg(struct net_msg *msg, int level, int type, const void *data, size_t len)
{
	struct cmsghdr h = { .cmsg_len = CMSG_HDR + len, .cmsg_level = level, .cmsg_type = type };
	size_t step;

	if (msg->user_left < sizeof(h)) {
		msg->out_flags |= MSG_CTRUNC;
		return 0;
	}
	if (msg->user_left < h.cmsg_len) {
		msg->out_flags |= MSG_CTRUNC;
		h.cmsg_len = msg->user_left;
	}
	if (copy_to_user(msg->user_control, &h, sizeof(h)) ||
	    copy_to_user(msg->user_control + CMSG_HDR, data, h.cmsg_len - CMSG_HDR))
		return -EFAULT;
	step = min_t(size_t, CMSG_ALIGN(h.cmsg_len), msg->user_left);
	msg->user_control += step;
	msg->user_left -= step;
	return 0;
}
