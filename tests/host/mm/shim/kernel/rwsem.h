/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_RWSEM_H
#define KERNEL_RWSEM_H
#include <kernel/spinlock.h>
struct rwsem { int unused; };
#endif
