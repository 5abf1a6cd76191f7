/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_PANIC_H
#define KERNEL_PANIC_H
/* Ends the running test, or returns to host_expect_panic(). */
_Noreturn void panic(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static inline void dump_stack(void) { }
#define WARN_ON(cond) ({ if (cond) panic("WARN_ON: %s", #cond); 0; })
#endif
