/* SPDX-License-Identifier: BSD-2-Clause */
/* The emit functions of the provider in trace/providers/marker.h; see trace/provider.h. */
#ifndef TRACE_MARKER_H
#define TRACE_MARKER_H
#define TRACE_PROVIDER "../../trace/providers/marker.h"
#include <trace/generate.h>
#undef TRACE_PROVIDER
#endif
