/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls about identities: the get*id and set*id families, groups, capget and
 * capset. Rules and errno as credentials(7), setresuid(2), capabilities(7).
 */
#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <lib/err.h>
#include <lib/sort.h>
#include <linux/securebits.h>
#include <mm/slab.h>

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

/* The real uid changes: count against the new user. May go over RLIMIT_NPROC; exec checks. */
static int cred_set_real_uid(struct cred *cred, uid_t uid)
{
	struct user_count *user;

	if (cred->uid != uid || cred->user->uid != uid) {
		user = user_count_get(uid);
		if (!user)
			return -EAGAIN;
		user_count_put(cred->user);
		cred->user = user;
		if (uid && (unsigned long)atomic_read(&user->processes) >= rlimit(RLIMIT_NPROC))
			current->flags |= PF_NPROC_EXCEEDED;
		else
			current->flags &= ~PF_NPROC_EXCEEDED;
	}
	cred->uid = uid;
	return 0;
}

/* Giving up uid 0 gives up capabilities, unless securebits say otherwise. */
static void cred_fixup_caps(struct cred *cred, const struct cred *old)
{
	bool had_root = old->uid == 0 || old->euid == 0 || old->suid == 0;
	bool has_root = cred->uid == 0 || cred->euid == 0 || cred->suid == 0;

	if (cred->securebits & SECBIT_NO_SETUID_FIXUP)
		return;
	if (had_root && !has_root) {
		if (!(cred->securebits & SECBIT_KEEP_CAPS)) {
			cred->cap_permitted = 0;
			cred->cap_effective = 0;
		}
		cred->cap_ambient = 0;
	}
	if (old->euid == 0 && cred->euid != 0)
		cred->cap_effective = 0;
	if (old->euid != 0 && cred->euid == 0)
		cred->cap_effective = cred->cap_permitted;
}

/* The three ids, INVALID_UID: stays. The file system id follows the effective one. */
static int set_uids(uid_t ruid, uid_t euid, uid_t suid)
{
	struct cred *cred = cred_prepare();
	int error;

	if (!cred)
		return -ENOMEM;
	if (ruid != INVALID_UID) {
		error = cred_set_real_uid(cred, ruid);
		if (error) {
			cred_put(cred);
			return error;
		}
	}
	if (euid != INVALID_UID)
		cred->euid = euid;
	if (suid != INVALID_UID)
		cred->suid = suid;
	cred->fsuid = cred->euid;
	cred_fixup_caps(cred, current_cred());
	cred_commit(cred);
	return 0;
}

static int set_gids(gid_t rgid, gid_t egid, gid_t sgid)
{
	struct cred *cred = cred_prepare();

	if (!cred)
		return -ENOMEM;
	if (rgid != INVALID_GID)
		cred->gid = rgid;
	if (egid != INVALID_GID)
		cred->egid = egid;
	if (sgid != INVALID_GID)
		cred->sgid = sgid;
	cred->fsgid = cred->egid;
	cred_commit(cred);
	return 0;
}

static bool owns_uid(uid_t uid)
{
	const struct cred *cred = current_cred();

	return uid == cred->uid || uid == cred->euid || uid == cred->suid;
}

static bool owns_gid(gid_t gid)
{
	const struct cred *cred = current_cred();

	return gid == cred->gid || gid == cred->egid || gid == cred->sgid;
}

SYSCALL_DEFINE3(setresuid, uid_t, ruid, uid_t, euid, uid_t, suid)
{
	if (!capable(CAP_SETUID) && ((ruid != INVALID_UID && !owns_uid(ruid)) ||
				     (euid != INVALID_UID && !owns_uid(euid)) ||
				     (suid != INVALID_UID && !owns_uid(suid))))
		return -EPERM;
	return set_uids(ruid, euid, suid);
}

SYSCALL_DEFINE3(setresgid, gid_t, rgid, gid_t, egid, gid_t, sgid)
{
	if (!capable(CAP_SETGID) && ((rgid != INVALID_GID && !owns_gid(rgid)) ||
				     (egid != INVALID_GID && !owns_gid(egid)) ||
				     (sgid != INVALID_GID && !owns_gid(sgid))))
		return -EPERM;
	return set_gids(rgid, egid, sgid);
}

/* setreuid(2) and setregid(2): the saved id follows the effective one when it or the real one is set. */
static u32 saved_id(u32 real, u32 effective, u32 old_real, u32 old_effective)
{
	if (real == INVALID_UID && (effective == INVALID_UID || effective == old_real))
		return INVALID_UID;
	return effective != INVALID_UID ? effective : old_effective;
}

SYSCALL_DEFINE2(setreuid, uid_t, ruid, uid_t, euid)
{
	const struct cred *old = current_cred();

	if (!capable(CAP_SETUID) &&
	    ((ruid != INVALID_UID && ruid != old->uid && ruid != old->euid) ||
	     (euid != INVALID_UID && !owns_uid(euid))))
		return -EPERM;
	return set_uids(ruid, euid, saved_id(ruid, euid, old->uid, old->euid));
}

SYSCALL_DEFINE2(setregid, gid_t, rgid, gid_t, egid)
{
	const struct cred *old = current_cred();

	if (!capable(CAP_SETGID) &&
	    ((rgid != INVALID_GID && rgid != old->gid && rgid != old->egid) ||
	     (egid != INVALID_GID && !owns_gid(egid))))
		return -EPERM;
	return set_gids(rgid, egid, saved_id(rgid, egid, old->gid, old->egid));
}

SYSCALL_DEFINE1(setuid, uid_t, uid)
{
	const struct cred *old = current_cred();

	if (uid == INVALID_UID)
		return -EINVAL;
	if (capable(CAP_SETUID))
		return set_uids(uid, uid, uid);
	return uid == old->uid || uid == old->suid ? set_uids(INVALID_UID, uid, INVALID_UID) : -EPERM;
}

SYSCALL_DEFINE1(setgid, gid_t, gid)
{
	const struct cred *old = current_cred();

	if (gid == INVALID_GID)
		return -EINVAL;
	if (capable(CAP_SETGID))
		return set_gids(gid, gid, gid);
	return gid == old->gid || gid == old->sgid ? set_gids(INVALID_GID, gid, INVALID_GID) : -EPERM;
}

/* Capabilities that belong to the file system identity. */
#define CAP_FS_SET (CAP_BIT(CAP_CHOWN) | CAP_BIT(CAP_DAC_OVERRIDE) | \
		    CAP_BIT(CAP_DAC_READ_SEARCH) | CAP_BIT(CAP_FOWNER) | CAP_BIT(CAP_FSETID) | \
		    CAP_BIT(CAP_LINUX_IMMUTABLE) | CAP_BIT(CAP_MKNOD) | CAP_BIT(CAP_MAC_OVERRIDE))

/* Returns the old value whatever happens: setfsuid(2) has no errors. */
SYSCALL_DEFINE1(setfsuid, uid_t, uid)
{
	uid_t old = current_fsuid();
	struct cred *cred;

	if (uid == INVALID_UID || uid == old)
		return old;
	if (!owns_uid(uid) && !capable(CAP_SETUID))
		return old;
	cred = cred_prepare();
	if (!cred)
		return old;
	cred->fsuid = uid;
	if (!(cred->securebits & SECBIT_NO_SETUID_FIXUP)) {
		if (old == 0)
			cred->cap_effective &= ~CAP_FS_SET;
		if (uid == 0)
			cred->cap_effective |= cred->cap_permitted & CAP_FS_SET;
	}
	cred_commit(cred);
	return old;
}

SYSCALL_DEFINE1(setfsgid, gid_t, gid)
{
	gid_t old = current_fsgid();
	struct cred *cred;

	if (gid == INVALID_GID || gid == old)
		return old;
	if (!owns_gid(gid) && !capable(CAP_SETGID))
		return old;
	cred = cred_prepare();
	if (!cred)
		return old;
	cred->fsgid = gid;
	cred_commit(cred);
	return old;
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

static int gid_compare(const void *a, const void *b)
{
	gid_t x = *(const gid_t *)a, y = *(const gid_t *)b;

	return x < y ? -1 : x > y;
}

SYSCALL_DEFINE2(setgroups, int, size, gid_t __user *, list)
{
	struct group_info *groups, *old;
	struct cred *cred;

	if (!capable(CAP_SETGID))
		return -EPERM;
	if ((unsigned int)size > NGROUPS_LIMIT)
		return -EINVAL;
	groups = kvmalloc(struct_size(groups, gid, (size_t)size), GFP_KERNEL);
	if (!groups)
		return -ENOMEM;
	refcount_set(&groups->refs, 1);
	groups->count = (u32)size;
	if (copy_from_user(groups->gid, list, (size_t)size * sizeof(gid_t))) {
		kvfree(groups);
		return -EFAULT;
	}
	for (int i = 0; i < size; i++) {
		if (groups->gid[i] == INVALID_GID) {
			kvfree(groups);
			return -EINVAL;
		}
	}
	sort(groups->gid, groups->count, sizeof(gid_t), gid_compare);

	cred = cred_prepare();
	if (!cred) {
		kvfree(groups);
		return -ENOMEM;
	}
	old = cred->groups;
	cred->groups = groups;
	refcount_dec(&old->refs);	/* current's own credentials still hold it */
	cred_commit(cred);
	return 0;
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
