/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ARCH_PAGE_H
#define ARCH_PAGE_H
#include <string.h>
#include <arch/layout.h>
static inline void clear_page(void *va) { memset(va, 0, PAGE_SIZE); }
static inline void copy_page(void *to, const void *from) { memcpy(to, from, PAGE_SIZE); }
#endif
