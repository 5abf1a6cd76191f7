/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page faults: (address space, address, access) in, a verdict out. The
 * architecture decodes the exception and turns a bad verdict into a signal or, for
 * an access by the kernel, into the exception table's fix-up.
 *
 * Context: task context, interrupts on, no spinlock and no mmap_lock held (a kernel
 * access to user memory under mmap_lock would deadlock). May sleep. Takes
 * mmap_lock for reading.
 */
#ifndef MM_FAULT_H
#define MM_FAULT_H

#include <lib/types.h>

struct mm;

#define FAULT_READ      0u
#define FAULT_WRITE     1u
#define FAULT_EXEC      2u
#define FAULT_USER      4u      /* the access was EL0's */
#define FAULT_FORCE     8u      /* mm_access(): ignore the vma's protection */

enum fault_verdict {
	FAULT_OK,               /* repeat the access */
	FAULT_RETRY,            /* repeat it too; signals may be looked at first */
	FAULT_SEGV_MAPERR,      /* nothing there */
	FAULT_SEGV_ACCERR,      /* not so */
	FAULT_BUS_ADRERR,       /* past the end of the file, or it could not be read */
	FAULT_OOM,              /* current is being killed for memory */
};

/* mm NULL: FAULT_SEGV_MAPERR. Counts current's min_flt or maj_flt. */
enum fault_verdict mm_fault(struct mm *mm, vaddr_t addr, unsigned int access);

#endif
