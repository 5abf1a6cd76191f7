/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * process_vm_readv(2) and process_vm_writev(2): copying between the caller's memory and
 * another process's, through a page of the kernel's. And process_madvise(2), advice about it.
 */
#include <arch/uaccess.h>
#include <fs/uio.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/pidfd.h>
#include <kernel/syscall.h>
#include <lib/err.h>
#include <linux/mman.h>
#include <linux/uio.h>
#include <mm/mm.h>
#include <mm/slab.h>

/* The other side: an array of ranges, and how far it is done. */
struct remote {
	struct mm	   *mm;
	const struct iovec *vec;
	unsigned long	   nr;
	size_t		   offset;	/* done in vec[0] */
};

/* Copies at most a page. Bytes, 0 when the ranges are used up, or -errno. */
static ssize_t copy_piece(struct remote *r, struct iov_iter *local, char *page, bool write)
{
	vaddr_t at;
	ssize_t n;
	size_t len;

	while (r->nr && r->offset == r->vec->iov_len) {
		r->vec++;
		r->nr--;
		r->offset = 0;
	}
	if (!r->nr || !iov_iter_count(local))
		return 0;
	at = (vaddr_t)r->vec->iov_base + r->offset;
	len = min_t(size_t, r->vec->iov_len - r->offset, iov_iter_count(local));
	len = min_t(size_t, len, PAGE_SIZE - (at & ~PAGE_MASK));
	if (write) {
		len = copy_from_iter(page, len, local);
		if (!len)
			return -EFAULT;
		n = mm_access(r->mm, at, page, len, MM_ACCESS_WRITE);
		if (n > 0 && (size_t)n < len)
			iov_iter_revert(local, len - (size_t)n);
	} else {
		n = mm_access(r->mm, at, page, len, 0);
		if (n > 0) {
			n = (ssize_t)copy_to_iter(page, (size_t)n, local);
			if (!n)
				n = -EFAULT;
		}
	}
	if (n > 0)
		r->offset += (size_t)n;
	return n;
}

static ssize_t copy_all(struct remote *r, struct iov_iter *local, bool write)
{
	char *page = kmalloc(PAGE_SIZE, GFP_KERNEL);
	ssize_t done = 0, n = 0;

	if (!page)
		return -ENOMEM;
	while ((n = copy_piece(r, local, page, write)) > 0)
		done += n;
	kfree(page);
	return done ? done : n;
}

/* The address space of process `pid`, if the caller may touch it. */
static struct mm *mm_of(pid_t pid)
{
	struct task *task = task_find(pid);
	struct mm *mm;
	int err;

	if (!task)
		return ERR_PTR(-ESRCH);
	err = task_may_attach(task);
	mm = err ? ERR_PTR(err) : task_mm_get(task);
	task_put(task);
	return mm ? mm : ERR_PTR(-ESRCH);
}

static ssize_t advise_all(struct mm *mm, const struct iovec *vec, size_t nr, int advice)
{
	ssize_t done = 0;

	for (const struct iovec *v = vec; v < vec + nr; v++) {
		int err = mm_madvise(mm, (vaddr_t)v->iov_base, v->iov_len, advice);

		if (err)
			return done ? done : err;
		done += (ssize_t)v->iov_len;
	}
	return done;
}

static ssize_t advise_process(int pidfd, const struct iovec *vec, size_t nr, int advice)
{
	struct process *proc = pidfd_process(pidfd, NULL);
	struct mm *mm;
	ssize_t ret;

	if (IS_ERR(proc))
		return PTR_ERR(proc);
	ret = -EINVAL;
	/* Nothing that would change what the other finds in its memory. */
	if (advice != MADV_COLD && advice != MADV_PAGEOUT && advice != MADV_WILLNEED)
		goto out;
	mm = mm_of(proc->pid);
	ret = PTR_ERR_OR_ZERO(mm);
	if (ret)
		goto out;
	ret = capable(CAP_SYS_NICE) ? advise_all(mm, vec, nr, advice) : -EPERM;
	mm_put(mm);
out:
	process_put(proc);
	return ret;
}

SYSCALL_DEFINE5(process_madvise, int, pidfd, const struct iovec __user *, uvec, size_t, nr,
		int, advice, unsigned int, flags)
{
	struct iovec fast[UIO_FAST], *heap = NULL;
	struct iov_iter it;
	ssize_t ret;

	if (flags)
		return -EINVAL;
	ret = import_iovec(ITER_DEST, uvec, nr, fast, &heap, &it);
	if (ret >= 0)
		ret = advise_process(pidfd, heap ? heap : fast, nr, advice);
	kfree(heap);
	return ret;
}

/* Copies the ranges of the other side in, without looking whether they exist. */
static struct iovec *import_remote(const struct iovec __user *uvec, unsigned long nr,
				   struct iovec *fast)
{
	struct iovec *vec = fast;
	size_t total = 0;

	if (nr > UIO_MAXIOV)
		return ERR_PTR(-EINVAL);
	if (nr > UIO_FAST)
		vec = kmalloc_array(nr, sizeof(*vec), GFP_KERNEL);
	if (!vec)
		return ERR_PTR(-ENOMEM);
	if (copy_from_user(vec, uvec, nr * sizeof(*vec))) {
		if (vec != fast)
			kfree(vec);
		return ERR_PTR(-EFAULT);
	}
	for (unsigned long i = 0; i < nr; i++) {
		if ((ssize_t)vec[i].iov_len < 0) {
			if (vec != fast)
				kfree(vec);
			return ERR_PTR(-EINVAL);
		}
		vec[i].iov_len = min_t(size_t, vec[i].iov_len, MAX_RW_COUNT - total);
		total += vec[i].iov_len;
	}
	return vec;
}

static ssize_t process_vm_rw(pid_t pid, const struct iovec __user *ulocal, unsigned long nr_local,
			     const struct iovec __user *uremote, unsigned long nr_remote,
			     unsigned long flags, bool write)
{
	struct iovec fast_local[UIO_FAST], fast_remote[UIO_FAST], *heap, *vec;
	struct remote r = { .nr = nr_remote };
	struct iov_iter local;
	ssize_t ret;

	if (flags)
		return -EINVAL;
	ret = import_iovec(write ? ITER_SOURCE : ITER_DEST, ulocal, nr_local, fast_local, &heap,
			   &local);
	if (ret < 0)
		return ret;
	ret = 0;
	if (!iov_iter_count(&local))
		goto out_local;
	vec = import_remote(uremote, nr_remote, fast_remote);
	ret = PTR_ERR_OR_ZERO(vec);
	if (ret)
		goto out_local;
	r.vec = vec;
	r.mm = mm_of(pid);
	ret = PTR_ERR_OR_ZERO(r.mm);
	if (!ret) {
		ret = copy_all(&r, &local, write);
		mm_put(r.mm);
	}
	if (vec != fast_remote)
		kfree(vec);
out_local:
	kfree(heap);
	return ret;
}

SYSCALL_DEFINE6(process_vm_readv, pid_t, pid, const struct iovec __user *, local,
		unsigned long, nr_local, const struct iovec __user *, remote,
		unsigned long, nr_remote, unsigned long, flags)
{
	return process_vm_rw(pid, local, nr_local, remote, nr_remote, flags, false);
}

SYSCALL_DEFINE6(process_vm_writev, pid_t, pid, const struct iovec __user *, local,
		unsigned long, nr_local, const struct iovec __user *, remote,
		unsigned long, nr_remote, unsigned long, flags)
{
	return process_vm_rw(pid, local, nr_local, remote, nr_remote, flags, true);
}
