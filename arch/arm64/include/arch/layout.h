/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The virtual address map and the constants every part of the kernel shares
 * with assembly and the linker script. 4 KiB pages, 48-bit addresses.
 *
 *   0000000000000000 - 0000ffffffffffff  user (TTBR0)
 *   ffff000000000000 - ffff3fffffffffff  linear map: va = PAGE_OFFSET + pa
 *   ffff400000000000 - ffff5fffffffffff  vmap: vmalloc, ioremap, kernel stacks
 *   ffff7ffffe000000 - ffff7fffffffffff  fixmap: early device tree, UART, patching
 *   ffff800080000000 - ...               the kernel image, wherever it was loaded
 */
#ifndef ARCH_LAYOUT_H
#define ARCH_LAYOUT_H

#ifdef __ASSEMBLER__
#define _AC_UL(x) x
#else
#define _AC_UL(x) x##UL
#endif

#define PAGE_SHIFT      12
#define PAGE_SIZE       (_AC_UL(1) << PAGE_SHIFT)
#define PAGE_MASK       (~(PAGE_SIZE - 1))
#define PAGE_ALIGN(x)   (((x) + PAGE_SIZE - 1) & PAGE_MASK)

#define VA_BITS         48
#define TASK_SIZE       (_AC_UL(1) << VA_BITS)

#define PAGE_OFFSET     _AC_UL(0xffff000000000000)
#define LINEAR_END      _AC_UL(0xffff400000000000)
#define VMAP_START      _AC_UL(0xffff400000000000)
#define VMAP_END        _AC_UL(0xffff600000000000)
#define FIXMAP_START    _AC_UL(0xffff7ffffe000000)
#define KIMAGE_VADDR    _AC_UL(0xffff800080000000)

/* Slots of the fixmap. The device tree may straddle a 2 MiB boundary. */
#define FIX_FDT         FIXMAP_START
#define FIX_FDT_SIZE    _AC_UL(0x400000)
#define FIX_PAGES       (FIXMAP_START + FIX_FDT_SIZE)
#define FIX_UART        (FIX_PAGES + 0 * PAGE_SIZE)
#define FIX_PATCH       (FIX_PAGES + 1 * PAGE_SIZE)

/* The highest address a user stack may start at; it lies in L0[511]. */
#define STACK_TOP       (TASK_SIZE - PAGE_SIZE)

#define KSTACK_SHIFT    14
#define KSTACK_SIZE     (_AC_UL(1) << KSTACK_SHIFT)
/* Tables of the kernel image and the linear map of the RAM around it; see mmu.c. */
#define EARLY_PT_PAGES  24

#define OVERFLOW_STACK_SIZE _AC_UL(4096)

#endif
