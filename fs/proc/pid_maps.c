/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /proc/PID/maps, smaps and smaps_rollup: the mappings of an address space.
 *
 * mmap_lock is held for reading while all lines are printed into memory, so the text is
 * of one moment; nothing in there copies to user space.
 */
#include <fs/fs.h>
#include <lib/string.h>
#include <mm/mm.h>
#include "proc_internal.h"

#define NAME_COLUMN 73

/* The file behind a mapping: inode for the numbers, path for the name. */
static void show_line(struct seq_file *m, const struct vma *vma)
{
	size_t start = m->count;
	const char *name = vma_name(vma);
	struct inode *inode = vma->file ? file_inode(vma->file) : NULL;
	dev_t dev = inode ? inode->i_sb->s_dev : 0;

	seq_printf(m, "%08llx-%08llx %c%c%c%c %08llx %02x:%02x %llu ", (unsigned long long)vma->start,
		   (unsigned long long)vma->end, vma->flags & VM_READ ? 'r' : '-',
		   vma->flags & VM_WRITE ? 'w' : '-', vma->flags & VM_EXEC ? 'x' : '-',
		   vma->flags & VM_MAYSHARE ? 's' : 'p',
		   (unsigned long long)(inode ? vma->pgoff << PAGE_SHIFT : 0), MAJOR(dev), MINOR(dev),
		   (unsigned long long)(inode ? inode->i_ino : 0));
	if (inode || name) {
		while (m->count - start < NAME_COLUMN && !seq_overflowed(m))
			seq_putc(m, ' ');
		if (inode)
			seq_path(m, &vma->file->f_path, "\n");
		else
			seq_puts(m, name);
	}
	seq_putc(m, '\n');
}

int pid_maps_show(struct seq_file *m, struct proc_view *v)
{
	struct mm *mm = task_mm_get(v->task);
	struct vma *vma;

	if (!mm)
		return 0;
	down_read(&mm->mmap_lock);
	for_each_vma(mm, vma)
		show_line(m, vma);
	up_read(&mm->mmap_lock);
	mm_put(mm);
	return 0;
}

static void kb(struct seq_file *m, const char *name, u64 bytes)
{
	seq_printf(m, "%-15s %8llu kB\n", name, (unsigned long long)bytes >> 10);
}

static void show_usage(struct seq_file *m, const struct vma_usage *u, bool rollup)
{
	kb(m, "Rss:", u->rss);
	kb(m, "Pss:", u->pss);
	kb(m, "Pss_Dirty:", u->private_dirty);
	if (rollup) {
		kb(m, "Pss_Anon:", u->anon);
		kb(m, "Pss_File:", u->pss > u->anon + u->shmem ? u->pss - u->anon - u->shmem : 0);
		kb(m, "Pss_Shmem:", u->shmem);
	}
	kb(m, "Shared_Clean:", u->shared_clean);
	kb(m, "Shared_Dirty:", u->shared_dirty);
	kb(m, "Private_Clean:", u->private_clean);
	kb(m, "Private_Dirty:", u->private_dirty);
	kb(m, "Referenced:", u->referenced);
	kb(m, "Anonymous:", u->anon);
	kb(m, "LazyFree:", 0);
	kb(m, "AnonHugePages:", 0);
	kb(m, "ShmemPmdMapped:", 0);
	kb(m, "FilePmdMapped:", 0);
	kb(m, "Shared_Hugetlb:", 0);
	kb(m, "Private_Hugetlb:", 0);
	kb(m, "Swap:", 0);
	kb(m, "SwapPss:", 0);
	kb(m, "Locked:", u->locked);
}

static void show_flags(struct seq_file *m, vm_flags_t flags)
{
	static const struct {
		vm_flags_t flag;
		char       name[3];
	} names[] = {
		{ VM_READ, "rd" }, { VM_WRITE, "wr" }, { VM_EXEC, "ex" }, { VM_SHARED, "sh" },
		{ VM_MAYREAD, "mr" }, { VM_MAYWRITE, "mw" }, { VM_MAYEXEC, "me" },
		{ VM_MAYSHARE, "ms" }, { VM_GROWSDOWN, "gd" }, { VM_PFNMAP, "pf" },
		{ VM_LOCKED, "lo" }, { VM_IO, "io" }, { VM_SEQ_READ, "sr" }, { VM_RAND_READ, "rr" },
		{ VM_DONTCOPY, "dc" }, { VM_DONTEXPAND, "de" }, { VM_LOCKONFAULT, "lf" },
		{ VM_ACCOUNT, "ac" }, { VM_NORESERVE, "nr" }, { VM_WIPEONFORK, "wf" },
		{ VM_DONTDUMP, "dd" }, { VM_HUGEPAGE, "hg" }, { VM_NOHUGEPAGE, "nh" },
		{ VM_MERGEABLE, "mg" },
	};

	seq_puts(m, "VmFlags: ");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (flags & names[i].flag)
			seq_printf(m, "%s ", names[i].name);
	seq_putc(m, '\n');
}

/* vma_usage() names the lock as vma->mm's, which the analysis cannot know to be mm's. */
int pid_smaps_show(struct seq_file *m, struct proc_view *v) NO_THREAD_SAFETY_ANALYSIS
{
	struct mm *mm = task_mm_get(v->task);
	struct vma_usage usage;
	struct vma *vma;

	if (!mm)
		return 0;
	down_read(&mm->mmap_lock);
	for_each_vma(mm, vma) {
		show_line(m, vma);
		kb(m, "Size:", vma->end - vma->start);
		kb(m, "KernelPageSize:", PAGE_SIZE);
		kb(m, "MMUPageSize:", PAGE_SIZE);
		memset(&usage, 0, sizeof(usage));
		vma_usage(vma, &usage);
		show_usage(m, &usage, false);
		seq_puts(m, "THPeligible:    0\n");
		show_flags(m, vma->flags);
	}
	up_read(&mm->mmap_lock);
	mm_put(mm);
	return 0;
}

int pid_smaps_rollup_show(struct seq_file *m, struct proc_view *v) NO_THREAD_SAFETY_ANALYSIS
{
	struct mm *mm = task_mm_get(v->task);
	struct vma_usage sum = { 0 }, one;
	vaddr_t start = 0, end = 0;
	struct vma *vma;

	if (!mm)
		return -ESRCH;
	down_read(&mm->mmap_lock);
	for_each_vma(mm, vma) {
		memset(&one, 0, sizeof(one));
		vma_usage(vma, &one);
		for (size_t i = 0; i < sizeof(sum) / sizeof(u64); i++)
			((u64 *)&sum)[i] += ((u64 *)&one)[i];
		if (!start)
			start = vma->start;
		end = vma->end;
	}
	up_read(&mm->mmap_lock);
	mm_put(mm);
	seq_printf(m, "%08llx-%08llx ---p 00000000 00:00 0", (unsigned long long)start,
		   (unsigned long long)end);
	seq_printf(m, "%*s[rollup]\n", 24, "");
	show_usage(m, &sum, true);
	return 0;
}
