/* SPDX-License-Identifier: BSD-2-Clause */
/* Starting the other CPUs and sending them interrupts. */
#ifndef ARCH_SMP_H
#define ARCH_SMP_H

#include <lib/types.h>

#define MPIDR_HWID_MASK 0xff00ffffffUL

/* Affinity value (MPIDR_EL1 masked) of each possible CPU, from the device tree. */
extern u64 cpu_hwid[];
extern unsigned int nr_cpus_possible;

/* Reads the CPUs of the device tree. From setup_arch(). */
void smp_find_cpus(void);

/* Brings up the CPUs of the device tree, up to maxcpus=. Once, from start_kernel. */
void arch_smp_boot(void);

/* Sends software interrupt `ipi` (IPI_* of <kernel/irq.h>) to each CPU of the mask. Any context. */
void arch_ipi_send(u64 cpu_mask, unsigned int ipi);

/* Secondary CPUs: asm entry, then the C part, which ends in the idle loop. */
void secondary_entry(void);
void secondary_start(void);

/* drivers/timer: opens this CPU's timer interrupt. */
void arch_timer_init_secondary(void);

#endif
