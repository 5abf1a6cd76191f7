/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel around the network stack, in small: one task, time as told, memory that runs out by lot. */
#include <kernel/clone.h>
#include <kernel/cred.h>
#include <kernel/task.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <net/backend.h>
#include <net/config.h>
#include "sim.h"

_Noreturn void abort(void);
int vprintf(const char *, __builtin_va_list);
int fflush(void *);

/* ---- lots ---- */

static u64 state[2];			/* what happens, and what the kernel believes to be random */

static u64 draw(u64 *s)
{
	u64 z = *s += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

void sim_seed(u64 seed)
{
	state[0] = seed << 20;
	state[1] = ~seed << 20;
}
u32 lot(u32 n) { return (u32)((draw(&state[0]) >> 32) * n >> 32); }
u32 lot_size(u32 most) { return min(most, 1 + lot(2u << lot(18))); }
u64 get_random_u64(void) { return draw(&state[1]); }

/* ---- memory ---- */

u32 sim_refuse, sim_objects;
u64 totalram_pages = 65536;
struct page *mem_map_base;
struct kmem_cache { size_t size; };

/* When there is none for who may not sleep, there is none for a moment. */
static void *get(size_t size, gfp_t gfp)
{
	static u32 dry;

	if (!(gfp & __GFP_RECLAIM) && (dry || chance(sim_refuse))) {
		dry = dry ? dry - 1 : lot(4);
		return NULL;
	}
	return gfp & __GFP_ZERO ? calloc(1, size) : malloc(size);
}
struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align, void (*ctor)(void *))
{
	struct kmem_cache *c = malloc(sizeof(*c));

	c->size = size;
	return c;
}
void *kmem_cache_alloc(struct kmem_cache *c, gfp_t gfp)
{
	void *p = get(c->size, gfp);

	sim_objects += p != NULL;
	return p;
}
void kmem_cache_free(struct kmem_cache *c, void *p)
{
	sim_objects--;
	free(p);
}
void kfree(const void *p) { free((void *)p); }
void *kmalloc(size_t size, gfp_t gfp) { return get(size, gfp); }
void *kvmalloc(size_t size, gfp_t gfp) { return get(size, gfp); }
void kvfree(const void *p) { kfree(p); }

/* ---- time and the one other thread, which leaves its loop where it would sleep ---- */

u64 sim_now = NSEC_PER_SEC;
static struct cred root;
static struct task task = { .cred = &root };
struct task *host_current = &task;
static int (*worker)(void *);
static void *asleep[5];

nsec_t ktime_get(void) { return sim_now; }
nsec_t ktime_get_real(void) { return sim_now; }
struct task *kthread_create(int (*fn)(void *), void *arg, const char *fmt, ...)
{
	worker = fn;
	return &task;
}
void kthread_start(struct task *t) { }
void prepare_to_wait(struct wait_queue *wq, struct wait_entry *e, unsigned s) { __builtin_longjmp(asleep, 1); }
void sim_worker(void)
{
	if (!__builtin_setjmp(asleep))
		worker(NULL);
}
void finish_wait(struct wait_queue *wq, struct wait_entry *e) { }
int wake_entry_autoremove(struct wait_entry *e, unsigned state, void *key) { return 0; }
void wake_up_common(struct wait_queue *wq, unsigned state, int nr, void *key)
{
	sim_woken(wq, (u32)(unsigned long)key);
}
void wake_up_sleepers(struct wait_queue *wq, unsigned state, int nr, void *key)
{
	sim_woken(wq, (u32)(unsigned long)key);
}
void __wait_queue_init(struct wait_queue *wq, struct lock_key *key, const char *name)
{
	INIT_LIST_HEAD(&wq->list);
}
void __mutex_init(struct mutex *m, struct lock_key *key, const char *name) { m->owner = NULL; }
void mutex_lock_slow(struct mutex *m) { sim_fail("a mutex is taken twice"); }
void cond_resched_slow(void) { }
bool wait_signal_pending(unsigned state) { return false; }

/* ---- the socket layer's own half ---- */

const char *net_config_words;
bool capable(int cap) { return true; }
void net_sysfs_add(int ifindex, const char *device) { }
void socket_init(struct socket *so, const struct net_ops *ops, int family, int type, int protocol)
{
	so->ops = ops;
	so->family = (u16)family;
	so->type = (u16)type;
	so->protocol = (u16)protocol;
	wait_queue_init(&so->wait);
	mutex_init(&so->reader);
	atomic_set(&so->refs, 1);
	atomic_set(&so->wmem, 1);
	so->sndbuf = so->rcvbuf = SOCK_BUF_DEFAULT;
	so->rcvlowat = 1;
}
void socket_free_last(struct socket *so) { so->ops->destroy(so); }

/* ---- telling ---- */

void sim_fail(const char *fmt, ...)
{
	__builtin_va_list ap;

	__builtin_va_start(ap, fmt);
	printf("sim: ");
	vprintf(fmt, ap);
	printf("\n");
	fflush(NULL);
	_exit(1);
}
/* A broken promise of lwIP is an error, whatever else is said is not. */
int printk(const char *fmt, ...)
{
	__builtin_va_list ap;

	if (!strstr(fmt, "lwip: "))
		return 0;
	__builtin_va_start(ap, fmt);
	vprintf(fmt, ap);
	sim_fail("a promise is broken");
}
void panic(const char *fmt, ...) { sim_fail("panic: %s", fmt); }

/* What is linked and never called. */
#define NEVER(name) void never_##name(void) __asm__(#name); void never_##name(void) { abort(); }
NEVER(schedule) NEVER(schedule_timeout) NEVER(prepare_to_wait_exclusive) NEVER(sock_waiter_sleep)
NEVER(sock_waiter_wake) NEVER(schedule_work) NEVER(timer_start) NEVER(seq_printf) NEVER(seq_puts)
NEVER(scnprintf) NEVER(sock_wake_sleeper) NEVER(sockets_used) NEVER(seq_putc) NEVER(net_put_cmsg)
