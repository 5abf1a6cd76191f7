/* SPDX-License-Identifier: BSD-2-Clause */
/* Host: the linear map is an arena at a fixed address. */
#ifndef ARCH_LAYOUT_H
#define ARCH_LAYOUT_H
#define PAGE_SHIFT      12
#define PAGE_SIZE       (1UL << PAGE_SHIFT)
#define PAGE_MASK       (~(PAGE_SIZE - 1))
#define PAGE_ALIGN(x)   (((x) + PAGE_SIZE - 1) & PAGE_MASK)
#define TASK_SIZE       (1UL << 48)
#define STACK_TOP       (TASK_SIZE - PAGE_SIZE)
#define PAGE_OFFSET     0x200000000000UL
#define VMAP_START      0xffff400000000000UL
#define VMAP_END        0xffff600000000000UL
#define KSTACK_SIZE     16384UL
#endif
