/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /proc/cpuinfo, as on arm64 Linux: the features are the names of the hwcap bits.
 */
#include <arch/cpufeature.h>
#include <arch/elf.h>
#include <kernel/cpu.h>
#include <kernel/init.h>
#include <kernel/time.h>
#include <lib/string.h>
#include "proc_internal.h"

/* By bit of AT_HWCAP and AT_HWCAP2, see <asm/hwcap.h>. */
static const char *const hwcap_names[] = {
	"fp", "asimd", "evtstrm", "aes", "pmull", "sha1", "sha2", "crc32", "atomics", "fphp",
	"asimdhp", "cpuid", "asimdrdm", "jscvt", "fcma", "lrcpc", "dcpop", "sha3", "sm3", "sm4",
	"asimddp", "sha512", "sve", "asimdfhm", "dit", "uscat", "ilrcpc", "flagm", "ssbs", "sb",
	"paca", "pacg",
};
static const char *const hwcap2_names[] = {
	"dcpodp", "sve2", "sveaes", "svepmull", "svebitperm", "svesha3", "svesm4", "flagm2",
	"frint", "svei8mm", "svef32mm", "svef64mm", "svebf16", "i8mm", "bf16", "dgh", "rng", "bti",
	"mte", "ecv", "afp", "rpres", "mte3",
};

static void show_caps(struct seq_file *m, u64 caps, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (caps >> i & 1)
			seq_printf(m, " %s", names[i]);
}

static int cpuinfo_show(struct seq_file *m, void *data)
{
	/* BogoMIPS is what a delay loop on the timer would give: twice its rate. */
	u64 bogo = (u64)clock_frequency() * 2 / 10000;

	for_each_online_cpu(cpu) {
		u64 midr = cpufeature_midr(cpu);

		seq_printf(m, "processor\t: %u\nBogoMIPS\t: %llu.%02llu\nFeatures\t:", cpu,
			   (unsigned long long)(bogo / 100), (unsigned long long)(bogo % 100));
		show_caps(m, ELF_HWCAP, hwcap_names, ARRAY_SIZE(hwcap_names));
		show_caps(m, ELF_HWCAP2, hwcap2_names, ARRAY_SIZE(hwcap2_names));
		seq_printf(m, "\nCPU implementer\t: 0x%02x\nCPU architecture: 8\nCPU variant\t: 0x%x\n",
			   (unsigned)(midr >> 24 & 0xff), (unsigned)(midr >> 20 & 0xf));
		seq_printf(m, "CPU part\t: 0x%03x\nCPU revision\t: %u\n\n", (unsigned)(midr >> 4 & 0xfff),
			   (unsigned)(midr & 0xf));
	}
	return 0;
}

static int __init cpuinfo_init(void)
{
	return proc_create("cpuinfo", 0444, cpuinfo_show, NULL);
}
device_initcall(cpuinfo_init);
