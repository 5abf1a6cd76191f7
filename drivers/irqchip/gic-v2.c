/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GICv2 (IHI 0048B): a distributor for all CPUs and a memory-mapped interface
 * for each. Shared interrupts go to the boot CPU.
 */
#include <arch/io.h>
#include <arch/sysreg.h>
#include <kernel/cpu.h>
#include <kernel/driver.h>
#include <kernel/dt.h>
#include <kernel/irq.h>
#include <kernel/printk.h>
#include <kernel/spinlock.h>
#include <lib/errno.h>
#include <mm/vmap.h>

#define GICD_CTLR               0x000
#define GICD_TYPER              0x004
#define GICD_IGROUPR            0x080
#define GICD_ISENABLER          0x100
#define GICD_ICENABLER          0x180
#define GICD_ICPENDR            0x280
#define GICD_ICACTIVER          0x380
#define GICD_IPRIORITYR         0x400
#define GICD_ITARGETSR          0x800
#define GICD_ICFGR              0xc00
#define GICD_SGIR               0xf00

#define GICC_CTLR               0x00
#define GICC_PMR                0x04
#define GICC_BPR                0x08
#define GICC_IAR                0x0c
#define GICC_EOIR               0x10

#define PRIORITY_4              0xa0a0a0a0u     /* four interrupts' worth of the one we use */
#define SPURIOUS                1020            /* and above: nothing pending */

static u8 __iomem *dist;
static u8 __iomem *cpu_if;
static unsigned int nr_lines;
static u8 cpu_mask[CONFIG_NR_CPUS];             /* each CPU's bit in ITARGETSR and SGIR */
static DEFINE_SPINLOCK(config_lock);            /* read-modify-write of GICD_ICFGR */

static void gic_unmask(unsigned int virq)
{
	writel_relaxed(1U << (virq % 32), dist + GICD_ISENABLER + virq / 32 * 4);
}

static void gic_mask(unsigned int virq)
{
	writel_relaxed(1U << (virq % 32), dist + GICD_ICENABLER + virq / 32 * 4);
}

static int gic_set_edge(unsigned int virq, bool edge)
{
	u8 __iomem *reg = dist + GICD_ICFGR + virq / 16 * 4;
	u32 bit = 2U << (virq % 16 * 2), value;
	unsigned long flags;
	bool done;

	if (virq < 16 || virq >= nr_lines)
		return -EINVAL;
	spin_lock_irqsave(&config_lock, flags);
	value = readl_relaxed(reg);
	value = edge ? value | bit : value & ~bit;
	writel_relaxed(value, reg);
	done = readl_relaxed(reg) == value;
	spin_unlock_irqrestore(&config_lock, flags);
	/* The triggering of PPIs may be wired: the device tree knows, we cannot insist. */
	return done || virq < 32 ? 0 : -EINVAL;
}

static void gic_handle(void)
{
	for (;;) {
		u32 iar = readl(cpu_if + GICC_IAR);
		u32 id = iar & 0x3ff;

		if (id >= SPURIOUS)
			return;
		irq_dispatch(id);
		writel(iar, cpu_if + GICC_EOIR);        /* with the sender's number, for SGIs */
	}
}

static void gic_send_ipi(unsigned int cpu, unsigned int sgi)
{
	dsb(ishst);
	writel_relaxed((u32)cpu_mask[cpu] << 16 | sgi, dist + GICD_SGIR);
}

/* The CPU's own bit can only be read from the targets of its private interrupts. */
static u8 own_mask(void)
{
	for (unsigned int i = 0; i < 32; i += 4) {
		u32 targets = readl_relaxed(dist + GICD_ITARGETSR + i);

		targets |= targets >> 16;
		targets |= targets >> 8;
		if (targets & 0xff)
			return (u8)targets;
	}
	return 1;       /* one CPU only: the field reads as zero */
}

static void gic_cpu_init(void)
{
	cpu_mask[cpu_id()] = own_mask();
	writel_relaxed(0xffff0000u, dist + GICD_ICENABLER);
	writel_relaxed(0xffffffffu, dist + GICD_ICACTIVER);
	writel_relaxed(0x0000ffffu, dist + GICD_ISENABLER);
	for (unsigned int i = 0; i < 32; i += 4)
		writel_relaxed(PRIORITY_4, dist + GICD_IPRIORITYR + i);
	writel_relaxed(0xf0, cpu_if + GICC_PMR);
	writel_relaxed(0, cpu_if + GICC_BPR);
	writel(1, cpu_if + GICC_CTLR);
}

static void dist_init(void)
{
	u32 target = own_mask() * 0x01010101u;

	writel_relaxed(0, dist + GICD_CTLR);
	for (unsigned int i = 32; i < nr_lines; i += 32) {
		writel_relaxed(0xffffffffu, dist + GICD_ICENABLER + i / 8);
		writel_relaxed(0xffffffffu, dist + GICD_ICPENDR + i / 8);
		writel_relaxed(0xffffffffu, dist + GICD_ICACTIVER + i / 8);
	}
	for (unsigned int i = 32; i < nr_lines; i += 4) {
		writel_relaxed(PRIORITY_4, dist + GICD_IPRIORITYR + i);
		writel_relaxed(target, dist + GICD_ITARGETSR + i);
	}
	for (unsigned int i = 32; i < nr_lines; i += 16)
		writel_relaxed(0, dist + GICD_ICFGR + i / 4);
	writel(1, dist + GICD_CTLR);
}

static const struct irqchip gic_v2 = {
	.name = "GICv2",
	.handle = gic_handle,
	.unmask = gic_unmask,
	.mask = gic_mask,
	.set_edge = gic_set_edge,
	.send_ipi = gic_send_ipi,
	.cpu_init = gic_cpu_init,
};

static void __iomem *map_reg(int node, unsigned int index)
{
	phys_addr_t phys;
	u64 size;

	return dt_reg(node, index, &phys, &size) ? NULL : ioremap(phys, size);
}

static int gic_probe(const void *fdt, int node)
{
	if (irqchip_get())
		return -ENODEV;                 /* a second one would cascade */
	dist = map_reg(node, 0);
	cpu_if = map_reg(node, 1);
	if (!dist || !cpu_if)
		return -ENOMEM;
	nr_lines = min(32 * ((readl_relaxed(dist + GICD_TYPER) & 31) + 1), 1020u);
	dist_init();
	gic_cpu_init();
	irqchip_register(&gic_v2);
	pr_info("GICv2: %u interrupts\n", nr_lines);
	return 0;
}

DRIVER(gic_v2, "arm,cortex-a15-gic", gic_probe, DRIVER_IRQCHIP);
DRIVER(gic_v2, "arm,gic-400", gic_probe, DRIVER_IRQCHIP);
DRIVER(gic_v2, "arm,cortex-a9-gic", gic_probe, DRIVER_IRQCHIP);
