/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_CPU_H
#define KERNEL_CPU_H
unsigned cpu_id(void);
#endif
