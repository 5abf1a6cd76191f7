/* SPDX-License-Identifier: BSD-2-Clause */
/* What the machine told us at boot. */
#ifndef ARCH_SETUP_H
#define ARCH_SETUP_H

#include <lib/types.h>
#include <lib/compiler.h>
#include <kernel/sections.h>

extern phys_addr_t initrd_start, initrd_end;    /* both 0 if there is none */
extern const void *boot_fdt;                    /* valid for ever once setup_arch ran */
extern u64 kimage_voffset;                      /* virtual - physical of the kernel image */

/*
 * First call of start_kernel, IRQs off: CPU features, device tree, command line,
 * early console, memory into memblock, final kernel page tables, PSCI.
 */
void setup_arch(void);

/* After the initcalls: seals .data..ro_after_init. */
void mark_rodata_ro(void);

/* Last of all: the above, and the pages of .init, which nothing uses again, become free memory. */
void free_initmem(void);

/* Physical address of something in the kernel image (not the linear map). */
static inline phys_addr_t kimage_to_phys(const void *p)
{
	return (phys_addr_t)p - kimage_voffset;
}

#endif
