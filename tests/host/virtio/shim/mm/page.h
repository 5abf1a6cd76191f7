/* SPDX-License-Identifier: BSD-2-Clause */
/* Physical addresses are virtual ones. */
#ifndef SHIM_MM_PAGE_H
#define SHIM_MM_PAGE_H
#include <lib/types.h>

static inline u64 virt_to_phys(const void *va)
{
	return (u64)(uintptr_t)va;
}
#endif
