/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every way into the kernel, and the two ways out: ret_to_user, the one exit to
 * EL0, and ret_to_kernel.
 *
 * The invariant: while EL0 runs, SP_EL1 == kernel_stack_top(current) ==
 * cpu->user_rsp_scratch. Entries from EL0 therefore write their frame just below
 * SP without looking; ret_to_user makes it true again each time, from `current`
 * and nothing else, because after a switch the stack pointer that entered is
 * somebody else's.
 *
 * Register use between entry and exit: x28 current, x19 this CPU (reloaded after
 * anything that may switch), sp the frame. x0-x5 still hold the user's values
 * when a system call's handler is called.
 */
#include <generated/asm-offsets.h>
#include <arch/asm.h>
#include <arch/layout.h>
#include <arch/sysreg.h>
#include <arch/trace_el0.h>

#define ESR_EC_SHIFT	26
#define EC_SVC64	0x15
#define NO_SYSCALL	-1

/* Writes x0-x29 of the interrupted context; x30 goes with SP_EL0 or SP. */
.macro save_regs
	stp	x0, x1, [sp, #16 * 0]
	stp	x2, x3, [sp, #16 * 1]
	stp	x4, x5, [sp, #16 * 2]
	stp	x6, x7, [sp, #16 * 3]
	stp	x8, x9, [sp, #16 * 4]
	stp	x10, x11, [sp, #16 * 5]
	stp	x12, x13, [sp, #16 * 6]
	stp	x14, x15, [sp, #16 * 7]
	stp	x16, x17, [sp, #16 * 8]
	stp	x18, x19, [sp, #16 * 9]
	stp	x20, x21, [sp, #16 * 10]
	stp	x22, x23, [sp, #16 * 11]
	stp	x24, x25, [sp, #16 * 12]
	stp	x26, x27, [sp, #16 * 13]
	stp	x28, x29, [sp, #16 * 14]
.endm

.macro restore_regs
	ldp	x0, x1, [sp, #16 * 0]
	ldp	x2, x3, [sp, #16 * 1]
	ldp	x4, x5, [sp, #16 * 2]
	ldp	x6, x7, [sp, #16 * 3]
	ldp	x8, x9, [sp, #16 * 4]
	ldp	x10, x11, [sp, #16 * 5]
	ldp	x12, x13, [sp, #16 * 6]
	ldp	x14, x15, [sp, #16 * 7]
	ldp	x16, x17, [sp, #16 * 8]
	ldp	x18, x19, [sp, #16 * 9]
	ldp	x20, x21, [sp, #16 * 10]
	ldp	x22, x23, [sp, #16 * 11]
	ldp	x24, x25, [sp, #16 * 12]
	ldp	x26, x27, [sp, #16 * 13]
	ldp	x28, x29, [sp, #16 * 14]
	ldr	x30, [sp, #FRAME_LR]
.endm

/* From EL0: SP is the stack top of the task that last returned here. */
.macro entry_el0
#ifdef CONFIG_DEBUG_EL0_RETURN
	msr	tpidrro_el0, x0		// the only place to keep a register
	mrs	x0, tpidr_el1
	ldr	x0, [x0, #CPU_USER_RSP_SCRATCH]
	sub	x0, sp, x0
	cbnz	x0, el0_bad_stack
	mrs	x0, tpidr_el1
	ldr	x0, [x0, #CPU_CURRENT]
	ldr	x0, [x0, #TASK_KSTACK]
	sub	x0, sp, x0
	sub	x0, x0, #KSTACK_SIZE
	cbnz	x0, el0_bad_stack
	mrs	x0, tpidrro_el0
	msr	tpidrro_el0, xzr
#endif
	sub	sp, sp, #FRAME_SIZE
	save_regs
	mrs	x20, sp_el0
	mrs	x21, elr_el1
	mrs	x22, spsr_el1
	stp	x30, x20, [sp, #FRAME_LR]
	stp	x21, x22, [sp, #FRAME_PC]
	mrs	x19, tpidr_el1
	ldr	x28, [x19, #CPU_CURRENT]
	msr	sp_el0, x28
.endm

/* Number in w8, arguments in x0-x5; leaves the number in w26. */
.macro system_call_begin
	mov	w26, w8
	stp	x0, x26, [sp, #FRAME_ORIG_X0]
	ldr	x9, [x19, #CPU_SYSCALLS]
	add	x9, x9, #1
	str	x9, [x19, #CPU_SYSCALLS]
.endm

/*
 * From EL1, on the interrupted stack, if there is room for the frame on it;
 * flags are free, the exception saved them. A stack that overflowed is noticed
 * here, before the frame would fault on the guard page and recurse for ever.
 */
.macro entry_el1
	msr	tpidrro_el0, x0
	mrs	x0, sp_el0
	ldr	x0, [x0, #TASK_KSTACK]
	sub	x0, sp, x0
	sub	x0, x0, #FRAME_SIZE
	lsr	x0, x0, #KSTACK_SHIFT
	cbnz	x0, el1_bad_stack
	mrs	x0, tpidrro_el0
	msr	tpidrro_el0, xzr
	sub	sp, sp, #FRAME_SIZE
	save_regs
	add	x20, sp, #FRAME_SIZE
	mrs	x21, elr_el1
	mrs	x22, spsr_el1
	stp	x30, x20, [sp, #FRAME_LR]
	stp	x21, x22, [sp, #FRAME_PC]
	stp	x29, x21, [sp, #FRAME_RECORD]
	mov	x23, #NO_SYSCALL
	str	x23, [sp, #FRAME_SYSCALLNO]
	add	x29, sp, #FRAME_RECORD
.endm

.macro vector target
	.balign	128
	b	\target
.endm

.macro vector_traced target
	.balign	128
	branch_entry \target
.endm

.macro bad_vector reason
	.balign	128
	msr	tpidrro_el0, x0
	mov	x0, #\reason
	b	bad_vector_taken
.endm

	.section .vectors.text, "ax"
	.balign	2048
	.globl	vectors
vectors:
	bad_vector 0			// EL1 on SP_EL0: never used
	bad_vector 1
	bad_vector 2
	bad_vector 3

	vector	el1_sync
	vector	el1_irq
	bad_vector 6			// FIQ: nothing is routed there
	vector	el1_serror

	vector_traced el0_sync
	vector_traced el0_irq
	bad_vector 10
	vector	el0_serror

	vector	el0_aarch32		// no 32-bit programs are ever started
	vector	el0_irq
	bad_vector 14
	vector	el0_serror

	.text

/* ---- from EL0 ---- */

LOCAL_FUNC(el0_sync)
	entry_el0
#ifdef TRACE_EL0_ENTRY
	static_key_load el0_slow_key, .Lel0_sync_entered, 9
#endif
	mrs	x25, esr_el1
	lsr	x24, x25, #ESR_EC_SHIFT
	cmp	x24, #EC_SVC64
	b.ne	.Lel0_fault_entry

	system_call_begin
	adr_l	x16, syscall_table
	cmp	w26, #NR_SYSCALLS_ASM
	b.hs	.Lsyscall_slow_entry
	ldr	x16, [x16, x26, lsl #3]
	msr	daifclr, #7
	blr	x16
	str	x0, [sp]
	branch_ret_to_user

.Lsyscall_slow_entry:			// traced, or no such number
	mov	x0, sp
	bl	syscall_slow
	branch_ret_to_user

.Lel0_fault_entry:
	mrs	x26, far_el1
	mov	x23, #NO_SYSCALL
	stp	x25, x26, [sp, #FRAME_ESR]
	str	x23, [sp, #FRAME_SYSCALLNO]
	mov	x0, sp
	bl	el0_fault
	branch_ret_to_user
END(el0_sync)

LOCAL_FUNC(el0_irq)
	entry_el0
#ifdef TRACE_EL0_ENTRY
	static_key_load el0_slow_key, .Lel0_irq_entered, 9
.Lel0_irq:
#endif
	mov	x23, #NO_SYSCALL
	str	x23, [sp, #FRAME_SYSCALLNO]
	mov	x0, sp
	bl	irq_handle
	branch_ret_to_user
END(el0_irq)

#ifdef TRACE_EL0_ENTRY
/* The same while el0_slow_key is on. */
LOCAL_FUNC(el0_sync_traced)
	entry_el0
.Lel0_sync_entered:
	bl	trace_enter_kernel
	mrs	x25, esr_el1
	lsr	x24, x25, #ESR_EC_SHIFT
	cmp	x24, #EC_SVC64
	b.ne	.Lel0_fault_entry
	ldr	x0, [sp]
	ldr	x8, [sp, #16 * 4]
	system_call_begin
	b	.Lsyscall_slow_entry
END(el0_sync_traced)

LOCAL_FUNC(el0_irq_traced)
	entry_el0
.Lel0_irq_entered:
	bl	trace_enter_kernel
	b	.Lel0_irq
END(el0_irq_traced)
#endif

LOCAL_FUNC(el0_aarch32)
	entry_el0
	mov	x23, #NO_SYSCALL
	str	x23, [sp, #FRAME_SYSCALLNO]
	mov	x0, sp
	bl	el0_undefined
	branch_ret_to_user
END(el0_aarch32)

LOCAL_FUNC(el0_serror)
	entry_el0
	b	.Lserror_common
END(el0_serror)

/* ---- from EL1 ---- */

LOCAL_FUNC(el1_sync)
	entry_el1
	mrs	x25, esr_el1
	mrs	x26, far_el1
	stp	x25, x26, [sp, #FRAME_ESR]
	mov	x0, sp
	bl	el1_fault
	b	ret_to_kernel
END(el1_sync)

LOCAL_FUNC(el1_irq)
	entry_el1
	mov	x0, sp
	bl	irq_handle
#ifdef CONFIG_PREEMPT_FULL
	mrs	x28, sp_el0
	ldr	w9, [x28, #TASK_PREEMPT]
	cbnz	w9, ret_to_kernel
	ldr	w9, [x28, #TASK_WORK]
	tbz	w9, #WORK_RESCHED_BIT, ret_to_kernel
	bl	preempt_schedule_irq
#endif
	b	ret_to_kernel
END(el1_irq)

LOCAL_FUNC(el1_serror)
	entry_el1
.Lserror_common:
	mrs	x25, esr_el1
	mrs	x26, far_el1
	stp	x25, x26, [sp, #FRAME_ESR]
	mov	x0, sp
	bl	serror_taken		// does not return
	b	.
END(el1_serror)

/* ---- the exits ---- */

/*
 * The one exit to EL0: of system calls, faults, interrupts, new threads, exec
 * and signal return. sp = the current task's frame or below.
 */
FUNC(ret_to_user)
	msr	daifset, #7
	mrs	x28, sp_el0
	ldr	w9, [x28, #TASK_WORK]
	cbnz	w9, .Lret_work
.Lret_no_work:
#ifdef CONFIG_TRACE_CTX
	static_key_load trace_key_ctx_to_user, .Lret_trace, 9
.Lret_leave:
#endif
#ifdef CONFIG_DEBUG_STALE_USER_RSP
	bl	stale_user_rsp_inject
	mrs	x19, tpidr_el1
	tbnz	w0, #0, 1f		// leave the last task's stack top in place
#endif
	mrs	x19, tpidr_el1
	ldr	x9, [x28, #TASK_KSTACK]
	add	x9, x9, #KSTACK_SIZE
	str	x9, [x19, #CPU_USER_RSP_SCRATCH]
1:	ldr	x9, [x19, #CPU_USER_RSP_SCRATCH]
	sub	sp, x9, #FRAME_SIZE
	ldp	x20, x21, [sp, #FRAME_SP]
	ldr	x22, [sp, #FRAME_PSTATE]
	msr	sp_el0, x20
	msr	elr_el1, x21
	msr	spsr_el1, x22
	restore_regs
	add	sp, sp, #FRAME_SIZE	// SP_EL1 == user_rsp_scratch
	eret
	dsb	nsh			// nothing is fetched past the eret
	isb

.Lret_work:
	ldr	x9, [x28, #TASK_KSTACK]	// a new thread's sp is below its frame
	add	x9, x9, #KSTACK_SIZE
	sub	x0, x9, #FRAME_SIZE
	bl	exit_work		// returns with interrupts masked and no work left
	b	.Lret_no_work
END(ret_to_user)

#ifdef CONFIG_TRACE_CTX
/* Taken instead of ret_to_user while TO_USER is traced, which is the last thing before the exit. */
FUNC(ret_to_user_traced)
	msr	daifset, #7
	mrs	x28, sp_el0
	ldr	w9, [x28, #TASK_WORK]
	cbz	w9, .Lret_trace
	ldr	x9, [x28, #TASK_KSTACK]
	add	x9, x9, #KSTACK_SIZE
	sub	x0, x9, #FRAME_SIZE
	bl	exit_work
.Lret_trace:
	bl	trace_exit_kernel
	b	.Lret_leave
END(ret_to_user_traced)
#endif

/* Back to the interrupted kernel code. sp = its frame. */
FUNC(ret_to_kernel)
	msr	daifset, #7
	ldp	x21, x22, [sp, #FRAME_PC]
	msr	elr_el1, x21
	msr	spsr_el1, x22
	restore_regs
	add	sp, sp, #FRAME_SIZE
	eret
	dsb	nsh
	isb
END(ret_to_kernel)

/* ---- when the stack pointer cannot be trusted ---- */

/*
 * x0 is in TPIDRRO_EL0. Switches to the CPU's overflow stack (or goes on there)
 * and builds a frame with the bad SP in it; x25 = the bad SP.
 */
.macro entry_overflow_stack
	mrs	x0, tpidr_el1
	str	x1, [x0, #CPU_SCRATCH]
	mov	x1, sp
	str	x1, [x0, #CPU_SCRATCH + 8]
	ldr	x0, [x0, #CPU_OVERFLOW_STACK]
	sub	x1, x0, x1		// already there, with room for a frame?
	cmp	x1, #(OVERFLOW_STACK_SIZE - FRAME_SIZE)
	b.ls	1f
	mov	sp, x0
1:	mrs	x0, tpidr_el1
	ldr	x1, [x0, #CPU_SCRATCH]
	mrs	x0, tpidrro_el0
	msr	tpidrro_el0, xzr
	sub	sp, sp, #FRAME_SIZE
	save_regs
	mrs	x19, tpidr_el1
	ldr	x25, [x19, #CPU_SCRATCH + 8]
	mrs	x21, elr_el1
	mrs	x22, spsr_el1
	mrs	x23, esr_el1
	mrs	x24, far_el1
	stp	x30, x25, [sp, #FRAME_LR]
	stp	x21, x22, [sp, #FRAME_PC]
	stp	x23, x24, [sp, #FRAME_ESR]
	stp	x29, x21, [sp, #FRAME_RECORD]
	ldr	x28, [x19, #CPU_CURRENT]
	msr	sp_el0, x28
	mov	x23, #NO_SYSCALL
	str	x23, [sp, #FRAME_SYSCALLNO]
	add	x29, sp, #FRAME_RECORD
.endm

LOCAL_FUNC(el1_bad_stack)
	entry_overflow_stack
	mov	x0, sp
	bl	kernel_stack_overflow	// does not return
	b	.
END(el1_bad_stack)

#ifdef CONFIG_DEBUG_EL0_RETURN
LOCAL_FUNC(el0_bad_stack)
	entry_overflow_stack
	mov	x29, xzr		// EL0 was interrupted: no kernel caller
	mov	x0, sp
	mov	x1, x25
	bl	el0_return_broken	// does not return
	b	.
END(el0_bad_stack)
#endif

LOCAL_FUNC(bad_vector_taken)
	mrs	x1, tpidr_el1
	str	x0, [x1, #CPU_SCRATCH + 16]
	mov	x1, xzr
	entry_overflow_stack
	ldr	x1, [x19, #CPU_SCRATCH + 16]
	mov	x0, sp
	bl	bad_vector_report	// does not return
	b	.
END(bad_vector_taken)
