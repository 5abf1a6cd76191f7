/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls by which a task becomes somebody else: the set*id family and setgroups. Rules and
 * errno as credentials(7), setresuid(2).
 */
#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <lib/sort.h>
#include <linux/securebits.h>
#include <mm/slab.h>

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
