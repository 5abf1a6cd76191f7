/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls about identities: the get*id family, groups, capget and capset. Rules and errno as
 * credentials(7), capabilities(7).
 */
#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/syscall.h>
#include <kernel/task.h>

SYSCALL_DEFINE0(getuid)
{
	return current_uid();
}

SYSCALL_DEFINE0(geteuid)
{
	return current_euid();
}

SYSCALL_DEFINE0(getgid)
{
	return current_gid();
}

SYSCALL_DEFINE0(getegid)
{
	return current_egid();
}

SYSCALL_DEFINE3(getresuid, uid_t __user *, ruid, uid_t __user *, euid, uid_t __user *, suid)
{
	const struct cred *cred = current_cred();

	if (put_user(cred->uid, ruid) || put_user(cred->euid, euid) || put_user(cred->suid, suid))
		return -EFAULT;
	return 0;
}

SYSCALL_DEFINE3(getresgid, gid_t __user *, rgid, gid_t __user *, egid, gid_t __user *, sgid)
{
	const struct cred *cred = current_cred();

	if (put_user(cred->gid, rgid) || put_user(cred->egid, egid) || put_user(cred->sgid, sgid))
		return -EFAULT;
	return 0;
}

SYSCALL_DEFINE2(getgroups, int, size, gid_t __user *, list)
{
	const struct group_info *groups = current_cred()->groups;

	if (size < 0)
		return -EINVAL;
	if (!size)
		return groups->count;
	if ((u32)size < groups->count)
		return -EINVAL;
	if (copy_to_user(list, groups->gid, groups->count * sizeof(gid_t)))
		return -EFAULT;
	return groups->count;
}

/* Reads the header; writes our version back when the caller's is unknown. */
static int cap_header(struct __user_cap_header_struct __user *header, unsigned int *words,
		      pid_t *pid, bool probing)
{
	u32 version;

	if (get_user(version, &header->version))
		return -EFAULT;
	switch (version) {
	case _LINUX_CAPABILITY_VERSION_1:
		*words = _LINUX_CAPABILITY_U32S_1;
		break;
	case _LINUX_CAPABILITY_VERSION_2:
	case _LINUX_CAPABILITY_VERSION_3:
		*words = _LINUX_CAPABILITY_U32S_3;
		break;
	default:
		if (put_user((u32)_LINUX_CAPABILITY_VERSION_3, &header->version))
			return -EFAULT;
		return probing ? 1 : -EINVAL;
	}
	return get_user(*pid, &header->pid);
}

SYSCALL_DEFINE2(capget, struct __user_cap_header_struct __user *, header,
		struct __user_cap_data_struct __user *, data)
{
	struct __user_cap_data_struct out[_LINUX_CAPABILITY_U32S_3];
	unsigned int words;
	struct task *task;
	struct cred *cred;
	pid_t pid;
	int error = cap_header(header, &words, &pid, !data);

	if (error || !data)
		return error < 0 ? error : 0;
	if (pid < 0)
		return -EINVAL;
	if (pid && pid != current->tid) {
		task = task_find(pid);
		if (!task)
			return -ESRCH;
		cred = task_cred_get(task);
		task_put(task);
	} else {
		cred = cred_get(current->cred);
	}
	for (unsigned int i = 0; i < words; i++) {
		out[i].effective = (u32)(cred->cap_effective >> (32 * i));
		out[i].permitted = (u32)(cred->cap_permitted >> (32 * i));
		out[i].inheritable = (u32)(cred->cap_inheritable >> (32 * i));
	}
	cred_put(cred);
	return copy_to_user(data, out, words * sizeof(out[0])) ? -EFAULT : 0;
}

SYSCALL_DEFINE2(capset, struct __user_cap_header_struct __user *, header,
		const struct __user_cap_data_struct __user *, data)
{
	struct __user_cap_data_struct in[_LINUX_CAPABILITY_U32S_3] = { };
	cap_set_t effective = 0, permitted = 0, inheritable = 0;
	const struct cred *old = current_cred();
	unsigned int words;
	struct cred *cred;
	pid_t pid;
	int error = cap_header(header, &words, &pid, false);

	if (error)
		return error;
	if (pid && pid != current->tid)
		return -EPERM;
	if (copy_from_user(in, data, words * sizeof(in[0])))
		return -EFAULT;
	for (unsigned int i = 0; i < words; i++) {
		effective |= (cap_set_t)in[i].effective << (32 * i);
		permitted |= (cap_set_t)in[i].permitted << (32 * i);
		inheritable |= (cap_set_t)in[i].inheritable << (32 * i);
	}
	effective &= CAP_FULL_SET;
	permitted &= CAP_FULL_SET;
	inheritable &= CAP_FULL_SET;

	if (!capable(CAP_SETPCAP) && (inheritable & ~(old->cap_inheritable | old->cap_permitted)))
		return -EPERM;
	if (inheritable & ~(old->cap_inheritable | old->cap_bset))
		return -EPERM;
	if ((permitted & ~old->cap_permitted) || (effective & ~permitted))
		return -EPERM;
	cred = cred_prepare();
	if (!cred)
		return -ENOMEM;
	cred->cap_effective = effective;
	cred->cap_permitted = permitted;
	cred->cap_inheritable = inheritable;
	cred->cap_ambient &= permitted & inheritable;
	cred_commit(cred);
	return 0;
}
