/* SPDX-License-Identifier: BSD-2-Clause */
/* The emit functions of the provider in trace/providers/vfs.h; see trace/provider.h. */
#ifndef TRACE_VFS_H
#define TRACE_VFS_H
#define TRACE_PROVIDER "../../trace/providers/vfs.h"
#include <trace/generate.h>
#undef TRACE_PROVIDER
#endif
