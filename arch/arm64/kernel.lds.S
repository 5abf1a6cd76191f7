/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Layout of the kernel in memory, and of Image on disk, which is the same up to .bss.
 * Regions with different rights start on pages of their own: text (RX), rodata (R), data that
 * is read-only once booted, init (freed after boot), data and bss (RW). The symbols that mark
 * them are declared in <kernel/sections.h>.
 */
#include <arch/layout.h>

/* A table gathered from all objects, in link order, between __start_NAME and __stop_NAME. */
#define TABLE(name)						\
	. = ALIGN(8);						\
	__start_##name = .;					\
	KEEP(*(.name .name.*))					\
	KEEP(*(name))						\
	__stop_##name = .;

#define INITCALLS(level)					\
	__start_initcall##level = .;				\
	KEEP(*(.initcall##level .initcall##level.*))		\
	__stop_initcall##level = .;

OUTPUT_FORMAT(elf64-littleaarch64)
OUTPUT_ARCH(aarch64)
ENTRY(_text)

PHDRS
{
	text PT_LOAD FLAGS(5);
	rodata PT_LOAD FLAGS(4);
	init PT_LOAD FLAGS(5);
	data PT_LOAD FLAGS(6);
}

SECTIONS
{
	. = KIMAGE_VADDR;

	.head.text : {
		_text = .;
		KEEP(*(.head.text))
	} :text

	.text : ALIGN(64) {
		_stext = .;
		. = ALIGN(2048);
		__vectors_text_start = .;
		KEEP(*(.vectors.text .text.vectors))
		__vectors_text_end = .;
		*(.text.hot .text.hot.*)
		*(.text .text.*)
		__sched_text_start = .;
		*(.sched.text)
		__sched_text_end = .;
		. = ALIGN(4096);
		_etext = .;
	} :text

	.rodata : ALIGN(4096) {
		__start_rodata = .;
		*(.rodata .rodata.* .srodata .srodata.*)
		*(.data.rel.ro .data.rel.ro.*)
		TABLE(__ex_table)
		TABLE(__jump_table)
		TABLE(altinstructions)
		TABLE(boot_tests)
		TABLE(drivers)
		TABLE(virtio_drivers)
		TABLE(boot_params)
		*(.got .got.plt .igot .igot.plt)
		KEEP(*(.kallsyms))
	} :rodata

	.rodata_end : {
		. = ALIGN(4096);
		__stop_rodata = .;
	} :rodata

	__init_begin = .;
	.init.text : ALIGN(4096) {
		__start_init_text = .;
		*(.init.text .init.text.*)
		. = ALIGN(4096);
		__stop_init_text = .;
	} :init

	.init.data : ALIGN(4096) {
		__start_init_data = .;
		*(.init.data .init.data.* .init.rodata .init.rodata.*)
		. = ALIGN(8);
		__start_initcalls = .;
		INITCALLS(0)
		INITCALLS(1)
		INITCALLS(2)
		INITCALLS(3)
		INITCALLS(4)
		INITCALLS(5)
		INITCALLS(6)
		INITCALLS(7)
		__stop_initcalls = .;
		. = ALIGN(4096);
		__stop_init_data = .;
	} :data
	__init_end = .;

	.data : ALIGN(4096) {
		_data = .;
		_sdata = .;
		*(.data..page_aligned .data..cacheline_aligned)
		*(.data .data.* .sdata .sdata.*)
		. = ALIGN(4096);
		_edata = .;
	} :data

	/* Zeros, too, and written while booting only. */
	.ro_after_init (NOLOAD) : ALIGN(4096) {
		__bss_start = .;
		__start_ro_after_init = .;
		*(.bss..ro_after_init)
		. = ALIGN(4096);
		__stop_ro_after_init = .;
	} :data

	.bss (NOLOAD) : ALIGN(4096) {
		*(.bss..page_aligned)
		*(.bss .bss.* .sbss .sbss.* COMMON)
		. = ALIGN(4096);
		__bss_stop = .;
	} :data
	_end = .;

	/* For the header of Image: bytes in memory, and bytes in the file. */
	__image_size = _end - _text;
	__image_file_size = _edata - _text;

	ASSERT((_text & 0x1fffff) == 0, "the kernel must start on a 2 MiB boundary")
	ASSERT(__vectors_text_start % 2048 == 0, "the vectors must start on a 2 KiB boundary")

	.comment 0 : { *(.comment) } :NONE
	.debug_abbrev 0 : { *(.debug_abbrev) }
	.debug_addr 0 : { *(.debug_addr) }
	.debug_aranges 0 : { *(.debug_aranges) }
	.debug_frame 0 : { *(.debug_frame) }
	.debug_info 0 : { *(.debug_info) }
	.debug_line 0 : { *(.debug_line) }
	.debug_line_str 0 : { *(.debug_line_str) }
	.debug_loc 0 : { *(.debug_loc) }
	.debug_loclists 0 : { *(.debug_loclists) }
	.debug_macro 0 : { *(.debug_macro) }
	.debug_names 0 : { *(.debug_names) }
	.debug_ranges 0 : { *(.debug_ranges) }
	.debug_rnglists 0 : { *(.debug_rnglists) }
	.debug_str 0 : { *(.debug_str) }
	.debug_str_offsets 0 : { *(.debug_str_offsets) }
	.symtab 0 : { *(.symtab) }
	.strtab 0 : { *(.strtab) }
	.shstrtab 0 : { *(.shstrtab) }

	/DISCARD/ : {
		*(.eh_frame .eh_frame_hdr)
		*(.note .note.*)
		*(.ARM.attributes)
		*(.llvm_addrsig .llvm.*)
		*(.interp .dynamic .dynsym .dynstr .hash .gnu.hash)
		*(.rela.* .rel.*)
	}
}
