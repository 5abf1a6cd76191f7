/* SPDX-License-Identifier: BSD-2-Clause */
/* The emit functions of the provider in trace/providers/lock.h; see trace/provider.h. */
#ifndef TRACE_LOCK_H
#define TRACE_LOCK_H
#define TRACE_PROVIDER "../../trace/providers/lock.h"
#include <trace/generate.h>
#undef TRACE_PROVIDER
#endif
