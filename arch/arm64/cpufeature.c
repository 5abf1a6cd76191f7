/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CPU features: one table says which field of which ID register shows which
 * AT_HWCAP bit. The same table decides what EL0 sees when it reads the registers
 * itself, so that the two can never disagree.
 */
#include <arch/cpufeature.h>
#include <arch/elf.h>
#include <arch/frame.h>
#include <arch/sysreg.h>
#include <kernel/cpu.h>
#include <asm/hwcap.h>

enum id_reg { PFR0, PFR1, ISAR0, ISAR1, MMFR2, NR_ID_REGS };

struct hwcap_field {
	u8 reg, shift, min;     /* present if the 4-bit field is >= min */
	u8 word;                /* 1 or 2: AT_HWCAP, AT_HWCAP2 */
	u64 bit;
};

#define CAP(reg, shift, min, name)  { reg, shift, min, 1, HWCAP_##name }
#define CAP2(reg, shift, min, name) { reg, shift, min, 2, HWCAP2_##name }

static const struct hwcap_field hwcap_fields[] = {
	CAP(ISAR0, 4, 1, AES),
	CAP(ISAR0, 4, 2, PMULL),
	CAP(ISAR0, 8, 1, SHA1),
	CAP(ISAR0, 12, 1, SHA2),
	CAP(ISAR0, 12, 2, SHA512),
	CAP(ISAR0, 16, 1, CRC32),
	CAP(ISAR0, 20, 2, ATOMICS),
	CAP(ISAR0, 28, 1, ASIMDRDM),
	CAP(ISAR0, 32, 1, SHA3),
	CAP(ISAR0, 36, 1, SM3),
	CAP(ISAR0, 40, 1, SM4),
	CAP(ISAR0, 44, 1, ASIMDDP),
	CAP(ISAR0, 48, 1, ASIMDFHM),
	CAP(ISAR0, 52, 1, FLAGM),
	CAP2(ISAR0, 52, 2, FLAGM2),
	CAP2(ISAR0, 60, 1, RNG),
	CAP(ISAR1, 0, 1, DCPOP),
	CAP2(ISAR1, 0, 2, DCPODP),
	CAP(ISAR1, 12, 1, JSCVT),
	CAP(ISAR1, 16, 1, FCMA),
	CAP(ISAR1, 20, 1, LRCPC),
	CAP(ISAR1, 20, 2, ILRCPC),
	CAP2(ISAR1, 32, 1, FRINT),
	CAP(ISAR1, 36, 1, SB),
	CAP2(ISAR1, 44, 1, BF16),
	CAP2(ISAR1, 48, 1, DGH),
	CAP2(ISAR1, 52, 1, I8MM),
	CAP(PFR0, 48, 1, DIT),
	CAP(PFR1, 4, 1, SSBS),
	CAP(MMFR2, 32, 1, USCAT),
};

/* Names as in /proc/cpuinfo, by bit number. */
static const char *const hwcap_names[] = {
	"fp", "asimd", "evtstrm", "aes", "pmull", "sha1", "sha2", "crc32", "atomics", "fphp",
	"asimdhp", "cpuid", "asimdrdm", "jscvt", "fcma", "lrcpc", "dcpop", "sha3", "sm3", "sm4",
	"asimddp", "sha512", "sve", "asimdfhm", "dit", "uscat", "ilrcpc", "flagm", "ssbs", "sb",
	"paca", "pacg",
};

static const char *const hwcap2_names[] = {
	"dcpodp", "sve2", "sveaes", "svepmull", "svebitperm", "svesha3", "svesm4", "flagm2",
	"frint", "svei8mm", "svef32mm", "svef64mm", "svebf16", "i8mm", "bf16", "dgh", "rng",
};

u64 cpu_features __ro_after_init;
u64 elf_hwcap __ro_after_init;
u64 elf_hwcap2 __ro_after_init;
static u64 id_regs[NR_ID_REGS] __ro_after_init;         /* what EL0 may see */
static u64 midr[CONFIG_NR_CPUS];

static unsigned int field(u64 reg, unsigned int shift)
{
	return (reg >> shift) & 0xf;
}

static void __init feature_if(bool present, unsigned int feature)
{
	if (present)
		cpu_features |= 1ULL << feature;
}

/* FP and Advanced SIMD: 0xf says there is none. */
static void __init detect_fp(u64 pfr0)
{
	unsigned int fp = field(pfr0, 16), simd = field(pfr0, 20);

	if (fp == 0xf || simd == 0xf)
		return;
	cpu_features |= 1ULL << CPU_FEAT_FP;
	elf_hwcap |= HWCAP_FP | HWCAP_ASIMD;
	if (fp >= 1)
		elf_hwcap |= HWCAP_FPHP;
	if (simd >= 1)
		elf_hwcap |= HWCAP_ASIMDHP;
}

static void __init detect_hwcaps(void)
{
	const u64 raw[NR_ID_REGS] = {
		[PFR0] = read_sysreg(id_aa64pfr0_el1),
		[PFR1] = read_sysreg(id_aa64pfr1_el1),
		[ISAR0] = read_sysreg(id_aa64isar0_el1),
		[ISAR1] = read_sysreg(id_aa64isar1_el1),
		[MMFR2] = read_sysreg(SYS_ID_AA64MMFR2_EL1),
	};

	elf_hwcap = HWCAP_CPUID;
	detect_fp(raw[PFR0]);
	/* EL0 and EL1 are AArch64 only; FP and SIMD are as they are. */
	id_regs[PFR0] = 0x11 | (raw[PFR0] & 0xff0000);
	for (unsigned int i = 0; i < ARRAY_SIZE(hwcap_fields); i++) {
		const struct hwcap_field *f = &hwcap_fields[i];

		id_regs[f->reg] |= raw[f->reg] & (0xfULL << f->shift);
		if (field(raw[f->reg], f->shift) < f->min)
			continue;
		if (f->word == 1)
			elf_hwcap |= f->bit;
		else
			elf_hwcap2 |= f->bit;
	}
}

void __init cpufeature_init(void)
{
	u64 isar0 = read_sysreg(id_aa64isar0_el1);
	u64 mmfr0 = read_sysreg(id_aa64mmfr0_el1);
	u64 mmfr1 = read_sysreg(id_aa64mmfr1_el1);
	u64 ctr = read_sysreg(ctr_el0);

	midr[0] = read_sysreg(midr_el1);
	detect_hwcaps();
	feature_if(IS_ENABLED(CONFIG_ARM64_PAN) && field(mmfr1, 20) >= 1, CPU_FEAT_PAN);
	feature_if(field(isar0, 20) >= 2, CPU_FEAT_LSE);
	feature_if(field(isar0, 60) >= 1, CPU_FEAT_RNDR);
	feature_if(field(mmfr0, 4) == 2, CPU_FEAT_ASID16);
	feature_if(field(mmfr1, 0) >= 1, CPU_FEAT_HAF);
	feature_if(field(read_sysreg(id_aa64pfr0_el1), 24) >= 1, CPU_FEAT_GICV3);
	feature_if(ctr & BIT(28), CPU_FEAT_IDC);
	feature_if(ctr & BIT(29), CPU_FEAT_DIC);
}

void cpu_init_secondary(void)
{
	midr[cpu_id()] = read_sysreg(midr_el1);
}

u64 cpufeature_midr(unsigned int cpu)
{
	return midr[cpu];
}

const char *cpufeature_hwcap_name(unsigned int bit)
{
	return bit < ARRAY_SIZE(hwcap_names) ? hwcap_names[bit] : NULL;
}

const char *cpufeature_hwcap2_name(unsigned int bit)
{
	return bit < ARRAY_SIZE(hwcap2_names) ? hwcap2_names[bit] : NULL;
}

/* What EL0 reads from ID space, Op0 3, Op1 0, CRn 0. False if there is no such register. */
static bool user_id_register(unsigned int crm, unsigned int op2, u64 *value)
{
	*value = 0;
	switch (crm << 4 | op2) {
	case 0x00:
		*value = midr[cpu_id()];
		return true;
	case 0x05:
		*value = BIT(31);       /* MPIDR: no topology */
		return true;
	case 0x06:
		return true;            /* REVIDR */
	case 0x40:
		*value = id_regs[PFR0];
		return true;
	case 0x41:
		*value = id_regs[PFR1];
		return true;
	case 0x60:
		*value = id_regs[ISAR0];
		return true;
	case 0x61:
		*value = id_regs[ISAR1];
		return true;
	case 0x72:
		*value = id_regs[MMFR2];
		return true;
	}
	/* The rest of the ID space reads as zero: features we do not offer. */
	return crm >= 2 && crm <= 7;
}

bool cpufeature_emulate_mrs(struct trap_frame *frame, u32 insn)
{
	unsigned int rt = insn & 0x1f;
	u64 value;

	/* MRS Xt, S3_0_C0_Cm_op2 */
	if ((insn & 0xfffff000) != 0xd5380000)
		return false;
	if (!user_id_register((insn >> 8) & 0xf, (insn >> 5) & 7, &value))
		return false;
	if (rt != 31)
		frame->regs[rt] = value;
	return true;
}

bool arch_random_u64(u64 *v)
{
	u64 ok;

	if (!cpu_has(CPU_FEAT_RNDR))
		return false;
	__asm__ volatile("mrs %0, " STRINGIFY(SYS_RNDR) "\n\tcset %1, ne"
			 : "=r"(*v), "=r"(ok) : : "cc");
	return ok;
}
