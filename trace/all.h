/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every provider file that is built in, in order of its number. The includer has
 * defined PROVIDER and EVENT; no include guard.
 */
#if IS_ENABLED(CONFIG_TRACE_CTX)
#include "providers/ctx.h"
#endif
#if IS_ENABLED(CONFIG_TRACE_IRQ)
#include "providers/irq.h"
#endif
#if IS_ENABLED(CONFIG_TRACE_SCHED)
#include "providers/sched.h"
#endif
#if IS_ENABLED(CONFIG_TRACE_SYSCALL)
#include "providers/syscall.h"
#endif
#if IS_ENABLED(CONFIG_TRACE_MM)
#include "providers/mm.h"
#endif
#if IS_ENABLED(CONFIG_TRACE_LOCK)
#include "providers/lock.h"
#endif
#if IS_ENABLED(CONFIG_TRACE_PROCESS)
#include "providers/process.h"
#endif
#if IS_ENABLED(CONFIG_TRACE_BOOTTEST)
#include "providers/boottest.h"
#endif
#if IS_ENABLED(CONFIG_TRACE_SIGNAL)
#include "providers/signal.h"
#endif
#if IS_ENABLED(CONFIG_TRACE_NET)
#include "providers/net.h"
#endif
#if IS_ENABLED(CONFIG_TRACE_VFS)
#include "providers/vfs.h"
#endif
#if IS_ENABLED(CONFIG_TRACE_BLOCK)
#include "providers/block.h"
#endif
#if IS_ENABLED(CONFIG_TRACE_MARKER)
#include "providers/marker.h"
#endif
