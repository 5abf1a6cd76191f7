/* SPDX-License-Identifier: BSD-2-Clause */
/* What this machine's CPUs can do, found once at boot on the boot CPU. */
#ifndef ARCH_CPUFEATURE_H
#define ARCH_CPUFEATURE_H

/* Numbers for alternatives; tested in C with cpu_has(). */
#define CPU_FEAT_PAN       0
#define CPU_FEAT_LSE       1
#define CPU_FEAT_ASID16    2
#define CPU_FEAT_GICV3     3
#define CPU_FEAT_RNDR      4
#define CPU_FEAT_HAF       5       /* hardware access flag */
#define CPU_FEAT_IDC       6       /* no data cache clean needed for instructions */
#define CPU_FEAT_DIC       7       /* no icache invalidation needed */
#define CPU_FEAT_FP        8

#ifdef __ASSEMBLER__

/* One nop that becomes `word` at boot on CPUs with the feature. */
.macro alternative_insn word, feature
779:	nop
	.pushsection .altinstructions, "a"
	.balign	4
	.long	779b - .
	.long	\feature
	.long	\word
	.popsection
.endm

#else

#include <lib/types.h>
#include <lib/compiler.h>

#define ALTERNATIVE(word, feature)					\
	"779:	nop\n\t"						\
	".pushsection .altinstructions, \"a\"\n\t"			\
	".balign 4\n\t"							\
	".long 779b - .\n\t"						\
	".long " STRINGIFY(feature) "\n\t"				\
	".long " STRINGIFY(word) "\n\t"					\
	".popsection\n\t"

extern u64 cpu_features;

static inline bool cpu_has(unsigned int feature)
{
	return cpu_features & (1ULL << feature);
}

void cpufeature_init(void);
void cpu_init_secondary(void);
/* Emulates an EL0 read of an ID register (HWCAP_CPUID); false: undefined. */
struct trap_frame;
bool cpufeature_emulate_mrs(struct trap_frame *frame, u32 insn);
/* "Features" of /proc/cpuinfo, one name an index; NULL after the last. */
const char *cpufeature_hwcap_name(unsigned int bit);
const char *cpufeature_hwcap2_name(unsigned int bit);
u64 cpufeature_midr(unsigned int cpu);
/* Hardware random number; false if there is none or it failed. */
bool arch_random_u64(u64 *v);

#endif
#endif
