/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ARCH_CURRENT_H
#define ARCH_CURRENT_H
extern unsigned int host_cpu;
#define cpu_id() host_cpu
#endif
