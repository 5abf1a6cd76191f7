/* SPDX-License-Identifier: BSD-2-Clause */
/* Checks of ELF64 headers before anything is loaded; see <lib/elf.h>. */
#include <lib/bitops.h>
#include <lib/elf.h>
#include <lib/string.h>

#ifndef EM_AARCH64
#define EM_AARCH64 183
#endif
#ifndef PT_GNU_PROPERTY
#define PT_GNU_PROPERTY 0x6474e553
#endif

/* offset..offset+len lies in a file of that size. */
static bool in_file(u64 offset, u64 len, u64 file_size)
{
	return offset <= file_size && len <= file_size - offset;
}

int elf_check_header(const struct elf64_hdr *h, u64 file_size)
{
	if (file_size < sizeof(*h) || memcmp(h->e_ident, ELFMAG, SELFMAG))
		return -ENOEXEC;
	if (h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_ident[EI_DATA] != ELFDATA2LSB ||
	    h->e_ident[EI_VERSION] != EV_CURRENT)
		return -ENOEXEC;
	if ((h->e_type != ET_EXEC && h->e_type != ET_DYN) || h->e_machine != EM_AARCH64)
		return -ENOEXEC;
	if (h->e_phentsize != sizeof(Elf64_Phdr) || h->e_phnum < 1 || h->e_phnum > ELF_PHDRS_MAX)
		return -ENOEXEC;
	if (!in_file(h->e_phoff, h->e_phnum * sizeof(Elf64_Phdr), file_size))
		return -ENOEXEC;
	if (h->e_entry >= ELF_VADDR_MAX)
		return -ENOEXEC;
	return 0;
}

/* One PT_LOAD: its own numbers, and its place behind the one before. */
static int check_load(const struct elf64_hdr *h, const struct elf64_phdr *p, u64 file_size,
		      struct elf_info *info)
{
	u64 end = p->p_vaddr + p->p_memsz;

	if (p->p_filesz > p->p_memsz)
		return -ENOEXEC;
	if (p->p_memsz == 0)
		return 0;
	if (p->p_vaddr >= ELF_VADDR_MAX || p->p_memsz > ELF_VADDR_MAX - p->p_vaddr)
		return -ENOEXEC;
	if (p->p_filesz) {
		if (!in_file(p->p_offset, p->p_filesz, file_size))
			return -ENOEXEC;
		if ((p->p_vaddr ^ p->p_offset) & (ELF_PAGE_SIZE - 1))
			return -ENOEXEC;
	}
	if (info->nr_load && p->p_vaddr < info->brk)
		return -ENOEXEC;

	if (!info->nr_load)
		info->min_vaddr = ALIGN_DOWN(p->p_vaddr, ELF_PAGE_SIZE);
	info->nr_load++;
	info->brk = end;
	info->max_vaddr = ALIGN(end, ELF_PAGE_SIZE);
	if (is_power_of_2(p->p_align) && p->p_align <= ELF_ALIGN_MAX)
		info->align = max(info->align, (u64)p->p_align);
	if (p->p_filesz && h->e_phoff >= p->p_offset &&
	    h->e_phoff - p->p_offset + h->e_phnum * sizeof(*p) <= p->p_filesz)
		info->phdr_vaddr = p->p_vaddr + (h->e_phoff - p->p_offset);

	if (p->p_flags & PF_X) {
		if (!info->end_code)
			info->start_code = p->p_vaddr;
		info->end_code = p->p_vaddr + p->p_filesz;
	}
	info->start_data = p->p_vaddr;
	info->end_data = p->p_vaddr + p->p_filesz;
	return 0;
}

static int check_interp_phdr(const struct elf64_phdr *p, u64 file_size, struct elf_info *info)
{
	/* The first one counts, as in Linux. */
	if (info->has_interp)
		return 0;
	if (p->p_filesz < 2 || p->p_filesz > ELF_INTERP_MAX ||
	    !in_file(p->p_offset, p->p_filesz, file_size))
		return -ENOEXEC;
	info->has_interp = true;
	info->interp_offset = p->p_offset;
	info->interp_len = (u32)p->p_filesz;
	return 0;
}

int elf_check_phdrs(const struct elf64_hdr *h, const struct elf64_phdr *ph, u64 file_size,
		    struct elf_info *info)
{
	int err = 0;

	*info = (struct elf_info){
		.dyn = h->e_type == ET_DYN,
		.entry = h->e_entry,
		.align = ELF_PAGE_SIZE,
	};
	for (const struct elf64_phdr *p = ph; p < ph + h->e_phnum && !err; p++) {
		switch (p->p_type) {
		case PT_LOAD:
			err = check_load(h, p, file_size, info);
			break;
		case PT_INTERP:
			err = check_interp_phdr(p, file_size, info);
			break;
		case PT_GNU_STACK:
			info->stack = p->p_flags & PF_X ? ELF_STACK_EXEC : ELF_STACK_NX;
			break;
		case PT_GNU_PROPERTY:
			if (!in_file(p->p_offset, p->p_filesz, file_size))
				return -ENOEXEC;
			info->property_offset = p->p_offset;
			info->property_len = p->p_filesz;
			break;
		}
	}
	if (err || !info->nr_load)
		return -ENOEXEC;
	info->span = info->max_vaddr - info->min_vaddr;
	return 0;
}

int elf_check_interp(const char *name, u32 len)
{
	if (len < 2 || len > ELF_INTERP_MAX || strnlen(name, len) != len - 1)
		return -ENOEXEC;
	return 0;
}
