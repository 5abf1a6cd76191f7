/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What to do when the kernel itself is wrong: panic(), warnings and dumps.
 *
 * Nothing the outside can cause (EL0, the wire, a disk, the device tree, the
 * command line) may end here. The text follows Linux's, so that its decoders work.
 */
#ifndef KERNEL_PANIC_H
#define KERNEL_PANIC_H

#include <lib/compiler.h>
#include <lib/types.h>

struct trap_frame;

/* Prints the reason, registers and call trace, the last trace events, and stops as `panic=` asks. */
void __noreturn __printf(1, 2) panic(const char *fmt, ...);
/* A kernel-mode exception that nothing handles. */
void __noreturn die(const char *what, struct trap_frame *frame, u64 esr);

void dump_stack(void);
void warn_report(const char *file, int line, const char *func, void *caller);

#define BUG()		panic("BUG at %s:%d/%s()!", __FILE__, __LINE__, __func__)
#define BUG_ON(cond)	do { if (unlikely(cond)) BUG(); } while (0)

#define WARN_ON(cond) ({ \
	bool __c = !!(cond); \
	if (unlikely(__c)) \
		warn_report(__FILE__, __LINE__, __func__, __builtin_return_address(0)); \
	unlikely(__c); \
})
#define WARN_ON_ONCE(cond) ({ \
	static bool __warned; \
	bool __c = !!(cond); \
	if (unlikely(__c) && !__warned) { \
		__warned = true; \
		warn_report(__FILE__, __LINE__, __func__, __builtin_return_address(0)); \
	} \
	unlikely(__c); \
})

/* Count of warnings so far; the tests expect zero. */
extern unsigned warn_count;

#endif
