/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PSCI (DEN 0022), the firmware's power interface: system off, reset, and
 * starting CPUs. Called by SMC or HVC as the device tree says.
 */
#include <arch/barrier.h>
#include <arch/irqflags.h>
#include <arch/power.h>
#include <kernel/dt.h>
#include <kernel/printk.h>
#include <lib/errno.h>
#include <lib/string.h>

#define PSCI_VERSION            0x84000000u
#define PSCI_CPU_ON             0xc4000003u
#define PSCI_SYSTEM_OFF         0x84000008u
#define PSCI_SYSTEM_RESET       0x84000009u

enum conduit { CONDUIT_NONE, CONDUIT_HVC, CONDUIT_SMC };

static enum conduit conduit;
static u32 fn_cpu_on = PSCI_CPU_ON;
static bool has_system_calls;           /* PSCI 0.2 and later */

static long psci_call(u32 fn, u64 a, u64 b, u64 c)
{
	register u64 x0 __asm__("x0") = fn;
	register u64 x1 __asm__("x1") = a;
	register u64 x2 __asm__("x2") = b;
	register u64 x3 __asm__("x3") = c;

	/* SMCCC: x4-x17 may be lost. */
	if (conduit == CONDUIT_HVC)
		__asm__ volatile("hvc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) : :
				 "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13",
				 "x14", "x15", "x16", "x17", "memory");
	else if (conduit == CONDUIT_SMC)
		__asm__ volatile("smc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) : :
				 "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13",
				 "x14", "x15", "x16", "x17", "memory");
	else
		return -1;
	return (long)(s32)x0;
}

static int find_node(void)
{
	static const char *const names[] = { "arm,psci-1.0", "arm,psci-0.2", "arm,psci" };

	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++) {
		int node = fdt_node_offset_by_compatible(boot_fdt, -1, names[i]);

		if (node >= 0) {
			has_system_calls = i < 2;
			return node;
		}
	}
	return -ENOENT;
}

void __init psci_init(void)
{
	int node = find_node();
	const char *method;
	long version;

	if (node < 0) {
		pr_info("psci: not in the device tree: no power off, no other CPUs\n");
		return;
	}
	method = dt_string(node, "method");
	if (method && !strcmp(method, "hvc"))
		conduit = CONDUIT_HVC;
	else if (method && !strcmp(method, "smc"))
		conduit = CONDUIT_SMC;
	else
		pr_warn("psci: unknown method\n");
	if (conduit == CONDUIT_NONE || !has_system_calls) {
		dt_prop_u32(node, "cpu_on", &fn_cpu_on);
		return;
	}
	version = psci_call(PSCI_VERSION, 0, 0, 0);
	if (version >= 0)
		pr_info("psci: v%ld.%ld via %s\n", version >> 16, version & 0xffff, method);
}

int psci_cpu_on(unsigned long hwid, unsigned long entry, unsigned long arg)
{
	long ret;

	if (conduit == CONDUIT_NONE)
		return -ENODEV;
	ret = psci_call(fn_cpu_on, hwid, entry, arg);
	switch (ret) {
	case 0:
		return 0;
	case -2:
		return -EINVAL;         /* INVALID_PARAMETERS */
	case -4:
		return -EEXIST;         /* ALREADY_ON */
	default:
		return -EIO;
	}
}

void arch_halt(void)
{
	local_irq_disable();
	for (;;)
		wfi();
}

void arch_poweroff(void)
{
	local_irq_disable();
	if (has_system_calls)
		psci_call(PSCI_SYSTEM_OFF, 0, 0, 0);
	arch_halt();
}

void arch_reboot(void)
{
	local_irq_disable();
	if (has_system_calls)
		psci_call(PSCI_SYSTEM_RESET, 0, 0, 0);
	arch_halt();
}
