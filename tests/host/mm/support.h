/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Host tests of mm: an arena stands for RAM, and what the tested files call
 * outside of themselves is answered here.
 */
#ifndef TEST_MM_SUPPORT_H
#define TEST_MM_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <arch/current.h>
#include <mm/memblock.h>
#include <mm/mm.h>
#include <mm/page.h>
#include <mm/slab.h>
#include "../../../mm/internal.h"

#define RAM_BASE 0x40000000UL
#define RAM_SIZE (32UL << 20)

/* Starts the page allocator over a fresh arena; holes punch it full of reserved bits. */
void host_boot(bool holes);
/* Starts slab and kmalloc, too. */
void host_boot_slab(void);

/* Did `call` panic? */
extern jmp_buf host_panic_jump;
extern bool host_panic_expected;
#define panics(call) ({							\
	bool __p = true;						\
	host_panic_expected = true;					\
	if (!setjmp(host_panic_jump)) {					\
		call;							\
		__p = false;						\
	}								\
	host_panic_expected = false;					\
	__p; })

/* A small repeatable generator. */
u32 rnd(u32 below);

#endif
