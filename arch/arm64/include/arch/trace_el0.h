/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For assembly: tracing between EL0 and the kernel, at no cost while it is off. A key
 * chooses the target of a branch that has to be there anyway: NAME or NAME_traced.
 * Without CONFIG_JUMP_LABEL the code at NAME asks the key, by trace_load.
 *
 * el0_slow_key: something wants to see entries (TO_KERNEL, system calls, histograms, a tracer
 * by ptrace, filters of seccomp), see <arch/syscall.h>.
 * trace_key_ctx_to_user: TO_USER.
 */
#ifndef ARCH_TRACE_EL0_H
#define ARCH_TRACE_EL0_H

#include <arch/static_key.h>

#if defined(CONFIG_TRACE_CTX) || defined(CONFIG_TRACE_SYSCALL) || \
	defined(CONFIG_TRACE_HISTOGRAMS) || defined(CONFIG_PTRACE) || defined(CONFIG_SECCOMP)
#define TRACE_EL0_ENTRY
#endif

#ifdef TRACE_EL0_ENTRY
.macro branch_entry target
	static_key_choose el0_slow_key, \target, \target\()_traced
.endm
#else
.macro branch_entry target
	b	\target
.endm
#endif

#ifdef CONFIG_TRACE_CTX
.macro branch_ret_to_user
	static_key_choose trace_key_ctx_to_user, ret_to_user, ret_to_user_traced
.endm
#else
.macro branch_ret_to_user
	b	ret_to_user
.endm
#endif

#endif
