/* SPDX-License-Identifier: BSD-2-Clause */
/* The emit functions of the provider in trace/providers/net.h; see trace/provider.h. */
#ifndef TRACE_NET_H
#define TRACE_NET_H
#define TRACE_PROVIDER "../../trace/providers/net.h"
#include <trace/generate.h>
#undef TRACE_PROVIDER
#endif
