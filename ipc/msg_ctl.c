/* SPDX-License-Identifier: BSD-2-Clause */
/* msgctl: state, limits, owner and removal of message queues. */
#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/syscall.h>
#include "msg.h"

static long limits(int cmd, void __user *buf)
{
	struct msginfo info = {
		.msgpool = MSGPOOL, .msgmap = MSGMAP, .msgmax = msg_max_bytes,
		.msgmnb = msg_default_bytes, .msgmni = msg_max_count, .msgssz = MSGSSZ,
		.msgtql = MSGTQL, .msgseg = MSGSEG,
	};

	if (cmd == MSG_INFO) {
		info.msgpool = READ_ONCE(msg_table.count);
		info.msgmap = (int)min(msg_total_count(), (u64)INT_MAX);
		info.msgtql = (int)min(msg_total_bytes(), (u64)INT_MAX);
	}
	return copy_to_user(buf, &info, sizeof(info)) ? -EFAULT : ipc_top_slot(&msg_table);
}

static long stat_queue(struct msg_queue *q, int cmd, void __user *buf)
{
	struct msqid64_ds ds = { .msg_qnum = 0 };
	long ret;

	spin_lock(&q->obj.lock);
	ret = q->obj.dead ? -EIDRM : cmd == MSG_STAT_ANY ? 0 : ipc_permission(&q->obj, 0444);
	ipc_get_perm(&q->obj, &ds.msg_perm);
	ds.msg_stime = q->stime;
	ds.msg_rtime = q->rtime;
	ds.msg_ctime = q->ctime;
	ds.msg_cbytes = q->bytes;
	ds.msg_qnum = q->count;
	ds.msg_qbytes = q->max_bytes;
	ds.msg_lspid = q->lspid;
	ds.msg_lrpid = q->lrpid;
	spin_unlock(&q->obj.lock);
	if (ret)
		return ret;
	if (copy_to_user(buf, &ds, sizeof(ds)))
		return -EFAULT;
	return cmd == IPC_STAT ? 0 : q->obj.id;
}

static long set_queue(struct msg_queue *q, const struct msqid64_ds *ds)
{
	long ret;

	spin_lock(&q->obj.lock);
	ret = q->obj.dead ? -EIDRM : ipc_owner(&q->obj);
	if (!ret && ds->msg_qbytes > (unsigned long)msg_default_bytes &&
	    !capable(CAP_SYS_RESOURCE))
		ret = -EPERM;
	if (!ret)
		ret = ipc_set_perm(&q->obj, &ds->msg_perm);
	if (!ret) {
		q->max_bytes = ds->msg_qbytes;
		q->ctime = ipc_now();
		/* Some may be allowed no more, others may have room now. */
		msg_end_receivers(q, -EAGAIN);
		msg_wake_senders(q);
	}
	spin_unlock(&q->obj.lock);
	return ret;
}

static long remove_queue(struct msg_queue *q)
{
	long ret;

	spin_lock(&q->obj.lock);
	ret = q->obj.dead ? -EIDRM : ipc_owner(&q->obj);
	if (!ret) {
		ipc_remove(&msg_table, &q->obj);
		msg_end_receivers(q, -EIDRM);
		msg_wake_senders(q);
	}
	spin_unlock(&q->obj.lock);
	if (!ret)
		ipc_put(&msg_table, &q->obj);
	return ret;
}

SYSCALL_DEFINE3(msgctl, int, id, int, cmd, void __user *, buf)
{
	struct ipc_object *obj;
	struct msqid64_ds ds;
	long ret;

	if (id < 0 || cmd < 0)
		return -EINVAL;
	switch (cmd) {
	case IPC_INFO:
	case MSG_INFO:
		return limits(cmd, buf);
	case MSG_STAT:
	case MSG_STAT_ANY:
		obj = ipc_find_slot(&msg_table, id);
		break;
	case IPC_SET:
		if (copy_from_user(&ds, buf, sizeof(ds)))
			return -EFAULT;
		fallthrough;
	case IPC_STAT:
	case IPC_RMID:
		obj = ipc_find(&msg_table, id);
		break;
	default:
		return -EINVAL;
	}
	if (!obj)
		return -EINVAL;
	if (cmd == IPC_SET)
		ret = set_queue(msg_queue_of(obj), &ds);
	else if (cmd == IPC_RMID)
		ret = remove_queue(msg_queue_of(obj));
	else
		ret = stat_queue(msg_queue_of(obj), cmd, buf);
	ipc_put(&msg_table, obj);
	return ret;
}
