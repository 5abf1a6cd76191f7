/* SPDX-License-Identifier: BSD-2-Clause */
/* The emit functions of the provider in trace/providers/boottest.h; see trace/provider.h. */
#ifndef TRACE_BOOTTEST_H
#define TRACE_BOOTTEST_H
#define TRACE_PROVIDER "../../trace/providers/boottest.h"
#include <trace/generate.h>
#undef TRACE_PROVIDER
#endif
