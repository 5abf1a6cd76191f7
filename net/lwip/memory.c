/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory of lwIP: its pools are our caches, each with a limit; its heap is kmalloc with one
 * limit for all packets, the buffers of devices included. What does not fit is refused at once
 * and counted. Kconfig has the limits, unless the boot has others (setup.c).
 *
 * Memory comes back by acknowledgements, which need some themselves. So programs get no more
 * than three quarters of it for what they send, and no more than seven eighths is held for
 * readers: the rest is for what is small and soon over. For the same reason what is allocated
 * under the lock may come from the machine's reserve, while what a program sends is allocated
 * without it and frees caches first.
 */
#include <mm/page.h>
#include "lwip.h"
#include "lwip/memp.h"
#include "lwip/mem.h"
#include "lwip/etharp.h"
#include "lwip/igmp.h"
#include "lwip/mld6.h"
#include "lwip/ip4_frag.h"
#include "lwip/ip6_frag.h"
#include "lwip/nd6.h"
#include "lwip/priv/nd6_priv.h"

static struct pool {
	const char	  *name;
	u32		   size, limit;
	struct kmem_cache *cache;
	atomic_t	   used;
	u64		   refused;
} pools[MEMP_MAX] = {
#define LWIP_MEMPOOL(id, n, bytes, text) \
	[MEMP_##id] = { .name = "lwip_" text, .size = (u32)(bytes), .limit = (n) },
#include "lwip/priv/memp_std.h"
};

atomic_t lw_mem_used;
u64 lw_mem_refused;
int lw_mem_limit, lw_mem_send_max, lw_mem_keep_max;

/* Before each block of the heap, which keeps its size. */
struct block {
	u32 size, pad[3];
};

/*
 * A bulk transfer takes and frees blocks of the allocator's largest class by the dozen, and
 * each would become pages and slabs anew; a few that were freed are kept for it.
 */
#define SPARE_MAX	32u
static DEFINE_SPINLOCK(spare_lock);			/* innermost */
static void *spares[SPARE_MAX] GUARDED_BY(spare_lock);
static u32 nr_spares GUARDED_BY(spare_lock);

static bool is_spare(u32 bytes)
{
	return bytes > LW_BLOCK / 2 && bytes <= LW_BLOCK;
}

static void *take_spare(void)
{
	void *mem = NULL;

	spin_lock(&spare_lock);
	if (likely(nr_spares))
		mem = spares[--nr_spares];
	spin_unlock(&spare_lock);
	return mem ? mem : kmalloc(LW_BLOCK, GFP_NOWAIT);
}

/* Nothing was at hand. Blocks of two pages are not worth freeing caches for: senders can do with less. */
static noinline void *kmalloc_hard(u32 bytes)
{
	if (in_atomic())
		return kmalloc(bytes, GFP_ATOMIC);
	return bytes <= PAGE_SIZE ? kmalloc(bytes, GFP_KERNEL | __GFP_NOWARN) : NULL;
}

static void keep_spare(void *mem)
{
	spin_lock(&spare_lock);
	if (likely(nr_spares < SPARE_MAX)) {
		spares[nr_spares++] = mem;
		mem = NULL;
	}
	spin_unlock(&spare_lock);
	kfree(mem);
}

static u32 memory_kb = CONFIG_NET_LWIP_MEMORY;	/* i  after boot */

void lw_limit_connections(u32 n)
{
	pools[MEMP_TCP_PCB].limit = n;
}

void lw_limit_memory(u32 kb)
{
	memory_kb = kb;
}

int lw_memory_init(void)
{
	u64 quarter = totalram_pages * PAGE_SIZE / 4;

	lw_mem_limit = (int)min_t(u64, min_t(u64, quarter, (u64)memory_kb << 10), INT_MAX / 2);
	lw_mem_send_max = lw_mem_limit / 4 * 3;
	lw_mem_keep_max = lw_mem_limit / 8 * 7;
	lw_half_max = min(pools[MEMP_TCP_PCB].limit / 4, LW_HALF_MAX);
	for (struct pool *p = pools; p < pools + MEMP_MAX; p++) {
		p->cache = kmem_cache_create(p->name, p->size, 0, NULL);
		if (!p->cache)
			return -ENOMEM;
	}
	return 0;
}

void lw_pool_usage(int pool, u32 *used, u32 *limit, u64 *refused)
{
	*used = (u32)atomic_read(&pools[pool].used);
	*limit = pools[pool].limit;
	*refused = pools[pool].refused;
}

/* ---- what lwIP calls ---- */

void mem_init(void)
{
}

void memp_init(void)
{
}

void *memp_malloc(memp_t type)
{
	struct pool *p = &pools[type];
	void *obj = NULL;

	if (likely((u32)atomic_read(&p->used) < p->limit))
		obj = kmem_cache_alloc(p->cache, GFP_ATOMIC);
	if (unlikely(!obj)) {
		p->refused++;
		return NULL;
	}
	atomic_inc(&p->used);
	return obj;
}

void memp_free(memp_t type, void *obj)
{
	if (!obj)
		return;
	if (type == MEMP_TCP_PCB)
		lw_pcb_freed(obj);
	atomic_dec(&pools[type].used);
	kmem_cache_free(pools[type].cache, obj);
}

bool lw_mem_charge(u32 bytes, int most)
{
	if (likely(atomic_add_return((int)bytes, &lw_mem_used) <= most))
		return true;
	atomic_sub((int)bytes, &lw_mem_used);
	lw_mem_refused++;
	return false;
}

void *mem_malloc(mem_size_t size)
{
	u32 bytes = (u32)size + (u32)sizeof(struct block);
	struct block *b;

	if (unlikely(!lw_mem_charge(bytes, lw_mem_limit)))
		return NULL;
	b = is_spare(bytes) ? take_spare() : kmalloc(bytes, GFP_NOWAIT);
	if (unlikely(!b))
		b = kmalloc_hard(bytes);
	if (unlikely(!b)) {
		lw_mem_uncharge(bytes);
		lw_mem_refused++;
		return NULL;
	}
	b->size = bytes;
	return b + 1;
}

void *mem_calloc(mem_size_t count, mem_size_t size)
{
	void *mem = mem_malloc(count * size);

	if (mem)
		memset(mem, 0, count * size);
	return mem;
}

void mem_free(void *mem)
{
	struct block *b = mem;

	if (!b)
		return;
	b--;
	lw_mem_uncharge(b->size);
	if (is_spare(b->size))
		keep_spare(b);
	else
		kfree(b);
}

struct pbuf *lw_block_alloc(pbuf_layer layer, u32 n)
{
	struct pbuf *p = pbuf_alloc(layer, (u16)n, PBUF_RAM);

	if (unlikely(!p) && n > PAGE_SIZE - LW_BLOCK_OVERHEAD)
		p = pbuf_alloc(layer, (u16)(PAGE_SIZE - LW_BLOCK_OVERHEAD), PBUF_RAM);
	return p;
}

/* A packet that was cut shorter keeps its block. */
void *mem_trim(void *mem, mem_size_t size)
{
	return mem;
}
