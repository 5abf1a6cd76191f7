/* SPDX-License-Identifier: BSD-2-Clause */
/* Driver and device are one thread. */
#ifndef SHIM_ARCH_BARRIER_H
#define SHIM_ARCH_BARRIER_H
#define dma_rmb() do { } while (0)
#define dma_wmb() do { } while (0)
#define dma_mb()  do { } while (0)
#endif
