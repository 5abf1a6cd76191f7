/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel around the VFS, in small: memory from libc, a page cache that is an array
 * per file, one task that is root, and a runner of the boot tests. Built freestanding
 * like the VFS itself.
 */
#include <fs/fs.h>
#include <fs/files.h>
#include <fs/poll.h>
#include <fs/seq_file.h>
#include <kernel/boottest.h>
#include <kernel/cred.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <lib/alloc.h>
#include <lib/string.h>
#include <mm/pagecache.h>
#include <mm/slab.h>
#include "host.h"

void *malloc(size_t);
void *calloc(size_t, size_t);
void free(void *);
_Noreturn void abort(void);
void *mmap(void *, size_t, int, int, int, long);
int fflush(void *);
int printf(const char *, ...);
int vprintf(const char *, __builtin_va_list);

/* ---- task ---- */

static struct task task;
static struct process proc;
static struct group_info no_groups;
struct cred init_cred = { .cap_effective = CAP_FULL_SET, .cap_permitted = CAP_FULL_SET };
struct task *host_current = &task;

bool capable(int cap) { return cred_capable(current->cred, cap); }
bool in_group(gid_t gid) { return gid == current->cred->fsgid; }
struct cred *cred_prepare(void)
{
	struct cred *c = malloc(sizeof(*c));

	*c = *current->cred;
	refcount_set(&c->refs, 1);
	return c;
}
void cred_put(struct cred *c)
{
	if (refcount_dec_and_test(&c->refs))
		free(c);
}
int signal_send_task(int sig, struct task *t) { return 0; }
int signal_send_process(int sig, const siginfo_t *info, struct process *proc) { return 0; }
int signal_send_task_info(int sig, const siginfo_t *info, struct task *task) { return 0; }
struct timespec64 ktime_get_coarse_real_ts(void) { static s64 t = 1000; return (struct timespec64){ 0, t += 10 }; }
void cond_resched_slow(void) { }
void panic(const char *fmt, ...) { printf("panic: %s\n", fmt); fflush(NULL); abort(); }
void refcount_bad(refcount_t *r, const char *what) { panic("refcount"); }
int scnprintf(char *buf, size_t size, const char *fmt, ...) { return 0; }
int printk(const char *fmt, ...) { return 0; }
void might_sleep_report(const char *f, int l) { abort(); }
int chrdev_open(struct inode *i, struct file *f) { return -ENXIO; }
int fifo_open(struct inode *i, struct file *f) { return -ENXIO; }
void seq_printf(struct seq_file *m, const char *fmt, ...) { }
void seq_puts(struct seq_file *m, const char *s) { }
void seq_putc(struct seq_file *m, char c) { }
void seq_escape(struct seq_file *m, const char *s, const char *esc) { }
struct process *process_next(pid_t from) { return NULL; }
struct task *thread_next(struct process *p, pid_t from) { return NULL; }
void process_put(struct process *p) { }
void task_put(struct task *t) { }
struct fs_context *task_fs_get(struct task *t) { return NULL; }

/* Locks: one thread, so all that can go wrong is a lock taken twice or never given back. */
void __mutex_init(struct mutex *m, struct lock_key *key, const char *name)
{
	m->owner = NULL;
	m->waiters = 0;
}
void mutex_lock_slow(struct mutex *m) { panic("mutex taken twice"); }
void __rwsem_init(struct rwsem *s, struct lock_key *key, const char *name)
{
	s->count = 0;
	s->writers_waiting = s->waiters = 0;
}
void down_read_slow(struct rwsem *s) { panic("rwsem taken twice"); }
void down_write_slow(struct rwsem *s) { panic("rwsem taken twice"); }
void rwsem_wake(struct rwsem *s) { }
void __wait_queue_init(struct wait_queue *wq, struct lock_key *key, const char *name)
{
	INIT_LIST_HEAD(&wq->list);
}
void wake_up_common(struct wait_queue *wq, unsigned state, int nr, void *key) { }
int wake_entry_autoremove(struct wait_entry *e, unsigned state, void *key) { return 0; }
void prepare_to_wait(struct wait_queue *wq, struct wait_entry *e, unsigned s) { abort(); }
void finish_wait(struct wait_queue *wq, struct wait_entry *e) { }
void schedule(void) { abort(); }
nsec_t schedule_timeout(nsec_t ns) { abort(); }
bool wait_signal_pending(unsigned state) { return false; }
struct pid;
struct pid *pid_lookup(pid_t nr);
struct pid *pid_lookup(pid_t nr) { return NULL; }
struct pipe *pipe_of(const struct file *f);
struct pipe *pipe_of(const struct file *f) { return NULL; }
ssize_t splice_to_pipe(void);
ssize_t splice_to_pipe(void) { abort(); }

/* ---- memory ---- */

static long live_objects, live_pages;

struct kmem_cache { size_t size; };
static void *get(size_t size, gfp_t gfp)
{
	live_objects++;
	return (gfp & GFP_ZERO) ? calloc(1, size) : malloc(size);
}
struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align, void (*ctor)(void *))
{
	struct kmem_cache *c = malloc(sizeof(*c));

	c->size = size;
	return c;
}
void *kmem_cache_alloc(struct kmem_cache *c, gfp_t gfp) { return get(c->size, gfp); }
void kmem_cache_free(struct kmem_cache *c, void *p) { live_objects--; free(p); }
void *kmalloc(size_t size, gfp_t gfp) { return size ? get(size, gfp) : NULL; }
void kfree(const void *p) { live_objects -= p != NULL; free((void *)p); }
void *kvmalloc(size_t size, gfp_t gfp) { return kmalloc(size, gfp); }
void kvfree(const void *p) { kfree(p); }
char *kstrndup(const char *s, size_t max, gfp_t gfp)
{
	size_t n = strnlen(s, max);
	char *d = kmalloc(n + 1, gfp);

	memcpy(d, s, n);
	d[n] = 0;
	return d;
}
char *kstrdup(const char *s, gfp_t gfp) { return kstrndup(s, strlen(s), gfp); }
void *lib_alloc(size_t n) { return calloc(1, n); }
void lib_free(void *p) { free(p); }

#define FRAMES 4096
struct page *mem_map_base;
u64 totalram_pages = FRAMES;
static u32 next_frame, free_frames[FRAMES], nr_free_frames;

static struct page *frame_get(void)
{
	struct page *p;

	if (!nr_free_frames && next_frame == FRAMES)
		return NULL;
	p = &mem_map_base[nr_free_frames ? free_frames[--nr_free_frames] : next_frame++];
	atomic_set(&p->refcount, 1);
	memset(page_to_virt(p), 0, PAGE_SIZE);
	live_pages++;
	return p;
}
void page_put_last(struct page *p)
{
	free_frames[nr_free_frames++] = (u32)page_to_pfn(p);
	live_pages--;
}

/* ---- page cache: the pages of one file, by a list ---- */

struct slot { struct slot *next; u64 index; struct page *page; };

void page_cache_init(struct page_cache *c, const struct page_cache_ops *ops, void *host, u32 flags)
{
	memset(c, 0, sizeof(*c));
	c->ops = ops;
	c->host = host;
	c->flags = flags;
}
static struct slot **slots(struct page_cache *c) { return (struct slot **)&c->pages; }
void page_unlock(struct page *page) { }	/* nobody else is there */

struct page *page_cache_find(struct page_cache *c, u64 index)
{
	struct slot *s;

	for (s = *slots(c); s; s = s->next)
		if (s->index == index) {
			page_get(s->page);
			return s->page;
		}
	return NULL;
}
struct page *page_cache_next(struct page_cache *c, u64 *index, u64 last)
{
	u64 i;
	struct slot *s, *best = NULL;

	i = *index;
	for (s = *slots(c); s; s = s->next)
		if (s->index >= i && s->index <= last && (!best || s->index < best->index))
			best = s;
	if (!best)
		return NULL;
	*index = best->index;
	page_get(best->page);
	return best->page;
}
struct page *page_cache_get(struct page_cache *c, u64 index, unsigned flags)
{
	struct page *p = page_cache_find(c, index);
	struct slot *s;
	int err;

	if (p || !(flags & PCG_CREATE))
		return p;
	err = c->ops->reserve(c, index);
	if (err)
		return ERR_PTR(err);
	p = frame_get();
	if (!p) {
		c->ops->release(c, 1);
		return ERR_PTR(-ENOMEM);
	}
	atomic_set(&p->flags, PG_UPTODATE);
	s = malloc(sizeof(*s));
	*s = (struct slot){ *slots(c), index, p };
	*slots(c) = s;
	c->nr_pages++;
	page_get(p);
	return p;
}
void page_set_dirty(struct page *p) { }
void page_cache_punch(struct page_cache *c, u64 start, u64 end)
{
	struct slot **at = slots(c), *s;

	while ((s = *at)) {
		u64 lo = s->index << PAGE_SHIFT, hi = lo + PAGE_SIZE;

		if (lo >= start && hi <= end) {
			*at = s->next;
			page_put(s->page);
			free(s);
			c->nr_pages--;
			c->ops->release(c, 1);
			continue;
		}
		if (lo < end && hi > start)
			memset((char *)page_to_virt(s->page) + (max(lo, start) - lo), 0,
			       min(hi, end) - max(lo, start));
		at = &s->next;
	}
}
void page_cache_truncate(struct page_cache *c, u64 size) { page_cache_punch(c, size, U64_MAX); }
void page_cache_destroy(struct page_cache *c) { page_cache_punch(c, 0, U64_MAX); }
u64 page_cache_drop_clean(struct page_cache *c, u64 a, u64 b) { return 0; }
int page_cache_writeback(struct page_cache *c, u64 a, u64 b) { return 0; }

/* ---- boot tests ---- */

extern const struct boot_test __start_boot_tests[], __stop_boot_tests[];
static int failed;

void bt_fail(const char *fmt, ...)
{
	__builtin_va_list ap;

	failed = 1;
	__builtin_va_start(ap, fmt);
	vprintf(fmt, ap);
	__builtin_va_end(ap);
	printf("\n");
}
void bt_skip(const char *fmt, ...) { }

const char *host_test_name(unsigned n)
{
	return &__start_boot_tests[n] < __stop_boot_tests ? __start_boot_tests[n].name : NULL;
}
int host_run_test(unsigned n)
{
	failed = 0;
	__start_boot_tests[n].fn();
	return !failed;
}
long host_live_pages(void) { return live_pages; }
long host_live_objects(void) { return live_objects; }
void host_drop_caches(void) { dcache_shrink(1000000); }

void host_init(void)
{
	void *arena = mmap((void *)PAGE_OFFSET, FRAMES * PAGE_SIZE, 3, 0x22 | 0x100000, -1, 0);

	if (arena != (void *)PAGE_OFFSET)
		panic("no arena");
	mem_map_base = calloc(FRAMES, sizeof(struct page));
	refcount_set(&init_cred.refs, 1);
	init_cred.groups = &no_groups;
	task.cred = &init_cred;
	task.proc = &proc;
	for (int i = 0; i < RLIM_NLIMITS; i++)
		proc.rlim[i].rlim_cur = proc.rlim[i].rlim_max = RLIM_INFINITY;
	proc.rlim[RLIMIT_NOFILE].rlim_cur = 1024;
	vfs_init();
}
