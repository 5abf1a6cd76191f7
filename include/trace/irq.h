/* SPDX-License-Identifier: BSD-2-Clause */
/* The emit functions of the provider in trace/providers/irq.h; see trace/provider.h. */
#ifndef TRACE_IRQ_H
#define TRACE_IRQ_H
#define TRACE_PROVIDER "../../trace/providers/irq.h"
#include <trace/generate.h>
#undef TRACE_PROVIDER
#endif
