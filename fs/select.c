/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ppoll and pselect6: ask each file, and sleep until one of them may have changed.
 *
 * While asking, each file's poll op queues one of our entries on its wait queues. That is
 * skipped as soon as anything is ready, and altogether for a zero timeout. The first few
 * entries are on the caller's stack, more come a page at a time. A waker sets `triggered`
 * before it wakes us, so that a change between asking and sleeping is not lost.
 *
 * An entry holds a reference on its file: a thread that shares our descriptors may close
 * it, and its wait queue must outlive our sleep.
 */
#include <arch/uaccess.h>
#include <fs/files.h>
#include <fs/poll.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/time.h>
#include <kernel/wait.h>
#include <lib/bitops.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <linux/poll.h>

#define INLINE_ENTRIES	10
#define INLINE_POLLFDS	32
#define INLINE_WORDS	16			/* of one select bitmap: 1024 descriptors */

#define SELECT_IN	(EPOLLIN | EPOLLRDNORM | EPOLLRDBAND | EPOLLHUP | EPOLLERR)
#define SELECT_OUT	(EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND | EPOLLERR)
#define SELECT_EX	EPOLLPRI

struct poll_entry {
	struct wait_entry  wait;	/* private is the struct poller */
	struct wait_queue *wq;
	struct file       *file;	/* counted */
	u32                key;
};

struct poll_page {
	struct poll_page *next;
	u32               used;
	struct poll_entry entry[];
};
#define PAGE_ENTRIES ((PAGE_SIZE - sizeof(struct poll_page)) / sizeof(struct poll_entry))

struct poller {
	struct poll_table table;	/* first: files see only this */
	struct task      *task;
	bool              triggered;
	int               error;	/* no memory for an entry */
	u32               used;
	struct poll_page *pages;
	struct poll_entry entry[INLINE_ENTRIES];
};

static int poll_wake(struct wait_entry *wait, unsigned state, void *key)
{
	struct poll_entry *e = container_of(wait, struct poll_entry, wait);
	struct poller *p = wait->private;

	if (key && !((u32)(unsigned long)key & e->key))
		return 0;
	__atomic_store_n(&p->triggered, true, __ATOMIC_SEQ_CST);
	return task_wake(p->task, TASK_NORMAL);
}

static struct poll_entry *entry_alloc(struct poller *p)
{
	struct poll_page *page = p->pages;

	if (p->used < INLINE_ENTRIES)
		return &p->entry[p->used++];
	if (!page || page->used == PAGE_ENTRIES) {
		page = kmalloc(PAGE_SIZE, GFP_KERNEL);
		if (!page)
			return NULL;
		page->next = p->pages;
		page->used = 0;
		p->pages = page;
	}
	return &page->entry[page->used++];
}

static void poll_queue(struct file *file, struct wait_queue *wq, struct poll_table *pt)
{
	struct poller *p = container_of(pt, struct poller, table);
	struct poll_entry *e = entry_alloc(p);

	if (!e) {
		p->error = -ENOMEM;
		return;
	}
	e->file = file_get(file);
	e->wq = wq;
	e->key = pt->key;
	init_wait_func(&e->wait, poll_wake, p);
	add_wait_queue(wq, &e->wait);
}

static inline void poller_init(struct poller *p, bool may_wait)
{
	p->table.queue = may_wait ? poll_queue : NULL;
	p->table.key = ~0u;
	p->task = current;
	p->triggered = false;
	p->error = 0;
	p->used = 0;
	p->pages = NULL;
}

static void entry_free(struct poll_entry *e)
{
	remove_wait_queue(e->wq, &e->wait);
	file_put(e->file);
}

static inline void poller_done(struct poller *p)
{
	struct poll_page *page, *next;

	for (u32 i = 0; i < p->used; i++)
		entry_free(&p->entry[i]);
	for (page = p->pages; page; page = next) {
		for (u32 i = 0; i < page->used; i++)
			entry_free(&page->entry[i]);
		next = page->next;
		kfree(page);
	}
}

/* Sleeps until a waker came since the last call or the deadline passed. True: it passed. */
static bool poller_sleep(struct poller *p, nsec_t deadline)
{
	bool late = false;

	set_current_state(TASK_INTERRUPTIBLE);
	if (!__atomic_load_n(&p->triggered, __ATOMIC_SEQ_CST)) {
		if (deadline == NSEC_MAX)
			schedule();
		else
			late = schedule_until(deadline);
	}
	WRITE_ONCE(current->state, TASK_RUNNING);
	/* The tests that follow must see what the waker did before it set the flag. */
	__atomic_exchange_n(&p->triggered, false, __ATOMIC_SEQ_CST);
	return late;
}

/* ---- timeouts ---- */

/*
 * Ends a call: the signal mask, and the time that is left, which Linux stores in the
 * caller's timespec. If that cannot be stored the call cannot be restarted either.
 */
static long finish_call(long ret, nsec_t deadline, void __user *uts)
{
	sigmask_restore_unless(ret == -ERESTARTNOHAND);
	if (uts) {
		nsec_t now = deadline ? ktime_get() : 0;
		struct timespec64 ts = ns_to_timespec64(deadline > now ? deadline - now : 0);

		if (put_timespec64(&ts, uts) && ret == -ERESTARTNOHAND)
			ret = -EINTR;
	}
	return ret;
}

/* ---- poll ---- */

/* Asks one file; the events that are there. */
static u32 poll_one(struct pollfd *pfd, struct poller *p)
{
	u32 want = (u16)pfd->events | EPOLLERR | EPOLLHUP, mask;
	struct fd f;

	if (pfd->fd < 0)
		return 0;
	f = fdget((unsigned)pfd->fd);
	if (unlikely(!f.file))
		return POLLNVAL;
	p->table.key = want;
	mask = f.file->f_op->poll ? f.file->f_op->poll(f.file, &p->table) : EPOLL_DEFAULT_MASK;
	fdput(f);
	return mask & want;
}

/* A round that queues nobody, with a table that is ours alone: see select_sole(). How many. */
static long poll_sole(struct pollfd *fds, u32 n)
{
	const struct files *files = current->files;
	struct file *last = NULL;
	long count = 0;
	u32 mask = 0;

	for (struct pollfd *pfd = fds; pfd < fds + n; pfd++) {
		struct file *file = NULL;
		u32 got = POLLNVAL;

		if ((u32)pfd->fd < files->max)
			file = files->fd[pfd->fd];
		if (file && !(file->f_mode & FMODE_PATH)) {
			if (file != last) {
				last = file;
				mask = file->f_op->poll ? file->f_op->poll(file, NULL) :
							  EPOLL_DEFAULT_MASK;
			}
			got = mask & ((u16)pfd->events | EPOLLERR | EPOLLHUP);
		} else if (pfd->fd < 0) {
			got = 0;
		}
		pfd->revents = (short)got;
		count += got != 0;
	}
	return count;
}

static long poll_round(struct pollfd *fds, u32 n, struct poller *p)
{
	long count = 0;

	if (!p->table.queue && refcount_read(&current->files->count) == 1)
		return poll_sole(fds, n);
	for (u32 i = 0; i < n; i++) {
		u32 mask = poll_one(&fds[i], p);

		fds[i].revents = (short)mask;
		if (mask) {
			count++;
			p->table.queue = NULL;
		}
	}
	return count;
}

long poll_files(struct pollfd *fds, u32 n, nsec_t deadline)
{
	bool late = deadline == 0;
	struct poller p;
	long count = 0;

	poller_init(&p, !late);
	for (;;) {
		count = poll_round(fds, n, &p);
		p.table.queue = NULL;		/* everything is queued now */
		if (!count)
			count = signal_pending(current) ? -ERESTARTNOHAND : p.error;
		if (count || late)
			break;
		late = poller_sleep(&p, deadline);
	}
	poller_done(&p);
	return count;
}

static long do_poll(struct pollfd __user *ufds, u32 n, nsec_t deadline)
{
	struct pollfd fast[INLINE_POLLFDS], *fds = fast;
	long ret;

	if (n > rlimit(RLIMIT_NOFILE))
		return -EINVAL;
	if (n > INLINE_POLLFDS) {
		fds = kvmalloc(n * sizeof(*fds), GFP_KERNEL);
		if (!fds)
			return -ENOMEM;
	}
	ret = -EFAULT;
	if (copy_from_user(fds, ufds, n * sizeof(*fds)))
		goto out;
	ret = poll_files(fds, n, deadline);
	if (ret < 0 && ret != -ERESTARTNOHAND)
		goto out;
	for (u32 i = 0; i < n; i++) {
		if (put_user(fds[i].revents, &ufds[i].revents)) {
			ret = -EFAULT;
			break;
		}
	}
out:
	if (fds != fast)
		kvfree(fds);
	return ret;
}

SYSCALL_DEFINE5(ppoll, struct pollfd __user *, fds, unsigned, n, void __user *, timeout,
		const sigset_t __user *, mask, size_t, size)
{
	nsec_t deadline;
	int err = deadline_from_user(&deadline, timeout);

	if (!err)
		err = sigmask_set_user(mask, size);
	if (err)
		return err;
	return finish_call(do_poll(fds, n, deadline), deadline, timeout);
}

/* ---- select ---- */

/* Six bitmaps of `words` words, one behind the other. */
enum { IN, OUT, EX, RES_IN, RES_OUT, RES_EX, MAPS };

struct select_maps {
	unsigned long *map[MAPS];
	unsigned       words;
	unsigned       n;
};

/* What one ready file sets, and whether that is anything the caller asked for. */
struct select_word {
	unsigned long in, out, ex;		/* asked */
	unsigned long r_in, r_out, r_ex;	/* ready */
};

static noinline void select_ready(struct select_word *sw, unsigned long bit, u32 mask,
				  struct poller *p)
{
	if (mask & SELECT_IN)
		sw->r_in |= sw->in & bit;
	if (mask & SELECT_OUT)
		sw->r_out |= sw->out & bit;
	if (mask & SELECT_EX)
		sw->r_ex |= sw->ex & bit;
	if ((sw->r_in | sw->r_out | sw->r_ex) & bit)
		p->table.queue = NULL;
}

/* Asks one file, queueing us; the slow way that the first round of a wait takes. */
static noinline u32 select_ask_queueing(struct file *file, const struct select_word *sw,
					unsigned long bit, struct poller *p)
{
	p->table.key = EPOLLERR | EPOLLHUP | (sw->in & bit ? SELECT_IN : 0) |
		       (sw->out & bit ? SELECT_OUT : 0) | (sw->ex & bit ? SELECT_EX : 0);
	return file->f_op->poll(file, &p->table);
}

/* Asks one file that is not to be queued on. */
static inline u32 select_ask(struct file *file)
{
	return likely(file->f_op->poll) ? file->f_op->poll(file, NULL) : EPOLL_DEFAULT_MASK;
}

/*
 * Asks for every descriptor of one word, in a round that queues nobody and with a table that is
 * ours alone: no counts then, and a file that several descriptors in a row stand for is asked
 * once. False: one is not open.
 */
static inline bool select_sole(struct select_word *sw, struct file *const *files, struct poller *p)
{
	unsigned long all = sw->in | sw->out | sw->ex;
	struct file *last = NULL;
	u32 mask = 0;

	while (all) {
		struct file *file = files[__builtin_ctzl(all)];
		unsigned long bit = all & -all;

		all ^= bit;
		if (file != last || unlikely(!file)) {
			if (unlikely(!file || (file->f_mode & FMODE_PATH)))
				return false;
			last = file;
			mask = select_ask(file);
		}
		if (unlikely(mask))
			select_ready(sw, bit, mask, p);
	}
	return true;
}

/* The same in any case. */
static bool select_any(struct select_word *sw, unsigned first, struct poller *p)
{
	unsigned long all = sw->in | sw->out | sw->ex;

	while (all) {
		struct fd f = fdget(first + (unsigned)__builtin_ctzl(all));
		unsigned long bit = all & -all;
		u32 mask;

		all ^= bit;
		if (unlikely(!f.file))
			return false;
		mask = p->table.queue && f.file->f_op->poll ?
		       select_ask_queueing(f.file, sw, bit, p) : select_ask(f.file);
		fdput(f);
		if (mask)
			select_ready(sw, bit, mask, p);
	}
	return true;
}

/* Asks for every descriptor of one word. How many bits are ready, or -EBADF. */
static inline int select_word(struct select_maps *s, unsigned w, struct poller *p)
{
	struct select_word sw = { s->map[IN][w], s->map[OUT][w], s->map[EX][w], 0, 0, 0 };
	struct files *files = current->files;
	bool ok;

	/* s->n is within the table. */
	if (!p->table.queue && refcount_read(&files->count) == 1)
		ok = select_sole(&sw, files->fd + w * BITS_PER_LONG, p);
	else
		ok = select_any(&sw, w * BITS_PER_LONG, p);
	if (unlikely(!ok))
		return -EBADF;
	s->map[RES_IN][w] = sw.r_in;
	s->map[RES_OUT][w] = sw.r_out;
	s->map[RES_EX][w] = sw.r_ex;
	if (!(sw.r_in | sw.r_out | sw.r_ex))
		return 0;
	return (int)(hweight_long(sw.r_in) + hweight_long(sw.r_out) + hweight_long(sw.r_ex));
}

static long select_loop(struct select_maps *s, nsec_t deadline)
{
	bool late = deadline == 0;
	struct poller p;
	long count = 0;

	poller_init(&p, !late);
	for (;;) {
		for (unsigned w = 0; w < s->words; w++) {
			int found = select_word(s, w, &p);

			if (unlikely(found < 0)) {
				count = found;
				goto out;
			}
			count += found;
		}
		p.table.queue = NULL;
		if (!count)
			count = signal_pending(current) ? -ERESTARTNOHAND : p.error;
		if (count || late)
			break;
		late = poller_sleep(&p, deadline);
	}
out:
	poller_done(&p);
	return count;
}

/* Copies a set in; bits of descriptors from n on do not count. */
static int get_set(const struct select_maps *s, const void __user *set, unsigned long *map)
{
	size_t bytes = s->words * sizeof(long);

	if (!set) {
		memset(map, 0, bytes);
		return 0;
	}
	if (copy_from_user(map, set, bytes))
		return -EFAULT;
	if (s->n % BITS_PER_LONG)
		map[s->words - 1] &= (1ul << s->n % BITS_PER_LONG) - 1;
	return 0;
}

static int put_set(const struct select_maps *s, void __user *set, const unsigned long *map)
{
	return set && copy_to_user(set, map, s->words * sizeof(long)) ? -EFAULT : 0;
}

static long do_select(int n, void __user *in, void __user *out, void __user *ex, nsec_t deadline)
{
	unsigned long fast[MAPS * INLINE_WORDS], *maps = fast;
	struct select_maps s;
	long ret;

	if (n < 0)
		return -EINVAL;
	s.n = min_t(unsigned, (unsigned)n, READ_ONCE(current->files->max));
	s.words = (unsigned)BITS_TO_LONGS(s.n);
	if (s.words > INLINE_WORDS) {
		maps = kvmalloc(MAPS * s.words * sizeof(long), GFP_KERNEL);
		if (!maps)
			return -ENOMEM;
	}
	for (int i = 0; i < MAPS; i++)
		s.map[i] = maps + (size_t)i * s.words;
	ret = -EFAULT;
	if (get_set(&s, in, s.map[IN]) || get_set(&s, out, s.map[OUT]) || get_set(&s, ex, s.map[EX]))
		goto out;
	ret = select_loop(&s, deadline);
	if (ret >= 0 && (put_set(&s, in, s.map[RES_IN]) || put_set(&s, out, s.map[RES_OUT]) ||
			 put_set(&s, ex, s.map[RES_EX])))
		ret = -EFAULT;
out:
	if (maps != fast)
		kvfree(maps);
	return ret;
}

/* The sixth argument: a mask and its size. */
struct sigset_arg {
	const sigset_t __user *mask;
	size_t                 size;
};

SYSCALL_DEFINE6(pselect6, int, n, void __user *, in, void __user *, out, void __user *, ex,
		void __user *, timeout, const struct sigset_arg __user *, sig)
{
	struct sigset_arg arg = { NULL, 0 };
	nsec_t deadline;
	int err;

	if (sig && copy_from_user(&arg, sig, sizeof(arg)))
		return -EFAULT;
	err = deadline_from_user(&deadline, timeout);
	if (!err)
		err = sigmask_set_user(arg.mask, arg.size);
	if (err)
		return err;
	return finish_call(do_select(n, in, out, ex, deadline), deadline, timeout);
}
