/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exceptions the kernel itself runs into. A data abort at an instruction of the
 * exception table is a user copy: page in, or take its fix-up. Everything else
 * is a bug of ours and ends in die() with a text that says what happened.
 */
#include <arch/current.h>
#include <arch/entry.h>
#include <arch/esr.h>
#include <arch/extable.h>
#include <arch/frame.h>
#include <arch/irqflags.h>
#include <arch/sysreg.h>
#include <kernel/cpu.h>
#include <kernel/panic.h>
#include <kernel/preempt.h>
#include <kernel/printk.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <mm/fault.h>
#include <mm/mm.h>
#include <mm/vmap.h>
#include <trace/counters.h>

static bool fix_up(struct trap_frame *frame)
{
	u64 fixup = extable_find(frame->pc);

	if (!fixup)
		return false;
	frame->pc = fixup;
	count_event(KERNEL_FAULT_FIXED);
	return true;
}

/* A user address in a user copy. True if the access may be repeated or was fixed up. */
static bool user_copy_fault(struct trap_frame *frame, u64 addr)
{
	bool write = (frame->esr & (ESR_WNR | ESR_CM)) == ESR_WNR;
	enum fault_verdict verdict;

	if (!extable_find(frame->pc))
		return false;
	if (!current->mm || preempt_count() || !frame_irqs_enabled(frame))
		return fix_up(frame);

	local_irq_enable();
	verdict = mm_fault(current->mm, addr, write ? FAULT_WRITE : FAULT_READ);
	local_irq_disable();
	if (verdict == FAULT_OK || (verdict == FAULT_RETRY && !fatal_signal_pending(current)))
		return true;
	return fix_up(frame);
}

static const char *fault_name(u32 fsc)
{
	static const char *const by_kind[] = {
		"address size fault", "translation fault", "access flag fault", "permission fault",
	};

	if (fsc < 16)
		return by_kind[fsc >> 2];
	if (fsc == ESR_FSC_ALIGNMENT)
		return "alignment fault";
	if (fsc == ESR_FSC_EXTERNAL)
		return "synchronous external abort";
	if ((fsc & ~ESR_FSC_LEVEL) == ESR_FSC_EXTERNAL_WALK)
		return "external abort on a table walk";
	return "unknown fault";
}

static void __noreturn abort_fatal(struct trap_frame *frame, bool exec)
{
	u64 addr = frame->far;
	const char *what = "paging request";

	if (kstack_is_guard(addr))
		what = "stack overflow";
	else if (addr < PAGE_SIZE)
		what = "NULL pointer dereference";
	else if (exec)
		what = "execution";
	else if (addr < TASK_SIZE)
		what = "access to user memory outside uaccess";
	pr_emerg("Unable to handle kernel %s at virtual address %016llx\n", what, addr);
	pr_emerg("Mem abort info: ESR = 0x%016llx, %s level %u, %s\n", frame->esr,
		 fault_name(frame->esr & ESR_FSC_MASK), (u32)frame->esr & ESR_FSC_LEVEL,
		 exec ? "fetch" : frame->esr & ESR_WNR ? "write" : "read");
	die("Oops", frame, frame->esr);
}

static void el1_data_abort(struct trap_frame *frame)
{
	u64 addr = frame->far;
	u32 kind = frame->esr & ESR_FSC_MASK & ~ESR_FSC_LEVEL;

	if (!(addr & BIT(55))) {
		addr &= ~GENMASK(63, 56);
		if ((kind == ESR_FSC_TRANSLATION || kind == ESR_FSC_ACCESS ||
		     kind == ESR_FSC_PERMISSION) && addr < TASK_SIZE) {
			if (user_copy_fault(frame, addr))
				return;
			abort_fatal(frame, false);
		}
	}
	if (!fix_up(frame))
		abort_fatal(frame, false);
}

/* All synchronous exceptions taken from EL1; everything is masked. */
void el1_fault(struct trap_frame *frame)
{
	const char *what;

	switch (ESR_EC(frame->esr)) {
	case EC_DATA_ABORT_EL1:
		el1_data_abort(frame);
		return;
	case EC_INSN_ABORT_EL1:
		abort_fatal(frame, true);
	case EC_BRK64:
		what = (ESR_BRK_IMM(frame->esr) & 0xff00) == 0x5500 ? "UBSAN" : "BRK handler";
		break;
	case EC_UNKNOWN:
		if (fix_up(frame))      /* semihosting without a listener */
			return;
		what = "Oops - Undefined instruction";
		break;
	case EC_PC_ALIGN:
	case EC_SP_ALIGN:
		what = "SP/PC alignment exception";
		break;
	case EC_FP_TRAP:
	case EC_SVE:
		what = "Oops - FP/SIMD use in the kernel";
		break;
	default:
		what = "Oops - unexpected exception";
		break;
	}
	die(what, frame, frame->esr);
}

void serror_taken(struct trap_frame *frame)
{
	pr_emerg("SError Interrupt on CPU%u, code 0x%016llx\n", cpu_id(), frame->esr);
	die("Asynchronous SError Interrupt", frame, frame->esr);
}

/* On the CPU's overflow stack; frame->sp is where the task's stack pointer had come to. */
void kernel_stack_overflow(struct trap_frame *frame)
{
	u64 base = (u64)current->kstack;

	pr_emerg("Insufficient stack space to handle exception!\n");
	pr_emerg("ESR: 0x%016llx FAR: 0x%016llx\n", frame->esr, frame->far);
	pr_emerg("Task stack:     [0x%016llx..0x%016llx], sp 0x%016llx\n", base,
		 base + KSTACK_SIZE, frame->sp);
	die("kernel stack overflow", frame, frame->esr);
}

/* DEBUG_EL0_RETURN: an entry from EL0 found SP_EL1 on the wrong stack. */
void el0_return_broken(struct trap_frame *frame, u64 sp)
{
	pr_emerg("EL0 entry of %s[%d]: SP_EL1 %016llx, user_rsp_scratch %016llx, "
		 "stack top %016llx\n", current->comm, current->tid, sp,
		 this_cpu()->user_rsp_scratch, kernel_stack_top(current));
	show_regs(frame);
	panic("EL0 return left SP_EL1 on another task's stack");
}

void bad_vector_report(struct trap_frame *frame, u64 vector)
{
	static const char *const kind[] = { "Synchronous", "IRQ", "FIQ", "SError" };

	pr_emerg("Bad mode: %s exception, vector %llu, on CPU%u\n", kind[vector & 3], vector,
		 cpu_id());
	die("Oops - bad mode", frame, frame->esr);
}
