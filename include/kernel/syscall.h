/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_SYSCALL_H
#define KERNEL_SYSCALL_H

/*
 * System calls: SYSCALL_DEFINE2(kill, pid_t, pid, int, sig) { ... } defines sys_kill().
 *
 * entry.c calls syscall_table[nr](x0..x5); the outer function only narrows the registers
 * to the argument types, and the body is inlined into it. Each handler returns a value or
 * a negative errno (or -ERESTART*, see signal.h). A number of <asm-generic/unistd.h> that
 * nobody defines is sys_ni_syscall's: -ENOSYS, logged once with its name.
 *
 * Context of a handler: the caller's task, interrupts and preemption on, may sleep.
 */
#include <lib/types.h>
#include <lib/compiler.h>
#include <lib/errno.h>

typedef long (*syscall_fn)(u64, u64, u64, u64, u64, u64);

#define NR_SYSCALLS 451			/* checked against the header in syscall_table.c */
extern const syscall_fn syscall_table[NR_SYSCALLS];

/* For unimplemented numbers: entry.c uses it above the table's end. */
long sys_ni_syscall(u64 a, u64 b, u64 c, u64 d, u64 e, u64 f);
/* "read" for 63; "?" outside of the table, and for all without CONFIG_SYSCALL_NAMES. */
#if IS_ENABLED(CONFIG_SYSCALL_NAMES)
const char *syscall_name(unsigned int nr);
#else
static inline const char *syscall_name(unsigned int nr) { return "?"; }
#endif

#define __SC_PARAMS u64 r0, u64 r1, u64 r2, u64 r3, u64 r4, u64 r5
#define __SC_HEAD(name, params, call)					\
	static __always_inline long __do_sys_##name params;		\
	long sys_##name(__SC_PARAMS);					\
	long sys_##name(__SC_PARAMS)					\
	{								\
		return __do_sys_##name call;				\
	}								\
	static __always_inline long __do_sys_##name params

#define SYSCALL_DEFINE0(name) \
	__SC_HEAD(name, (void), ())
#define SYSCALL_DEFINE1(name, t0, a0) \
	__SC_HEAD(name, (t0 a0), ((t0)r0))
#define SYSCALL_DEFINE2(name, t0, a0, t1, a1) \
	__SC_HEAD(name, (t0 a0, t1 a1), ((t0)r0, (t1)r1))
#define SYSCALL_DEFINE3(name, t0, a0, t1, a1, t2, a2) \
	__SC_HEAD(name, (t0 a0, t1 a1, t2 a2), ((t0)r0, (t1)r1, (t2)r2))
#define SYSCALL_DEFINE4(name, t0, a0, t1, a1, t2, a2, t3, a3) \
	__SC_HEAD(name, (t0 a0, t1 a1, t2 a2, t3 a3), ((t0)r0, (t1)r1, (t2)r2, (t3)r3))
#define SYSCALL_DEFINE5(name, t0, a0, t1, a1, t2, a2, t3, a3, t4, a4) \
	__SC_HEAD(name, (t0 a0, t1 a1, t2 a2, t3 a3, t4 a4), \
		  ((t0)r0, (t1)r1, (t2)r2, (t3)r3, (t4)r4))
#define SYSCALL_DEFINE6(name, t0, a0, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5) \
	__SC_HEAD(name, (t0 a0, t1 a1, t2 a2, t3 a3, t4 a4, t5 a5), \
		  ((t0)r0, (t1)r1, (t2)r2, (t3)r3, (t4)r4, (t5)r5))

#endif
