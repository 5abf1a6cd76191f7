/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ARCH_BARRIER_H
#define ARCH_BARRIER_H
#include <lib/compiler.h>
#define smp_mb()  __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_rmb() smp_mb()
#define smp_wmb() smp_mb()
#define smp_release_then_load(p, value, other) ({			\
	__atomic_store_n((p), (value), __ATOMIC_SEQ_CST);		\
	__atomic_load_n((other), __ATOMIC_SEQ_CST); })
#define smp_load_acquire(p)     __atomic_load_n(p, __ATOMIC_ACQUIRE)
#define smp_store_release(p, v) __atomic_store_n(p, v, __ATOMIC_RELEASE)
#define isb()     barrier()
#define dsb(opt)  barrier()
#define dmb(opt)  barrier()
#define cpu_relax() barrier()
#endif
