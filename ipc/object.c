/* SPDX-License-Identifier: BSD-2-Clause */
/* IPC objects: ids, keys, permissions. The contract is in object.h, the rules in sysvipc(7). */
#include <kernel/cred.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <lib/err.h>
#include <lib/hash.h>
#include <linux/stat.h>
#include "object.h"

/* Slots are used in turn among at least so many, so that a seq lasts long. */
#define MIN_CYCLE 64

long ipc_now(void)
{
	return (long)(ktime_get_real() / NSEC_PER_SEC);
}

void ipc_object_init(struct ipc_object *obj, int flags)
{
	spin_lock_init(&obj->lock);
	refcount_set(&obj->refs, 1);
	obj->uid = obj->cuid = current_euid();
	obj->gid = obj->cgid = current_egid();
	obj->mode = (umode_t)(flags & (S_IRWXU | S_IRWXG | S_IRWXO));
}

void ipc_put(struct ipc_table *table, struct ipc_object *obj)
{
	if (refcount_dec_and_test(&obj->refs))
		table->destroy(obj);
}

/* ---- finding ---- */

static struct hlist_head *bucket(struct ipc_table *table, __kernel_key_t key)
{
	return &table->by_key[hash_32((u32)key, IPC_BUCKET_BITS)];
}

static struct ipc_object *find_key(struct ipc_table *table, __kernel_key_t key)
	REQUIRES(table->lock)
{
	struct ipc_object *obj;

	hlist_for_each_entry(obj, bucket(table, key), hash)
		if (obj->key == key)
			return obj;
	return NULL;
}

struct ipc_object *ipc_find_slot(struct ipc_table *table, int id)
{
	struct ipc_object *obj;

	if (id < 0)
		return NULL;
	spin_lock(&table->lock);
	obj = idr_find(&table->idr, (u32)id % IPC_SLOTS);
	if (obj)
		refcount_inc(&obj->refs);
	spin_unlock(&table->lock);
	return obj;
}

struct ipc_object *ipc_find(struct ipc_table *table, int id)
{
	struct ipc_object *obj = ipc_find_slot(table, id);

	if (!obj || likely(obj->id == id))
		return obj;
	ipc_put(table, obj);
	return NULL;
}

struct ipc_object *ipc_next(struct ipc_table *table, u64 *slot)
{
	struct ipc_object *obj;

	spin_lock(&table->lock);
	obj = xa_find(&table->idr.xa, slot, IPC_SLOTS - 1);
	if (obj)
		refcount_inc(&obj->refs);
	spin_unlock(&table->lock);
	return obj;
}

int ipc_top_slot(struct ipc_table *table)
{
	struct ipc_object *obj;
	u64 slot;
	int top = 0;

	spin_lock(&table->lock);
	idr_for_each_entry(&table->idr, obj, slot)
		top = (int)slot;
	spin_unlock(&table->lock);
	return top;
}

/* ---- making and removing ---- */

static int add(struct ipc_table *table, struct ipc_object *obj, __kernel_key_t key)
	REQUIRES(table->lock)
{
	int slot;

	if (table->count >= min(READ_ONCE(*table->max), IPC_SLOTS))
		return -ENOSPC;
	slot = idr_alloc_cyclic(&table->idr, obj, 0,
				(u32)min(max(table->count * 3 / 2, MIN_CYCLE), IPC_SLOTS));
	if (slot < 0)
		return slot;
	if (slot <= table->last_slot)
		table->seq = (table->seq + 1) % (INT_MAX / IPC_SLOTS);
	table->last_slot = slot;
	table->count++;
	obj->seq = (u16)table->seq;
	obj->id = (int)(table->seq * IPC_SLOTS) + slot;
	obj->key = key;
	if (key != IPC_PRIVATE)
		hlist_add_head(&obj->hash, bucket(table, key));
	return obj->id;
}

void ipc_forget_key(struct ipc_table *table, struct ipc_object *obj)
{
	spin_lock(&table->lock);
	if (obj->key != IPC_PRIVATE)
		hlist_del(&obj->hash);
	obj->key = IPC_PRIVATE;
	spin_unlock(&table->lock);
}

void ipc_remove(struct ipc_table *table, struct ipc_object *obj)
{
	ipc_forget_key(table, obj);
	spin_lock(&table->lock);
	idr_remove(&table->idr, (u32)obj->id % IPC_SLOTS);
	table->count--;
	spin_unlock(&table->lock);
	obj->dead = true;
}

/* Somebody asks for a key that exists; takes over the reference. */
static long get_present(struct ipc_table *table, struct ipc_object *obj, int flags, size_t arg)
{
	long ret = obj->id;

	if ((flags & (IPC_CREAT | IPC_EXCL)) == (IPC_CREAT | IPC_EXCL)) {
		ret = -EEXIST;
	} else {
		int err = table->check(obj, arg);

		spin_lock(&obj->lock);
		if (!err)
			err = ipc_permission(obj, flags);
		spin_unlock(&obj->lock);
		if (err)
			ret = err;
	}
	ipc_put(table, obj);
	return ret;
}

long ipc_get(struct ipc_table *table, __kernel_key_t key, int flags, size_t arg)
{
	struct ipc_object *obj, *fresh = NULL;
	long ret = 0;

	/* Made outside of the lock; by then the key may have come to be. */
	for (;;) {
		spin_lock(&table->lock);
		obj = key == IPC_PRIVATE ? NULL : find_key(table, key);
		if (obj)
			refcount_inc(&obj->refs);
		else if (fresh)
			ret = add(table, fresh, key);
		spin_unlock(&table->lock);
		if (obj || fresh)
			break;
		if (key != IPC_PRIVATE && !(flags & IPC_CREAT))
			return -ENOENT;
		fresh = table->create(key, flags, arg);
		if (IS_ERR(fresh))
			return PTR_ERR(fresh);
	}
	if (fresh && (obj || ret < 0))
		ipc_put(table, fresh);
	return obj ? get_present(table, obj, flags, arg) : ret;
}

/* ---- permissions ---- */

int ipc_permission(const struct ipc_object *obj, int want)
{
	int asked = (want >> 6) | (want >> 3) | want, granted = obj->mode;
	uid_t euid = current_euid();

	if (euid == obj->cuid || euid == obj->uid)
		granted >>= 6;
	else if (in_egroup(obj->cgid) || in_egroup(obj->gid))
		granted >>= 3;
	return (asked & ~granted & 7) && !capable(CAP_IPC_OWNER) ? -EACCES : 0;
}

int ipc_owner(const struct ipc_object *obj)
{
	uid_t euid = current_euid();

	return euid == obj->cuid || euid == obj->uid || capable(CAP_SYS_ADMIN) ? 0 : -EPERM;
}

int ipc_set_perm(struct ipc_object *obj, const struct ipc64_perm *in)
{
	if (in->uid == INVALID_UID || in->gid == INVALID_GID)
		return -EINVAL;
	obj->uid = in->uid;
	obj->gid = in->gid;
	obj->mode = (umode_t)((obj->mode & ~0777) | (in->mode & 0777));
	return 0;
}

void ipc_get_perm(const struct ipc_object *obj, struct ipc64_perm *out)
{
	out->key = READ_ONCE(obj->key);
	out->uid = obj->uid;
	out->gid = obj->gid;
	out->cuid = obj->cuid;
	out->cgid = obj->cgid;
	out->mode = obj->mode;
	out->seq = obj->seq;
}
