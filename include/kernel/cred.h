/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_CRED_H
#define KERNEL_CRED_H

/*
 * Credentials: who a task is and what it may do.
 *
 * A struct cred never changes once a task uses it: a change makes a copy
 * (cred_prepare), edits it and swaps the pointer (cred_commit). So the owner may read
 * its own without a lock, and a file that keeps a reference keeps what was true when
 * it was opened. Another task's pointer is read with task_cred_get().
 *
 * There are no user namespaces: uids and gids are plain numbers.
 */
#include <lib/types.h>
#include <arch/atomic.h>
#include <linux/capability.h>

struct task;

#define INVALID_UID	((uid_t)-1)
#define INVALID_GID	((gid_t)-1)
#define NGROUPS_LIMIT	65536

typedef u64 cap_set_t;			/* bit N is capability N */
#define CAP_FULL_SET	((1ULL << (CAP_LAST_CAP + 1)) - 1)
#define CAP_BIT(c)	(1ULL << (c))

/* Supplementary groups, sorted ascending; never changes after it is published. */
struct group_info {
	refcount_t	refs;
	u32		count;
	gid_t		gid[];
};

struct cred {
	refcount_t	refs;
	uid_t		uid, euid, suid, fsuid;
	gid_t		gid, egid, sgid, fsgid;
	u32		securebits;
	cap_set_t	cap_inheritable, cap_permitted, cap_effective;
	cap_set_t	cap_bset, cap_ambient;
	struct group_info *groups;
	struct user_count *user;	/* counts of the real uid, see user_count_get() */
};

/*
 * What one real uid uses: RLIMIT_NPROC counts tasks, RLIMIT_SIGPENDING queued signals.
 * Reference counted; freed when the last cred of that uid goes.
 */
struct user_count {
	struct user_count *next;	/* hash chain */
	refcount_t	refs;
	uid_t		uid;
	atomic_t	processes;
	atomic_t	sigpending;
	atomic_t	inotify_instances, inotify_watches;
	atomic64_t	shm_locked;	/* pages of segments under SHM_LOCK */
	atomic64_t	mq_bytes;	/* what its message queues may hold: RLIMIT_MSGQUEUE */
};

extern struct cred init_cred;

void cred_init(void);

/* A private copy of current's credentials to edit, or NULL (-ENOMEM). May sleep. */
struct cred *cred_prepare(void);
/* Makes `cred` current's; takes over the caller's reference. Sets dumpable as Linux does. */
void cred_commit(struct cred *cred);
/* Drops a copy that was not committed, or any reference. Any context but NMI. */
void cred_put(struct cred *cred);
static inline struct cred *cred_get(struct cred *cred)
{
	refcount_inc(&cred->refs);
	return cred;
}
/* A reference on another task's credentials; takes its process's siglock. */
struct cred *task_cred_get(struct task *task);

struct user_count *user_count_get(uid_t uid);	/* NULL when out of memory */
void user_count_put(struct user_count *user);

/* Does `cred` have effective capability `cap`? */
static inline bool cred_capable(const struct cred *cred, int cap)
{
	return (cred->cap_effective & CAP_BIT(cap)) != 0;
}

/* Does current have effective capability `cap` (CAP_SYS_ADMIN, ...)? */
bool capable(int cap);
/* Is `gid` current's fsgid or one of its groups? (file permission checks) */
bool in_group(gid_t gid);
/* The same with the effective gid. */
bool in_egroup(gid_t gid);
bool groups_contain(const struct group_info *groups, gid_t gid);

/*
 * The new credentials of execve(2) of a file with these owner and mode bits, with
 * capabilities recomputed; *secure becomes AT_SECURE. NULL when out of memory.
 * `nosuid`: the mount forbids set-id bits.
 */
struct cred *cred_for_exec(uid_t file_uid, gid_t file_gid, u32 mode, bool nosuid, bool *secure);

/*
 * ptrace(2)'s rule for looking into (or attaching to) another task: one's own process, or
 * the real ids equal all of its ids and it is dumpable, or CAP_SYS_PTRACE. 0 or -EPERM.
 */
int task_may_attach(struct task *task);
/* The same for files of /proc, by the file system ids. 0 or -EACCES. */
int task_may_look(struct task *task);

#define current_cred()	((const struct cred *)current->cred)
#define current_uid()	(current->cred->uid)
#define current_gid()	(current->cred->gid)
#define current_euid()	(current->cred->euid)
#define current_egid()	(current->cred->egid)
#define current_fsuid()	(current->cred->fsuid)
#define current_fsgid()	(current->cred->fsgid)

#endif
