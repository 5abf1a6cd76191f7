/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end: panic, oops and warnings, in the words that Linux's decoders know.
 *
 * A panic inside a panic, or on a second CPU, prints no second report: it stops.
 */
#include <arch/backtrace.h>
#include <arch/frame.h>
#include <arch/irqflags.h>
#include <arch/power.h>
#include <arch/smp.h>
#include <generated/utsrelease.h>
#include <kernel/cpu.h>
#include <kernel/exit_codes.h>
#include <kernel/init.h>
#include <kernel/irq.h>
#include <kernel/kallsyms.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <lib/errno.h>
#include <lib/parse.h>
#include <lib/printf.h>
#include <trace/trace.h>

unsigned warn_count;

static int panic_timeout = CONFIG_PANIC_TIMEOUT;	/* s; 0: halt for ever, <0: off at once */
static bool under_test;		/* the harness reads our exit status */
static u32 panic_cpu;		/* atomic; 1 + the CPU that reports */


size_t printf_symbol(char *buf, size_t size, unsigned long addr, bool offset)
{
	u64 off, len;
	const char *name = kallsyms_lookup(addr, &off, &len);

	if (!name)
		return 0;
	if (!offset)
		return scnprintf(buf, size, "%s", name);
	return scnprintf(buf, size, "%s+%#llx/%#llx", name,
			 (unsigned long long)off, (unsigned long long)len);
}

void dump_stack(void)
{
	printk(KERN_ERR "CPU: %u PID: %d Comm: %s %s\n", cpu_id(), current->tid, current->comm,
	       UTS_RELEASE);
	arch_show_backtrace(NULL, current);
}

void warn_report(const char *file, int line, const char *func, void *caller)
{
	__atomic_add_fetch(&warn_count, 1, __ATOMIC_RELAXED);
	printk(KERN_WARNING "------------[ cut here ]------------\n");
	printk(KERN_WARNING "WARNING: CPU: %u PID: %d at %s:%d %s\n", cpu_id(), current->tid,
	       file, line, func);
	dump_stack();
	printk(KERN_WARNING "---[ end trace 0000000000000000 ]---\n");
}

/* What follows the report: as panic= asks, or the exit status of a test. */
static void __noreturn stop_machine(void)
{
	nsec_t end = ktime_get() + (panic_timeout > 0 ? (nsec_t)panic_timeout : 0) * NSEC_PER_SEC;

	if (under_test)
		arch_semihost_exit(EXIT_CODE_PANIC);
	if (panic_timeout < 0)
		arch_poweroff();
	if (panic_timeout == 0)
		arch_halt();
	while (ktime_get() < end)
		cpu_relax();
	arch_reboot();
}

static void __noreturn finish_panic(const char *reason)
{
	trace_dump_last();
	printk(KERN_EMERG "---[ end Kernel panic - not syncing: %s ]---\n", reason);
	stop_machine();
}

/* Returns for the first; the other CPUs have nothing to add. */
static void begin_report(void)
{
	static u32 depth;	/* the reporting CPU's */
	u32 nobody = 0, self = cpu_id() + 1;

	local_irq_disable();
	if (!__atomic_compare_exchange_n(&panic_cpu, &nobody, self, false, __ATOMIC_SEQ_CST,
					 __ATOMIC_SEQ_CST) && nobody != self)
		arch_halt();
	depth++;
	if (depth == 2) {
		printk_panic_mode();
		printk(KERN_EMERG "panic: another panic while reporting the first\n");
		printk(KERN_EMERG "---[ end Kernel panic - not syncing: recursive panic ]---\n");
		stop_machine();
	}
	if (depth > 2)
		arch_halt();
	smp_stop_others();
	printk_panic_mode();
}

void panic(const char *fmt, ...)
{
	static char reason[256];
	__builtin_va_list args;

	begin_report();
	__builtin_va_start(args, fmt);
	vscnprintf(reason, sizeof(reason), fmt, args);
	__builtin_va_end(args);
	printk(KERN_EMERG "Kernel panic - not syncing: %s\n", reason);
	dump_stack();
	finish_panic(reason);
}

void die(const char *what, struct trap_frame *frame, u64 esr)
{
	begin_report();
	printk(KERN_EMERG "Internal error: %s: %016llx [#1] %s\n", what, (unsigned long long)esr,
	       IS_ENABLED(CONFIG_SMP) ? "SMP" : "");
	printk(KERN_EMERG "CPU: %u PID: %d Comm: %s %s\n", cpu_id(), current->tid, current->comm,
	       UTS_RELEASE);
	show_regs(frame);
	arch_show_backtrace(frame, current);
	printk(KERN_EMERG "Kernel panic - not syncing: %s: Fatal exception\n", what);
	finish_panic("Fatal exception");
}

static int panic_param(char *value)
{
	return kstrtoint(value, 10, &panic_timeout);
}
EARLY_PARAM(panic, "panic", panic_param);

static int test_param(char *value)
{
	under_test = IS_ENABLED(CONFIG_SEMIHOSTING);
	return 0;
}
EARLY_PARAM(panic_test, "test", test_param);
