/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The dentry cache: names below directories, by hash, with a list of the unused ones.
 *
 * A dentry is alive while d_count >= 0. Everybody who finds one through the hash or a
 * child list takes a reference with dget_live(), which fails once d_count was moved from
 * 0 to DEAD; that move happens only under d_lock and decides who frees. A positive
 * dentry keeps its inode until it dies, so a counted positive dentry is enough to use
 * d_inode without a lock. A removed name is unhashed, never made negative.
 *
 * Path walks peek (<kernel/peek.h>): they read the hash without the bucket's lock and take
 * no reference on the way. So a dentry changes its name or parent, and is freed, only
 * unhashed and after peek_wait(). Its inode goes after that, too.
 *
 * The LRU is lazy: a dentry that is used again stays on it, and the shrinker drops it
 * from the list when it finds it in use.
 */
#include <fs/fs.h>
#include <fs/notify.h>
#include <lib/string.h>
#include <mm/page.h>
#include <mm/slab.h>
#include <kernel/panic.h>
#include "dcache.h"
#include "internal.h"

#define DEAD         (-128)
#define BUCKET_LOCKS 64

static struct kmem_cache *dentry_cache;
struct hlist_head *dentry_buckets;
u32 dentry_bucket_bits;
static spinlock_t bucket_locks[BUCKET_LOCKS];

DEFINE_SPINLOCK(d_move_lock);

static DEFINE_SPINLOCK(lru_lock);
static struct list_head lru_list = LIST_HEAD_INIT(lru_list);   /* oldest first */
static unsigned long lru_count, lru_limit;
static u64 nr_dentries;         /* for /proc/sys/fs/dentry-state */

static __always_inline spinlock_t *bucket_lock(u32 bucket)
{
	return &bucket_locks[bucket % BUCKET_LOCKS];
}

static __always_inline bool get_live(struct dentry *dentry)
{
	int c = __atomic_load_n(&dentry->d_count.counter, __ATOMIC_RELAXED);

	while (likely(c >= 0))
		if (likely(__atomic_compare_exchange_n(&dentry->d_count.counter, &c, c + 1, true,
						       __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)))
			return true;
	return false;
}

bool dget_live(struct dentry *dentry)
{
	return get_live(dentry);
}

struct dentry *dget_parent(struct dentry *dentry)
{
	struct dentry *parent;

	spin_lock(&d_move_lock);
	parent = dget(dentry->d_parent);
	spin_unlock(&d_move_lock);
	return parent;
}

/* ---- allocation ---- */

static struct dentry *dentry_new(struct super *sb, const struct qstr *name)
{
	struct dentry *d = kmem_cache_alloc(dentry_cache, GFP_KERNEL);
	char *text;

	if (unlikely(!d))
		return NULL;
	text = d->d_iname;
	if (unlikely(name->len >= DNAME_INLINE)) {
		text = kmalloc(name->len + 1, GFP_KERNEL);
		if (!text) {
			kmem_cache_free(dentry_cache, d);
			return NULL;
		}
	}
	__atomic_fetch_add(&nr_dentries, 1, __ATOMIC_RELAXED);
	memcpy(text, name->name, name->len);
	text[name->len] = '\0';
	atomic_set(&d->d_count, 1);
	d->d_flags = 0;
	INIT_HLIST_NODE(&d->d_hash);
	d->d_parent = d;
	d->d_name = (struct qstr){ .name = text, .len = name->len, .hash = name->hash };
	d->d_inode = NULL;
	spin_lock_init(&d->d_lock);
	d->d_sb = sb;
	d->d_op = sb ? sb->s_d_op : NULL;
	if (d->d_op && d->d_op->revalidate)
		d->d_flags |= DCACHE_REVALIDATE;
	d->d_fsdata = NULL;
	d->d_cookie = 0;
	d->d_next_cookie = 2;
	INIT_LIST_HEAD(&d->d_lru);
	INIT_LIST_HEAD(&d->d_child);
	INIT_LIST_HEAD(&d->d_subdirs);
	return d;
}

struct dentry *d_alloc(struct dentry *parent, const struct qstr *name)
{
	struct dentry *d = dentry_new(parent->d_sb, name);

	if (!d)
		return NULL;
	d->d_parent = dget(parent);
	spin_lock(&parent->d_lock);
	d->d_cookie = parent->d_next_cookie++;
	list_add_tail(&d->d_child, &parent->d_subdirs);
	spin_unlock(&parent->d_lock);
	return d;
}

struct dentry *d_alloc_name(struct dentry *parent, const char *name)
{
	struct qstr q = QSTR_INIT(name, (u32)strlen(name));

	return d_alloc(parent, &q);
}

struct dentry *d_alloc_pseudo(struct super *sb, const char *name)
{
	struct qstr q = { .name = name, .len = (u32)strlen(name), .hash = 0 };
	struct dentry *d = dentry_new(sb, &q);

	if (d)
		d->d_flags |= DCACHE_DISCONNECTED | DCACHE_DONTCACHE;
	return d;
}

struct dentry *d_make_root(struct inode *inode)
{
	struct qstr q = { .name = "/", .len = 1, .hash = 0 };
	struct dentry *d;

	if (!inode)
		return NULL;
	d = dentry_new(inode->i_sb, &q);
	if (!d) {
		inode_put(inode);
		return NULL;
	}
	d->d_inode = inode;
	return d;
}

/* ---- hash ---- */

static void dentry_hash(struct dentry *d)
{
	u32 b = bucket_of(d->d_parent, d->d_name.hash);

	smp_wmb();              /* who peeks sees all of it */
	spin_lock(bucket_lock(b));
	hlist_add_head(&d->d_hash, &dentry_buckets[b]);
	spin_unlock(bucket_lock(b));
}

/* d_lock held, or d is dead or private to the caller. */
static void dentry_unhash(struct dentry *d)
{
	u32 b;

	if (!(d->d_flags & DCACHE_HASHED))
		return;
	b = bucket_of(d->d_parent, d->d_name.hash);
	spin_lock(bucket_lock(b));
	hlist_del_init(&d->d_hash);
	spin_unlock(bucket_lock(b));
	d->d_flags &= ~DCACHE_HASHED;
}

struct dentry *d_lookup_fast(struct dentry *parent, const struct qstr *name)
{
	u32 b = bucket_of(parent, name->hash);
	spinlock_t *lock = bucket_lock(b);
	struct dentry *d;

	spin_lock(lock);
	hlist_for_each_entry(d, &dentry_buckets[b], d_hash)
		if (dentry_is(d, parent, name) && likely(get_live(d)))
			break;
	spin_unlock(lock);
	return d;
}

struct dentry *d_lookup(struct dentry *parent, const struct qstr *name)
{
	return d_lookup_fast(parent, name);
}

void d_add(struct dentry *dentry, struct inode *inode)
{
	smp_store_release(&dentry->d_inode, inode);
	spin_lock(&dentry->d_lock);
	dentry->d_flags |= DCACHE_HASHED;
	spin_unlock(&dentry->d_lock);
	dentry_hash(dentry);
}

void d_instantiate(struct dentry *dentry, struct inode *inode)
{
	BUG_ON(dentry->d_inode);
	smp_store_release(&dentry->d_inode, inode);
}

void d_instantiate_persist(struct dentry *dentry, struct inode *inode)
{
	dget(dentry);
	spin_lock(&dentry->d_lock);
	dentry->d_flags |= DCACHE_PERSIST;
	spin_unlock(&dentry->d_lock);
	d_instantiate(dentry, inode);
}

void d_drop(struct dentry *dentry)
{
	spin_lock(&dentry->d_lock);
	dentry_unhash(dentry);
	spin_unlock(&dentry->d_lock);
}

void d_delete(struct dentry *dentry)
{
	bool persist;

	spin_lock(&dentry->d_lock);
	dentry_unhash(dentry);
	persist = dentry->d_flags & DCACHE_PERSIST;
	dentry->d_flags &= ~DCACHE_PERSIST;
	spin_unlock(&dentry->d_lock);
	if (persist)
		dput(dentry);
}

/* ---- death ---- */

/* d is DEAD and nobody holds its d_lock. Returns the parent, whose reference d held. */
static struct dentry *dentry_free_dead(struct dentry *d)
{
	struct dentry *parent = d->d_parent;

	if (d->d_flags & DCACHE_LRU) {
		spin_lock(&lru_lock);
		list_del_init(&d->d_lru);
		lru_count--;
		spin_unlock(&lru_lock);
	}
	dentry_unhash(d);
	if (!(d->d_flags & DCACHE_DISCONNECTED))
		peek_wait();
	if (parent != d) {
		spin_lock(&parent->d_lock);
		list_del_init(&d->d_child);
		spin_unlock(&parent->d_lock);
	}
	if (d->d_op && d->d_op->release)
		d->d_op->release(d);
	if (d->d_inode && !d->d_inode->i_nlink)
		notify_inode_gone(d->d_inode);
	inode_put(d->d_inode);
	if (d->d_name.name != d->d_iname)
		kfree(d->d_name.name);
	kmem_cache_free(dentry_cache, d);
	__atomic_fetch_sub(&nr_dentries, 1, __ATOMIC_RELAXED);
	return parent == d ? NULL : parent;
}

u64 dentries_count(u64 *unused)
{
	*unused = READ_ONCE(lru_count);
	return __atomic_load_n(&nr_dentries, __ATOMIC_RELAXED);
}

/*
 * The reference goes from 1 to 0, under d_lock. True if the dentry is dead now and
 * the caller has to free it. Unlocks.
 */
static bool dentry_retire(struct dentry *d, bool *crowded)
{
	bool keep;

	spin_lock(&d->d_lock);
	if (!atomic_dec_and_test(&d->d_count)) {
		spin_unlock(&d->d_lock);
		return false;
	}
	keep = (d->d_flags & (DCACHE_HASHED | DCACHE_DONTCACHE)) == DCACHE_HASHED &&
	       !(d->d_op && d->d_op->delete && d->d_op->delete(d));
	if (keep && !(d->d_flags & DCACHE_LRU)) {
		d->d_flags |= DCACHE_LRU;
		spin_lock(&lru_lock);
		list_add_tail(&d->d_lru, &lru_list);
		*crowded = ++lru_count > lru_limit;
		spin_unlock(&lru_lock);
	}
	if (!keep)
		keep = atomic_cmpxchg(&d->d_count, 0, DEAD) != 0;
	spin_unlock(&d->d_lock);
	return !keep;
}

void dput_last(struct dentry *dentry)
{
	bool crowded = false;

	while (dentry) {
		int c = atomic_read(&dentry->d_count);

		while (c > 1) {
			int was = atomic_cmpxchg(&dentry->d_count, c, c - 1);

			if (likely(was == c))
				return;
			c = was;
		}
		if (!dentry_retire(dentry, &crowded))
			break;
		dentry = dentry_free_dead(dentry);
	}
	if (unlikely(crowded))
		dcache_shrink(64);
}

/* Takes the oldest unused dentry off the LRU and kills it; NULL when there is none. */
static struct dentry *lru_take(unsigned long *scan)
{
	struct dentry *d;

	spin_lock(&lru_lock);
	while (*scan && !list_empty(&lru_list)) {
		(*scan)--;
		d = list_first_entry(&lru_list, struct dentry, d_lru);
		if (!spin_trylock(&d->d_lock)) {      /* order is d_lock, then lru_lock */
			list_move_tail(&d->d_lru, &lru_list);
			continue;
		}
		/* A dying one takes itself off. */
		if (atomic_read(&d->d_count) < 0) {
			list_move_tail(&d->d_lru, &lru_list);
			spin_unlock(&d->d_lock);
			continue;
		}
		list_del_init(&d->d_lru);
		lru_count--;
		d->d_flags &= ~DCACHE_LRU;
		if (atomic_cmpxchg(&d->d_count, 0, DEAD) != 0) {
			spin_unlock(&d->d_lock);
			continue;
		}
		spin_unlock(&d->d_lock);
		spin_unlock(&lru_lock);
		return d;
	}
	spin_unlock(&lru_lock);
	return NULL;
}

unsigned long dcache_shrink(unsigned long count)
{
	unsigned long freed = 0, scan = count * 4;
	struct dentry *d;

	while (freed < count && (d = lru_take(&scan))) {
		dput(dentry_free_dead(d));
		freed++;
	}
	return freed;
}

/* A counted child that may be freed when it is put: unused or leading to such. */
static struct dentry *first_unused_child(struct dentry *parent)
{
	struct dentry *d, *found = NULL;

	spin_lock(&parent->d_lock);
	list_for_each_entry(d, &parent->d_subdirs, d_child) {
		if (atomic_read(&d->d_count) == 0 && dget_live(d)) {
			found = d;
			break;
		}
	}
	spin_unlock(&parent->d_lock);
	return found;
}

void d_shrink_subtree(struct dentry *dentry)
{
	struct dentry *d = dget(dentry), *child;

	/* An unused child has no children in use, but may have unused ones: none, since a
	 * child counts its parent. So one level is all there is below each used dentry. */
	while ((child = first_unused_child(d))) {
		d_drop(child);
		dput(child);
	}
	dput(d);
}

/* Drops persistent references below root, deepest first, without recursion. */
void d_shutdown(struct dentry *root)
{
	struct dentry *d = dget(root), *child, *up;
	bool dying;

	for (;;) {
		spin_lock(&d->d_lock);
		child = list_first_entry_or_null(&d->d_subdirs, struct dentry, d_child);
		dying = child && !dget_live(child);
		spin_unlock(&d->d_lock);
		if (dying) {            /* its killer will take it off the list */
			cond_resched();
			continue;
		}
		if (child) {
			dput(d);
			d = child;
			continue;
		}
		if (d == root)
			break;
		up = dget(d->d_parent);
		d_delete(d);
		/* Somebody leaked a reference: take it off the list to end the walk. */
		if (atomic_read(&d->d_count) > 1) {
			spin_lock(&up->d_lock);
			list_del_init(&d->d_child);
			spin_unlock(&up->d_lock);
		}
		dput(d);
		d = up;
	}
	dput(root);
}

/* ---- renames ---- */

bool d_is_ancestor(const struct dentry *a, const struct dentry *b)
{
	bool yes = false;

	spin_lock(&d_move_lock);
	for (;;) {
		if (a == b) {
			yes = true;
			break;
		}
		if (b->d_parent == b)
			break;
		b = b->d_parent;
	}
	spin_unlock(&d_move_lock);
	return yes;
}

/* Both with the same name storage rules: inline text is copied, heap text swapped. */
static void name_swap(struct dentry *a, struct dentry *b)
{
	char tmp[DNAME_INLINE];
	bool a_in = a->d_name.name == a->d_iname, b_in = b->d_name.name == b->d_iname;

	memcpy(tmp, a->d_iname, DNAME_INLINE);
	memcpy(a->d_iname, b->d_iname, DNAME_INLINE);
	memcpy(b->d_iname, tmp, DNAME_INLINE);
	swap(a->d_name, b->d_name);
	if (b_in)
		a->d_name.name = a->d_iname;
	if (a_in)
		b->d_name.name = b->d_iname;
}

/* Puts d at the end of its (new) parent's children. d_move_lock held. */
static void child_relink(struct dentry *d, struct dentry *from)
{
	if (from == d->d_parent)
		return;
	spin_lock(&from->d_lock);
	list_del_init(&d->d_child);
	spin_unlock(&from->d_lock);
	spin_lock(&d->d_parent->d_lock);
	d->d_cookie = d->d_parent->d_next_cookie++;
	list_add_tail(&d->d_child, &d->d_parent->d_subdirs);
	spin_unlock(&d->d_parent->d_lock);
}

/* Swaps names and parents of a and b; rehashes those that were hashed. */
static void dentry_swap(struct dentry *a, struct dentry *b, bool hash_a, bool hash_b)
{
	struct dentry *pa, *pb;

	spin_lock(&d_move_lock);
	d_drop(a);
	d_drop(b);
	peek_wait();            /* who found them by the old names has read those */
	pa = a->d_parent;
	pb = b->d_parent;
	name_swap(a, b);
	a->d_parent = pb;
	b->d_parent = pa;
	child_relink(a, pa);
	child_relink(b, pb);
	if (hash_a) {
		a->d_flags |= DCACHE_HASHED;
		dentry_hash(a);
	}
	if (hash_b) {
		b->d_flags |= DCACHE_HASHED;
		dentry_hash(b);
	}
	spin_unlock(&d_move_lock);
}

/*
 * dentry takes target's place. Target ends up unhashed under dentry's old name, with
 * the reference of the entry dropped.
 */
void d_move(struct dentry *dentry, struct dentry *target)
{
	dentry_swap(dentry, target, true, false);
	d_delete(target);
}

void d_exchange(struct dentry *a, struct dentry *b)
{
	dentry_swap(a, b, true, true);
}

void __init dcache_init(void)
{
	u32 i;

	dentry_bucket_bits = 8;
	while (dentry_bucket_bits < 17 && (4ul << dentry_bucket_bits) < totalram_pages)
		dentry_bucket_bits++;
	dentry_buckets = kvzalloc(sizeof(*dentry_buckets) << dentry_bucket_bits, GFP_KERNEL);
	dentry_cache = kmem_cache_create("dentry", sizeof(struct dentry), 64, NULL);
	if (!dentry_buckets || !dentry_cache)
		panic("fs: no memory for the dentry cache (%u buckets)", 1u << dentry_bucket_bits);
	for (i = 0; i < BUCKET_LOCKS; i++)
		spin_lock_init(&bucket_locks[i]);
	lru_limit = totalram_pages / 2;
}
