/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * FP/SIMD registers of user threads. The kernel itself never uses them.
 *
 * A thread that never touches them costs nothing: EL0's first use traps and
 * gives it a state. After a switch the registers are loaded on first use, or
 * at the switch itself for a thread that used them in each of its last runs,
 * and not at all if this CPU still holds them.
 */
#ifndef ARCH_FPSIMD_H
#define ARCH_FPSIMD_H

#include <lib/types.h>
#include <lib/compiler.h>

struct task;
struct fpsimd_context;

struct fp_state {
	__uint128_t vregs[32];
	u32 fpsr;
	u32 fpcr;
	u64 pad;
};

/* EL0 used FP with it closed. 0, -ENOMEM. IRQs on; may sleep. */
int fpsimd_trap(void);

/* Called by context_switch with IRQs off. */
void fpsimd_switch(struct task *prev, struct task *next);

/* Brings current's state to memory; NULL if it has none (all registers zero). */
struct fp_state *fpsimd_save_current(void);

/* Replaces current's state by *state. 0, -ENOMEM. */
int fpsimd_restore_current(const struct fp_state *state);

/*
 * The registers straight to or from the magic-less rest of a signal frame's FP record, whose
 * range the caller has checked. False, and nothing is changed, if they are not loaded just
 * now or memory is not there: go by way of a struct fp_state then.
 */
bool fpsimd_save_user(struct fpsimd_context __user *to);
bool fpsimd_load_user(const struct fpsimd_context __user *from);

/* Another thread's state for a debugger; it must not be running. NULL: all zero. */
struct fp_state *fpsimd_peek(struct task *task);
/* Replaces it, on the same condition. 0, -ENOMEM. */
int fpsimd_poke(struct task *task, const struct fp_state *state);

/* A new program starts with zeroed registers. */
void fpsimd_flush_current(void);

/* child = copy of current. 0, -ENOMEM. */
int fpsimd_fork(struct task *child);
void fpsimd_release(struct task *task);

/* fpsimd_regs.S; to and from user memory: 0, or -EFAULT with part of it done. */
int fpsimd_regs_save_user(struct fpsimd_context __user *to);
int fpsimd_regs_load_user(const struct fpsimd_context __user *from);
void fpsimd_regs_save(struct fp_state *state);
void fpsimd_regs_load(const struct fp_state *state);

#endif
