/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ELF loader: static programs, position-independent ones, and those with an
 * interpreter. lib/elf.c judges the headers; here the new address space is filled by them.
 */
#include <arch/elf.h>
#include <arch/vdso.h>
#include <fs/fs.h>
#include <kernel/exec.h>
#include <kernel/sched.h>
#include <kernel/task.h>
#include <lib/elf.h>
#include <lib/err.h>
#include <lib/string.h>
#include <linux/mman.h>
#include <linux/personality.h>
#include <mm/mm.h>
#include <mm/pagecache.h>
#include <mm/slab.h>

/* Room below the top that segments must leave to the stack. */
#define STACK_ROOM	(8UL << 20)

struct elf_file {
	struct file	*file;
	Elf64_Ehdr	header;
	Elf64_Phdr	*phdrs;		/* kmalloc'd */
	struct elf_info	info;
};

/* Reads and checks all headers. 0, -ENOEXEC, -ENOMEM, -EIO. Frees nothing on error. */
static int elf_open(struct elf_file *elf)
{
	u64 size = (u64)i_size_read(file_inode(elf->file));
	int error = elf_check_header(&elf->header, size);
	size_t bytes;

	if (error)
		return error;
	bytes = (size_t)elf->header.e_phnum * sizeof(Elf64_Phdr);
	elf->phdrs = kmalloc(bytes, GFP_KERNEL);
	if (!elf->phdrs)
		return -ENOMEM;
	error = exec_read(elf->file, elf->phdrs, bytes, elf->header.e_phoff);
	if (error)
		return error;
	return elf_check_phdrs(&elf->header, elf->phdrs, size, &elf->info);
}

/* Opens and checks what PT_INTERP names. */
static int elf_open_interp(const struct elf_file *elf, struct elf_file *interp)
{
	char *name = kmalloc(elf->info.interp_len, GFP_KERNEL);
	struct file *file;
	int error;

	if (!name)
		return -ENOMEM;
	error = exec_read(elf->file, name, elf->info.interp_len, elf->info.interp_offset);
	if (!error)
		error = elf_check_interp(name, elf->info.interp_len);
	if (error)
		goto out;
	file = exec_open(name);
	if (IS_ERR(file)) {
		error = (int)PTR_ERR(file);
		goto out;
	}
	interp->file = file;
	error = exec_read(file, &interp->header, sizeof(interp->header), 0);
	if (!error)
		error = elf_open(interp);
	if (error == -ENOEXEC)
		error = -ELIBBAD;
out:
	kfree(name);
	return error;
}

static unsigned int segment_prot(const Elf64_Phdr *ph)
{
	return (ph->p_flags & PF_R ? PROT_READ : 0u) | (ph->p_flags & PF_W ? PROT_WRITE : 0u) |
	       (ph->p_flags & PF_X ? PROT_EXEC : 0u);
}

/* Clears the rest of the last file page: it is the beginning of the bss. */
static int segment_clear_tail(struct mm *mm, vaddr_t from)
{
	size_t len = PAGE_ALIGN(from) - from;
	ssize_t done;
	void *zeroes;

	if (!len)
		return 0;
	zeroes = page_to_virt(zero_page);
	done = mm_access(mm, from, zeroes, len, MM_ACCESS_WRITE);
	return (size_t)done == len ? 0 : done == -EINTR ? -EINTR : -ENOMEM;
}

static int segment_map(struct mm *mm, struct file *file, const Elf64_Phdr *ph, vaddr_t bias)
{
	unsigned int prot = segment_prot(ph);
	vaddr_t start = bias + ph->p_vaddr, first = start & PAGE_MASK;
	vaddr_t file_end = PAGE_ALIGN(start + ph->p_filesz), end = PAGE_ALIGN(start + ph->p_memsz);
	struct vm_source source;
	u64 out;
	int error;

	if (ph->p_filesz) {
		error = file_vm_source(file, (int)prot, MAP_PRIVATE, &source);
		if (error)
			return error;
		error = mm_map(mm, first, file_end - first, prot, MAP_PRIVATE | MAP_FIXED, &source,
			       (ph->p_offset & PAGE_MASK) >> PAGE_SHIFT, &out);
		if (error)
			return error;
		if (ph->p_memsz > ph->p_filesz && (prot & PROT_WRITE)) {
			error = segment_clear_tail(mm, start + ph->p_filesz);
			if (error)
				return error;
		}
	} else {
		file_end = first;
	}
	if (end <= file_end)
		return 0;
	/* Like a heap: writable whatever the segment says, and so counted as promised memory. */
	return mm_map(mm, file_end, end - file_end, prot | PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, NULL, 0, &out);
}

static int elf_map_segments(struct mm *mm, const struct elf_file *elf, vaddr_t bias)
{
	for (u32 i = 0; i < elf->header.e_phnum; i++) {
		const Elf64_Phdr *ph = &elf->phdrs[i];
		int error;

		if (ph->p_type != PT_LOAD || !ph->p_memsz)
			continue;
		error = segment_map(mm, elf->file, ph, bias);
		if (error)
			return error;
	}
	return 0;
}

/*
 * Where the interpreter goes: a free place among the mappings, aligned as it asks, or, if
 * it cannot be moved, where it wants to be. -ENOMEM when that is taken.
 */
static int interp_place(struct mm *mm, const struct elf_info *info, vaddr_t *bias)
{
	unsigned int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	vaddr_t want = 0;
	u64 len = info->span, at;
	int error;

	if (!info->dyn) {
		want = info->min_vaddr;
		flags |= MAP_FIXED_NOREPLACE;
	} else if (info->align > PAGE_SIZE) {
		len += info->align;
	}
	error = mm_map(mm, want, len, PROT_NONE, flags, NULL, 0, &at);
	if (error)
		return error == -EEXIST ? -ENOMEM : error;
	error = mm_unmap(mm, at, len);
	*bias = info->dyn ? ALIGN(at, info->align) - info->min_vaddr : 0;
	return error;
}

static int program_place(struct exec *exec, const struct elf_info *info, vaddr_t *bias)
{
	vaddr_t limit = exec->stack_top - STACK_ROOM;
	vaddr_t base = 0;

	if (info->dyn) {
		base = mm_pie_base(exec->mm, info->span + info->align);
		base = ALIGN_DOWN(base + info->align - 1, info->align);
		*bias = base - info->min_vaddr;
	} else {
		*bias = 0;
		base = info->min_vaddr;
	}
	/* Segments are mapped over whatever is there, and only the stack is there. */
	if (base > limit || info->span > limit - base)
		return -ENOMEM;
	return 0;
}

static int mm_create(struct exec *exec, const struct elf_info *info)
{
	unsigned int flags = 0;

	exec->mm = mm_alloc();
	if (!exec->mm)
		return -ENOMEM;
	if (info->stack == ELF_STACK_EXEC)
		flags |= MM_STACK_EXEC;
	if (!(current->proc->personality & ADDR_NO_RANDOMIZE) && mm_may_randomize())
		flags |= MM_RANDOMIZE;
	return mm_setup_stack(exec->mm, flags, &exec->stack_top);
}

static void mm_describe(struct exec *exec, const struct elf_info *info, vaddr_t bias)
{
	struct mm *mm = exec->mm;

	mm->start_code = info->start_code + bias;
	mm->end_code = info->end_code + bias;
	mm->start_data = info->start_data + bias;
	mm->end_data = info->end_data + bias;
	mm_set_brk(mm, info->brk + bias);
	mm_set_exe_file(mm, exec->file);
}

/* Fills exec->mm with program, interpreter, vDSO and stack. */
static int elf_build(struct exec *exec, struct elf_file *elf, struct elf_file *interp)
{
	struct exec_image image = { .phnum = elf->header.e_phnum };
	vaddr_t bias, interp_bias;
	int error = mm_create(exec, &elf->info);

	if (error)
		return error;
	error = program_place(exec, &elf->info, &bias);
	if (!error)
		error = elf_map_segments(exec->mm, elf, bias);
	if (error)
		return error;
	mm_describe(exec, &elf->info, bias);
	image.phdr = elf->info.phdr_vaddr ? elf->info.phdr_vaddr + bias : 0;
	image.entry = elf->info.entry + bias;
	exec->entry = image.entry;
	if (interp->file) {
		error = interp_place(exec->mm, &interp->info, &interp_bias);
		if (!error)
			error = elf_map_segments(exec->mm, interp, interp_bias);
		if (error)
			return error;
		image.interp_base = interp_bias + interp->info.min_vaddr;
		exec->entry = interp->info.entry + interp_bias;
	}
	error = vdso_map(exec->mm);
	if (error)
		return error;
	return exec_build_stack(exec, &image);
}

static int elf_load(struct exec *exec, bool *again)
{
	struct elf_file elf = { .file = exec->file }, interp = { };
	int error;

	memcpy(&elf.header, exec->head, sizeof(elf.header));
	error = elf_open(&elf);
	if (!error && elf.info.has_interp)
		error = elf_open_interp(&elf, &interp);
	if (!error)
		error = exec_prepare_cred(exec);
	if (!error)
		error = elf_build(exec, &elf, &interp);
	if (!error)
		error = exec_commit(exec);
	if (interp.file)
		exec_close(interp.file);
	kfree(interp.phdrs);
	kfree(elf.phdrs);
	return error;
}

const struct exec_loader elf_loader = { "elf", elf_load };
