/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Static keys: a condition that is almost always false and costs one nop.
 * Turning the key on makes the nop a branch to the `if` body, everywhere the key
 * is asked. With CONFIG_JUMP_LABEL off a key is one load and branch.
 *
 * Context: static_key_enabled() any; static_key_set() task context or boot.
 */
#ifndef ARCH_STATIC_KEY_H
#define ARCH_STATIC_KEY_H

#ifndef __ASSEMBLER__

#include <lib/types.h>
#include <lib/compiler.h>

struct static_key {
	int enabled;
};

/* In section __jump_table; code and target relative to the field, key to its own. */
struct jump_entry {
	s32 code;
	s32 target;
	s64 key;
};

static __always_inline bool static_key_enabled(struct static_key *key)
{
#ifdef CONFIG_JUMP_LABEL
	asm goto("1:	nop\n\t"
		 ".pushsection __jump_table, \"a\"\n\t"
		 ".balign 8\n\t"
		 ".long 1b - .\n\t"
		 ".long %l[yes] - .\n\t"
		 ".quad %c0 - .\n\t"
		 ".popsection\n\t"
		 : : "i"(key) : : yes);
	return false;
yes:
	return true;
#else
	return unlikely(READ_ONCE(key->enabled));
#endif
}

/* Switches the key at all its places. */
void static_key_set(struct static_key *key, bool on);

#else

/* The same in assembly: branches to `target` while the key is on. Clobbers x\tmp. */
.macro static_key_branch key, target, tmp
#ifdef CONFIG_JUMP_LABEL
778:	nop
	.pushsection __jump_table, "a"
	.balign	8
	.long	778b - .
	.long	\target - .
	.quad	\key - .
	.popsection
#else
	adrp	x\tmp, \key
	ldr	w\tmp, [x\tmp, :lo12:\key]
	cbnz	w\tmp, \target
#endif
.endm

#endif
#endif
