/* SPDX-License-Identifier: BSD-2-Clause */
/* What the compiler and reference counts call when they find memory overwritten or misused. */
#include <arch/atomic.h>
#include <arch/stackcheck.h>
#include <kernel/panic.h>
#include <kernel/printk.h>

/* Set by head.S before the first protected function runs. */
u64 __stack_chk_guard __ro_after_init;

void __stack_chk_fail(void)
{
	panic("stack-protector: Kernel stack is corrupted in: %p", __builtin_return_address(0));
}

void refcount_bad(refcount_t *r, const char *what)
{
	atomic_set(&r->refs, REFCOUNT_SATURATED);
	printk_once("refcount_t: %s\n", what);
	WARN_ON_ONCE(true);
}
