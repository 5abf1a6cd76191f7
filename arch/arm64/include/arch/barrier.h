/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory and instruction barriers. smp_*() order normal memory between CPUs;
 * mb()/rmb()/wmb() also order it against devices.
 */
#ifndef ARCH_BARRIER_H
#define ARCH_BARRIER_H

#include <lib/compiler.h>

#define isb()    __asm__ volatile("isb" : : : "memory")
#define dsb(opt) __asm__ volatile("dsb " #opt : : : "memory")
#define dmb(opt) __asm__ volatile("dmb " #opt : : : "memory")

#define mb()     dsb(sy)
#define rmb()    dsb(ld)
#define wmb()    dsb(st)
#define dma_rmb() dmb(oshld)
#define dma_wmb() dmb(oshst)
#define dma_mb() dmb(osh)

#ifdef CONFIG_SMP
#define smp_mb()  dmb(ish)
#define smp_rmb() dmb(ishld)
#define smp_wmb() dmb(ishst)
#define smp_load_acquire(p)     __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define smp_store_release(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
#else
#define smp_mb()  barrier()
#define smp_rmb() barrier()
#define smp_wmb() barrier()
#define smp_load_acquire(p) ({						\
	__typeof__(*(p)) __la = READ_ONCE(*(p));			\
	barrier();							\
	__la; })
#define smp_store_release(p, v) do {					\
	barrier();							\
	WRITE_ONCE(*(p), (v));						\
} while (0)
#endif
#define smp_store_mb(var, value) do { WRITE_ONCE(var, value); smp_mb(); } while (0)
/*
 * Releases: stores `value` in *p, then loads *other. Whoever stores to *other, has a full barrier
 * and still finds the old *p is seen. On hardware stlr and ldar would do; but QEMU, in 7.2 at
 * least, has nothing between the two on x86, where the load then passes the store: the boot test
 * smp.no_load_passes_a_release finds that in a quarter of its rounds.
 */
#define smp_release_then_load(p, value, other) ({			\
	smp_store_release((p), (value));				\
	smp_mb();							\
	READ_ONCE(*(other)); })
#define smp_mb__before_atomic()  smp_mb()
#define smp_mb__after_atomic()   smp_mb()

/* Two neighbours by one load. Each is whole; nothing is said of the two together. */
static __always_inline void load_pair(const unsigned long long *p, unsigned long long *first,
				      unsigned long long *second)
{
	__asm__ volatile("ldp %0, %1, %2" : "=r"(*first), "=r"(*second) :
			 "Q"(*(const unsigned long long (*)[2])p));
}

/* A hint inside busy-wait loops. */
static inline void cpu_relax(void)
{
	__asm__ volatile("yield" : : : "memory");
}

#define wfi() do { dsb(sy); __asm__ volatile("wfi" : : : "memory"); } while (0)
#define wfe() __asm__ volatile("wfe" : : : "memory")
#define sev() __asm__ volatile("dsb ishst\n\tsev" : : : "memory")

#endif
