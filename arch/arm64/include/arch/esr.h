/* SPDX-License-Identifier: BSD-2-Clause */
/* ESR_EL1: why an exception was taken (Arm ARM, D17.2.37). */
#ifndef ARCH_ESR_H
#define ARCH_ESR_H

#define ESR_EC(esr)             (((esr) >> 26) & 0x3f)
#define ESR_EC_MASK             (0x3fUL << 26)
#define ESR_IL                  (1UL << 25)

#define EC_UNKNOWN              0x00
#define EC_WFX                  0x01
#define EC_FP_TRAP              0x07
#define EC_BTI                  0x0d
#define EC_ILLEGAL_STATE        0x0e
#define EC_SVC                  0x15
#define EC_SYSREG               0x18
#define EC_SVE                  0x19
#define EC_FPAC                 0x1c
#define EC_INSN_ABORT_EL0       0x20
#define EC_INSN_ABORT_EL1       0x21
#define EC_PC_ALIGN             0x22
#define EC_DATA_ABORT_EL0       0x24
#define EC_DATA_ABORT_EL1       0x25
#define EC_SP_ALIGN             0x26
#define EC_FP_EXCEPTION         0x2c
#define EC_SERROR               0x2f
#define EC_BREAKPOINT_EL0       0x30
#define EC_STEP_EL0             0x32
#define EC_WATCHPOINT_EL0       0x34
#define EC_BRK64                0x3c

/* Aborts */
#define ESR_WNR                 (1UL << 6)
#define ESR_CM                  (1UL << 8)
#define ESR_FNV                 (1UL << 10)
#define ESR_FSC_MASK            0x3f
#define ESR_FSC_LEVEL           0x03
#define ESR_FSC_ADDRESS_SIZE    0x00
#define ESR_FSC_TRANSLATION     0x04
#define ESR_FSC_ACCESS          0x08
#define ESR_FSC_PERMISSION      0x0c
#define ESR_FSC_EXTERNAL        0x10
#define ESR_FSC_EXTERNAL_WALK   0x14
#define ESR_FSC_ALIGNMENT       0x21

#define ESR_FP_TFV              (1UL << 23)
#define ESR_BRK_IMM(esr)        ((esr) & 0xffff)

#endif
