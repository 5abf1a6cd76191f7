/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The iterator over the memory of a transfer. Copies go segment by segment and stop at
 * the first byte that faults; what was done before it counts.
 */
#include <fs/uio.h>
#include <lib/err.h>
#include <lib/string.h>
#include <arch/uaccess.h>
#include <mm/page.h>
#include <mm/slab.h>

static void next_segment(struct iov_iter *it)
{
	it->at = it->iov->iov_base;
	it->left = (size_t)it->iov->iov_len;
	it->iov++;
	it->nr_segs--;
}

void iov_iter_init(struct iov_iter *it, u8 rw, const struct iovec *iov, u32 nr, size_t count)
{
	iov_iter_ubuf(it, rw, NULL, 0);
	it->iov = iov;
	it->nr_segs = nr;
	it->count = count;
	if (nr)
		next_segment(it);
}

ssize_t import_iovec(u8 rw, const struct iovec __user *uvec, unsigned long nr,
		     struct iovec *fast, struct iovec **iovp, struct iov_iter *it)
{
	struct iovec *iov = fast;
	size_t total = 0;
	unsigned long i;
	ssize_t ret;

	*iovp = NULL;
	if (nr > UIO_MAXIOV)
		return -EINVAL;
	if (nr > UIO_FAST) {
		iov = kmalloc_array(nr, sizeof(*iov), GFP_KERNEL);
		if (!iov)
			return -ENOMEM;
		*iovp = iov;
	}
	ret = -EFAULT;
	if (copy_from_user(iov, uvec, nr * sizeof(*iov)))
		goto out;
	for (i = 0; i < nr; i++) {
		size_t len = (size_t)iov[i].iov_len;

		ret = -EINVAL;
		if ((ssize_t)len < 0)
			goto out;
		ret = -EFAULT;
		if (!access_ok(iov[i].iov_base, len))
			goto out;
		if (len > MAX_RW_COUNT - total) {
			len = MAX_RW_COUNT - total;
			iov[i].iov_len = len;
		}
		total += len;
	}
	iov_iter_init(it, rw, iov, (u32)nr, total);
	return (ssize_t)total;
out:
	kfree(*iovp);
	*iovp = NULL;
	return ret;
}

/* The bytes that can be moved at once from here; 0 at the end. */
static size_t seg_left(struct iov_iter *it)
{
	while (!it->left && it->nr_segs)
		next_segment(it);
	return min(it->left, it->count);
}

enum op { OP_TO, OP_FROM, OP_ZERO };

static inline size_t move(struct iov_iter *it, void *buf, size_t n, enum op op)
{
	char *at = it->at;

	if (it->type == ITER_KERNEL) {
		if (op == OP_TO)
			memcpy(at, buf, n);
		else if (op == OP_FROM)
			memcpy(buf, at, n);
		else
			memset(at, 0, n);
		return n;
	}
	if (op == OP_TO)
		return n - copy_to_user((void __user *)at, buf, n);
	if (op == OP_FROM)
		return n - copy_from_user(buf, (const void __user *)at, n);
	return n - clear_user((void __user *)at, n);
}

static noinline size_t transfer(void *buf, size_t n, struct iov_iter *it, enum op op)
{
	size_t done = 0;

	if (n > it->count)
		n = it->count;
	while (done < n) {
		size_t seg = seg_left(it), moved;

		if (!seg)
			break;
		if (seg > n - done)
			seg = n - done;
		moved = move(it, (char *)buf + done, seg, op);
		iov_iter_moved(it, moved);
		done += moved;
		if (unlikely(moved < seg))
			break;
	}
	return done;
}

size_t copy_to_iter(const void *src, size_t n, struct iov_iter *it)
{
	if (unlikely(!iov_iter_simple(it, n)))
		return transfer((void *)src, n, it, OP_TO);
	n -= copy_to_user((char __user *)it->at, src, n);
	iov_iter_moved(it, n);
	return n;
}

size_t copy_from_iter(void *dst, size_t n, struct iov_iter *it)
{
	if (unlikely(!iov_iter_simple(it, n)))
		return transfer(dst, n, it, OP_FROM);
	n -= copy_from_user(dst, (const char __user *)it->at, n);
	iov_iter_moved(it, n);
	return n;
}

size_t iov_iter_zero(size_t n, struct iov_iter *it)
{
	if (likely(iov_iter_simple(it, n))) {
		n -= clear_user((char __user *)it->at, n);
		iov_iter_moved(it, n);
		return n;
	}
	return transfer(NULL, n, it, OP_ZERO);
}

size_t copy_page_to_iter(struct page *page, size_t offset, size_t n, struct iov_iter *it)
{
	return copy_to_iter((char *)page_to_virt(page) + offset, n, it);
}

size_t copy_page_from_iter(struct page *page, size_t offset, size_t n, struct iov_iter *it)
{
	return copy_from_iter((char *)page_to_virt(page) + offset, n, it);
}

void iov_iter_advance(struct iov_iter *it, size_t n)
{
	while (n) {
		size_t seg = min(seg_left(it), n);

		if (!seg)
			return;
		iov_iter_moved(it, seg);
		n -= seg;
	}
}

void iov_iter_revert(struct iov_iter *it, size_t n)
{
	it->count += n;
	while (it->iov && n) {
		size_t done = (size_t)(it->at - (char *)it->iov[-1].iov_base);

		if (n <= done)
			break;
		/* To the end of the segment before. */
		n -= done;
		it->iov--;
		it->nr_segs++;
		it->at = (char *)it->iov[-1].iov_base + it->iov[-1].iov_len;
		it->left = 0;
	}
	it->at -= n;
	it->left += n;
}
