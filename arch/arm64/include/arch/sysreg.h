/* SPDX-License-Identifier: BSD-2-Clause */
/* Access to system registers by name, and the bits of those that are used in C and assembly. */
#ifndef ARCH_SYSREG_H
#define ARCH_SYSREG_H

/* Registers that the assembler for plain ARMv8.0 has no name for. */
#define SYS_ICC_SRE_EL2         S3_4_C12_C9_5
#define SYS_ICC_SRE_EL1         S3_0_C12_C12_5
#define SYS_ICC_PMR_EL1         S3_0_C4_C6_0
#define SYS_ICC_IAR1_EL1        S3_0_C12_C12_0
#define SYS_ICC_EOIR1_EL1       S3_0_C12_C12_1
#define SYS_ICC_BPR1_EL1        S3_0_C12_C12_3
#define SYS_ICC_CTLR_EL1        S3_0_C12_C12_4
#define SYS_ICC_IGRPEN1_EL1     S3_0_C12_C12_7
#define SYS_ICC_SGI1R_EL1       S3_0_C12_C11_5
#define SYS_ICH_HCR_EL2         S3_4_C12_C11_0
#define SYS_ID_AA64ZFR0_EL1     S3_0_C0_C4_4
#define SYS_ID_AA64ISAR2_EL1    S3_0_C0_C6_2
#define SYS_ID_AA64MMFR2_EL1    S3_0_C0_C7_2
#define SYS_RNDR                S3_3_C2_C4_0
#define SYS_HFGRTR_EL2          S3_4_C1_C1_4
#define SYS_HFGWTR_EL2          S3_4_C1_C1_5
#define SYS_HFGITR_EL2          S3_4_C1_C1_6
#define SYS_HDFGRTR_EL2         S3_4_C3_C1_4
#define SYS_HDFGWTR_EL2         S3_4_C3_C1_5
#define SYS_HAFGRTR_EL2         S3_4_C3_C1_6

/* MSR PAN, #0 and #1 as words: the assembler refuses them for ARMv8.0. */
#define INSN_PAN_OFF            0xd500409f
#define INSN_PAN_ON             0xd500419f
#define INSN_NOP                0xd503201f

/* SCTLR_EL1 */
#define SCTLR_M         (1 << 0)
#define SCTLR_A         (1 << 1)
#define SCTLR_C         (1 << 2)
#define SCTLR_SA        (1 << 3)
#define SCTLR_SA0       (1 << 4)
#define SCTLR_I         (1 << 12)
#define SCTLR_DZE       (1 << 14)
#define SCTLR_UCT       (1 << 15)
#define SCTLR_NTWI      (1 << 16)
#define SCTLR_NTWE      (1 << 18)
#define SCTLR_SPAN      (1 << 23)
#define SCTLR_UCI       (1 << 26)
/* Bits that are RES1 in ARMv8.0 where the newer meaning is harmless: 11, 20, 22, 28, 29. */
#define SCTLR_RES1      0x30500800

#define CPACR_FP_TRAP_EL0   (1 << 20)
#define CPACR_FP_OPEN       (3 << 20)

#ifndef __ASSEMBLER__

#include <lib/types.h>
#include <lib/compiler.h>

#define read_sysreg(reg) ({						\
	u64 __rs;							\
	__asm__ volatile("mrs %0, " STRINGIFY(reg) : "=r"(__rs));	\
	__rs; })
#define write_sysreg(value, reg) do {					\
	u64 __ws = (u64)(value);					\
	__asm__ volatile("msr " STRINGIFY(reg) ", %x0" : : "rZ"(__ws) : "memory"); \
} while (0)

#endif
#endif
