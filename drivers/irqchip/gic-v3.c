/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GICv3 and GICv4 (IHI 0069): a distributor, a redistributor for each CPU, and
 * the CPU interface in system registers. Shared interrupts go to the boot CPU.
 * No LPIs: message-signalled interrupts are not used.
 */
#include <arch/io.h>
#include <arch/smp.h>
#include <arch/sysreg.h>
#include <kernel/cpu.h>
#include <kernel/driver.h>
#include <kernel/dt.h>
#include <kernel/irq.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/spinlock.h>
#include <lib/errno.h>
#include <mm/vmap.h>

#define GICD_CTLR               0x0000
#define GICD_TYPER              0x0004
#define GICD_IGROUPR            0x0080
#define GICD_ISENABLER          0x0100
#define GICD_ICENABLER          0x0180
#define GICD_ICPENDR            0x0280
#define GICD_ICACTIVER          0x0380
#define GICD_IPRIORITYR         0x0400
#define GICD_ICFGR              0x0c00
#define GICD_IROUTER            0x6000
#define GICD_CTLR_GRP1          BIT(0)
#define GICD_CTLR_GRP1A         BIT(1)
#define GICD_CTLR_ARE           BIT(4)
#define GICD_CTLR_RWP           BIT(31)

#define GICR_CTLR               0x0000
#define GICR_TYPER              0x0008
#define GICR_WAKER              0x0014
#define GICR_SGI_BASE           0x10000
#define GICR_CTLR_RWP           BIT(3)
#define GICR_TYPER_VLPIS        BIT(1)
#define GICR_TYPER_LAST         BIT(4)
#define GICR_WAKER_SLEEP        BIT(1)
#define GICR_WAKER_ASLEEP       BIT(2)
#define GICR_FRAME              0x20000         /* RD and SGI frames; twice that with VLPIs */

#define PRIORITY_4              0xa0a0a0a0u
#define SPURIOUS                1020
#define SPIN_LIMIT              1000000
#define MAX_REGIONS             4

static u8 __iomem *dist;
static unsigned int nr_lines;
static u8 __iomem *redist[CONFIG_NR_CPUS];
static struct {
	phys_addr_t phys;
	u64 size;
} regions[MAX_REGIONS];
static unsigned int nr_regions;
static DEFINE_SPINLOCK(config_lock);            /* read-modify-write of GICx_ICFGR */

/* Register bank of a line: its CPU's redistributor for private ones. */
static u8 __iomem *bank(unsigned int virq)
{
	return virq < 32 ? redist[cpu_id()] + GICR_SGI_BASE : dist;
}

static void wait_clear(u8 __iomem *reg, u32 bit)
{
	for (unsigned int i = 0; i < SPIN_LIMIT; i++) {
		if (!(readl_relaxed(reg) & bit))
			return;
		cpu_relax();
	}
	WARN_ON_ONCE(true);
}

static void gic_unmask(unsigned int virq)
{
	writel_relaxed(1U << (virq % 32), bank(virq) + GICD_ISENABLER + virq / 32 * 4);
}

static void gic_mask(unsigned int virq)
{
	writel_relaxed(1U << (virq % 32), bank(virq) + GICD_ICENABLER + virq / 32 * 4);
	if (virq < 32)
		wait_clear(redist[cpu_id()] + GICR_CTLR, GICR_CTLR_RWP);
	else
		wait_clear(dist + GICD_CTLR, GICD_CTLR_RWP);
}

static int gic_set_edge(unsigned int virq, bool edge)
{
	u32 bit = 2U << (virq % 16 * 2), value;
	unsigned long flags;
	u8 __iomem *reg;
	bool done;

	if (virq < 16 || virq >= nr_lines)
		return -EINVAL;
	spin_lock_irqsave(&config_lock, flags);
	reg = bank(virq) + GICD_ICFGR + virq / 16 * 4;
	value = readl_relaxed(reg);
	value = edge ? value | bit : value & ~bit;
	writel_relaxed(value, reg);
	done = readl_relaxed(reg) == value;
	spin_unlock_irqrestore(&config_lock, flags);
	return done || virq < 32 ? 0 : -EINVAL;         /* PPIs may be wired */
}

static void gic_handle(void)
{
	for (;;) {
		u32 id = (u32)read_sysreg(SYS_ICC_IAR1_EL1);

		dsb(sy);                /* what the device wrote before is seen by the handler */
		if (id >= SPURIOUS)
			return;
		isb();
		irq_dispatch(id);
		write_sysreg(id, SYS_ICC_EOIR1_EL1);
		isb();
	}
}

static void gic_send_ipi(unsigned int cpu, unsigned int sgi)
{
	u64 hwid = cpu_hwid[cpu];
	u64 aff0 = hwid & 0xff, aff1 = hwid >> 8 & 0xff, aff2 = hwid >> 16 & 0xff;
	u64 aff3 = hwid >> 32 & 0xff;

	dsb(ishst);
	write_sysreg(aff3 << 48 | (aff0 >> 4) << 44 | aff2 << 32 | (u64)sgi << 24 | aff1 << 16 |
		     1ULL << (aff0 & 15), SYS_ICC_SGI1R_EL1);
	isb();
}

/* Maps the redistributor whose affinity is this CPU's; frames are mapped one at a time. */
static u8 __iomem *find_redist(void)
{
	u64 mpidr = read_sysreg(mpidr_el1) & MPIDR_HWID_MASK;
	u32 affinity = (u32)(mpidr >> 32 << 24 | (mpidr & 0xffffff));

	for (unsigned int r = 0; r < nr_regions; r++) {
		u64 offset = 0, typer = 0;

		while (offset + GICR_FRAME <= regions[r].size && !(typer & GICR_TYPER_LAST)) {
			u8 __iomem *base = ioremap(regions[r].phys + offset, GICR_FRAME);

			if (!base)
				return NULL;
			typer = readq_relaxed(base + GICR_TYPER);
			if (typer >> 32 == affinity)
				return base;
			iounmap(base);
			offset += typer & GICR_TYPER_VLPIS ? 2 * GICR_FRAME : GICR_FRAME;
		}
	}
	return NULL;
}

static void redist_init(u8 __iomem *base)
{
	u8 __iomem *sgi = base + GICR_SGI_BASE;

	writel_relaxed(readl_relaxed(base + GICR_WAKER) & ~(u32)GICR_WAKER_SLEEP,
		       base + GICR_WAKER);
	wait_clear(base + GICR_WAKER, GICR_WAKER_ASLEEP);
	writel_relaxed(0xffffffffu, sgi + GICD_IGROUPR);
	writel_relaxed(0xffff0000u, sgi + GICD_ICENABLER);
	writel_relaxed(0xffffffffu, sgi + GICD_ICACTIVER);
	wait_clear(base + GICR_CTLR, GICR_CTLR_RWP);
	for (unsigned int i = 0; i < 32; i += 4)
		writel_relaxed(PRIORITY_4, sgi + GICD_IPRIORITYR + i);
	writel_relaxed(0x0000ffffu, sgi + GICD_ISENABLER);
}

static void gic_cpu_init(void)
{
	u8 __iomem *base = find_redist();

	if (!base)
		panic("GICv3: no redistributor for CPU%u", cpu_id());
	redist[cpu_id()] = base;
	redist_init(base);

	write_sysreg(read_sysreg(SYS_ICC_SRE_EL1) | 1, SYS_ICC_SRE_EL1);
	isb();
	write_sysreg(0xf0, SYS_ICC_PMR_EL1);
	write_sysreg(0, SYS_ICC_BPR1_EL1);
	write_sysreg(0, SYS_ICC_CTLR_EL1);      /* EOI also deactivates */
	write_sysreg(1, SYS_ICC_IGRPEN1_EL1);
	isb();
}

static void dist_init(void)
{
	u64 target = read_sysreg(mpidr_el1) & MPIDR_HWID_MASK;

	writel_relaxed(0, dist + GICD_CTLR);
	wait_clear(dist + GICD_CTLR, GICD_CTLR_RWP);
	for (unsigned int i = 32; i < nr_lines; i += 32) {
		writel_relaxed(0xffffffffu, dist + GICD_IGROUPR + i / 8);
		writel_relaxed(0xffffffffu, dist + GICD_ICENABLER + i / 8);
		writel_relaxed(0xffffffffu, dist + GICD_ICPENDR + i / 8);
		writel_relaxed(0xffffffffu, dist + GICD_ICACTIVER + i / 8);
	}
	for (unsigned int i = 32; i < nr_lines; i += 4)
		writel_relaxed(PRIORITY_4, dist + GICD_IPRIORITYR + i);
	for (unsigned int i = 32; i < nr_lines; i += 16)
		writel_relaxed(0, dist + GICD_ICFGR + i / 4);
	wait_clear(dist + GICD_CTLR, GICD_CTLR_RWP);
	writel(GICD_CTLR_ARE | GICD_CTLR_GRP1A | GICD_CTLR_GRP1, dist + GICD_CTLR);
	wait_clear(dist + GICD_CTLR, GICD_CTLR_RWP);
	for (unsigned int i = 32; i < nr_lines; i++)
		writeq_relaxed(target, dist + GICD_IROUTER + i * 8);
}

static const struct irqchip gic_v3 = {
	.name = "GICv3",
	.handle = gic_handle,
	.unmask = gic_unmask,
	.mask = gic_mask,
	.set_edge = gic_set_edge,
	.send_ipi = gic_send_ipi,
	.cpu_init = gic_cpu_init,
};

static int gic_probe(const void *fdt, int node)
{
	phys_addr_t phys;
	u32 count = 1;
	u64 size;

	if (irqchip_get())
		return -ENODEV;
	if (dt_reg(node, 0, &phys, &size))
		return -EINVAL;
	dist = ioremap(phys, size);
	if (!dist)
		return -ENOMEM;
	dt_prop_u32(node, "#redistributor-regions", &count);
	for (unsigned int i = 0; i < min(count, (u32)MAX_REGIONS); i++) {
		if (dt_reg(node, 1 + i, &regions[i].phys, &regions[i].size))
			return -EINVAL;
		nr_regions++;
	}
	nr_lines = min(32 * ((readl_relaxed(dist + GICD_TYPER) & 31) + 1), 1020u);
	dist_init();
	gic_cpu_init();
	irqchip_register(&gic_v3);
	pr_info("GICv3: %u interrupts\n", nr_lines);
	return 0;
}

DRIVER(gic_v3, "arm,gic-v3", gic_probe, DRIVER_IRQCHIP);
