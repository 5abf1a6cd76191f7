/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Futexes: the hash of sleepers, waiting, waking, moving from one word to another. The
 * system call and robust lists are in futex_syscalls.c.
 *
 * A waiter queues itself under the bucket's lock after it has seen the expected value
 * under that same lock; a waker changes the word before it takes the lock. So either the
 * waiter sees the new value, or the waker sees the waiter.
 */
#include <arch/uaccess.h>
#include <kernel/boottest.h>
#include <kernel/init.h>
#include <kernel/sched.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <lib/hash.h>
#include <lib/list.h>
#include <linux/futex.h>
#include <mm/mm.h>
#include <mm/page.h>
#include "futex_internal.h"

#define FUTEX_HASH_BITS	8

static struct futex_bucket buckets[1 << FUTEX_HASH_BITS];

struct futex_bucket *futex_bucket(const struct futex_key *key)
{
	u64 word = (u64)(unsigned long)key->object + (key->offset >> 2) * 0x9e3779b97f4a7c15ULL;

	return &buckets[hash_64(word, FUTEX_HASH_BITS)];
}

bool futex_key_equal(const struct futex_key *a, const struct futex_key *b)
{
	return a->object == b->object && a->offset == b->offset;
}

int futex_key_get(u32 __user *uaddr, bool shared, bool write, struct futex_key *key)
{
	struct page *page;
	int error;

	if ((u64)uaddr % sizeof(u32))
		return -EINVAL;
	if (!access_ok(uaddr, sizeof(u32)))
		return -EFAULT;
	key->object = current->mm;
	key->offset = (u64)uaddr;
	if (!shared)
		return 0;
	error = mm_shared_key(current->mm, (vaddr_t)uaddr, write, &page);
	if (error || !page)
		return error;
	/* Only compared, never followed: it may outlive the mapping. */
	key->object = page->mapping;
	key->offset = page->index * PAGE_SIZE + (u64)uaddr % PAGE_SIZE;
	page_put(page);
	/* Truncated under our hands: no two callers could agree on it any more. */
	return key->object ? 0 : -EFAULT;
}

int futex_fault_in(u32 __user *uaddr, bool write)
{
	u32 value, seen;

	if (get_user(value, uaddr))
		return -EFAULT;
	/* A compare-and-swap that changes nothing makes the page writable. */
	return write ? user_cmpxchg32(uaddr, value, value, &seen) == -EFAULT ? -EFAULT : 0 : 0;
}

void futex_lock_two(struct futex_bucket *a, struct futex_bucket *b) NO_THREAD_SAFETY_ANALYSIS
{
	if (a > b)
		swap(a, b);
	spin_lock(&a->lock);
	if (a != b)
		spin_lock(&b->lock);
}

void futex_unlock_two(struct futex_bucket *a, struct futex_bucket *b) NO_THREAD_SAFETY_ANALYSIS
{
	spin_unlock(&a->lock);
	if (a != b)
		spin_unlock(&b->lock);
}

/* Real-time tasks stand in front, by priority; equals, and all others, in the order they came. */
void futex_waiter_add(struct futex_waiter *waiter, struct futex_bucket *bucket)
{
	struct list_head *before = &bucket->waiters;
	struct futex_waiter *other;

	waiter->prio = min(READ_ONCE(waiter->task->prio), PRIO_RT_END);
	if (waiter->prio < PRIO_RT_END) {
		list_for_each_entry(other, &bucket->waiters, node) {
			if (other->prio > waiter->prio) {
				before = &other->node;
				break;
			}
		}
	}
	list_add_tail(&waiter->node, before);
	smp_store_release(&waiter->bucket, bucket);
}

void futex_waiter_del(struct futex_waiter *waiter)
{
	list_del(&waiter->node);
	smp_store_release(&waiter->bucket, NULL);
}

void futex_waiter_wake(struct futex_waiter *waiter)
{
	struct task *task = task_get(waiter->task);

	futex_waiter_del(waiter);
	task_wake(task, TASK_NORMAL);
	task_put(task);
}

struct futex_waiter *futex_waiter_first(struct futex_bucket *bucket, const struct futex_key *key)
{
	struct futex_waiter *waiter;

	list_for_each_entry(waiter, &bucket->waiters, node)
		if (futex_key_equal(&waiter->key, key))
			return waiter;
	return NULL;
}

/* -EINVAL: somebody there waits for a lock with priority inheritance. */
static int wake_bucket(struct futex_bucket *bucket, const struct futex_key *key, int count,
		       u32 bitset)
{
	struct futex_waiter *waiter, *next;
	int woken = 0;

	list_for_each_entry_safe(waiter, next, &bucket->waiters, node) {
		if (woken >= count)
			break;
		if (!futex_key_equal(&waiter->key, key))
			continue;
		if (waiter->pi)
			return -EINVAL;
		if (!(waiter->bitset & bitset))
			continue;
		futex_waiter_wake(waiter);
		woken++;
	}
	return woken;
}

int futex_wake(u32 __user *uaddr, bool shared, int count, u32 bitset)
{
	struct futex_bucket *bucket;
	struct futex_key key;
	int result;

	if (!bitset)
		return -EINVAL;
	result = futex_key_get(uaddr, shared, false, &key);
	if (result)
		return result;
	bucket = futex_bucket(&key);
	/* Pairs with the waiter, which queues before its last look at the word. */
	smp_mb();
	if (list_empty(&bucket->waiters))
		return 0;
	spin_lock(&bucket->lock);
	/* Linux wakes one for a count of 0, too. */
	result = wake_bucket(bucket, &key, count > 0 ? count : 1, bitset);
	spin_unlock(&bucket->lock);
	return result;
}

struct futex_bucket *futex_waiter_lock(struct futex_waiter *waiter) NO_THREAD_SAFETY_ANALYSIS
{
	struct futex_bucket *bucket;

	while ((bucket = smp_load_acquire(&waiter->bucket))) {
		spin_lock(&bucket->lock);
		/* A requeue may have moved it meanwhile. */
		if (bucket == waiter->bucket)
			break;
		spin_unlock(&bucket->lock);
	}
	return bucket;
}

bool futex_waiter_unqueue(struct futex_waiter *waiter) NO_THREAD_SAFETY_ANALYSIS
{
	struct futex_bucket *bucket = futex_waiter_lock(waiter);

	if (!bucket)
		return false;
	futex_waiter_del(waiter);
	spin_unlock(&bucket->lock);
	return true;
}

int futex_wait_setup(struct futex_waiter *waiter, u32 __user *uaddr, bool shared, u32 value)
{
	struct futex_bucket *bucket;
	u32 now;
	int error;

	for (;;) {
		error = futex_key_get(uaddr, shared, false, &waiter->key);
		if (error)
			return error;
		bucket = futex_bucket(&waiter->key);
		spin_lock(&bucket->lock);
		futex_waiter_add(waiter, bucket);
		smp_mb();
		if (likely(!copy_from_user_nofault(&now, uaddr, sizeof(now))))
			break;
		futex_waiter_del(waiter);
		spin_unlock(&bucket->lock);
		error = futex_fault_in(uaddr, false);
		if (error)
			return error;
	}
	if (now == value) {
		set_current_state(TASK_INTERRUPTIBLE);
		spin_unlock(&bucket->lock);
		return 0;
	}
	futex_waiter_del(waiter);
	spin_unlock(&bucket->lock);
	return -EWOULDBLOCK;
}

int futex_wait(u32 __user *uaddr, bool shared, u32 value, nsec_t deadline, u32 bitset)
{
	struct futex_waiter waiter = { .task = current, .bitset = bitset };
	bool expired;
	int error;

	if (!bitset)
		return -EINVAL;
	for (;;) {
		error = futex_wait_setup(&waiter, uaddr, shared, value);
		if (error)
			return error;
		expired = futex_sleep(false, deadline);
		if (!futex_waiter_unqueue(&waiter))
			return 0;
		if (expired)
			return -ETIMEDOUT;
		if (signal_pending(current))
			return -ERESTARTSYS;
		/* A stray wake-up: the word decides again. */
	}
}

/* Reads the word under the locks; -EAGAIN: faulted it in, take the locks again. */
static int read_locked(u32 __user *uaddr, u32 *value, struct futex_bucket *a,
		       struct futex_bucket *b) NO_THREAD_SAFETY_ANALYSIS
{
	int error;

	if (likely(!copy_from_user_nofault(value, uaddr, sizeof(*value))))
		return 0;
	futex_unlock_two(a, b);
	error = futex_fault_in(uaddr, false);
	return error ? error : -EAGAIN;
}

int futex_requeue(u32 __user *from, u32 __user *to, bool shared, int wake, int move,
		  const u32 *expected) NO_THREAD_SAFETY_ANALYSIS
{
	struct futex_waiter *waiter, *next;
	struct futex_bucket *a, *b;
	struct futex_key key_a, key_b;
	int done = 0, error;
	u32 now;

	if (wake < 0 || move < 0)
		return -EINVAL;
	do {
		error = futex_key_get(from, shared, false, &key_a);
		if (!error)
			error = futex_key_get(to, shared, false, &key_b);
		if (error)
			return error;
		a = futex_bucket(&key_a);
		b = futex_bucket(&key_b);
		futex_lock_two(a, b);
		if (expected)
			error = read_locked(from, &now, a, b);
	} while (error == -EAGAIN);
	if (error)
		return error;
	if (expected && now != *expected) {
		futex_unlock_two(a, b);
		return -EAGAIN;
	}
	list_for_each_entry_safe(waiter, next, &a->waiters, node) {
		if (done - wake >= move)
			break;
		if (!futex_key_equal(&waiter->key, &key_a))
			continue;
		if (waiter->pi) {
			error = -EINVAL;
			break;
		}
		if (done++ < wake) {
			futex_waiter_wake(waiter);
			continue;
		}
		waiter->key = key_b;
		if (a != b) {
			list_del(&waiter->node);
			futex_waiter_add(waiter, b);
		}
	}
	futex_unlock_two(a, b);
	return error ? error : done;
}

static bool wake_op_compare(u32 op, u32 old)
{
	s32 value = (s32)old, arg = (s32)(op << 20) >> 20;

	switch ((op >> 24) & 15) {
	case FUTEX_OP_CMP_EQ:
		return value == arg;
	case FUTEX_OP_CMP_NE:
		return value != arg;
	case FUTEX_OP_CMP_LT:
		return value < arg;
	case FUTEX_OP_CMP_LE:
		return value <= arg;
	case FUTEX_OP_CMP_GT:
		return value > arg;
	case FUTEX_OP_CMP_GE:
		return value >= arg;
	default:
		return false;
	}
}

/* The change of the second word, in the terms of <arch/uaccess.h>. */
static int wake_op_decode(u32 op, int *what, u32 *arg)
{
	static const int ops[] = { USER_OP_SET, USER_OP_ADD, USER_OP_OR, USER_OP_ANDN,
				   USER_OP_XOR };
	u32 kind = (op >> 28) & 7;

	if (kind >= ARRAY_SIZE(ops) || ((op >> 24) & 15) > FUTEX_OP_CMP_GE)
		return -ENOSYS;
	*what = ops[kind];
	*arg = (u32)((s32)(op << 8) >> 20);
	if (op & (8u << 28))
		*arg = 1u << (*arg & 31);
	return 0;
}

int futex_wake_op(u32 __user *first, u32 __user *second, bool shared, int wake, int wake2, u32 op)
	NO_THREAD_SAFETY_ANALYSIS
{
	struct futex_bucket *a, *b;
	struct futex_key key_a, key_b;
	u32 arg, old;
	int what, result, more = 0, error = wake_op_decode(op, &what, &arg);

	while (!error) {
		error = futex_key_get(first, shared, false, &key_a);
		if (!error)
			error = futex_key_get(second, shared, true, &key_b);
		if (error)
			break;
		a = futex_bucket(&key_a);
		b = futex_bucket(&key_b);
		futex_lock_two(a, b);
		/* The count says "do not page in", in every preemption model. */
		current->preempt_count += PREEMPT_OFFSET;
		barrier();
		error = user_atomic_op(what, arg, second, &old);
		barrier();
		current->preempt_count -= PREEMPT_OFFSET;
		if (!error) {
			result = wake_bucket(a, &key_a, wake, ~0U);
			if (result >= 0 && wake_op_compare(op, old))
				more = wake_bucket(b, &key_b, wake2, ~0U);
			futex_unlock_two(a, b);
			return more < 0 ? more : result + more;
		}
		futex_unlock_two(a, b);
		if (error == -EFAULT)
			error = futex_fault_in(second, true);
		else if (error == -EAGAIN)
			error = 0;
		cond_resched();
	}
	return error;
}

static int futex_init(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(buckets); i++) {
		spin_lock_init(&buckets[i].lock);
		INIT_LIST_HEAD(&buckets[i].waiters);
	}
	return 0;
}
core_initcall(futex_init);

BOOT_TEST(futex, wake_op_decoding)
{
	int what;
	u32 arg;

	bt_expect_eq(wake_op_decode(FUTEX_OP(FUTEX_OP_ADD, 5, FUTEX_OP_CMP_EQ, 0), &what, &arg), 0);
	bt_expect_eq(what, USER_OP_ADD);
	bt_expect_eq(arg, 5);
	bt_expect_eq(wake_op_decode(FUTEX_OP(FUTEX_OP_ADD, 0xfff, 0, 0), &what, &arg), 0);
	bt_expect_eq((s32)arg, -1);
	bt_expect_eq(wake_op_decode(FUTEX_OP(FUTEX_OP_SET | FUTEX_OP_OPARG_SHIFT, 4, 0, 0),
				    &what, &arg), 0);
	bt_expect_eq(arg, 16);
	bt_expect_eq(wake_op_decode(FUTEX_OP(7, 0, 0, 0), &what, &arg), -ENOSYS);
	bt_expect_eq(wake_op_decode(FUTEX_OP(0, 0, 9, 0), &what, &arg), -ENOSYS);
	bt_expect(wake_op_compare(FUTEX_OP(0, 0, FUTEX_OP_CMP_LT, 3), (u32)-2));
	bt_expect(!wake_op_compare(FUTEX_OP(0, 0, FUTEX_OP_CMP_GT, 3), (u32)-2));
	bt_expect(wake_op_compare(FUTEX_OP(0, 0, FUTEX_OP_CMP_EQ, 0xffe), (u32)-2));
	bt_expect(!wake_op_compare(FUTEX_OP(0, 0, FUTEX_OP_CMP_LT, 3), 3));
	bt_expect(wake_op_compare(FUTEX_OP(0, 0, FUTEX_OP_CMP_LE, 3), 3));
}

BOOT_TEST(futex, wake_by_key_and_bitset)
{
	struct futex_key key = { &buckets, 0x1000 }, other = { &buckets, 0x1004 };
	struct futex_waiter waiters[3];
	struct futex_bucket bucket;

	spin_lock_init(&bucket.lock);
	INIT_LIST_HEAD(&bucket.waiters);
	for (int i = 0; i < 3; i++) {
		waiters[i] = (struct futex_waiter){ .task = current, .bitset = 1u << i,
						    .key = i == 2 ? other : key,
						    .bucket = &bucket };
		list_add_tail(&waiters[i].node, &bucket.waiters);
	}
	spin_lock(&bucket.lock);
	bt_expect_eq(wake_bucket(&bucket, &key, 10, 2), 1);
	bt_expect(waiters[0].bucket && !waiters[1].bucket && waiters[2].bucket);
	bt_expect_eq(wake_bucket(&bucket, &other, 10, 1), 0);
	bt_expect_eq(wake_bucket(&bucket, &key, 10, ~0U), 1);
	bt_expect_eq(wake_bucket(&bucket, &other, 1, ~0U), 1);
	bt_expect(list_empty(&bucket.waiters));
	for (int i = 0; i < 3; i++) {
		waiters[i].key = key;
		waiters[i].bucket = &bucket;
		list_add_tail(&waiters[i].node, &bucket.waiters);
	}
	bt_expect_eq(wake_bucket(&bucket, &key, 2, ~0U), 2);
	bt_expect(!waiters[0].bucket && !waiters[1].bucket && waiters[2].bucket);
	spin_unlock(&bucket.lock);
}

BOOT_TEST(futex, keys_spread)
{
	u32 used = 0;
	bool seen[1 << FUTEX_HASH_BITS] = { };

	for (u64 i = 0; i < 1024; i++) {
		struct futex_key key = { &init_task, 0x400000 + i * 4 };
		size_t index = (size_t)(futex_bucket(&key) - buckets);

		used += !seen[index];
		seen[index] = true;
	}
	bt_expect(used > (1 << FUTEX_HASH_BITS) / 2);
}
