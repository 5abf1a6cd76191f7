/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The architectural timer: the virtual counter is the clock, the virtual timer
 * of each CPU its one-shot clock event. Both tick at CNTFRQ.
 */
#include <arch/barrier.h>
#include <arch/counter.h>
#include <arch/smp.h>
#include <arch/sysreg.h>
#include <kernel/driver.h>
#include <kernel/dt.h>
#include <kernel/irq.h>
#include <kernel/printk.h>
#include <kernel/time.h>
#include <kernel/timer.h>
#include <lib/errno.h>

#define CTL_ENABLE      BIT(0)
#define CTL_IMASK       BIT(1)
#define DT_VIRTUAL      2               /* secure, non-secure, virtual, hypervisor */
#define DEFAULT_FREQ    62500000u       /* QEMU's, for firmware that set none */

static u32 dt_frequency;
static int timer_virq = -1;

u64 clock_cycles(void)
{
	return arch_counter();
}

u32 clock_frequency(void)
{
	u32 freq = (u32)read_sysreg(cntfrq_el0);

	if (dt_frequency)
		return dt_frequency;
	return freq ? freq : DEFAULT_FREQ;
}

static void timer_set_next(u64 cycles)
{
	if (cycles == ~0ULL) {
		write_sysreg(0, cntv_ctl_el0);
	} else {
		write_sysreg(cycles, cntv_cval_el0);
		write_sysreg(CTL_ENABLE, cntv_ctl_el0);
	}
	isb();
}

static void timer_handler(unsigned int virq, void *arg)
{
	/* The line is a level: quiet until set_next() opens it again. */
	write_sysreg(CTL_ENABLE | CTL_IMASK, cntv_ctl_el0);
	isb();
	timer_interrupt(irq_hit_user());
}

static const struct clockevent virtual_timer = {
	.name = "arch_timer",
	.set_next = timer_set_next,
};

void arch_timer_init_secondary(void)
{
	write_sysreg(0, cntv_ctl_el0);
	irqchip_get()->unmask((unsigned int)timer_virq);
}

static int timer_probe(const void *fdt, int node)
{
	int virq = dt_irq(node, DT_VIRTUAL), err;

	if (timer_virq >= 0)
		return -ENODEV;
	if (virq < 0)
		return virq;
	dt_prop_u32(node, "clock-frequency", &dt_frequency);
	write_sysreg(0, cntv_ctl_el0);
	err = irq_request((unsigned int)virq, timer_handler, NULL, "arch_timer");
	if (err)
		return err;
	timer_virq = virq;
	clockevent_register(&virtual_timer);
	pr_info("arch_timer: %u.%02u MHz, virtual\n", clock_frequency() / 1000000,
		clock_frequency() / 10000 % 100);
	return 0;
}

DRIVER(arch_timer, "arm,armv8-timer", timer_probe, DRIVER_TIMER);
DRIVER(arch_timer, "arm,armv7-timer", timer_probe, DRIVER_TIMER);
