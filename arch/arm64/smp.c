/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The other CPUs: found in the device tree, started one after another by PSCI,
 * each with its idle task, until it says that it is online.
 */
#include <arch/barrier.h>
#include <arch/cpufeature.h>
#include <arch/irqflags.h>
#include <arch/power.h>
#include <arch/setup.h>
#include <arch/smp.h>
#include <arch/sysreg.h>
#include <kernel/clone.h>
#include <kernel/cpu.h>
#include <kernel/dt.h>
#include <kernel/init.h>
#include <kernel/irq.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/time.h>
#include <lib/err.h>
#include <lib/parse.h>
#include <lib/string.h>
#include <mm/slab.h>

u64 cpu_hwid[CONFIG_NR_CPUS];
unsigned int nr_cpus_possible = 1;
static unsigned int max_cpus = CONFIG_NR_CPUS;

static int maxcpus_param(char *value)
{
	return kstrtouint(value, 0, &max_cpus);
}
EARLY_PARAM(maxcpus, "maxcpus", maxcpus_param);

void __init smp_find_cpus(void)
{
	u64 boot = read_sysreg(mpidr_el1) & MPIDR_HWID_MASK;
	int cpus_node = fdt_path_offset(boot_fdt, "/cpus"), node;

	cpu_hwid[0] = boot;
	if (cpus_node < 0)
		return;
	fdt_for_each_subnode(node, boot_fdt, cpus_node) {
		const char *type = dt_string(node, "device_type");
		const char *method = dt_string(node, "enable-method");
		u64 hwid;

		if (!type || strcmp(type, "cpu") || dt_prop_u64(node, "reg", &hwid) ||
		    hwid == boot)
			continue;
		if (!method || strcmp(method, "psci") || nr_cpus_possible == CONFIG_NR_CPUS)
			continue;
		cpu_hwid[nr_cpus_possible++] = hwid;
	}
}

void arch_ipi_send(u64 cpu_mask, unsigned int ipi)
{
	const struct irqchip *chip = irqchip_get();

	if (!chip)
		return;
	for (unsigned int cpu = 0; cpu < CONFIG_NR_CPUS; cpu++) {
		if (cpu_mask & 1ULL << cpu && cpu_is_online(cpu))
			chip->send_ipi(cpu, ipi);
	}
}

#ifdef CONFIG_SMP

/* A virtual CPU comes when its host gets round to it. */
#define ONLINE_TIMEOUT	(10 * NSEC_PER_SEC)

/* What head.S's secondary_entry reads, with its MMU off. */
struct secondary_boot {
	u64 stack_top;
	u64 task;
	u64 cpu;
} __aligned(CACHE_LINE);

static struct secondary_boot boot_args;

static void clean_to_memory(const void *p, size_t size)
{
	for (u64 va = (u64)p & ~15UL; va < (u64)p + size; va += 16)
		__asm__ volatile("dc civac, %0" : : "r"(va) : "memory");
	dsb(sy);
}

static int start_cpu(unsigned int cpu)
{
	struct task *idle = task_create_idle((int)cpu);
	char *overflow;
	nsec_t deadline;
	int err;

	if (IS_ERR(idle))
		return (int)PTR_ERR(idle);
	overflow = kmalloc(OVERFLOW_STACK_SIZE, GFP_KERNEL);
	if (!overflow)
		return -ENOMEM;
	/* cpu_idle() counts for itself; there is no switch to end. */
	idle->preempt_count = 0;
	cpus[cpu].id = cpu;
	cpus[cpu].mpidr = cpu_hwid[cpu];
	cpus[cpu].overflow_stack = overflow + OVERFLOW_STACK_SIZE;
	sched_init_idle(idle, cpu);
	boot_args = (struct secondary_boot){
		.stack_top = kernel_stack_top(idle),
		.task = (u64)idle,
		.cpu = (u64)&cpus[cpu],
	};
	clean_to_memory(&boot_args, sizeof(boot_args));
	err = psci_cpu_on(cpu_hwid[cpu], kimage_to_phys(secondary_entry),
			  kimage_to_phys(&boot_args));
	if (err)
		return err;
	deadline = ktime_get() + ONLINE_TIMEOUT;
	while (!cpu_is_online(cpu)) {
		if (ktime_get() > deadline)
			return -ETIMEDOUT;
		cpu_relax();
	}
	return 0;
}

void __init arch_smp_boot(void)
{
	unsigned int want = min(nr_cpus_possible, max(max_cpus, 1U));

	cpus[0].mpidr = cpu_hwid[0];
	smp_init();
	for (unsigned int cpu = 1; cpu < want; cpu++) {
		int err = start_cpu(cpu);

		if (err) {
			pr_err("smp: CPU%u does not start: %d\n", cpu, err);
			break;
		}
	}
	pr_info("smp: %u of %u CPUs online\n", nr_cpus_online, nr_cpus_possible);
}

/* First C of another CPU: on its idle task's stack, IRQs off. */
void secondary_start(void)
{
	struct cpu *self = this_cpu();

	cpu_init_secondary();
	irqchip_get()->cpu_init();
	arch_timer_init_secondary();
	__atomic_fetch_add(&nr_cpus_online, 1, __ATOMIC_RELAXED);
	smp_store_release(&self->online, 1U);
	cpu_idle();
}

#else

void __init arch_smp_boot(void)
{
	cpus[0].mpidr = cpu_hwid[0];
}

#endif
