/* SPDX-License-Identifier: BSD-2-Clause */
/* The emit functions of the provider in trace/providers/syscall.h; see trace/provider.h. */
#ifndef TRACE_SYSCALL_H
#define TRACE_SYSCALL_H
#define TRACE_PROVIDER "../../trace/providers/syscall.h"
#include <trace/generate.h>
#undef TRACE_PROVIDER
#endif
