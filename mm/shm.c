/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Shared anonymous memory (MAP_SHARED | MAP_ANONYMOUS, and /dev/zero mapped shared): a
 * page cache without a file, counted by the mappings that show it.
 */
#include <lib/errno.h>
#include <mm/slab.h>
#include "internal.h"

struct shm {
	refcount_t refs;
	u64 size;                       /* bytes; never changes */
	struct page_cache cache;
};

static struct shm *shm_of(const struct vma *vma)
{
	return vma->private;
}

static void shm_put(struct shm *shm)
{
	if (!refcount_dec_and_test(&shm->refs))
		return;
	page_cache_destroy(&shm->cache);
	mm_commit(-(long)(shm->size >> PAGE_SHIFT));
	kfree(shm);
}

static void shm_open(struct vma *vma)
{
	refcount_inc(&shm_of(vma)->refs);
}

static void shm_close(struct vma *vma)
{
	shm_put(shm_of(vma));
}

static const char *shm_name(struct vma *vma)
{
	return "/dev/zero (deleted)";
}

static u64 shm_size(struct page_cache *cache)
{
	return container_of(cache, struct shm, cache)->size;
}

static const struct vm_ops shm_vm_ops = {
	.open = shm_open, .close = shm_close, .name = shm_name,
};

static const struct page_cache_ops shm_cache_ops = { .size = shm_size };

static void describe(struct shm *shm, struct vm_source *out)
{
	*out = (struct vm_source){
		.cache = &shm->cache,
		.ops = &shm_vm_ops,
		.private = shm,
		.may = VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC,
	};
}

bool shm_source_of(struct vma *vma, struct vm_source *out)
{
	if (vma->ops != &shm_vm_ops)
		return false;
	shm_open(vma);
	describe(shm_of(vma), out);
	return true;
}

int shm_source(u64 len, struct vm_source *out)
{
	struct shm *shm = kmalloc(sizeof(*shm), GFP_KERNEL);

	if (!shm)
		return -ENOMEM;
	len = PAGE_ALIGN(len);
	if (mm_commit((long)(len >> PAGE_SHIFT))) {
		kfree(shm);
		return -ENOMEM;
	}
	refcount_set(&shm->refs, 1);
	shm->size = len;
	page_cache_init(&shm->cache, &shm_cache_ops, shm, PC_SHMEM);
	describe(shm, out);
	return 0;
}

void shm_source_put(struct vm_source *src)
{
	shm_put(src->private);
}
