/* SPDX-License-Identifier: BSD-2-Clause */
/* The emit functions of the provider in trace/providers/block.h; see trace/provider.h. */
#ifndef TRACE_BLOCK_H
#define TRACE_BLOCK_H
#define TRACE_PROVIDER "../../trace/providers/block.h"
#include <trace/generate.h>
#undef TRACE_PROVIDER
#endif
