/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The exception table: instructions that may fault on user memory and where to
 * go when they do. Entries are two offsets relative to themselves, sorted at boot.
 */
#ifndef ARCH_EXTABLE_H
#define ARCH_EXTABLE_H

#ifdef __ASSEMBLER__

.macro extable insn, fixup
	.pushsection __ex_table, "a"
	.balign	4
	.long	\insn - .
	.long	\fixup - .
	.popsection
.endm

#else

#include <lib/types.h>

#define EXTABLE(insn, fixup)						\
	".pushsection __ex_table, \"a\"\n\t"				\
	".balign 4\n\t"							\
	".long " insn " - .\n\t"					\
	".long " fixup " - .\n\t"					\
	".popsection\n\t"

/* The fix-up address for the instruction at pc, 0 if it has none. Any context. */
u64 extable_find(u64 pc);

void extable_init(void);

#endif
#endif
