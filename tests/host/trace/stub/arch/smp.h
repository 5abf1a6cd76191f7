/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ARCH_SMP_H
#define ARCH_SMP_H
extern unsigned int nr_cpus_possible;
#endif
