/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A sparse array from u64 index to pointer: a radix tree with 64 slots a node
 * that is only as high as its largest index needs, so that every operation is
 * O(log64 index). An array that holds nothing but index 0 has no node at all.
 *
 * Entries are any non-NULL pointer; storing NULL erases. Each entry carries
 * XA_MARKS marks; finding marked entries skips unmarked subtrees. A new entry
 * stored over an old one keeps the marks; erasing drops them.
 *
 * The caller brings the lock: exclusive for store, insert, erase and marks,
 * shared is enough for load, find and xa_get_mark(). Nodes come from
 * xa_node_alloc(), which does not sleep (see <lib/alloc.h>).
 */
#ifndef LIB_XARRAY_H
#define LIB_XARRAY_H

#include <lib/bitops.h>
#include <lib/errno.h>

#define XA_SHIFT 6
#define XA_SLOTS (1U << XA_SHIFT)
#define XA_MARKS 2

/* Users name the marks they use, e.g. #define PAGE_MARK_DIRTY XA_MARK_0. */
typedef unsigned int xa_mark_t;
#define XA_MARK_0 0U
#define XA_MARK_1 1U

struct xa_node {
	struct xa_node *parent;
	u8              shift;          /* index bits below this node's slots */
	u8              offset;         /* my slot in the parent */
	u64             present;        /* bit i: slot i is not NULL */
	u64             full;           /* bit i: no index below slot i is free */
	u64             marks[XA_MARKS]; /* bit i: something below slot i is marked */
	void           *slots[XA_SLOTS];
};

struct xarray {
	void *root;             /* levels 0: the entry of index 0; else the top node */
	u8    levels;
	u8    root_marks;       /* bit m: something in the array has mark m */
};

#define XARRAY_INIT { NULL, 0, 0 }
#define DEFINE_XARRAY(name) struct xarray name = XARRAY_INIT

static inline void xa_init(struct xarray *xa)
{
	*xa = (struct xarray)XARRAY_INIT;
}

static inline bool xa_empty(const struct xarray *xa)
{
	return !xa->root;
}

static inline bool xa_marked(const struct xarray *xa, xa_mark_t mark)
{
	return xa->root_marks & (1U << mark);
}

void *xa_load(const struct xarray *xa, u64 index);
/* 0, or -ENOMEM with the array unchanged. entry NULL erases and cannot fail. */
int __must_check xa_store(struct xarray *xa, u64 index, void *entry);
/* As xa_store(), but -EBUSY if the index is taken. entry is not NULL. */
int __must_check xa_insert(struct xarray *xa, u64 index, void *entry);
/* Replaces a present entry and returns the old one; NULL (no change) if absent. */
void *xa_replace(struct xarray *xa, u64 index, void *entry);
/* Returns the entry that was there, or NULL. Frees nodes that become empty. */
void *xa_erase(struct xarray *xa, u64 index);
/* Frees all nodes. What the entries point to is the caller's. */
void xa_destroy(struct xarray *xa);

/* The first present entry at an index in *index..max, which *index becomes; or NULL. */
void *xa_find(const struct xarray *xa, u64 *index, u64 max);
/* The same, strictly after *index. */
void *xa_find_after(const struct xarray *xa, u64 *index, u64 max);
/* The first entry in *index..max that has the mark. */
void *xa_find_marked(const struct xarray *xa, u64 *index, u64 max, xa_mark_t mark);
void *xa_find_marked_after(const struct xarray *xa, u64 *index, u64 max, xa_mark_t mark);
/* The last present entry at or below *index; or NULL. */
void *xa_find_last(const struct xarray *xa, u64 *index);
/* The first absent index in min..max into *index: 0 or -EBUSY. */
int xa_find_free(const struct xarray *xa, u64 *index, u64 min, u64 max);

/* Marks of an absent index are clear; setting one there does nothing. */
bool xa_get_mark(const struct xarray *xa, u64 index, xa_mark_t mark);
void xa_set_mark(struct xarray *xa, u64 index, xa_mark_t mark);
void xa_clear_mark(struct xarray *xa, u64 index, xa_mark_t mark);

/* index is a u64 variable. The body may erase or replace the current entry. */
#define xa_for_each_range(xa, index, entry, start, last)			\
	for ((index) = (start), (entry) = xa_find(xa, &(index), last); (entry);	\
	     (entry) = xa_find_after(xa, &(index), last))
#define xa_for_each(xa, index, entry) xa_for_each_range(xa, index, entry, 0, U64_MAX)
#define xa_for_each_start(xa, index, entry, start) \
	xa_for_each_range(xa, index, entry, start, U64_MAX)
#define xa_for_each_marked(xa, index, entry, mark)				\
	for ((index) = 0, (entry) = xa_find_marked(xa, &(index), U64_MAX, mark); (entry); \
	     (entry) = xa_find_marked_after(xa, &(index), U64_MAX, mark))

/* Small numbers as entries. */
static inline void *xa_mk_value(unsigned long v)
{
	return (void *)((v << 1) | 1);
}

static inline unsigned long xa_to_value(const void *e)
{
	return (unsigned long)e >> 1;
}

static inline bool xa_is_value(const void *e)
{
	return (unsigned long)e & 1;
}

/* Weak, default lib_alloc(); override to give nodes their own slab. Zeroed. */
struct xa_node *xa_node_alloc(void);
void xa_node_free(struct xa_node *node);

#endif
