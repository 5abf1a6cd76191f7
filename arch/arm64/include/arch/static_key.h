/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Static keys: a condition that is almost always false and costs one nop.
 * Turning the key on makes the nop a branch to the `if` body, everywhere the key
 * is asked. Assembly may also let the key choose the target of a branch that is there
 * anyway, which costs nothing. With CONFIG_JUMP_LABEL off a key is one load and branch.
 *
 * Other CPUs may run through the place meanwhile: NOP and B may be replaced by one
 * another under them (Arm ARM, B2.2.5), and they execute the old or the new one.
 *
 * Context: static_key_enabled() any; the others task context or boot, serialised by the
 * caller for each key.
 */
#ifndef ARCH_STATIC_KEY_H
#define ARCH_STATIC_KEY_H

#ifndef __ASSEMBLER__

#include <lib/types.h>
#include <lib/compiler.h>

struct static_key {
	int enabled;
};

/* In section __jump_table; each is relative to itself. */
struct jump_entry {
	s32 code;
	s32 target;	/* of the branch while the key is on */
	s32 off;	/* of the branch while it is off; 0: a nop */
	s32 key;
};

static __always_inline bool static_key_enabled(struct static_key *key)
{
#ifdef CONFIG_JUMP_LABEL
	asm goto("1:	nop\n\t"
		 ".pushsection __jump_table, \"a\"\n\t"
		 ".balign 4\n\t"
		 ".long 1b - .\n\t"
		 ".long %l[yes] - .\n\t"
		 ".long 0\n\t"
		 ".long %c0 - .\n\t"
		 ".popsection\n\t"
		 : : "i"(key) : : yes);
	return false;
yes:
	return true;
#else
	return unlikely(READ_ONCE(key->enabled));
#endif
}

/* Switches the key at all its places. Other CPUs may still execute what they have fetched. */
void static_key_set(struct static_key *key, bool on);
/* After this all CPUs execute the keys as they were set. */
void static_key_sync(void);

#else

/*
 * Branches to `off`, while the key is on to `on`. Without CONFIG_JUMP_LABEL always to `off`,
 * and the code there has to branch to where `on` would be by static_key_load.
 */
.macro static_key_choose key, off, on
778:	b	\off
#ifdef CONFIG_JUMP_LABEL
	.pushsection __jump_table, "a"
	.balign	4
	.long	778b - .
	.long	\on - .
	.long	\off - .
	.long	\key - .
	.popsection
#endif
.endm

/* Clobbers x\tmp. */
.macro static_key_load key, target, tmp
#ifndef CONFIG_JUMP_LABEL
	adrp	x\tmp, \key
	ldr	w\tmp, [x\tmp, :lo12:\key]
	cbnz	w\tmp, \target
#endif
.endm

#endif
#endif
