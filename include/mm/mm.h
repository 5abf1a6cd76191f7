/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Address spaces: struct mm, its mappings (struct vma), and what changes them.
 *
 * A vma says what a range of addresses is; the page tables are a cache of it
 * that faults fill, one page or a few at a time, and that unmapping, truncation
 * and protection changes clear. Nothing is ever in the page tables that a fault
 * could not put there again, except private (anonymous) pages, which exist only
 * there and are counted by page->refcount: one per page table entry.
 *
 * Lock order, outermost first; take from any two only in this order:
 *
 *	inode locks of file systems
 *	mm->mmap_lock                   sleeps; read: the set of vmas is stable
 *	page lock (PG_LOCKED)           sleeps
 *	page_cache->map_lock            sleeps; the list of vmas that map a cache
 *	page_cache->lock                spin; the array of pages
 *	mm->page_table_lock             spin; every entry of the user page tables
 *	kmem_cache->lock, vmap lock, zone->lock    leaves
 *
 * Page tables of a user mm are freed only with mmap_lock held for writing and the
 * vma taken off its cache's list, so a holder of mmap_lock (read), or of a vma
 * on a cache's list (map_lock), may walk the tables of that vma without the
 * page_table_lock; an entry is read again under it before it is changed.
 *
 * Two address spaces are never locked together but by mm_dup(), whose new mm
 * nobody else can see.
 */
#ifndef MM_MM_H
#define MM_MM_H

#include <lib/compiler.h>
#include <lib/list.h>
#include <lib/rbtree.h>
#include <arch/atomic.h>
#include <arch/pgtable.h>
#include <kernel/rwsem.h>
#include <kernel/spinlock.h>
#include <mm/mempolicy.h>
#include <mm/page.h>
#include <mm/vm_flags.h>

struct file;
struct mm;
struct vma;
struct page_cache;

/* Which pages rss[] counts. */
enum mm_counter { MM_ANON, MM_FILE, MM_SHMEM, NR_MM_COUNTERS };

#define MM_AUXV_WORDS   64              /* u64s of mm->auxv: 32 pairs, AT_NULL included */
#define MAX_MAP_COUNT   65530
#define STACK_GUARD_GAP (256UL << PAGE_SHIFT)

/*
 * What a file or a device does for its mappings. All may be NULL. Called with
 * mmap_lock held, for reading in fault and mkwrite, for writing otherwise (open
 * also by fork, with the parent's lock held for writing). May sleep.
 */
struct vm_ops {
	/*
	 * Finds the page for pgoff of a vma without a cache, or one that needs more than
	 * the cache: a counted reference in *out, 0; or -EFAULT (SIGBUS), -ENOMEM, -EAGAIN
	 * (try the whole fault again).
	 */
	int (*fault)(struct vma *vma, u64 pgoff, bool write, struct page **out);
	/* A shared page is about to become writable: 0, or negative for SIGBUS. */
	int (*mkwrite)(struct vma *vma, struct page *page);
	void (*open)(struct vma *vma);          /* a copy of a vma exists now */
	void (*close)(struct vma *vma);         /* it is going away */
	int (*may_split)(struct vma *vma, vaddr_t addr);
	const char *(*name)(struct vma *vma);   /* for /proc/PID/maps, when there is no file */
};

/* What to map: filled in by the file system (file_vm_source), consumed by mm_map(). */
struct vm_source {
	struct file *file;              /* mm_map() takes its own reference */
	struct page_cache *cache;       /* pages come from here, unless ops->fault says otherwise */
	const struct vm_ops *ops;
	void *private;                  /* goes to vma->private */
	vm_flags_t may;                 /* of VM_MAYREAD/WRITE/EXEC, what the file allows */
	vm_flags_t flags;               /* extra: VM_IO, VM_PFNMAP, VM_DONTEXPAND, ... */
};

/*
 * Locks:  m  mm->mmap_lock, write to change, read to read
 *         c  cache->map_lock
 *         p  mm->page_table_lock
 *         i  never changes
 */
struct vma {
	vaddr_t start, end;             /* m + c  [start, end), page aligned */
	vm_flags_t flags;               /* m  VM_* */
	u64 pgoff;                      /* m + c  page of the file at start */
	struct mm *mm;                  /* i */
	struct rb_node node;            /* m  by start, augmented with max_gap */
	u64 gap, max_gap;               /* m  free bytes below start; largest in the subtree */
	struct list_head link;          /* m  mm->vmas, in address order */
	struct file *file;              /* i  counted */
	struct page_cache *cache;       /* i */
	struct list_head cache_link;    /* c  cache->mappings */
	const struct vm_ops *ops;       /* i  never NULL */
	void *private;                  /* ops' */
	bool anon;                      /* p  has, or had, private pages in the tables */
	struct mempolicy policy;        /* m */
};

/*
 * Locks:  a  atomic     m  mmap_lock     p  page_table_lock     e  set by exec, then
 *         stable     i  never changes
 */
struct mm {
	atomic_t users;                 /* a  tasks and others that use the mappings */
	atomic_t count;                 /* a  users (as one) and those that only keep the object */
	pte_t *pgd;                     /* i  linear-map address of level 0 */
	struct arch_mm_ctx ctx;         /* the architecture's: ASID */

	struct rwsem mmap_lock;
	struct rb_root vma_tree;        /* m */
	struct list_head vmas;          /* m */
	struct vma *vma_last;           /* m  hit of the last search; racing readers are fine */
	u32 map_count;                  /* m */
	spinlock_t page_table_lock;

	vaddr_t mmap_base;              /* e  mappings go below it */
	vaddr_t start_code, end_code, start_data, end_data;     /* e */
	vaddr_t start_brk, brk;         /* m */
	vaddr_t start_stack, arg_start, arg_end, env_start, env_end; /* e, prctl: m */
	vaddr_t vdso;                   /* e  0: none */
	u64 auxv[MM_AUXV_WORDS];        /* e */
	struct file *exe_file;          /* m  counted; mm_set_exe_file() */

	/* In pages. */
	long rss[NR_MM_COUNTERS];       /* p */
	struct list_head tables;        /* p  page->lru of every table below the top */
	u64 table_pages;                /* p */
	u64 hiwater_rss;                /* p  brought up to date by mm_rss_peak() */
	u64 total_vm, data_vm, exec_vm, stack_vm, shared_vm; /* m */
	u64 locked_vm, hiwater_vm;      /* m */
	vm_flags_t def_flags;           /* m  VM_LOCKED after mlockall(MCL_FUTURE) */
	u32 dumpable;                   /* e */
	u32 membarrier;                 /* a  registrations */
	bool released;                  /* m  process_mrelease(2) took what is private */
	bool randomize;                 /* e */
};

extern struct mm init_mm;               /* the kernel's own: pgd is swapper_pg_dir */

/* ---- life ---- */

/* An empty address space with users = count = 1, or NULL. May sleep. */
struct mm *mm_alloc(void);
/*
 * A copy for fork: private pages are shared copy-on-write, file pages are left for
 * faults to find again. Takes old->mmap_lock for writing. ERR_PTR(-ENOMEM) or, if a
 * fatal signal came, ERR_PTR(-EINTR).
 */
struct mm *mm_dup(struct mm *old);
/* users. The last mm_put() unmaps everything; it may sleep, and current->mm must not be mm. */
static inline struct mm *mm_get(struct mm *mm)
{
	atomic_inc(&mm->users);
	return mm;
}
/* False if the mappings are gone already. Any context. */
bool mm_get_not_zero(struct mm *mm);
void mm_put(struct mm *mm);
/* count: keeps the object and the top table (lazy TLB). Any context. */
static inline void mm_grab(struct mm *mm)
{
	atomic_inc(&mm->count);
}
void mm_drop(struct mm *mm);

/* ---- finding ---- */

/* The lowest vma that ends above addr (it may start above it), or NULL. Holds mmap_lock. */
struct vma *mm_find_vma(struct mm *mm, vaddr_t addr) REQUIRES_SHARED(mm->mmap_lock);
/* The vma that contains addr, or NULL. */
struct vma *mm_find_vma_at(struct mm *mm, vaddr_t addr) REQUIRES_SHARED(mm->mmap_lock);

static inline struct vma *vma_next(const struct vma *vma)
{
	return vma->link.next == &vma->mm->vmas ? NULL :
		list_entry(vma->link.next, struct vma, link);
}

static inline struct vma *vma_prev(const struct vma *vma)
{
	return vma->link.prev == &vma->mm->vmas ? NULL :
		list_entry(vma->link.prev, struct vma, link);
}

/* All vmas by address. Holds mmap_lock. */
#define for_each_vma(mm, vma) list_for_each_entry(vma, &(mm)->vmas, link)

/* "[heap]", "[stack]", "[vdso]", ops' name, or NULL (see the file, if any). Holds mmap_lock. */
const char *vma_name(const struct vma *vma);

static inline u64 vma_pages(const struct vma *vma)
{
	return (vma->end - vma->start) >> PAGE_SHIFT;
}

/* No file, no cache: zero pages on demand. */
static inline bool vma_is_anonymous(const struct vma *vma)
{
	return !vma->cache && !vma->ops->fault;
}

/* Lowest address a vma lets its neighbour below use (a stack keeps its guard gap). */
static inline vaddr_t vma_guarded_start(const struct vma *vma)
{
	if (!(vma->flags & VM_GROWSDOWN))
		return vma->start;
	return vma->start > STACK_GUARD_GAP ? vma->start - STACK_GUARD_GAP : 0;
}

/* Resident pages now; the peak. */
u64 mm_rss(const struct mm *mm);
u64 mm_rss_peak(struct mm *mm);

/* What the tables hold of [vma->start, vma->end), for smaps and mincore; in bytes. */
struct vma_usage {
	u64 rss, pss, anon, file, shmem, shared_clean, shared_dirty;
	u64 private_clean, private_dirty, referenced, locked;
};
void vma_usage(struct vma *vma, struct vma_usage *out) REQUIRES_SHARED(vma->mm->mmap_lock);
/* /proc/PID/pagemap's word for the page at addr. Holds mmap_lock. */
u64 mm_pagemap(struct mm *mm, vaddr_t addr) REQUIRES_SHARED(mm->mmap_lock);

/* ---- changing: these take mmap_lock themselves ---- */

/*
 * mmap(2) without the descriptor: addr is a hint, or with MAP_FIXED the place; src
 * NULL means anonymous. 0 and the address in *out, or -EINVAL -ENOMEM -EACCES -EPERM
 * -EEXIST -EAGAIN -EOVERFLOW as mmap(2). MAP_POPULATE is honoured.
 */
int mm_map(struct mm *mm, vaddr_t addr, u64 len, unsigned int prot, unsigned int flags,
	   const struct vm_source *src, u64 pgoff, u64 *out);
/* 0, -EINVAL, -ENOMEM (a split went over the limit). */
int mm_unmap(struct mm *mm, vaddr_t addr, u64 len);
/*
 * Unmaps all that is left of the one mapping with these ops that was made at addr, whatever
 * has been cut out of it since (shmdt). 0, -EINVAL when nothing is there, -EINTR, -ENOMEM.
 */
int mm_unmap_object(struct mm *mm, vaddr_t addr, const struct vm_ops *ops);
int mm_protect(struct mm *mm, vaddr_t addr, u64 len, unsigned int prot);
/* madvise(2), with its errors. */
int mm_madvise(struct mm *mm, vaddr_t start, u64 len, int advice);
/* brk(2): the new or, when it cannot be had, the old break. */
vaddr_t mm_brk(struct mm *mm, vaddr_t brk);
/* Faults [addr, addr + len) in, for writing where it is private and writable. 0 or -errno. */
int mm_populate(struct mm *mm, vaddr_t addr, u64 len);

/* ---- exec: the mm is not yet anybody's current ---- */

#define MM_STACK_EXEC   1u      /* PT_GNU_STACK asks for it */
#define MM_RANDOMIZE    2u      /* ASLR for this program; see mm_may_randomize() */

/* False with CONFIG_RANDOMIZE_VA off, `norandmaps`, or randomize_va_space = 0. */
bool mm_may_randomize(void);
extern int randomize_va_space;  /* 0, 1 (no brk), 2 */
/*
 * Chooses the layout and maps a growing stack under *top, the highest usable
 * address (16-byte aligned), which lies in the last 512 GB of user space. Its
 * 128 KB of room are not populated. 0, -ENOMEM.
 */
int mm_setup_stack(struct mm *mm, unsigned int flags, vaddr_t *top);
/* Places the heap at or (randomized) somewhat above end, the end of the bss. */
void mm_set_brk(struct mm *mm, vaddr_t end);
/* Random page-aligned load address for a position-independent program of len bytes. */
vaddr_t mm_pie_base(struct mm *mm, u64 len);
/* A free place of len bytes, or -ENOMEM; it stays free only if nobody else maps. May sleep. */
vaddr_t mm_find_room(struct mm *mm, u64 len);
/*
 * Maps n kernel-owned pages at a free place (hint 0) or exactly at hint; the pages
 * stay the caller's, who must keep them for ever. 0 and *out, or -errno.
 */
int mm_insert_special(struct mm *mm, vaddr_t hint, u64 len, vm_flags_t flags,
		      struct page **pages, const char *name, vaddr_t *out);
/*
 * Notes the program: nobody may write to the file for as long as the mm lives (ETXTBSY).
 * The caller has denied writing to it already and keeps its reference. Once an mm.
 */
void mm_set_exe_file(struct mm *mm, struct file *file);
/* A counted reference (file_put), or NULL. */
struct file *mm_exe_file(struct mm *mm);

/* ---- another's memory ---- */

#define MM_ACCESS_WRITE 1u
#define MM_ACCESS_FORCE 2u      /* as a debugger: beyond the vma's protection, by a private copy */

/*
 * Copies between the kernel buffer buf and addr in mm, faulting in and breaking CoW
 * as needed. Returns the bytes done (short at the first page that is not to be
 * had), or -EFAULT if none, -EINTR on a fatal signal. The caller holds a user
 * reference and no lock. Code written is made visible to instruction fetch.
 */
ssize_t mm_access(struct mm *mm, vaddr_t addr, void *buf, size_t len, unsigned int flags);

/* Device memory into a vma that has VM_PFNMAP: page range [addr, addr + len). mmap_lock write. */
int mm_map_pfn(struct vma *vma, vaddr_t addr, pfn_t pfn, u64 len, pgprot_t prot)
	REQUIRES(vma->mm->mmap_lock);

/*
 * The identity of a futex word in shared memory: the page behind addr, with a
 * reference, in *page (a cache page's mapping and index name it for good). For
 * private memory *page is NULL: the key is (mm, addr). 0, -EFAULT if nothing is there, or
 * nothing that could change.
 */
int mm_shared_key(struct mm *mm, vaddr_t addr, bool write, struct page **page);

/* Overcommit: sysctl vm.overcommit_memory (0 heuristic, 1 always, 2 never) and ratio. */
extern int sysctl_overcommit_memory, sysctl_overcommit_ratio;
extern u64 sysctl_max_map_count, sysctl_mmap_min_addr;
/* Counts pages as promised: 0 or -ENOMEM. Negative pages give back and never fail. */
int mm_commit(long pages);
u64 mm_committed(void);
u64 mm_commit_limit(void);

#endif
