/* SPDX-License-Identifier: BSD-2-Clause */
/* For TSan, which takes volatile accesses for common ones: what the kernel marks is atomic. */
#ifndef HOST_ONCE_H
#define HOST_ONCE_H
#include <lib/compiler.h>
#undef READ_ONCE
#undef WRITE_ONCE
#define READ_ONCE(x)	 __atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, v) __atomic_store_n(&(x), v, __ATOMIC_RELAXED)
#endif
