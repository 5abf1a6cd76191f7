/* SPDX-License-Identifier: BSD-2-Clause */
/* The emit functions of the provider in trace/providers/mm.h; see trace/provider.h. */
#ifndef TRACE_MM_H
#define TRACE_MM_H
#define TRACE_PROVIDER "../../trace/providers/mm.h"
#include <trace/generate.h>
#undef TRACE_PROVIDER
#endif
