/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers across interrupts: load every register with a pattern, spin without touching any,
 * store what is there afterwards. Offsets are used by regs.S.
 */
#ifndef USR_TESTS_REGS_H
#define USR_TESTS_REGS_H

#define REGS_X		0   /* x0..x30 */
#define REGS_SP		248
#define REGS_NZCV	256
#define REGS_FPSR	264
#define REGS_FPCR	272
#define REGS_TPIDR	280
#define REGS_V		288 /* q0..q31 */
#define REGS_SIZE	800

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>

struct regs {
	uint64_t x[31];
	uint64_t sp;
	uint64_t nzcv;
	uint64_t fpsr;
	uint64_t fpcr;
	uint64_t tpidr;
	uint64_t v[32][2];
};

_Static_assert(offsetof(struct regs, v) == REGS_V && sizeof(struct regs) == REGS_SIZE, "regs.S");

/*
 * Loads *in, spins `loops` times, stores to *out. sp and tpidr are only stored, not loaded.
 * The counter is x0 in the first and x17 in the second: it comes out 0. In the first x18 and
 * in both x30 are free for a pattern as well.
 */
void regs_spin_x0(const struct regs *in, struct regs *out, uint64_t loops);
void regs_spin_x17(const struct regs *in, struct regs *out, uint64_t loops);

/* Fills all but sp and tpidr with values that `seed` makes unique. */
void regs_fill(struct regs *regs, uint64_t seed);

/* Spins once in each way; ends the test if a register changed. `where` is for the message. */
void regs_check(uint64_t seed, uint64_t loops, const char *where);
#endif

#endif
