/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Access to device registers. readX() is ordered before later reads of memory,
 * writeX() after earlier writes to it; the _relaxed forms order nothing but
 * accesses to the same device. Addresses come from ioremap().
 */
#ifndef ARCH_IO_H
#define ARCH_IO_H

#include <lib/compiler.h>
#include <arch/barrier.h>

#ifndef __iomem
#define __iomem
#endif

#define DEFINE_IO(sfx, type, insn, w)					\
static __always_inline type read##sfx##_relaxed(const volatile void __iomem *addr) \
{									\
	type v;								\
									\
	__asm__ volatile("ldr" insn " %" w "0, [%1]" : "=r"(v) : "r"(addr)); \
	return v;							\
}									\
static __always_inline void write##sfx##_relaxed(type v, volatile void __iomem *addr) \
{									\
	__asm__ volatile("str" insn " %" w "0, [%1]" : : "rZ"(v), "r"(addr)); \
}									\
static __always_inline type read##sfx(const volatile void __iomem *addr) \
{									\
	type v = read##sfx##_relaxed(addr);				\
									\
	dma_rmb();							\
	return v;							\
}									\
static __always_inline void write##sfx(type v, volatile void __iomem *addr) \
{									\
	dma_wmb();							\
	write##sfx##_relaxed(v, addr);					\
}

DEFINE_IO(b, u8, "b", "w")
DEFINE_IO(w, u16, "h", "w")
DEFINE_IO(l, u32, "", "w")
DEFINE_IO(q, u64, "", "x")

#endif
