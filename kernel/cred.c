/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Credential objects: copying, exchanging, counting per user, and the questions that
 * permission checks ask. The set*id(2) family is in cred_syscalls.c.
 */
#include <kernel/boottest.h>
#include <kernel/cred.h>
#include <kernel/panic.h>
#include <kernel/spinlock.h>
#include <kernel/task.h>
#include <linux/securebits.h>
#include <mm/mm.h>
#include <mm/slab.h>

#define USER_HASH_SIZE	64

static struct group_info no_groups = { .refs = REFCOUNT_INIT(1) };
static struct user_count root_user = {
	.refs = REFCOUNT_INIT(1),
	.processes = ATOMIC_INIT(1),
};

struct cred init_cred = {
	.refs		= REFCOUNT_INIT(1),
	.cap_permitted	= CAP_FULL_SET,
	.cap_effective	= CAP_FULL_SET,
	.cap_bset	= CAP_FULL_SET,
	.groups		= &no_groups,
	.user		= &root_user,
};

static struct kmem_cache *cred_cache __ro_after_init;

/* Leaf lock: taken with interrupts off, since references drop in any context. */
static DEFINE_SPINLOCK(user_lock);
static struct user_count *user_hash[USER_HASH_SIZE] GUARDED_BY(user_lock) = { &root_user };

static struct user_count *user_find(uid_t uid) REQUIRES(user_lock)
{
	struct user_count *user = user_hash[uid % USER_HASH_SIZE];

	while (user && user->uid != uid)
		user = user->next;
	return user;
}

struct user_count *user_count_get(uid_t uid)
{
	struct user_count *user, *fresh = NULL;
	unsigned long flags;

	for (;;) {
		spin_lock_irqsave(&user_lock, flags);
		user = user_find(uid);
		if (user) {
			refcount_inc(&user->refs);
		} else if (fresh) {
			user = fresh;
			fresh = NULL;
			user->next = user_hash[uid % USER_HASH_SIZE];
			user_hash[uid % USER_HASH_SIZE] = user;
		}
		spin_unlock_irqrestore(&user_lock, flags);
		if (user)
			break;
		fresh = kzalloc(sizeof(*fresh), GFP_KERNEL);
		if (!fresh)
			return NULL;
		refcount_set(&fresh->refs, 1);
		fresh->uid = uid;
	}
	kfree(fresh);
	return user;
}

void user_count_put(struct user_count *user)
{
	struct user_count **link;
	unsigned long flags;
	bool last;

	/* The count may reach zero only under the lock, or a finder could revive it. */
	spin_lock_irqsave(&user_lock, flags);
	last = refcount_dec_and_test(&user->refs);
	if (last) {
		link = &user_hash[user->uid % USER_HASH_SIZE];
		while (*link != user)
			link = &(*link)->next;
		*link = user->next;
	}
	spin_unlock_irqrestore(&user_lock, flags);
	if (last)
		kfree(user);
}

struct cred *cred_prepare(void)
{
	struct cred *cred = kmem_cache_alloc(cred_cache, GFP_KERNEL);

	if (!cred)
		return NULL;
	*cred = *current->cred;
	refcount_set(&cred->refs, 1);
	refcount_inc(&cred->groups->refs);
	refcount_inc(&cred->user->refs);
	return cred;
}

void cred_put(struct cred *cred)
{
	if (!refcount_dec_and_test(&cred->refs))
		return;
	if (refcount_dec_and_test(&cred->groups->refs))
		kvfree(cred->groups);
	user_count_put(cred->user);
	kmem_cache_free(cred_cache, cred);
}

void cred_commit(struct cred *cred)
{
	struct task *task = current;
	struct cred *old = task->cred;

	/* What changed hands may not be inspected by the former owner. */
	if (task->mm && (old->euid != cred->euid || old->egid != cred->egid ||
			 old->fsuid != cred->fsuid || old->fsgid != cred->fsgid ||
			 (cred->cap_permitted & ~old->cap_permitted))) {
		WRITE_ONCE(task->mm->dumpable, 0);
		task->pdeath_signal = 0;
	}
	if (old->user != cred->user) {
		atomic_inc(&cred->user->processes);
		atomic_dec(&old->user->processes);
	}
	spin_lock_irq(&task->proc->siglock);
	task->cred = cred;
	spin_unlock_irq(&task->proc->siglock);
	cred_put(old);
}

struct cred *task_cred_get(struct task *task)
{
	struct cred *cred;
	unsigned long flags;

	spin_lock_irqsave(&task->proc->siglock, flags);
	cred = cred_get(task->cred);
	spin_unlock_irqrestore(&task->proc->siglock, flags);
	return cred;
}

bool capable(int cap)
{
	return cap >= 0 && cap <= CAP_LAST_CAP && cred_capable(current_cred(), cap);
}

bool groups_contain(const struct group_info *groups, gid_t gid)
{
	u32 low = 0, high = groups->count;

	while (low < high) {
		u32 middle = low + (high - low) / 2;

		if (groups->gid[middle] == gid)
			return true;
		if (groups->gid[middle] < gid)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

bool in_group(gid_t gid)
{
	const struct cred *cred = current_cred();

	return cred->fsgid == gid || groups_contain(cred->groups, gid);
}

bool in_egroup(gid_t gid)
{
	const struct cred *cred = current_cred();

	return cred->egid == gid || groups_contain(cred->groups, gid);
}

/* capabilities(7), "Transformation of capabilities during execve()", without file caps. */
static void cred_exec_caps(struct cred *cred, const struct cred *old, bool set_id)
{
	bool root_rules = !(cred->securebits & SECBIT_NOROOT);
	cap_set_t file_permitted = 0;
	bool file_effective = false;

	if (root_rules && (cred->euid == 0 || cred->uid == 0)) {
		file_permitted = CAP_FULL_SET;
		file_effective = cred->euid == 0;
	}
	if (set_id)
		cred->cap_ambient = 0;
	cred->cap_permitted = (file_permitted & (cred->cap_bset | old->cap_inheritable)) |
			      cred->cap_ambient;
	cred->cap_effective = file_effective ? cred->cap_permitted : cred->cap_ambient;
	cred->securebits &= ~(u32)SECBIT_KEEP_CAPS;
}

struct cred *cred_for_exec(uid_t file_uid, gid_t file_gid, u32 mode, bool nosuid, bool *secure)
{
	const struct cred *old = current_cred();
	struct cred *cred;
	bool set_id = false;

	*secure = false;
	cred = cred_prepare();
	if (!cred)
		return NULL;
	if (!nosuid && !current->no_new_privs) {
		if (mode & 04000) {
			cred->euid = file_uid;
			set_id |= file_uid != old->uid;
		}
		/* setgid without group execute is a mandatory-locking mark. */
		if ((mode & 02010) == 02010) {
			cred->egid = file_gid;
			set_id |= file_gid != old->gid;
		}
	}
	cred_exec_caps(cred, old, set_id);
	cred->suid = cred->fsuid = cred->euid;
	cred->sgid = cred->fsgid = cred->egid;
	*secure = cred->euid != cred->uid || cred->egid != cred->gid ||
		  (cred->uid != 0 && (cred->cap_permitted & ~cred->cap_ambient));
	return cred;
}

void cred_init(void)
{
	cred_cache = KMEM_CACHE(cred);
	if (!cred_cache)
		panic("cred: no memory for the cache");
}

/* Are all of task's ids these, has it no more capabilities, and is it dumpable? Or CAP_SYS_PTRACE. */
static bool may_access(struct task *task, uid_t uid, gid_t gid)
{
	struct cred *cred;
	struct mm *mm;
	bool same, dumpable = true;

	if (task->proc == current->proc)
		return true;
	cred = task_cred_get(task);
	same = uid == cred->euid && uid == cred->suid && uid == cred->uid &&
	       gid == cred->egid && gid == cred->sgid && gid == cred->gid &&
	       !(cred->cap_permitted & ~current_cred()->cap_permitted);
	cred_put(cred);
	mm = task_mm_get(task);
	if (mm) {
		dumpable = READ_ONCE(mm->dumpable) == 1;
		mm_put(mm);
	}
	return (same && dumpable) || capable(CAP_SYS_PTRACE);
}

int task_may_attach(struct task *task)
{
	return may_access(task, current_uid(), current_cred()->gid) ? 0 : -EPERM;
}

int task_may_look(struct task *task)
{
	return may_access(task, current_fsuid(), current_fsgid()) ? 0 : -EACCES;
}

BOOT_TEST(cred, copy_is_private)
{
	struct cred *cred = cred_prepare();
	int users;

	bt_assert(cred);
	bt_expect(cred != current->cred);
	bt_expect_eq(cred->uid, current_uid());
	cred->euid = 4711;
	bt_expect(current_euid() != 4711);
	users = refcount_read(&current->cred->user->refs);
	cred_put(cred);
	bt_expect_eq(refcount_read(&current->cred->user->refs), users - 1);
}

BOOT_TEST(cred, exec_of_setuid_file)
{
	bool secure;
	struct cred *cred = cred_for_exec(1000, 100, 0106755, false, &secure);

	bt_assert(cred);
	bt_expect_eq(cred->euid, 1000);
	bt_expect_eq(cred->suid, 1000);
	bt_expect_eq(cred->fsuid, 1000);
	bt_expect_eq(cred->egid, 100);
	bt_expect_eq(cred->uid, current_uid());
	bt_expect(secure);
	bt_expect_eq(cred->cap_effective, 0);
	cred_put(cred);

	cred = cred_for_exec(1000, 100, 0106755, true, &secure);
	bt_assert(cred);
	bt_expect_eq(cred->euid, current_euid());
	bt_expect(!secure);
	bt_expect_eq(cred->cap_effective, CAP_FULL_SET);
	cred_put(cred);

	/* Without group execute the setgid bit means something else. */
	cred = cred_for_exec(1000, 100, 0102745, false, &secure);
	bt_assert(cred);
	bt_expect_eq(cred->egid, current_cred()->egid);
	cred_put(cred);
}

BOOT_TEST(cred, no_new_privs_hold)
{
	bool saved = current->no_new_privs, secure = true;
	struct cred *cred;

	current->no_new_privs = true;
	cred = cred_for_exec(1000, 100, 0106755, false, &secure);
	current->no_new_privs = saved;
	bt_assert(cred);
	bt_expect_eq(cred->euid, current_cred()->euid);
	bt_expect_eq(cred->egid, current_cred()->egid);
	bt_expect(!secure);
	cred_put(cred);
}

BOOT_TEST(cred, groups_search)
{
	struct group_info *groups = kzalloc(struct_size(groups, gid, 5), GFP_KERNEL);

	bt_assert(groups);
	groups->count = 5;
	for (u32 i = 0; i < 5; i++)
		groups->gid[i] = 10 * i;
	for (u32 i = 0; i < 50; i++)
		bt_expect_eq(groups_contain(groups, i), i % 10 == 0);
	bt_expect(!groups_contain(groups, 50));
	groups->count = 0;
	bt_expect(!groups_contain(groups, 0));
	kfree(groups);
}

BOOT_TEST(cred, user_counts_are_shared)
{
	struct user_count *a = user_count_get(70001), *b = user_count_get(70001);
	struct user_count *c = user_count_get(70001 + USER_HASH_SIZE);

	bt_assert(a && b && c);
	bt_expect(a == b);
	bt_expect(a != c);
	bt_expect_eq(refcount_read(&a->refs), 2);
	user_count_put(a);
	user_count_put(b);
	user_count_put(c);
	a = user_count_get(70001);
	bt_assert(a);
	bt_expect_eq(refcount_read(&a->refs), 1);
	user_count_put(a);
}
