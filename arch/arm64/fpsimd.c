/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who owns the FP/SIMD registers. CPACR_EL1 traps EL0's use of them unless the
 * running thread's state is loaded (fp_live). cpu->fp_owner is the thread whose
 * state the registers hold, live or not; together with the thread's fp_cpu it
 * says whether a reload can be spared.
 *
 * fp_live, fp_cpu and fp_streak change only with IRQs off: a switch reads them.
 */
#include <arch/cpufeature.h>
#include <arch/current.h>
#include <arch/fpsimd.h>
#include <arch/irqflags.h>
#include <arch/sysreg.h>
#include <arch/barrier.h>
#include <arch/uaccess.h>
#include <kernel/cpu.h>
#include <kernel/init.h>
#include <kernel/task.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <asm/sigcontext.h>

/* After this many runs in a row with FP the next switch loads it without waiting for a trap. */
#define STREAK_EAGER 3
/* And every so often it is left to the trap again, to see whether it is still needed. */
#define STREAK_PROBE 64

static struct kmem_cache *fp_cache;

static void open_fp(struct task *task)
{
	task->ctx.fp_live = 1;
	write_sysreg(CPACR_FP_OPEN, cpacr_el1);
	isb();
}

static void close_fp(struct task *task)
{
	task->ctx.fp_live = 0;
	write_sysreg(CPACR_FP_TRAP_EL0, cpacr_el1);
	isb();
}

/* True if this CPU's registers hold the task's state, unchanged since it was saved. */
static bool registers_hold(const struct task *task)
{
	return this_cpu()->fp_owner == task && task->ctx.fp_cpu == cpu_id();
}

static void load(struct task *task)
{
	if (!registers_hold(task)) {
		fpsimd_regs_load(task->ctx.fpu);
		this_cpu()->fp_owner = task;
		task->ctx.fp_cpu = cpu_id();
	}
	open_fp(task);
}

static struct fp_state *state_alloc(void)
{
	struct fp_state *state = kmem_cache_alloc(fp_cache, GFP_USER | GFP_ZERO);

	return state;
}

int fpsimd_trap(void)
{
	unsigned long flags;

	if (!current->ctx.fpu) {
		current->ctx.fpu = state_alloc();
		if (!current->ctx.fpu)
			return -ENOMEM;
		current->ctx.fp_cpu = FP_NO_CPU;
	}
	local_irq_save(flags);
	load(current);
	if (current->ctx.fp_streak < STREAK_EAGER)
		current->ctx.fp_streak++;
	local_irq_restore(flags);
	return 0;
}

static bool load_at_switch(struct thread_ctx *ctx)
{
	if (ctx->fp_streak < STREAK_EAGER)
		return false;
	if (++ctx->fp_streak < STREAK_PROBE)
		return true;
	ctx->fp_streak = STREAK_EAGER - 1;
	return false;
}

void fpsimd_switch(struct task *prev, struct task *next)
{
	if (prev->ctx.fp_live) {
		fpsimd_regs_save(prev->ctx.fpu);
		prev->ctx.fp_live = 0;
	} else if (prev->ctx.fpu) {
		prev->ctx.fp_streak = 0;        /* it ran without */
	}
	if (next->ctx.fpu && load_at_switch(&next->ctx))
		load(next);
	else
		close_fp(next);
}

struct fp_state *fpsimd_save_current(void)
{
	unsigned long flags;

	local_irq_save(flags);
	if (current->ctx.fp_live)
		fpsimd_regs_save(current->ctx.fpu);
	local_irq_restore(flags);
	return current->ctx.fpu;
}

int fpsimd_restore_current(const struct fp_state *state)
{
	struct thread_ctx *ctx = &current->ctx;
	unsigned long flags;

	if (!ctx->fpu) {
		ctx->fpu = state_alloc();
		if (!ctx->fpu)
			return -ENOMEM;
	}
	local_irq_save(flags);
	memcpy(ctx->fpu, state, sizeof(*state));
	if (ctx->fp_live)
		fpsimd_regs_load(ctx->fpu);
	else
		ctx->fp_cpu = FP_NO_CPU;        /* what the registers hold is old */
	local_irq_restore(flags);
	return 0;
}

/*
 * Without page faults there is no sleep and no switch, so the registers stay current's while
 * they are copied; nothing of them is in memory before that and after.
 */
bool fpsimd_save_user(struct fpsimd_context __user *to)
{
	bool done;

	pagefault_disable();
	done = current->ctx.fp_live && !fpsimd_regs_save_user(to);
	pagefault_enable();
	return done;
}

bool fpsimd_load_user(const struct fpsimd_context __user *from)
{
	bool done = false;
	u32 probe;

	pagefault_disable();
	/* Both ends are there, so all of it: it fits in two pages. */
	if (current->ctx.fp_live && !get_user(probe, &from->fpsr) &&
	    !get_user(probe, (const u32 __user *)(from + 1) - 1))
		done = !fpsimd_regs_load_user(from);
	pagefault_enable();
	return done;
}

struct fp_state *fpsimd_peek(struct task *task)
{
	return task->ctx.fpu;
}

int fpsimd_poke(struct task *task, const struct fp_state *state)
{
	struct thread_ctx *ctx = &task->ctx;

	if (!ctx->fpu) {
		ctx->fpu = state_alloc();
		if (!ctx->fpu)
			return -ENOMEM;
	}
	memcpy(ctx->fpu, state, sizeof(*state));
	ctx->fp_cpu = FP_NO_CPU;	/* no CPU's registers are up to date */
	return 0;
}

static void drop_registers(struct task *task)
{
	unsigned long flags;

	local_irq_save(flags);
	if (task == current)
		close_fp(task);
	if (this_cpu()->fp_owner == task)
		this_cpu()->fp_owner = NULL;
	task->ctx.fp_cpu = FP_NO_CPU;
	task->ctx.fp_streak = 0;
	local_irq_restore(flags);
}

void fpsimd_flush_current(void)
{
	struct fp_state *state = current->ctx.fpu;

	if (!state)
		return;
	drop_registers(current);
	current->ctx.fpu = NULL;
	kmem_cache_free(fp_cache, state);
}

int fpsimd_fork(struct task *child)
{
	const struct fp_state *state = fpsimd_save_current();

	child->ctx.fpu = NULL;
	child->ctx.fp_live = 0;
	child->ctx.fp_cpu = FP_NO_CPU;
	child->ctx.fp_streak = 0;
	if (!state)
		return 0;
	child->ctx.fpu = kmem_cache_alloc(fp_cache, GFP_KERNEL);
	if (!child->ctx.fpu)
		return -ENOMEM;
	memcpy(child->ctx.fpu, state, sizeof(*state));
	return 0;
}

void fpsimd_release(struct task *task)
{
	if (!task->ctx.fpu)
		return;
	/* Another CPU's fp_owner may still name it: a new task at this address has no fp_cpu. */
	if (this_cpu()->fp_owner == task)
		this_cpu()->fp_owner = NULL;
	kmem_cache_free(fp_cache, task->ctx.fpu);
	task->ctx.fpu = NULL;
}

static int fpsimd_init(void)
{
	fp_cache = kmem_cache_create("fpsimd", sizeof(struct fp_state), 16, NULL);
	return fp_cache ? 0 : -ENOMEM;
}
core_initcall(fpsimd_init);
