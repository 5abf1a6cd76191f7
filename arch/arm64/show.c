/* SPDX-License-Identifier: BSD-2-Clause */
/* Printing registers and call traces in Linux's format, for people and decoders. */
#include <arch/backtrace.h>
#include <arch/current.h>
#include <arch/frame.h>
#include <kernel/cpu.h>
#include <kernel/kallsyms.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/task.h>

#define TRACE_DEPTH 48

/* A return address belongs to the call before it, which may be a function's last instruction. */
static void print_symbol(const char *prefix, u64 addr, bool is_return)
{
	u64 offset, size;
	const char *name = kallsyms_lookup(is_return ? addr - 4 : addr, &offset, &size);

	if (name)
		printk(KERN_EMERG "%s%s+0x%llx/0x%llx\n", prefix, name,
		       offset + (is_return ? 4 : 0), size);
	else
		printk(KERN_EMERG "%s0x%llx\n", prefix, addr);
}

static char flag(u64 pstate, u64 bit, char set)
{
	return pstate & bit ? set : set ^ 0x20;
}

void show_regs(const struct trap_frame *frame)
{
	u64 p = frame->pstate;
	int i;

	printk(KERN_EMERG "pstate: %08llx (%c%c%c%c %c%c%c%c %cPAN %cUAO)\n", p,
	       flag(p, BIT(31), 'N'), flag(p, BIT(30), 'Z'), flag(p, BIT(29), 'C'),
	       flag(p, BIT(28), 'V'), flag(p, PSR_D, 'D'), flag(p, PSR_A, 'A'),
	       flag(p, PSR_I, 'I'), flag(p, PSR_F, 'F'), p & PSR_PAN ? '+' : '-',
	       p & PSR_UAO ? '+' : '-');
	if (user_mode(frame)) {
		printk(KERN_EMERG "pc : %016llx\n", frame->pc);
		printk(KERN_EMERG "lr : %016llx\n", frame->regs[30]);
	} else {
		print_symbol("pc : ", frame->pc, false);
		print_symbol("lr : ", frame->regs[30], true);
	}
	printk(KERN_EMERG "sp : %016llx\n", frame->sp);
	for (i = 29; i > 1; i -= 3)
		printk(KERN_EMERG "x%-2d: %016llx x%-2d: %016llx x%-2d: %016llx\n", i,
		       frame->regs[i], i - 1, frame->regs[i - 1], i - 2, frame->regs[i - 2]);
}

/* End of the kernel stack that [fp, fp + 16) lies in, 0 if in none we know. */
static u64 stack_end(u64 fp, const struct task *task)
{
	u64 base = (u64)task->kstack;
	u64 over = (u64)this_cpu()->overflow_stack;

	if (fp & 7)
		return 0;
	if (base && fp >= base && fp <= base + KSTACK_SIZE - 16)
		return base + KSTACK_SIZE;
	if (over && fp >= over - OVERFLOW_STACK_SIZE && fp <= over - 16)
		return over;
	return 0;
}

static void walk(u64 fp, const struct task *task, bool (*fn)(void *arg, u64 pc), void *arg)
{
	u64 end = stack_end(fp, task);

	for (unsigned int depth = 0; end && depth < TRACE_DEPTH; depth++) {
		const u64 *record = (const u64 *)fp;
		u64 next = record[0], pc = record[1], next_end;

		if (!pc || !fn(arg, pc))
			return;
		/* Up the same stack, or once from the overflow stack to the task's. */
		next_end = stack_end(next, task);
		if (next_end == end && next <= fp)
			return;
		if (next_end != end && end == (u64)task->kstack + KSTACK_SIZE)
			return;
		fp = next;
		end = next_end;
	}
}

void arch_backtrace(const struct trap_frame *frame, struct task *task,
		    bool (*fn)(void *arg, u64 pc), void *arg)
{
	if (frame) {
		if (user_mode(frame))
			return;
		if (fn(arg, frame->pc))
			walk(frame->regs[29], task ? task : current, fn, arg);
	} else if (task && task != current) {
		if (fn(arg, task->ctx.pc))
			walk(task->ctx.fp, task, fn, arg);
	} else {
		/* Our own record may be gone when walk() is entered by a tail call. */
		const u64 *record = __builtin_frame_address(0);

		if (fn(arg, record[1]))
			walk(record[0], current, fn, arg);
	}
}

static bool print_caller(void *arg, u64 pc)
{
	print_symbol(" ", pc, true);
	return true;
}

void arch_show_backtrace(const struct trap_frame *frame, struct task *task)
{
	printk(KERN_EMERG "Call trace:\n");
	if (!frame) {
		arch_backtrace(NULL, task, print_caller, NULL);
	} else if (!user_mode(frame)) {
		print_symbol(" ", frame->pc, false);
		walk(frame->regs[29], task ? task : current, print_caller, NULL);
	}
}
