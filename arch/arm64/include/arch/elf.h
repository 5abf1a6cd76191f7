/* SPDX-License-Identifier: BSD-2-Clause */
/* What exec needs to know about the machine: ELF identity and capability words. */
#ifndef ARCH_ELF_H
#define ARCH_ELF_H

#include <lib/types.h>

#define ELF_ARCH        183             /* EM_AARCH64 */
#define ELF_PLATFORM    "aarch64"
#define ELF_EXEC_PAGESIZE 4096
/* Where position-independent programs are loaded: two thirds of the address space. */
#define ELF_ET_DYN_BASE ((1UL << 48) / 3 * 2)

/* AT_HWCAP, AT_HWCAP2: bits of <asm/hwcap.h>, from the ID registers at boot. */
extern u64 elf_hwcap;
extern u64 elf_hwcap2;
#define ELF_HWCAP  elf_hwcap
#define ELF_HWCAP2 elf_hwcap2

#endif
