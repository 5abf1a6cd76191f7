/* SPDX-License-Identifier: BSD-2-Clause */
/* The ELF checks: good programs give the right numbers, each defect is ENOEXEC. */
#include "test.h"
#include <lib/elf.h>

#define FILE_SIZE 0x5000

static struct elf64_hdr h;
static struct elf64_phdr ph[4];
static struct elf_info info;

static void good(void)
{
	memset(&h, 0, sizeof(h));
	memset(ph, 0, sizeof(ph));
	memcpy(h.e_ident, "\177ELF\2\1\1", 7);
	h.e_type = ET_DYN;
	h.e_machine = 183;
	h.e_version = 1;
	h.e_entry = 0x1234;
	h.e_phoff = 64;
	h.e_phentsize = sizeof(ph[0]);
	h.e_phnum = 4;
	ph[0] = (struct elf64_phdr){ .p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_filesz = 0x2345,
		.p_memsz = 0x2345, .p_align = 0x10000 };
	ph[1] = (struct elf64_phdr){ .p_type = PT_LOAD, .p_flags = PF_R | PF_W, .p_offset = 0x2800,
		.p_vaddr = 0x13800, .p_filesz = 0x100, .p_memsz = 0x1900, .p_align = 0x10000 };
	ph[2] = (struct elf64_phdr){ .p_type = PT_INTERP, .p_offset = 0x200, .p_filesz = 20 };
	ph[3] = (struct elf64_phdr){ .p_type = PT_GNU_STACK, .p_flags = PF_R | PF_W };
}

static int check(void)
{
	int err = elf_check_header(&h, FILE_SIZE);

	return err ? err : elf_check_phdrs(&h, ph, FILE_SIZE, &info);
}

static void numbers(void **state)
{
	good();
	assert_int_equal(check(), 0);
	assert_true(info.dyn && info.has_interp);
	assert_int_equal(info.entry, 0x1234);
	assert_int_equal(info.nr_load, 2);
	assert_int_equal(info.min_vaddr, 0);
	assert_int_equal(info.max_vaddr, 0x16000);
	assert_int_equal(info.span, 0x16000);
	assert_int_equal(info.brk, 0x15100);
	assert_int_equal(info.align, 0x10000);
	assert_int_equal(info.phdr_vaddr, 64);
	assert_int_equal(info.interp_offset, 0x200);
	assert_int_equal(info.interp_len, 20);
	assert_int_equal(info.stack, ELF_STACK_NX);
	assert_int_equal(info.end_code, 0x2345);
	assert_int_equal(info.start_data, 0x13800);
	assert_int_equal(info.end_data, 0x13900);
}

static void harmless(void **state)
{
	good();
	ph[3].p_flags |= PF_X;
	assert_int_equal(check(), 0);
	assert_int_equal(info.stack, ELF_STACK_EXEC);
	ph[3].p_type = 0x70000001;
	ph[0].p_align = 3;
	ph[1].p_align = 1UL << 63;
	assert_int_equal(check(), 0);
	assert_int_equal(info.stack, ELF_STACK_DEFAULT);
	assert_int_equal(info.align, 4096);
	/* Pure bss needs no file and no congruence. */
	ph[1].p_filesz = 0;
	ph[1].p_offset = 0x123456789;
	assert_int_equal(check(), 0);
	/* An empty segment is nothing. */
	ph[1].p_memsz = 0;
	assert_int_equal(check(), 0);
	assert_int_equal(info.nr_load, 1);
	h.e_type = ET_EXEC;
	assert_int_equal(check(), 0);
	assert_false(info.dyn);
}

#define BAD(change) do { good(); change; assert_int_equal(check(), -ENOEXEC); } while (0)

static void bad_headers(void **state)
{
	BAD(h.e_ident[0] = 0);
	BAD(h.e_ident[3] = 'f');
	BAD(h.e_ident[4] = ELFCLASS32);
	BAD(h.e_ident[5] = ELFDATA2MSB);
	BAD(h.e_ident[6] = 0);
	BAD(h.e_type = ET_REL);
	BAD(h.e_type = ET_CORE);
	BAD(h.e_machine = 62);
	BAD(h.e_phentsize = 55);
	BAD(h.e_phnum = 0);
	BAD(h.e_phnum = 0xffff);
	BAD(h.e_phoff = FILE_SIZE - 10);
	BAD(h.e_phoff = U64_MAX - 10);
	BAD(h.e_entry = 1UL << 48);
	good();
	assert_int_equal(elf_check_header(&h, 63), -ENOEXEC);
}

static void bad_segments(void **state)
{
	BAD(ph[0].p_type = ph[1].p_type = PT_NULL);
	BAD(ph[0].p_memsz = ph[1].p_memsz = ph[0].p_filesz = ph[1].p_filesz = 0);
	BAD(ph[0].p_filesz++);
	BAD(ph[0].p_filesz = ph[0].p_memsz = FILE_SIZE + 1);
	BAD(ph[1].p_offset = U64_MAX - 0x7ff);
	BAD(ph[1].p_offset = FILE_SIZE - 0x80);
	BAD(ph[1].p_offset += 1);
	BAD(ph[1].p_vaddr += 0x10);
	BAD(ph[1].p_vaddr = 0x1800);
	BAD(swap(ph[0], ph[1]));
	BAD(ph[1].p_vaddr = (1UL << 48) + 0x800);
	BAD(ph[1].p_vaddr = (1UL << 48) - 0x800);
	BAD(ph[1].p_vaddr = U64_MAX - 0x7ff);
	BAD(ph[1].p_memsz = U64_MAX);
	BAD(ph[1].p_memsz = U64_MAX - ph[1].p_vaddr);
	BAD(ph[2].p_filesz = 1);
	BAD(ph[2].p_filesz = 4097);
	BAD(ph[2].p_offset = FILE_SIZE);
	BAD(ph[2].p_offset = U64_MAX);
	BAD((ph[3].p_type = 0x6474e553, ph[3].p_offset = FILE_SIZE, ph[3].p_filesz = 1));
}

static void interpreter_name(void **state)
{
	assert_int_equal(elf_check_interp("/lib/ld.so", 11), 0);
	assert_int_equal(elf_check_interp("/lib/ld.so", 10), -ENOEXEC);
	assert_int_equal(elf_check_interp("/lib\0ld.so", 11), -ENOEXEC);
	assert_int_equal(elf_check_interp("", 1), -ENOEXEC);
}

int main(void)
{
	RUN(cmocka_unit_test(numbers), cmocka_unit_test(harmless), cmocka_unit_test(bad_headers),
	    cmocka_unit_test(bad_segments), cmocka_unit_test(interpreter_name));
}
