/* SPDX-License-Identifier: BSD-2-Clause */
/* The emit functions of the provider in trace/providers/lock.h; see trace/provider.h. */
#ifndef TRACE_LOCK_H
#define TRACE_LOCK_H

/* What kind of lock, and how it is taken. */
enum { TRACE_LOCK_MUTEX, TRACE_LOCK_READ, TRACE_LOCK_WRITE };

#define TRACE_PROVIDER "../../trace/providers/lock.h"
#include <trace/generate.h>
#undef TRACE_PROVIDER
#endif
