/* SPDX-License-Identifier: BSD-2-Clause */
/* Boot tests of the interrupt controller, the timer, the device tree and drivers. */
#include <arch/barrier.h>
#include <arch/irqflags.h>
#include <arch/sysreg.h>
#include <kernel/boottest.h>
#include <kernel/cpu.h>
#include <kernel/driver.h>
#include <kernel/dt.h>
#include <kernel/irq.h>
#include <kernel/time.h>
#include <kernel/timer.h>
#include <lib/errno.h>
#include <lib/string.h>

/* Waits for a condition that an interrupt makes true; at most 100 ms. */
#define wait_for(cond) ({							\
	nsec_t __end = ktime_get() + 100 * NSEC_PER_MSEC;			\
	while (!(cond) && ktime_get() < __end)					\
		cpu_relax();							\
	(cond); })

#define FREE_SGI 9

static u32 sgi_hits;

static void sgi_handler(unsigned int virq, void *arg)
{
	if (virq == FREE_SGI && arg == &sgi_hits && irqs_disabled())
		WRITE_ONCE(sgi_hits, sgi_hits + 1);
}

/* A software interrupt to ourselves is acknowledged, handled once and ended. */
BOOT_TEST(arch, gic_delivers_sgi)
{
	const struct irqchip *chip = irqchip_get();

	bt_assert(chip);
	bt_assert(bt_expect_eq(irq_request(FREE_SGI, sgi_handler, &sgi_hits, "test"), 0));
	sgi_hits = 0;
	for (u32 i = 1; i <= 3; i++) {
		chip->send_ipi(cpu_id(), FREE_SGI);
		bt_expect(wait_for(READ_ONCE(sgi_hits) == i));
	}
	irq_free(FREE_SGI);
}

BOOT_TEST(arch, masked_irq_waits_for_enable)
{
	const struct irqchip *chip = irqchip_get();

	bt_assert(chip);
	bt_assert(bt_expect_eq(irq_request(FREE_SGI, sgi_handler, &sgi_hits, "test"), 0));
	sgi_hits = 0;
	local_irq_disable();
	chip->send_ipi(cpu_id(), FREE_SGI);
	bt_expect(!wait_for(READ_ONCE(sgi_hits)));
	local_irq_enable();
	bt_expect(wait_for(READ_ONCE(sgi_hits) == 1));
	irq_free(FREE_SGI);
}

BOOT_TEST(arch, irq_trigger_is_checked)
{
	const struct irqchip *chip = irqchip_get();

	bt_assert(chip);
	bt_expect_eq(chip->set_edge(3, true), -EINVAL);         /* SGIs are edges for ever */
	bt_expect_eq(chip->set_edge(5000, true), -EINVAL);
}

BOOT_TEST(arch, counter_is_monotonic)
{
	u64 last = clock_cycles();

	bt_expect(clock_frequency() >= 1000000);
	for (unsigned int i = 0; i < 1000; i++) {
		u64 now = clock_cycles();

		if (!bt_expect(now >= last))
			return;
		last = now;
	}
}

/* Uses the registers that compiled code seldom does. */
static void use_registers(struct timer *timer)
{
	__asm__ volatile("mov	x16, xzr\n\tmov	x17, xzr\n\tmov	x18, xzr"
			 : : : "x16", "x17", "x18");
}

/* Interrupts must not change any register of the code they interrupt. */
BOOT_TEST(arch, irq_keeps_registers)
{
	u64 bad = 0, end = clock_cycles() + clock_frequency() / 50;
	struct timer timer;

	timer_init(&timer, use_registers);
	timer_start(&timer, ktime_get() + NSEC_PER_MSEC);
	while (clock_cycles() < end && !bad) {
		__asm__ volatile(
			"mov	x16, #0x1616\n\t"
			"mov	x17, #0x1717\n\t"
			"mov	x18, #0x1818\n\t"
			"mov	x9, #2000\n"
			"1:	subs	x9, x9, #1\n\t"
			"b.ne	1b\n\t"
			"sub	x16, x16, #0x616\n\t"
			"sub	x16, x16, #0x1, lsl #12\n\t"
			"sub	x17, x17, #0x717\n\t"
			"sub	x17, x17, #0x1, lsl #12\n\t"
			"sub	x18, x18, #0x818\n\t"
			"sub	x18, x18, #0x1, lsl #12\n\t"
			"orr	x16, x16, x17\n\t"
			"orr	%0, x16, x18\n\t"
			: "=r"(bad) : : "x9", "x16", "x17", "x18", "cc");
	}
	timer_cancel(&timer);
	bt_expect_eq(bad, 0);
}

/* ---- device tree ---- */

BOOT_TEST(arch, device_tree_is_readable)
{
	phys_addr_t base;
	u64 size;
	int node = fdt_node_offset_by_prop_value(boot_fdt, -1, "device_type", "memory", 7);

	bt_expect_eq(fdt_check_full(boot_fdt, fdt_totalsize(boot_fdt)), 0);
	bt_assert(node >= 0);
	bt_expect_eq(dt_reg(node, 0, &base, &size), 0);
	bt_expect(size >= SZ_1M);
	bt_expect_eq(dt_reg(node, 100, &base, &size), -ENOENT);
	bt_expect(!dt_string(node, "no-such-property"));
	bt_expect_eq(dt_prop_u32(node, "no-such-property", &(u32){ 0 }), -ENOENT);
}

BOOT_TEST(arch, stdout_path_names_a_uart)
{
	int node = dt_stdout_node();
	phys_addr_t base;
	u64 size;

	if (node < 0) {
		bt_skip("no stdout-path");
		return;
	}
	bt_expect_eq(dt_reg(node, 0, &base, &size), 0);
	bt_expect(dt_irq(node, 0) >= 32);
	bt_expect_eq(dt_irq(node, 100), -ENOENT);
}
