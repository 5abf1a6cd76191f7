/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files of /proc/PID that are pieces of the process itself: mem, environ, cmdline, auxv,
 * pagemap; and the two that can be written, comm and oom_score_adj.
 *
 * The memory files keep nothing open: each read finds the process again and copies
 * through a page of kernel memory.
 */
#include <arch/uaccess.h>
#include <fs/uio.h>
#include <kernel/cred.h>
#include <kernel/signal.h>
#include <lib/parse.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include "proc_internal.h"

ssize_t proc_get_text(struct iov_iter *from, char *buf, size_t size)
{
	size_t n = iov_iter_count(from);

	if (n >= size)
		return -EINVAL;
	if (copy_from_iter(buf, n, from) != n)
		return -EFAULT;
	buf[n] = '\0';
	if (n && buf[n - 1] == '\n')
		buf[n - 1] = '\0';
	return (ssize_t)n;
}

/* The process's address space, counted; NULL: it has none (any more). */
static struct mm *mm_of(struct file *file, int *err)
{
	struct proc_view v;
	struct mm *mm;

	*err = proc_view_get(file_inode(file), &v);
	if (*err)
		return NULL;
	if (proc_ref(file_inode(file))->file->guarded)
		*err = task_may_look(v.task);
	mm = *err ? NULL : task_mm_get(v.task);
	proc_view_put(&v);
	return mm;
}

static int guarded_open(struct inode *inode, struct file *file)
{
	struct proc_view v;
	int err = proc_view_get(inode, &v);

	if (err)
		return err;
	err = task_may_look(v.task);
	proc_view_put(&v);
	return err;
}

/* Copies [from, end) of mm to the reader. Bytes, or -errno if none. */
static ssize_t copy_range(struct mm *mm, vaddr_t from, vaddr_t end, struct iov_iter *to,
			  unsigned flags)
{
	char *page = kmalloc(PAGE_SIZE, GFP_KERNEL);
	ssize_t done = 0;

	if (!page)
		return -ENOMEM;
	while (from < end && iov_iter_count(to)) {
		size_t want = min_t(size_t, min_t(u64, end - from, iov_iter_count(to)), PAGE_SIZE);
		ssize_t n = mm_access(mm, from, page, want, flags);
		size_t copied;

		if (n <= 0) {
			if (!done)
				done = n ? n : -EIO;
			break;
		}
		copied = copy_to_iter(page, (size_t)n, to);
		done += (ssize_t)copied;
		from += copied;
		if (copied < (size_t)n) {
			if (!done)
				done = -EFAULT;
			break;
		}
		if (fatal_signal_pending(current))
			break;
	}
	kfree(page);
	return done;
}

/* ---- mem ---- */

static ssize_t mem_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	int err;
	struct mm *mm = mm_of(file, &err);
	ssize_t n;

	if (!mm)
		return err;
	n = copy_range(mm, (vaddr_t)*pos, TASK_SIZE, to, MM_ACCESS_FORCE);
	mm_put(mm);
	if (n == -EFAULT || (!n && iov_iter_count(to)))
		n = -EIO;
	if (n > 0)
		*pos += n;
	return n;
}

static ssize_t mem_write(struct file *file, struct iov_iter *from, loff_t *pos)
{
	char *page = kmalloc(PAGE_SIZE, GFP_KERNEL);
	ssize_t done = 0;
	struct mm *mm;
	int err;

	if (!page)
		return -ENOMEM;
	mm = mm_of(file, &err);
	if (!mm) {
		kfree(page);
		return err;
	}
	while (iov_iter_count(from)) {
		size_t want = min_t(size_t, iov_iter_count(from), PAGE_SIZE);
		size_t got = copy_from_iter(page, want, from);
		ssize_t n = got ? mm_access(mm, (vaddr_t)*pos, page, got,
					    MM_ACCESS_FORCE | MM_ACCESS_WRITE) : -EFAULT;

		if (n <= 0) {
			if (!done)
				done = !got ? -EFAULT : -EIO;
			break;
		}
		done += n;
		*pos += n;
		if ((size_t)n < want)
			break;
	}
	mm_put(mm);
	kfree(page);
	return done;
}

/* Positions are addresses: all of them are fine. */
static loff_t mem_llseek(struct file *file, loff_t offset, int whence)
{
	if (whence == SEEK_CUR)
		offset += file->f_pos;
	else if (whence != SEEK_SET)
		return -EINVAL;
	return file->f_pos = offset;
}

/* ---- environ, cmdline ---- */

static ssize_t environ_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	int err;
	struct mm *mm = mm_of(file, &err);
	ssize_t n = 0;

	if (!mm)
		return err;
	if ((u64)*pos < mm->env_end - mm->env_start)
		n = copy_range(mm, mm->env_start + (u64)*pos, mm->env_end, to, MM_ACCESS_FORCE);
	mm_put(mm);
	if (n > 0)
		*pos += n;
	return n;
}

/* The end of the string at `from`, not beyond `limit`. */
static vaddr_t string_end(struct mm *mm, vaddr_t from, vaddr_t limit)
{
	char buf[64];

	while (from < limit) {
		ssize_t n = mm_access(mm, from, buf, min_t(u64, limit - from, sizeof(buf)), MM_ACCESS_FORCE);
		size_t len;

		if (n <= 0)
			return from;
		len = strnlen(buf, (size_t)n);
		from += len;
		if (len < (size_t)n)
			return from;
	}
	return limit;
}

/*
 * The arguments with their NULs. A program that wrote a title of its own over them has
 * usually taken the last NUL away: then the text is one string that may go on into the
 * environment.
 */
static ssize_t cmdline_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	int err;
	struct mm *mm = mm_of(file, &err);
	vaddr_t end;
	ssize_t n = 0;
	char last = 0;

	if (!mm)
		return err;
	end = mm->arg_end;
	if (end > mm->arg_start) {
		(void)!mm_access(mm, end - 1, &last, 1, MM_ACCESS_FORCE);
		if (last)
			end = string_end(mm, mm->arg_start, mm->env_end);
		if ((u64)*pos < end - mm->arg_start)
			n = copy_range(mm, mm->arg_start + (u64)*pos, end, to, MM_ACCESS_FORCE);
	}
	mm_put(mm);
	if (n > 0)
		*pos += n;
	return n;
}

/* ---- auxv, pagemap ---- */

static ssize_t auxv_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	int err;
	struct mm *mm = mm_of(file, &err);
	size_t words = 0;
	ssize_t n;

	if (!mm)
		return err;
	do {
		words += 2;
	} while (words + 2 <= MM_AUXV_WORDS && mm->auxv[words - 2]);
	n = simple_read_from_buffer(to, pos, mm->auxv, words * sizeof(u64));
	mm_put(mm);
	return n;
}

static ssize_t pagemap_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	bool frames = capable(CAP_SYS_ADMIN);
	ssize_t done = 0;
	struct mm *mm;
	u64 word;
	int err;

	if ((u64)*pos % sizeof(word) || iov_iter_count(to) % sizeof(word))
		return -EINVAL;
	mm = mm_of(file, &err);
	if (!mm)
		return err;
	while (iov_iter_count(to) && (u64)*pos / sizeof(word) < TASK_SIZE >> PAGE_SHIFT) {
		down_read(&mm->mmap_lock);
		word = mm_pagemap(mm, (vaddr_t)*pos / sizeof(word) << PAGE_SHIFT);
		up_read(&mm->mmap_lock);
		if (!frames)
			word &= ~((1ull << 55) - 1);
		if (copy_to_iter(&word, sizeof(word), to) != sizeof(word)) {
			if (!done)
				done = -EFAULT;
			break;
		}
		done += (ssize_t)sizeof(word);
		*pos += (loff_t)sizeof(word);
		if (signal_pending(current))
			break;
	}
	mm_put(mm);
	return done;
}

/* ---- comm, oom_score_adj ---- */

static ssize_t comm_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	char text[TASK_COMM_LEN + 1];
	struct proc_view v;
	int err = proc_view_get(file_inode(file), &v);
	size_t n;

	if (err)
		return err;
	task_comm(v.task, text);
	proc_view_put(&v);
	n = strlen(text);
	text[n++] = '\n';
	return simple_read_from_buffer(to, pos, text, n);
}

static ssize_t comm_write(struct file *file, struct iov_iter *from, loff_t *pos)
{
	size_t count = iov_iter_count(from), n = min_t(size_t, count, TASK_COMM_LEN - 1);
	char text[TASK_COMM_LEN];
	struct proc_view v;
	int err;

	if (copy_from_iter(text, n, from) != n)
		return -EFAULT;
	text[n] = '\0';
	err = proc_view_get(file_inode(file), &v);
	if (err)
		return err;
	if (v.proc == current->proc)
		task_set_comm(v.task, text);
	else
		err = -EINVAL;
	proc_view_put(&v);
	return err ? err : (ssize_t)count;
}

static ssize_t oom_adj_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	struct proc_view v;
	int err = proc_view_get(file_inode(file), &v), n;
	char text[16];

	if (err)
		return err;
	n = snprintf(text, sizeof(text), "%d\n", READ_ONCE(v.proc->oom_score_adj));
	proc_view_put(&v);
	return simple_read_from_buffer(to, pos, text, (size_t)n);
}

static ssize_t oom_adj_write(struct file *file, struct iov_iter *from, loff_t *pos)
{
	char text[24];
	ssize_t n = proc_get_text(from, text, sizeof(text));
	struct proc_view v;
	int err, adj;

	if (n < 0)
		return n;
	err = kstrtoint(strim(text), 0, &adj);
	if (err)
		return err;
	if (adj < -1000 || adj > 1000)
		return -EINVAL;
	err = proc_view_get(file_inode(file), &v);
	if (err)
		return err;
	spin_lock_irq(&v.proc->siglock);
	if (adj < v.proc->oom_score_adj && !capable(CAP_SYS_RESOURCE))
		err = -EACCES;
	else
		v.proc->oom_score_adj = adj;
	spin_unlock_irq(&v.proc->siglock);
	proc_view_put(&v);
	return err ? err : n;
}

const struct file_ops pid_mem_fops = {
	.open = guarded_open, .read = mem_read, .write = mem_write, .llseek = mem_llseek,
};
const struct file_ops pid_environ_fops = {
	.open = guarded_open, .read = environ_read, .llseek = mem_llseek,
};
const struct file_ops pid_auxv_fops = {
	.open = guarded_open, .read = auxv_read, .llseek = mem_llseek,
};
const struct file_ops pid_pagemap_fops = {
	.open = guarded_open, .read = pagemap_read, .llseek = mem_llseek,
};
const struct file_ops pid_cmdline_fops = { .read = cmdline_read, .llseek = mem_llseek };
const struct file_ops pid_comm_fops = {
	.read = comm_read, .write = comm_write, .llseek = mem_llseek,
};
const struct file_ops pid_oom_adj_fops = {
	.read = oom_adj_read, .write = oom_adj_write, .llseek = mem_llseek,
};
