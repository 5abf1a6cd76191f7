/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What entries from EL0 mean, and the work loop before the return to it. This
 * file is where the architecture calls up into the kernel: faults become
 * verdicts of mm, verdicts become signals. vectors.S has the rest of the story.
 */
#include <arch/barrier.h>
#include <arch/cpufeature.h>
#include <arch/current.h>
#include <arch/entry.h>
#include <arch/esr.h>
#include <arch/fpsimd.h>
#include <arch/frame.h>
#include <arch/ptrace.h>
#include <arch/static_key.h>
#include <arch/syscall.h>
#include <arch/irqflags.h>
#include <arch/uaccess.h>
#include <kernel/cpu.h>
#include <kernel/preempt.h>
#include <kernel/mutex.h>
#include <kernel/ptrace.h>
#include <kernel/sched.h>
#include <kernel/seccomp.h>
#include <kernel/signal.h>
#include <kernel/spinlock.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <mm/fault.h>
#include <mm/mm.h>
#include <trace/ctx.h>
#include <trace/hist.h>
#include <trace/process.h>
#include <trace/syscall.h>

/* vectors.S stores and loads these in pairs. */
static_assert(sizeof(struct trap_frame) % 16 == 0);
static_assert(offsetof(struct trap_frame, regs) == 0);
static_assert(offsetof(struct trap_frame, sp) == offsetof(struct trap_frame, regs[30]) + 8);
static_assert(offsetof(struct trap_frame, pstate) == offsetof(struct trap_frame, pc) + 8);
static_assert(offsetof(struct trap_frame, syscallno) == offsetof(struct trap_frame, orig_x0) + 8);
static_assert(offsetof(struct trap_frame, far) == offsetof(struct trap_frame, esr) + 8);
static_assert(offsetof(struct task, preempt_count) == offsetof(struct task, work) + 4);

#define WORK_DELIVER	(WORK_SIGNAL | WORK_NOTIFY | WORK_RESTORE_SIGMASK | WORK_RSEQ | WORK_ASYNC)
#define WORK_EXIT_MASK	(WORK_RESCHED | WORK_DELIVER)

/* Exceptions mask everything; from here on the kernel is interruptible. */
static __always_inline void unmask_all(void)
{
	__asm__ volatile("msr daifclr, #7" : : : "memory");
}

static __always_inline void mask_all(void)
{
	__asm__ volatile("msr daifset, #7" : : : "memory");
}

#ifdef CONFIG_DEBUG_STALE_USER_RSP
/*
 * Fault injection: asked by ret_to_user whether to leave the last task's stack top
 * in user_rsp_scratch. Now and then, where it makes a difference: after a switch.
 */
bool stale_user_rsp_inject(void)
{
	static u32 switches;
	u64 last = this_cpu()->user_rsp_scratch;

	return last && last != kernel_stack_top(current) && ++switches % 16 == 0;
}
#endif

/* Runs pending work until there is none. Interrupts are masked on entry and return. */
void exit_work(struct trap_frame *frame)
{
	u32 work = READ_ONCE(current->work);

	while (work & WORK_EXIT_MASK) {
		if (work & WORK_RESCHED)
			preempt_schedule_irq();
		if (work & WORK_DELIVER) {
			unmask_all();
			signal_deliver(frame);
			mask_all();
		}
		work = READ_ONCE(current->work);
	}
	if (IS_ENABLED(CONFIG_PTRACE) && (work & WORK_SINGLESTEP))
		arch_step_arm();
}

struct static_key el0_slow_key;

static u32 slow_wanted;		/* by whom: EL0_SLOW_* */

void el0_slow_set(u32 who, bool on)
{
	static DEFINE_SPINLOCK(lock);
	unsigned long flags;

	spin_lock_irqsave(&lock, flags);
	WRITE_ONCE(slow_wanted, on ? slow_wanted | who : slow_wanted & ~who);
	static_key_set(&el0_slow_key, slow_wanted != 0);
	spin_unlock_irqrestore(&lock, flags);
}

void el0_slow_follow(u32 who, const atomic_t *users)
{
	static DEFINE_MUTEX(order);
	bool on;

	if (likely(!atomic_read(users) && !(READ_ONCE(slow_wanted) & who)))
		return;
	mutex_lock(&order);
	on = atomic_read(users) > 0;
	if (on != ((READ_ONCE(slow_wanted) & who) != 0)) {
		el0_slow_set(who, on);
		static_key_sync();
	}
	mutex_unlock(&order);
}

/* First the tracer, which may change the call, then the filters of whatever it is by then. */
static bool call_is_wanted(struct trap_frame *frame)
{
	if (task_has_work(current, WORK_SYSCALL_TRACE) && !ptrace_syscall_enter(frame))
		return false;
	return !task_has_work(current, WORK_SECCOMP) || seccomp_enter(frame);
}

/* A system call that is traced or judged, or whose number is not in the table. */
void syscall_slow(struct trap_frame *frame)
{
	u32 nr = (u32)frame->syscallno;
	const u64 *r = frame->regs;
	u64 start = hist_start();
	long ret;

	unmask_all();
	if (task_has_work(current, WORK_SYSCALL_TRACE | WORK_SECCOMP)) {
		if (!call_is_wanted(frame))
			goto out;
		/* A tracer may have changed number and arguments. */
		nr = (u32)frame->syscallno;
	}
	TRACE(syscall_entry, nr);
	if (nr < NR_SYSCALLS)
		ret = syscall_table[nr](r[0], r[1], r[2], r[3], r[4], r[5]);
	else
		ret = sys_ni_syscall(r[0], r[1], r[2], r[3], r[4], r[5]);
	frame_set_return(frame, ret);
	TRACE(syscall_exit, nr, (u64)ret);
	if (hist_on())
		trace_hist_add_syscall(nr, start);
out:
	if (task_has_work(current, WORK_SYSCALL_TRACE))
		ptrace_syscall_exit(frame);
}

void trace_enter_kernel(void)
{
	TRACE(ctx_to_kernel, (u32)current->tid);
}

void trace_exit_kernel(void)
{
	TRACE(ctx_to_user, (u32)current->tid);
}

/* ---- faults ---- */

/* EL0's top address byte is ignored by the hardware, so it is by us. */
static u64 untag(u64 addr)
{
	return addr & BIT(55) ? addr | GENMASK(63, 56) : addr & ~GENMASK(63, 56);
}

static void fault_signal(struct trap_frame *frame, int sig, int code, u64 addr)
{
	current->ctx.fault_address = frame->far;
	current->ctx.fault_esr = frame->esr;
	signal_force_fault(sig, code, addr);
}

static void fault_without_address(struct trap_frame *frame, int sig, int code)
{
	current->ctx.fault_address = 0;
	current->ctx.fault_esr = frame->esr;
	signal_force_fault(sig, code, frame->pc);
}

/* A fault at a kernel address must not tell EL0 what is mapped there. */
static void hide_kernel_mapping(struct trap_frame *frame)
{
	const u64 keep = ESR_EC_MASK | ESR_IL | ESR_CM | ESR_WNR;

	frame->esr = (frame->esr & keep) | ESR_FSC_TRANSLATION;
}

static void el0_page_fault(struct trap_frame *frame, u64 addr, unsigned int access)
{
	enum fault_verdict verdict = FAULT_SEGV_MAPERR;

	if (likely(addr < TASK_SIZE))
		verdict = hist_timed(HIST_PAGE_FAULT,
				     mm_fault(current->mm, addr, access | FAULT_USER));
	else
		hide_kernel_mapping(frame);

	switch (verdict) {
	case FAULT_OK:
	case FAULT_RETRY:
	case FAULT_OOM:
		return;
	case FAULT_BUS_ADRERR:
		fault_signal(frame, SIGBUS, BUS_ADRERR, addr);
		break;
	case FAULT_SEGV_ACCERR:
		fault_signal(frame, SIGSEGV, SEGV_ACCERR, addr);
		break;
	case FAULT_SEGV_MAPERR:
		fault_signal(frame, SIGSEGV, SEGV_MAPERR, addr);
		break;
	}
}

/* Data and instruction aborts; Arm ARM, ISS encoding for an exception from an abort. */
static void el0_abort(struct trap_frame *frame, unsigned int access)
{
	u64 addr = untag(frame->far);
	u32 fsc = frame->esr & ESR_FSC_MASK;

	TRACE(data_abort, (u32)current->proc->pid, fsc, frame->far, frame->pc);
	switch (fsc & ~ESR_FSC_LEVEL) {
	case ESR_FSC_TRANSLATION:
	case ESR_FSC_ACCESS:
	case ESR_FSC_PERMISSION:
		el0_page_fault(frame, addr, access);
		return;
	}
	if (fsc == ESR_FSC_ALIGNMENT)
		fault_signal(frame, SIGBUS, BUS_ADRALN, addr);
	else if (fsc == ESR_FSC_EXTERNAL || (fsc & ~ESR_FSC_LEVEL) == ESR_FSC_EXTERNAL_WALK)
		fault_signal(frame, SIGBUS, BUS_OBJERR, addr);
	else
		signal_force_kill();
}

static void el0_data_abort(struct trap_frame *frame)
{
	bool write = (frame->esr & (ESR_WNR | ESR_CM)) == ESR_WNR;

	el0_abort(frame, write ? FAULT_WRITE : FAULT_READ);
}

/* IEEE 754 traps, on the CPUs that have them. */
static void el0_fp_exception(struct trap_frame *frame)
{
	static const struct {
		u32 bit;
		int code;
	} causes[] = {
		{ BIT(0), FPE_FLTINV }, { BIT(1), FPE_FLTDIV }, { BIT(2), FPE_FLTOVF },
		{ BIT(3), FPE_FLTUND }, { BIT(4), FPE_FLTRES },
	};
	int code = FPE_FLTUNK;

	if (frame->esr & ESR_FP_TFV) {
		for (unsigned int i = 0; i < ARRAY_SIZE(causes); i++) {
			if (frame->esr & causes[i].bit) {
				code = causes[i].code;
				break;
			}
		}
	}
	fault_without_address(frame, SIGFPE, code);
}

/*
 * MRS of an ID register: on older CPUs an undefined instruction, on newer a trap
 * of its own. Either way programs may do it (HWCAP_CPUID).
 */
static void el0_system_insn(struct trap_frame *frame)
{
	u32 insn;

	if (!(frame->pc & 3) && !get_user(insn, (const u32 __user *)frame->pc) &&
	    cpufeature_emulate_mrs(frame, insn)) {
		frame->pc += 4;
		return;
	}
	fault_without_address(frame, SIGILL, ILL_ILLOPC);
}

static void el0_fp_trap(struct trap_frame *frame)
{
	if (!cpu_has(CPU_FEAT_FP))
		fault_without_address(frame, SIGILL, ILL_ILLOPC);
	else if (fpsimd_trap())
		signal_force_kill();
}

/* One instruction was stepped; or the CPU was still set to step somebody who is gone. */
static void el0_step(struct trap_frame *frame)
{
	if (!IS_ENABLED(CONFIG_PTRACE))
		return;
	arch_step_disarm();
	if (task_has_work(current, WORK_SINGLESTEP))
		fault_without_address(frame, SIGTRAP, TRAP_TRACE);
}

/* Every synchronous exception from EL0 but SVC. */
void el0_fault(struct trap_frame *frame)
{
	unmask_all();
	switch (ESR_EC(frame->esr)) {
	case EC_DATA_ABORT_EL0:
		el0_data_abort(frame);
		break;
	case EC_INSN_ABORT_EL0:
		el0_abort(frame, FAULT_EXEC);
		break;
	case EC_FP_TRAP:
		el0_fp_trap(frame);
		break;
	case EC_UNKNOWN:
	case EC_SYSREG:
		el0_system_insn(frame);
		break;
	case EC_BRK64:
		fault_without_address(frame, SIGTRAP, TRAP_BRKPT);
		break;
	case EC_WFX:
		frame->pc += 4;
		cond_resched();
		break;
	case EC_PC_ALIGN:
		fault_signal(frame, SIGBUS, BUS_ADRALN, frame->far);
		break;
	case EC_SP_ALIGN:
		frame->far = frame->sp;
		fault_signal(frame, SIGBUS, BUS_ADRALN, frame->sp);
		break;
	case EC_FP_EXCEPTION:
		el0_fp_exception(frame);
		break;
	case EC_STEP_EL0:
		el0_step(frame);
		break;
	case EC_BREAKPOINT_EL0:
	case EC_WATCHPOINT_EL0:
		fault_without_address(frame, SIGTRAP, TRAP_HWBKPT);
		break;
	case EC_FPAC:
		fault_without_address(frame, SIGILL, ILL_ILLOPN);
		break;
	default:                /* SVE, SME, BTI, illegal state, what is to come */
		fault_without_address(frame, SIGILL, ILL_ILLOPC);
		break;
	}
}

/* An exception from AArch32 state, which no program can be in. */
void el0_undefined(struct trap_frame *frame)
{
	frame->esr = 0;
	frame->far = 0;
	unmask_all();
	signal_force_kill();
}
