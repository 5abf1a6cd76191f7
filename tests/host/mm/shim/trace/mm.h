/* SPDX-License-Identifier: BSD-2-Clause */
/* Host: nobody traces. */
#ifndef TRACE_MM_H
#define TRACE_MM_H
#include <lib/types.h>
static inline void trace_page_alloc(u32 order, u64 pfn) { }
static inline void trace_page_free(u32 order, u64 pfn) { }
#endif
