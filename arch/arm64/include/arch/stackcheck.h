/* SPDX-License-Identifier: BSD-2-Clause */
/* Symbols of the compiler's stack protector. */
#ifndef ARCH_STACKCHECK_H
#define ARCH_STACKCHECK_H

#include <lib/types.h>
#include <lib/compiler.h>

extern u64 __stack_chk_guard;
void __noreturn __stack_chk_fail(void);

#endif
