/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ARCH_CONTEXT_H
#define ARCH_CONTEXT_H
struct thread_ctx { int unused; };
#endif
