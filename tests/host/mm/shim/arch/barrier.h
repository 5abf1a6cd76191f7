/* SPDX-License-Identifier: BSD-2-Clause */
/* Host: one thread. */
#ifndef ARCH_BARRIER_H
#define ARCH_BARRIER_H
#include <lib/compiler.h>
#define isb()     barrier()
#define dsb(opt)  barrier()
#define dmb(opt)  barrier()
#define smp_mb()  barrier()
#endif
