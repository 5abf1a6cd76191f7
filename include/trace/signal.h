/* SPDX-License-Identifier: BSD-2-Clause */
/* The emit functions of the provider in trace/providers/signal.h; see trace/provider.h. */
#ifndef TRACE_SIGNAL_H
#define TRACE_SIGNAL_H
#define TRACE_PROVIDER "../../trace/providers/signal.h"
#include <trace/generate.h>
#undef TRACE_PROVIDER
#endif
