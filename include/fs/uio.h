/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scatter/gather of a transfer: where the bytes of a read go to, or those of a write
 * come from. One iov_iter walks user or kernel memory; copy functions advance it.
 *
 * Context: user iterators only in task context (copies may fault and sleep); kernel
 * ones anywhere. Copies return the bytes moved: fewer than asked means a fault in user
 * memory (or the end of the iterator), and the iterator stands at the failing byte.
 */
#ifndef FS_UIO_H
#define FS_UIO_H

#include <arch/uaccess.h>
#include <lib/compiler.h>
#include <linux/uio.h>

struct page;

#define ITER_USER    0
#define ITER_KERNEL  1
#define ITER_DEST    0     /* read(): bytes are stored to the iterator */
#define ITER_SOURCE  1     /* write(): bytes are taken from it */

#define UIO_FAST     8     /* iovecs kept on the caller's stack */
#define MAX_RW_COUNT (0x7fffffff & ~4095ul)

struct iov_iter {
	u8                  type;        /* ITER_USER or ITER_KERNEL */
	u8                  rw : 1;      /* ITER_DEST or ITER_SOURCE */
	u8                  append : 1;  /* RWF_APPEND of the call */
	u8                  nowait;      /* RWF_NOWAIT of the call */
	u8                  sync;        /* RWF_DSYNC or RWF_SYNC of the call */
	u32                 nr_segs;     /* segments after the one at hand, from iov on */
	size_t              count;       /* bytes left in all; whoever wants fewer moved lowers it */
	size_t              left;        /* of the segment at hand; 0: it is done, or there was none */
	char               *at;          /* they begin here */
	const struct iovec *iov;         /* the caller's array; NULL: one piece of memory */
};

static inline void iov_iter_one(struct iov_iter *it, u8 type, u8 rw, void *buf, size_t n)
{
	it->type = type;
	it->rw = rw;
	it->nowait = 0;
	it->sync = 0;
	it->append = 0;
	it->nr_segs = 0;
	it->count = n;
	it->left = n;
	it->at = buf;
	it->iov = NULL;
}
static inline void iov_iter_ubuf(struct iov_iter *it, u8 rw, void __user *buf, size_t n)
{
	iov_iter_one(it, ITER_USER, rw, (void *)buf, n);
}
static inline void iov_iter_kbuf(struct iov_iter *it, u8 rw, void *buf, size_t n)
{
	iov_iter_one(it, ITER_KERNEL, rw, buf, n);
}
void iov_iter_init(struct iov_iter *it, u8 rw, const struct iovec *iov, u32 nr, size_t count);

/*
 * Copies a user's iovec array in (into `fast`, or allocated into *iovp, to be kfree'd;
 * NULL when fast was used) and checks it. Returns the total bytes (capped at
 * MAX_RW_COUNT) or -EINVAL, -EFAULT, -ENOMEM.
 */
ssize_t import_iovec(u8 rw, const struct iovec __user *uvec, unsigned long nr,
		     struct iovec *fast, struct iovec **iovp, struct iov_iter *it);

size_t copy_to_iter(const void *src, size_t n, struct iov_iter *it);
size_t copy_from_iter(void *dst, size_t n, struct iov_iter *it);
size_t iov_iter_zero(size_t n, struct iov_iter *it);
size_t copy_page_to_iter(struct page *page, size_t offset, size_t n, struct iov_iter *it);
size_t copy_page_from_iter(struct page *page, size_t offset, size_t n, struct iov_iter *it);
void   iov_iter_advance(struct iov_iter *it, size_t n);
/* Takes back the last n bytes copied; only within what was advanced. */
void   iov_iter_revert(struct iov_iter *it, size_t n);
static inline size_t iov_iter_count(const struct iov_iter *it)
{
	return it->count;
}

/* All of it from or to one piece of user memory: nearly every copy. */
static __always_inline bool iov_iter_simple(const struct iov_iter *it, size_t n)
{
	return it->type == ITER_USER && n <= it->count && n <= it->left;
}
static __always_inline void iov_iter_moved(struct iov_iter *it, size_t n)
{
	it->at += n;
	it->left -= n;
	it->count -= n;
}
/* The same with the common case in the caller. */
static __always_inline size_t copy_to_iter_inline(const void *src, size_t n, struct iov_iter *it)
{
	if (unlikely(!iov_iter_simple(it, n) || copy_to_user((char __user *)it->at, src, n)))
		return copy_to_iter(src, n, it);
	iov_iter_moved(it, n);
	return n;
}
static __always_inline size_t copy_from_iter_inline(void *dst, size_t n, struct iov_iter *it)
{
	if (unlikely(!iov_iter_simple(it, n) || copy_from_user(dst, (const char __user *)it->at, n)))
		return copy_from_iter(dst, n, it);
	iov_iter_moved(it, n);
	return n;
}
/* All n bytes or false. */
static __always_inline bool copy_to_iter_full(const void *src, size_t n, struct iov_iter *it)
{
	return copy_to_iter_inline(src, n, it) == n;
}
static __always_inline bool copy_from_iter_full(void *dst, size_t n, struct iov_iter *it)
{
	return copy_from_iter_inline(dst, n, it) == n;
}
static inline void iov_iter_truncate(struct iov_iter *it, size_t n)
{
	if (it->count > n)
		it->count = n;
}

#endif /* FS_UIO_H */
