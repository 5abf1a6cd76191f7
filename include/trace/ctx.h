/* SPDX-License-Identifier: BSD-2-Clause */
/* The emit functions of the provider in trace/providers/ctx.h; see trace/provider.h. */
#ifndef TRACE_CTX_H
#define TRACE_CTX_H
#define TRACE_PROVIDER "../../trace/providers/ctx.h"
#include <trace/generate.h>
#undef TRACE_PROVIDER
#endif
