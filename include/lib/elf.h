/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Checks ELF64 headers for AArch64 and says what a loader needs to know. Pure:
 * looks only at what it is given, and trusts none of it. After both checks have
 * passed, no sum over a segment's numbers overflows and all file ranges lie in
 * the file.
 *
 * Order: elf_check_header() on the first 64 bytes; read e_phnum headers at
 * e_phoff; elf_check_phdrs(); read the interpreter's name; elf_check_interp().
 */
#ifndef LIB_ELF_H
#define LIB_ELF_H

#include <lib/compiler.h>
#include <lib/errno.h>
#include <linux/elf.h>

#define ELF_PAGE_SIZE    4096UL
#define ELF_VADDR_MAX    (1UL << 48)     /* end of the user address space */
#define ELF_PHDRS_MAX    (65536 / sizeof(Elf64_Phdr)) /* as Linux: 64 KiB of them */
#define ELF_INTERP_MAX   4096            /* PATH_MAX */
#define ELF_ALIGN_MAX    (1UL << 30)     /* larger p_align is ignored for placement */

enum elf_stack {
	ELF_STACK_DEFAULT,      /* no PT_GNU_STACK: not executable on arm64 */
	ELF_STACK_NX,
	ELF_STACK_EXEC,
};

struct elf_info {
	bool           dyn;             /* ET_DYN: may be placed anywhere */
	u64            entry;           /* e_entry, unrelocated; below ELF_VADDR_MAX */
	u32            nr_load;         /* PT_LOAD segments with p_memsz > 0 */
	u64            min_vaddr;       /* lowest segment, rounded down to a page */
	u64            max_vaddr;       /* end of the highest, rounded up to a page */
	u64            span;            /* max_vaddr - min_vaddr */
	u64            align;           /* largest p_align, at least a page, power of two */
	u64            brk;             /* end of the highest segment, not rounded */
	u64            phdr_vaddr;      /* where the program headers get loaded; 0 if nowhere */
	bool           has_interp;
	u64            interp_offset;
	u32            interp_len;      /* with its NUL, 2..ELF_INTERP_MAX */
	enum elf_stack stack;
	u64            property_offset; /* PT_GNU_PROPERTY, for BTI */
	u64            property_len;    /* 0 if there is none */
	u64            start_code, end_code;    /* as /proc/PID/stat shows them */
	u64            start_data, end_data;
};

/* The first bytes of a file. 0, or -ENOEXEC if it is not an ELF program for us. */
int elf_check_header(const struct elf64_hdr *h, u64 file_size);

/*
 * All h->e_phnum program headers, after elf_check_header() returned 0. Fills
 * *info. -ENOEXEC if there is nothing to load, or a segment wraps, leaves the
 * file, leaves the user address space, has more file than memory, is not
 * congruent to its file offset modulo a page, or overlaps or precedes the
 * segment before it.
 */
int elf_check_phdrs(const struct elf64_hdr *h, const struct elf64_phdr *ph, u64 file_size,
		    struct elf_info *info);

/* The interpreter's name as read from the file: one string that ends in its NUL. */
int elf_check_interp(const char *name, u32 len);

#endif
