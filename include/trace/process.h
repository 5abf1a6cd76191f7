/* SPDX-License-Identifier: BSD-2-Clause */
/* The emit functions of the provider in trace/providers/process.h; see trace/provider.h. */
#ifndef TRACE_PROCESS_H
#define TRACE_PROCESS_H
#define TRACE_PROVIDER "../../trace/providers/process.h"
#include <trace/generate.h>
#undef TRACE_PROVIDER
#endif
