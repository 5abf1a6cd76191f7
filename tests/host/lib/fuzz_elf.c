/* SPDX-License-Identifier: BSD-2-Clause */
/* libFuzzer: any bytes as an ELF file; what passes must be safe to load. */
#include <stdlib.h>
#include <string.h>
#include <lib/elf.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(x) do { if (!(x)) abort(); } while (0)

static void check_loadable(const struct elf64_hdr *h, const struct elf64_phdr *ph, u64 size,
			   const struct elf_info *in)
{
	u64 last = 0, n = 0;

	CHECK(in->min_vaddr < in->max_vaddr && in->max_vaddr <= ELF_VADDR_MAX);
	CHECK(in->span == in->max_vaddr - in->min_vaddr && in->brk <= in->max_vaddr);
	CHECK(in->align >= ELF_PAGE_SIZE && !(in->align & (in->align - 1)));
	CHECK(in->phdr_vaddr < ELF_VADDR_MAX);
	for (int i = 0; i < h->e_phnum; i++) {
		const struct elf64_phdr *p = &ph[i];

		if (p->p_type != PT_LOAD || !p->p_memsz)
			continue;
		n++;
		CHECK(p->p_vaddr >= last && p->p_vaddr >= in->min_vaddr);
		last = p->p_vaddr + p->p_memsz;
		CHECK(last > p->p_vaddr && last <= in->brk && p->p_filesz <= p->p_memsz);
		CHECK(!p->p_filesz || (p->p_offset < size && p->p_filesz <= size - p->p_offset));
	}
	CHECK(n == in->nr_load && last == in->brk);
	if (in->has_interp)
		CHECK(in->interp_offset + in->interp_len <= size && in->interp_len >= 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct elf64_hdr h;
	struct elf64_phdr *ph;
	struct elf_info info;
	int err;

	if (size < sizeof(h))
		return 0;
	memcpy(&h, data, sizeof(h));
	/* Spare the fuzzer the magic, three times out of four. */
	if (h.e_ident[15] & 3) {
		memcpy(h.e_ident, "\177ELF\2\1\1", 7);
		h.e_type = h.e_type & 1 ? ET_DYN : ET_EXEC;
		h.e_machine = 183;
		h.e_phentsize = sizeof(*ph);
	}
	err = elf_check_header(&h, size);
	if (err) {
		CHECK(err == -ENOEXEC);
		return 0;
	}
	ph = malloc(h.e_phnum * sizeof(*ph));
	memcpy(ph, data + h.e_phoff, h.e_phnum * sizeof(*ph));
	err = elf_check_phdrs(&h, ph, size, &info);
	if (!err) {
		check_loadable(&h, ph, size, &info);
		if (info.has_interp)
			elf_check_interp((const char *)data + info.interp_offset, info.interp_len);
	} else {
		CHECK(err == -ENOEXEC);
	}
	free(ph);
	return 0;
}
