/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's barriers, under the kernel's names. */
#ifndef ARCH_BARRIER_H
#define ARCH_BARRIER_H
#define smp_mb()	__atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_wmb()	__atomic_thread_fence(__ATOMIC_RELEASE)
#define smp_rmb()	__atomic_thread_fence(__ATOMIC_ACQUIRE)
#define smp_load_acquire(p)	__atomic_load_n(p, __ATOMIC_ACQUIRE)
#define smp_store_release(p, v)	__atomic_store_n(p, v, __ATOMIC_RELEASE)
#define load_pair(p, first, second) \
	do { *(first) = READ_ONCE((p)[0]); *(second) = READ_ONCE((p)[1]); } while (0)
#define cpu_relax()	do { } while (0)
/* An interrupt may come here. */
void host_hook(void);
#define isb()		host_hook()
#endif
