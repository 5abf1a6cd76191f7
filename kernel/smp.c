/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts between CPUs: reschedule, function call, stop.
 *
 * One function call is under way at a time. `pending` holds a bit for each CPU
 * that has still to run it; the next caller waits until it is empty.
 */
#include <arch/barrier.h>
#include <arch/irqflags.h>
#include <arch/power.h>
#include <arch/smp.h>
#include <kernel/boottest.h>
#include <kernel/irq.h>
#include <kernel/panic.h>
#include <kernel/preempt.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/spinlock.h>
#include <kernel/time.h>

#define STOP_TIMEOUT	(100 * NSEC_PER_MSEC)

/* Locks:  c  call_lock; read by the CPUs in `pending` */
static DEFINE_SPINLOCK(call_lock);	/* taken with IRQs on: waiters answer others' calls */
static smp_fn_t call_fn;		/* c */
static void *call_arg;			/* c */
static u64 pending;			/* atomic */

static u64 online_mask(void)
{
	u64 mask = 0;

	for_each_online_cpu(n)
		mask |= 1ull << n;
	return mask;
}

static void wait_for_call(void)
{
	while (__atomic_load_n(&pending, __ATOMIC_ACQUIRE))
		cpu_relax();
}

void smp_call_function_mask(u64 mask, smp_fn_t fn, void *arg, bool wait)
{
	WARN_ON_ONCE(irqs_disabled() || in_irq());
	if (READ_ONCE(nr_cpus_online) == 1)
		return;
	spin_lock(&call_lock);
	mask &= online_mask() & ~(1ull << cpu_id());
	wait_for_call();
	if (mask) {
		call_fn = fn;
		call_arg = arg;
		__atomic_store_n(&pending, mask, __ATOMIC_RELEASE);
		arch_ipi_send(mask, IPI_CALL);
		if (wait)
			wait_for_call();
	}
	spin_unlock(&call_lock);
}

static void call_interrupt(unsigned virq, void *unused)
{
	u64 self = 1ull << cpu_id();

	if (!(__atomic_load_n(&pending, __ATOMIC_ACQUIRE) & self))
		return;
	call_fn(call_arg);
	__atomic_fetch_and(&pending, ~self, __ATOMIC_RELEASE);
}

/* The sender has set WORK_RESCHED: the way out of the interrupt finds it. */
static void resched_interrupt(unsigned virq, void *unused)
{
}

static void stop_interrupt(unsigned virq, void *unused)
{
	__atomic_store_n(&this_cpu()->online, 0, __ATOMIC_RELEASE);
	arch_halt();
}

void smp_init(void)
{
	if (irq_request(IPI_RESCHED, resched_interrupt, NULL, "reschedule") ||
	    irq_request(IPI_CALL, call_interrupt, NULL, "function call") ||
	    irq_request(IPI_STOP, stop_interrupt, NULL, "stop"))
		panic("smp: the interrupts between CPUs are taken");
}

void smp_stop_others(void)
{
	u64 self = 1ull << cpu_id();
	nsec_t end = ktime_get() + STOP_TIMEOUT;

	arch_ipi_send(~self, IPI_STOP);
	/* A CPU that has its interrupts off may go on: we cannot wait for it for ever. */
	while (online_mask() & ~self && ktime_get() < end)
		cpu_relax();
}

#ifdef CONFIG_BOOT_TESTS

static void count_call(void *arg)
{
	__atomic_fetch_add((unsigned *)arg, 1, __ATOMIC_RELAXED);
}

BOOT_TEST(smp, call_function)
{
	unsigned calls = 0;

	for (int i = 0; i < 100; i++)
		smp_call_function(count_call, &calls, true);
	bt_expect_eq(calls, 100 * (nr_cpus_online - 1));
}

#define ROUNDS	20000

/* Two CPUs, of which [0] counts the rounds in which neither saw what the other had stored. */
static struct {
	unsigned reached, word, seen;
} __aligned(CACHE_LINE) side[2];

static void meet(int me, unsigned where)
{
	smp_store_release(&side[me].reached, where);
	smp_mb();
	while (smp_load_acquire(&side[!me].reached) < where)
		cpu_relax();
}

static unsigned play(int me)
{
	unsigned passed = 0;

	for (unsigned i = 0; i < ROUNDS; i++) {
		WRITE_ONCE(side[me].word, 0);
		meet(me, 3 * i + 1);
		side[me].seen = smp_release_then_load(&side[me].word, 1u, &side[!me].word);
		meet(me, 3 * i + 2);
		passed += !side[0].seen && !side[1].seen;
		meet(me, 3 * i + 3);
	}
	return passed;
}

static void play_there(void *unused)
{
	play(1);
}

/* Needs CPUs that run at the same time: -icount has none. */
BOOT_TEST(smp, no_load_passes_a_release)
{
	unsigned passed;

	if (nr_cpus_online == 1) {
		bt_skip("one CPU");
		return;
	}
	preempt_disable();
	side[0].reached = side[1].reached = 0;
	smp_call_function_mask(1ull << !cpu_id(), play_there, NULL, false);
	passed = play(0);
	preempt_enable();
	bt_expect_eq(passed, 0);
}

#endif
