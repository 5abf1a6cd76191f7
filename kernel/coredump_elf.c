/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The contents of a core file: ELF header, program headers, notes (registers of each thread,
 * who the process was, its auxiliary vector and mapped files), then memory.
 *
 * Memory that was never touched, or is all in files, is not there: the file has holes for the
 * former and, of the latter, at most the first page, by which debuggers know the file.
 */
#include <arch/context.h>
#include <arch/fpsimd.h>
#include <arch/frame.h>
#include <fs/fs.h>
#include <kernel/cred.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <lib/err.h>
#include <lib/string.h>
#include <linux/elf.h>
#include <linux/resource.h>
#include <mm/mm.h>
#include <mm/page.h>
#include <mm/pagecache.h>
#include <mm/slab.h>
#include "core_internal.h"

/* ---- layouts that <sys/procfs.h> of the C libraries has ---- */

struct core_timeval {
	s64 sec, usec;
};

struct core_prstatus {
	s32 si_signo, si_code, si_errno;
	s16 cursig;
	u64 sigpend, sighold;
	s32 pid, ppid, pgrp, sid;
	struct core_timeval utime, stime, cutime, cstime;
	u64 regs[34];			/* x0-x30, sp, pc, pstate */
	s32 fpvalid;
};
_Static_assert(sizeof(struct core_prstatus) == 392, "NT_PRSTATUS is the ABI's");

struct core_prpsinfo {
	char state, sname, zombie;
	s8 nice;
	u64 flags;
	u32 uid, gid;
	s32 pid, ppid, pgrp, sid;
	char fname[16];
	char psargs[80];
};
_Static_assert(sizeof(struct core_prpsinfo) == 136, "NT_PRPSINFO is the ABI's");

/* ---- writing ---- */

static bool emit(struct core_writer *w, const void *data, size_t n)
{
	if ((u64)w->pos + n > w->limit)
		return false;
	return kernel_write(w->file, data, n, &w->pos) == (ssize_t)n;
}

static bool skip_to(struct core_writer *w, u64 pos)
{
	if (pos > w->limit)
		return false;
	w->pos = (loff_t)pos;
	return true;
}

/* ---- notes, gathered in memory first: the program headers need their size ---- */

struct notes {
	char	*buf;
	size_t	size, room;
	bool	failed;
};

static void note(struct notes *n, u32 type, const char *owner, const void *data, size_t size)
{
	struct elf64_note head = { .n_namesz = (u32)strlen(owner) + 1, .n_descsz = (u32)size,
				   .n_type = type };
	size_t name_size = ALIGN(head.n_namesz, 4), total;
	char *at;

	total = sizeof(head) + name_size + ALIGN(size, 4);
	if (n->size + total > n->room) {
		size_t room = max(n->room * 2, n->size + total);
		char *bigger = kvzalloc(room, GFP_KERNEL);

		if (!bigger) {
			n->failed = true;
			return;
		}
		memcpy(bigger, n->buf, n->size);
		kvfree(n->buf);
		n->buf = bigger;
		n->room = room;
	}
	at = n->buf + n->size;
	memcpy(at, &head, sizeof(head));
	memcpy(at + sizeof(head), owner, head.n_namesz);
	memcpy(at + sizeof(head) + name_size, data, size);
	n->size += total;
}

static struct core_timeval timeval(u64 ns)
{
	return (struct core_timeval){ (s64)(ns / NSEC_PER_SEC),
				      (s64)(ns % NSEC_PER_SEC / NSEC_PER_USEC) };
}

static void note_status(struct notes *n, struct task *t, const siginfo_t *info)
{
	const struct trap_frame *frame = task_frame(t);
	struct process *proc = t->proc;
	struct core_prstatus s = {
		.si_signo = info->si_signo, .si_code = info->si_code, .si_errno = info->si_errno,
		.cursig = (s16)info->si_signo,
		.sigpend = t->pending.set, .sighold = t->blocked,
		.pid = t->tid, .ppid = proc->ppid, .pgrp = proc->pgrp, .sid = proc->session,
		.fpvalid = 1,
	};
	nsec_t utime, stime;

	task_cputime(t, &utime, &stime);
	s.utime = timeval(utime);
	s.stime = timeval(stime);
	s.cutime = timeval(proc->children_usage.utime);
	s.cstime = timeval(proc->children_usage.stime);
	memcpy(s.regs, frame->regs, sizeof(frame->regs));
	s.regs[31] = frame->sp;
	s.regs[32] = frame->pc;
	s.regs[33] = frame->pstate;
	note(n, NT_PRSTATUS, "CORE", &s, sizeof(s));
}

static void note_registers(struct notes *n, const struct fp_state *fp, u64 tls)
{
	static const struct fp_state none;

	note(n, NT_PRFPREG, "CORE", fp ? fp : &none, sizeof(*fp));
	note(n, NT_ARM_TLS, "LINUX", &tls, sizeof(tls));
}

/* The command line, its words parted by blanks. */
static void put_args(char *out, size_t size)
{
	struct mm *mm = current->mm;
	size_t len = min(size - 1, (size_t)(mm->arg_end - mm->arg_start));
	ssize_t n = mm_access(mm, mm->arg_start, out, len, 0);

	n = max_t(ssize_t, n, 0);
	for (ssize_t i = 0; i < n; i++)
		if (!out[i])
			out[i] = ' ';
	out[n] = '\0';
}

static void note_process(struct notes *n)
{
	struct process *proc = current->proc;
	struct core_prpsinfo p = {
		.sname = 'R', .nice = (s8)current->se.nice, .flags = current->flags,
		.uid = current_uid(), .gid = current_gid(),
		.pid = proc->pid, .ppid = proc->ppid, .pgrp = proc->pgrp, .sid = proc->session,
	};

	task_comm(current, p.fname);
	put_args(p.psargs, sizeof(p.psargs));
	note(n, NT_PRPSINFO, "CORE", &p, sizeof(p));
}

/* ---- mappings ---- */

struct core_vma {
	u64		start, end, pgoff;
	u64		dump;		/* bytes from start on that go into the file */
	vm_flags_t	flags;
	bool		anonymous;	/* absent pages are zero and stay out */
	struct file	*file;		/* counted, or NULL */
};

/* As Linux's default coredump_filter: private memory, shared anonymous memory, ELF headers. */
static u64 dump_size(struct vma *vma, bool *look_for_elf)
{
	*look_for_elf = false;
	if (vma->flags & VM_SPECIAL_MAP)
		return vma->end - vma->start;
	if (vma->flags & (VM_IO | VM_PFNMAP | VM_DONTDUMP))
		return 0;
	if (vma->flags & VM_SHARED)
		return vma->file && vma->file->f_inode->i_nlink ? 0 : vma->end - vma->start;
	if (!vma->file || vma->anon)
		return vma->end - vma->start;
	*look_for_elf = !vma->pgoff && (vma->flags & VM_READ);
	return 0;
}

static int snapshot(struct core_vma **out)
{
	struct mm *mm = current->mm;
	struct core_vma *v;
	struct vma *vma;
	int n = 0;

	down_read(&mm->mmap_lock);
	v = kvmalloc(max(mm->map_count, 1u) * sizeof(*v), GFP_KERNEL);
	if (v) {
		for_each_vma(mm, vma) {
			bool elf;

			v[n] = (struct core_vma){
				.start = vma->start, .end = vma->end, .pgoff = vma->pgoff,
				.dump = dump_size(vma, &elf), .flags = vma->flags,
				.anonymous = !vma->file,
				.file = vma->file ? file_get(vma->file) : NULL,
			};
			/* Looked at when the lock is free again; until then the mark. */
			if (elf)
				v[n].dump = 1;
			n++;
		}
	}
	up_read(&mm->mmap_lock);
	*out = v;
	return v ? n : -ENOMEM;
}

static void find_elf_headers(struct core_vma *v, int n)
{
	struct mm *mm = current->mm;

	for (int i = 0; i < n; i++) {
		char magic[SELFMAG];

		if (v[i].dump != 1)
			continue;
		v[i].dump = mm_access(mm, v[i].start, magic, SELFMAG, MM_ACCESS_FORCE) == SELFMAG &&
			    !memcmp(magic, ELFMAG, SELFMAG) ? PAGE_SIZE : 0;
	}
}

/* NT_FILE: count, page size, then start, end and page offset of each, then the names. */
static void note_files(struct notes *n, const struct core_vma *v, int nr)
{
	size_t room = 2 * sizeof(u64), count = 0;
	char *buf, *names;
	u64 *words;

	for (int i = 0; i < nr; i++)
		if (v[i].file)
			count++;
	room += count * (3 * sizeof(u64) + 128) + PATH_MAX;
	buf = kvzalloc(room, GFP_KERNEL);
	if (!buf) {
		n->failed = true;
		return;
	}
	words = (u64 *)buf;
	*words++ = count;
	*words++ = PAGE_SIZE;
	names = (char *)(words + 3 * count);
	for (int i = 0; i < nr; i++) {
		char *path, *end = buf + room;

		if (!v[i].file)
			continue;
		*words++ = v[i].start;
		*words++ = v[i].end;
		*words++ = v[i].pgoff;
		/* d_path() builds at the end of the room that is left. */
		path = d_path(&v[i].file->f_path, names, (size_t)(end - names - 1));
		if (IS_ERR(path)) {
			*names++ = '\0';
			continue;
		}
		memmove(names, path, strlen(path) + 1);
		names += strlen(names) + 1;
	}
	note(n, NT_FILE, "CORE", buf, (size_t)(names - buf));
	kvfree(buf);
}

/* ---- the file ---- */

static bool emit_headers(struct core_writer *w, const struct core_vma *v, int nr, size_t notes)
{
	struct elf64_hdr ehdr = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
			     EV_CURRENT, ELFOSABI_NONE },
		.e_type = ET_CORE, .e_machine = EM_AARCH64, .e_version = EV_CURRENT,
		.e_phoff = sizeof(ehdr), .e_ehsize = sizeof(ehdr),
		.e_phentsize = sizeof(struct elf64_phdr), .e_phnum = (u16)(nr + 1),
	};
	struct elf64_phdr ph = {
		.p_type = PT_NOTE, .p_filesz = notes, .p_align = 4,
		.p_offset = sizeof(ehdr) + (u64)(nr + 1) * sizeof(ph),
	};
	u64 offset = PAGE_ALIGN(ph.p_offset + notes);
	bool ok = emit(w, &ehdr, sizeof(ehdr)) && emit(w, &ph, sizeof(ph));

	for (int i = 0; i < nr && ok; i++) {
		ph = (struct elf64_phdr){
			.p_type = PT_LOAD, .p_offset = offset, .p_vaddr = v[i].start,
			.p_filesz = v[i].dump, .p_memsz = v[i].end - v[i].start,
			.p_flags = (v[i].flags & VM_READ ? PF_R : 0) |
				   (v[i].flags & VM_WRITE ? PF_W : 0) |
				   (v[i].flags & VM_EXEC ? PF_X : 0),
			.p_align = PAGE_SIZE,
		};
		offset += v[i].dump;
		ok = emit(w, &ph, sizeof(ph));
	}
	return ok;
}

static bool page_present(struct mm *mm, vaddr_t addr)
{
	bool present;

	down_read(&mm->mmap_lock);
	present = mm_pagemap(mm, addr) >> 63;
	up_read(&mm->mmap_lock);
	return present;
}

static bool emit_memory(struct core_writer *w, const struct core_vma *v, char *page)
{
	struct mm *mm = current->mm;
	u64 pos = (u64)w->pos;

	for (u64 at = 0; at < v->dump; at += PAGE_SIZE, pos += PAGE_SIZE) {
		cond_resched();
		if (v->anonymous && !page_present(mm, v->start + at))
			continue;
		/* A page that is not to be had, beyond the end of its file, is a hole. */
		if (mm_access(mm, v->start + at, page, PAGE_SIZE, MM_ACCESS_FORCE) != PAGE_SIZE)
			continue;
		if (!skip_to(w, pos) || !emit(w, page, PAGE_SIZE))
			return false;
	}
	return skip_to(w, pos);
}

static void gather_notes(struct notes *n, struct core_dump *dump, const siginfo_t *info,
			 const struct core_vma *v, int nr)
{
	struct core_thread *t;

	note_status(n, current, info);
	note_process(n);
	note(n, NT_SIGINFO, "CORE", info, sizeof(*info));
	note(n, NT_AUXV, "CORE", current->mm->auxv, sizeof(current->mm->auxv));
	note_files(n, v, nr);
	note_registers(n, fpsimd_save_current(), arch_get_tls());
	list_for_each_entry(t, &dump->threads, link) {
		note_status(n, t->task, info);
		note_registers(n, t->fp, t->tls);
	}
}

static void write_file(struct core_writer *w, const struct notes *n, const struct core_vma *v,
		       int nr)
{
	char *page = kmalloc(PAGE_SIZE, GFP_KERNEL);
	bool ok = page && nr < PN_XNUM - 1 && !n->failed;

	ok = ok && emit_headers(w, v, nr, n->size) && emit(w, n->buf, n->size) &&
	     skip_to(w, PAGE_ALIGN((u64)w->pos));
	for (int i = 0; i < nr && ok; i++)
		ok = emit_memory(w, &v[i], page);
	/* Holes at the end count, too. */
	if (ok && i_size_read(w->file->f_inode) < w->pos)
		vfs_ftruncate(w->file, w->pos);
	kfree(page);
}

bool coredump_write_elf(struct core_writer *w, struct core_dump *dump, const siginfo_t *info)
{
	struct notes n = { .room = 2 * PAGE_SIZE };
	struct core_vma *v;
	int nr = snapshot(&v);
	bool ok = false;

	if (nr < 0)
		return false;
	find_elf_headers(v, nr);
	n.buf = kvzalloc(n.room, GFP_KERNEL);
	if (n.buf) {
		gather_notes(&n, dump, info, v, nr);
		write_file(w, &n, v, nr);
		kvfree(n.buf);
		ok = true;
	}
	for (int i = 0; i < nr; i++)
		file_put(v[i].file);
	kvfree(v);
	return ok;
}
