/* SPDX-License-Identifier: BSD-2-Clause */
/* The C side of vectors.S. Nobody else calls these. */
#ifndef ARCH_ENTRY_H
#define ARCH_ENTRY_H

#include <lib/types.h>
#include <lib/compiler.h>

struct trap_frame;

extern char vectors[];

/* entry.c: from EL0, all interrupts masked */
void exit_work(struct trap_frame *frame);
void syscall_slow(struct trap_frame *frame);
void el0_fault(struct trap_frame *frame);
void el0_undefined(struct trap_frame *frame);
void trace_enter_kernel(void);
void trace_exit_kernel(void);
bool stale_user_rsp_inject(void);

/* fault.c: from EL1, and what is fatal */
void el1_fault(struct trap_frame *frame);
void __noreturn serror_taken(struct trap_frame *frame);
void __noreturn kernel_stack_overflow(struct trap_frame *frame);
void __noreturn el0_return_broken(struct trap_frame *frame, u64 sp);
void __noreturn bad_vector_report(struct trap_frame *frame, u64 vector);

/* vectors.S, switch.S */
void ret_to_user(void);
void ret_from_fork(void);

#endif
