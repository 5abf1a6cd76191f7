/* SPDX-License-Identifier: BSD-2-Clause */
/* The emit functions of the provider in trace/providers/sched.h; see trace/provider.h. */
#ifndef TRACE_SCHED_H
#define TRACE_SCHED_H
#define TRACE_PROVIDER "../../trace/providers/sched.h"
#include <trace/generate.h>
#undef TRACE_PROVIDER
#endif
