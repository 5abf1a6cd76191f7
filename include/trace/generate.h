/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Expands one provider file, named by TRACE_PROVIDER, into type numbers and emit
 * functions. Included once for each provider, so it has no include guard.
 */
#include <arch/static_key.h>
#include <trace/provider.h>
#include <trace/ring.h>

/* The event numbers. */
#define PROVIDER(PROV, id, low, text)	enum { TRACE_PROVIDER_##PROV = id };
#define EVENT(PROV, num, NAME, fn, ...)	enum { TRACE_##NAME = TRACE_PROVIDER_##PROV << 8 | num };
#include TRACE_PROVIDER
#undef PROVIDER
#undef EVENT

/* The question whether an event is on, and what records it: the two halves of TRACE(). */
#define PROVIDER(PROV, id, low, text)
#define EVENT(PROV, num, NAME, fn, ...) \
	extern struct static_key trace_key_##fn; \
	static __always_inline bool trace_##fn##_on(void) \
	{ \
		return IS_ENABLED(CONFIG_TRACE_##PROV) && static_key_enabled(&trace_key_##fn); \
	} \
	static __always_inline void __trace_##fn(TRACE_MAP(TRACE_PARAM_OF, __VA_ARGS__)) \
	{ \
		TRACE_EMIT(TRACE_##NAME, __VA_ARGS__); \
	}
#include TRACE_PROVIDER
#undef PROVIDER
#undef EVENT
