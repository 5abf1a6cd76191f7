/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pending signals: the sets and queues of tasks and processes. Signals below SIGRTMIN are
 * pending at most once; real-time signals queue, in order, up to RLIMIT_SIGPENDING a user.
 */
#include <arch/uaccess.h>
#include <kernel/boottest.h>
#include <kernel/panic.h>
#include <lib/string.h>
#include <mm/slab.h>
#include "internal.h"

static struct kmem_cache *sigqueue_cache __ro_after_init;
static struct kmem_cache *sighand_cache __ro_after_init;

void signal_init(void)
{
	sigqueue_cache = KMEM_CACHE(sigqueue);
	sighand_cache = KMEM_CACHE(sighand);
	if (!sigqueue_cache || !sighand_cache)
		panic("signal: no memory for the caches");
}

struct sighand *sighand_alloc(void)
{
	struct sighand *sighand = kmem_cache_alloc(sighand_cache, GFP_KERNEL);

	if (sighand) {
		refcount_set(&sighand->refs, 1);
		spin_lock_init(&sighand->lock);
	}
	return sighand;
}

void sighand_put(struct sighand *sighand)
{
	if (refcount_dec_and_test(&sighand->refs))
		kmem_cache_free(sighand_cache, sighand);
}

void sigpending_init(struct sigpending *pending)
{
	INIT_LIST_HEAD(&pending->list);
	pending->set = 0;
	pending->spare = NULL;
}

/*
 * An entry charged to `task`'s user, or NULL: over the limit (unless `override`) or no memory.
 * From pending (may be NULL) if the spare one there is of the same user, whom it still holds.
 */
static __always_inline struct sigqueue *sigqueue_alloc(struct sigpending *pending, struct task *task,
						       bool override)
{
	struct user_count *user = task->cred->user;
	struct sigqueue *q;

	if ((unsigned long)atomic_inc_return(&user->sigpending) >
	    task_rlimit(task, RLIMIT_SIGPENDING) && !override)
		goto out_count;
	if (pending && pending->spare && pending->spare->user == user) {
		q = pending->spare;
		pending->spare = NULL;
		return q;
	}
	q = kmem_cache_alloc(sigqueue_cache, GFP_ATOMIC);
	if (!q)
		goto out_count;
	INIT_LIST_HEAD(&q->list);
	refcount_inc(&user->refs);
	q->user = user;
	q->flags = 0;
	q->taken = NULL;
	return q;

out_count:
	atomic_dec(&user->sigpending);
	return NULL;
}

static void sigqueue_drop(struct sigqueue *q)
{
	user_count_put(q->user);
	kmem_cache_free(sigqueue_cache, q);
}

static void sigqueue_free(struct sigqueue *q)
{
	if (q->flags & SIGQUEUE_PREALLOC)
		return;
	atomic_dec(&q->user->sigpending);
	sigqueue_drop(q);
}

/* The same for one that was taken: allocating, and counting its user, cost more than all the rest. */
static __always_inline void sigqueue_keep(struct sigpending *pending, struct sigqueue *q)
{
	if (unlikely(pending->spare || (q->flags & SIGQUEUE_PREALLOC))) {
		sigqueue_free(q);
		return;
	}
	atomic_dec(&q->user->sigpending);
	pending->spare = q;
}

struct sigqueue *sigqueue_prealloc(void)
{
	struct sigqueue *q;

	spin_lock_irq(&current->proc->siglock);
	q = sigqueue_alloc(NULL, current, false);
	spin_unlock_irq(&current->proc->siglock);
	if (q)
		q->flags = SIGQUEUE_PREALLOC;
	return q;
}

void sigqueue_release(struct sigqueue *q)
{
	struct process *proc = current->proc;

	/* It may still be pending: then it is delivered no more. */
	spin_lock_irq(&proc->siglock);
	list_del_init(&q->list);
	q->flags &= ~SIGQUEUE_PREALLOC;
	spin_unlock_irq(&proc->siglock);
	sigqueue_free(q);
}

void sigpending_flush(struct sigpending *pending)
{
	struct sigqueue *q, *next;

	pending->set = 0;
	list_for_each_entry_safe(q, next, &pending->list, list) {
		list_del_init(&q->list);
		sigqueue_free(q);
	}
	if (pending->spare)
		sigqueue_drop(pending->spare);
	pending->spare = NULL;
}

void sigpending_remove(struct sigpending *pending, sigset_t mask)
{
	struct sigqueue *q, *next;

	if (!(pending->set & mask))
		return;
	pending->set &= ~mask;
	list_for_each_entry_safe(q, next, &pending->list, list) {
		if (!sig_in(q->info.si_signo, mask))
			continue;
		list_del_init(&q->list);
		sigqueue_free(q);
	}
}

static void siginfo_fill(siginfo_t *to, int sig, const siginfo_t *info)
{
	if (info != SEND_SIG_KERNEL && info != SEND_SIG_USER) {
		*to = *info;
		return;
	}
	memset(to, 0, sizeof(*to));
	to->si_signo = sig;
	if (info == SEND_SIG_USER) {
		to->si_code = SI_USER;
		to->si_pid = current->proc->pid;
		to->si_uid = current_uid();
	} else {
		to->si_code = SI_KERNEL;
	}
}

int sigpending_add(struct sigpending *pending, int sig, const siginfo_t *info, struct task *charge)
{
	bool special = info == SEND_SIG_KERNEL || info == SEND_SIG_USER;
	struct sigqueue *q = NULL;

	if (sig < SIGRTMIN && sigismember(&pending->set, sig))
		return 0;
	/* The kernel's own SIGKILL must not depend on memory, and nobody reads its info. */
	if (sig != SIGKILL) {
		bool override = sig < SIGRTMIN && (special || info->si_code >= 0);

		q = sigqueue_alloc(pending, charge, override);
	}
	if (q) {
		siginfo_fill(&q->info, sig, info);
		list_add_tail(&q->list, &pending->list);
	} else if (sig >= SIGRTMIN && !special && info->si_code != SI_USER) {
		return -EAGAIN;
	}
	sigaddset(&pending->set, sig);
	return 0;
}

/* The signal to take next out of `set`, 0 if empty. */
static int sigset_first(sigset_t set)
{
	if (set & sigmask(SIGKILL))
		return SIGKILL;
	if (set & SIG_SYNCHRONOUS_MASK)
		set &= SIG_SYNCHRONOUS_MASK;
	return set ? __builtin_ctzll(set) + 1 : 0;
}

/* Takes one instance of `sig` off; the bit stays if more are queued. */
static void sigpending_take(struct sigpending *pending, int sig, siginfo_t *info)
{
	struct sigqueue *q, *found = NULL;
	bool more = false;

	list_for_each_entry(q, &pending->list, list) {
		if (q->info.si_signo != sig)
			continue;
		if (found) {
			more = true;
			break;
		}
		found = q;
		if (sig < SIGRTMIN)
			break;
	}
	if (!more)
		sigdelset(&pending->set, sig);
	if (!found) {
		/* It was sent without an entry: all that is known is that it was sent. */
		memset(info, 0, sizeof(*info));
		info->si_signo = sig;
		info->si_code = SI_USER;
		return;
	}
	list_del_init(&found->list);
	*info = found->info;
	if (found->taken)
		found->taken(found, info);
	sigqueue_keep(pending, found);
}

int signal_dequeue(sigset_t blocked, siginfo_t *info)
{
	struct sigpending *pending = &current->pending;
	int sig = sigset_first(pending->set & ~blocked);

	if (!sig) {
		pending = &current->proc->shared_pending;
		sig = sigset_first(pending->set & ~blocked);
		if (!sig)
			return 0;
	}
	sigpending_take(pending, sig, info);
	/* SIGCONT may still come between here and the stop; it clears this. */
	if (unlikely(sig_default_stops(sig)))
		current->jobctl |= JOBCTL_STOP_DEQUEUED;
	return sig;
}

int signal_dequeue_fault(siginfo_t *info)
{
	struct sigpending *pending = &current->pending;
	struct sigqueue *q;

	/* Only what the kernel raised for this instruction (si_code > SI_USER) goes first. */
	list_for_each_entry(q, &pending->list, list) {
		int sig = q->info.si_signo;

		if (q->info.si_code <= SI_USER || !sig_in(sig, SIG_SYNCHRONOUS_MASK) ||
		    sigismember(&current->blocked, sig))
			continue;
		sigpending_take(pending, sig, info);
		return sig;
	}
	return 0;
}

int siginfo_to_user(siginfo_t __user *to, const siginfo_t *from)
{
	return copy_to_user(to, from, sizeof(*from)) ? -EFAULT : 0;
}

int siginfo_from_user(siginfo_t *to, const siginfo_t __user *from)
{
	return copy_from_user(to, from, sizeof(*to)) ? -EFAULT : 0;
}

BOOT_TEST(signal, legacy_is_pending_once)
{
	struct sigpending pending;
	siginfo_t info;

	sigpending_init(&pending);
	spin_lock_irq(&current->proc->siglock);
	bt_expect_eq(sigpending_add(&pending, SIGUSR1, SEND_SIG_KERNEL, current), 0);
	bt_expect_eq(sigpending_add(&pending, SIGUSR1, SEND_SIG_USER, current), 0);
	bt_expect_eq(list_count(&pending.list), 1);
	sigpending_take(&pending, SIGUSR1, &info);
	bt_expect_eq(info.si_signo, SIGUSR1);
	bt_expect_eq(info.si_code, SI_KERNEL);
	bt_expect_eq(pending.set, 0);
	sigpending_flush(&pending);
	spin_unlock_irq(&current->proc->siglock);
}

BOOT_TEST(signal, realtime_queues_in_order)
{
	struct sigpending pending;
	siginfo_t info;

	sigpending_init(&pending);
	spin_lock_irq(&current->proc->siglock);
	for (int i = 0; i < 3; i++) {
		memset(&info, 0, sizeof(info));
		info.si_signo = SIGRTMIN + 2;
		info.si_code = SI_QUEUE;
		info.si_int = i;
		bt_expect_eq(sigpending_add(&pending, SIGRTMIN + 2, &info, current), 0);
	}
	for (int i = 0; i < 3; i++) {
		bt_expect(sigismember(&pending.set, SIGRTMIN + 2));
		sigpending_take(&pending, SIGRTMIN + 2, &info);
		bt_expect_eq(info.si_int, i);
	}
	bt_expect(!sigismember(&pending.set, SIGRTMIN + 2));
	sigpending_flush(&pending);
	spin_unlock_irq(&current->proc->siglock);
}

BOOT_TEST(signal, realtime_limit)
{
	struct rlimit *limit = &current->proc->rlim[RLIMIT_SIGPENDING], saved = *limit;
	struct sigpending pending;
	siginfo_t info = { .si_signo = SIGRTMIN, .si_code = SI_QUEUE };
	int before = atomic_read(&current->cred->user->sigpending);

	sigpending_init(&pending);
	spin_lock_irq(&current->proc->siglock);
	limit->rlim_cur = (unsigned long)before + 2;
	bt_expect_eq(sigpending_add(&pending, SIGRTMIN, &info, current), 0);
	bt_expect_eq(sigpending_add(&pending, SIGRTMIN, &info, current), 0);
	bt_expect_eq(sigpending_add(&pending, SIGRTMIN, &info, current), -EAGAIN);
	bt_expect_eq(sigpending_add(&pending, SIGUSR2, SEND_SIG_KERNEL, current), 0);
	sigpending_flush(&pending);
	bt_expect_eq(atomic_read(&current->cred->user->sigpending), before);
	*limit = saved;
	spin_unlock_irq(&current->proc->siglock);
}

BOOT_TEST(signal, order_of_delivery)
{
	bt_expect_eq(sigset_first(0), 0);
	bt_expect_eq(sigset_first(sigmask(SIGHUP) | sigmask(SIGSEGV)), SIGSEGV);
	bt_expect_eq(sigset_first(sigmask(SIGSEGV) | sigmask(SIGKILL)), SIGKILL);
	bt_expect_eq(sigset_first(sigmask(SIGTERM) | sigmask(SIGRTMIN)), SIGTERM);
	bt_expect_eq(sigset_first(sigmask(64)), 64);
}

BOOT_TEST(signal, remove_by_mask)
{
	struct sigpending pending;

	sigpending_init(&pending);
	spin_lock_irq(&current->proc->siglock);
	sigpending_add(&pending, SIGTSTP, SEND_SIG_KERNEL, current);
	sigpending_add(&pending, SIGTERM, SEND_SIG_KERNEL, current);
	sigpending_remove(&pending, SIG_KERNEL_STOP_MASK);
	bt_expect_eq(pending.set, sigmask(SIGTERM));
	bt_expect_eq(list_count(&pending.list), 1);
	sigpending_flush(&pending);
	bt_expect_eq(list_count(&pending.list), 0);
	spin_unlock_irq(&current->proc->siglock);
}
