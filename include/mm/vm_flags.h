/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vm_flags: what a mapping allows and how it behaves. The values are ours and
 * never leave the kernel. Bits 0..3 index the architecture's protection table.
 */
#ifndef MM_VM_FLAGS_H
#define MM_VM_FLAGS_H

#include <lib/types.h>

typedef u64 vm_flags_t;

#define VM_READ         0x00000001UL
#define VM_WRITE        0x00000002UL
#define VM_EXEC         0x00000004UL
#define VM_SHARED       0x00000008UL    /* writes reach the file or the other mappers */
#define VM_MAYREAD      0x00000010UL    /* mprotect() may give it */
#define VM_MAYWRITE     0x00000020UL
#define VM_MAYEXEC      0x00000040UL
#define VM_MAYSHARE     0x00000080UL    /* mapped MAP_SHARED, even if only for reading */
#define VM_GROWSDOWN    0x00000100UL    /* a stack */
#define VM_PFNMAP       0x00000200UL    /* frames without a count: devices */
#define VM_IO           0x00000400UL
#define VM_LOCKED       0x00000800UL    /* mlock: present at all times */
#define VM_LOCKONFAULT  0x00001000UL
#define VM_DONTCOPY     0x00002000UL    /* not in the child of fork */
#define VM_WIPEONFORK   0x00004000UL    /* empty in the child of fork */
#define VM_DONTEXPAND   0x00008000UL    /* mremap may not grow it */
#define VM_DONTDUMP     0x00010000UL
#define VM_ACCOUNT      0x00020000UL    /* counted in Committed_AS */
#define VM_NORESERVE    0x00040000UL
#define VM_SEQ_READ     0x00080000UL
#define VM_RAND_READ    0x00100000UL
#define VM_MERGEABLE    0x00200000UL    /* MADV_MERGEABLE: noted, never acted on */
#define VM_HUGEPAGE     0x00400000UL
#define VM_NOHUGEPAGE   0x00800000UL
#define VM_SPECIAL_MAP  0x01000000UL    /* vDSO: kernel-owned pages, never merged */
#define VM_DENYWRITE    0x02000000UL

#define VM_ACCESS       (VM_READ | VM_WRITE | VM_EXEC)
#define VM_MAYACCESS    (VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC)

#endif
