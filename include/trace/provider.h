/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Trace providers: the form of a provider file, and what is made of it.
 *
 * A provider is one file in trace/providers/ with one PROVIDER line and an EVENT
 * line for each event:
 *
 *	PROVIDER(PROCESS, 0x06, process, "process life cycle")
 *	EVENT(PROCESS, 0x04, COW_FAULT, cow_fault, (u32, pid), (u64, page))
 *
 * From it come the type number (provider << 8 | probe), what TRACE() needs, and the
 * names and fields that every reader shows. An event has at most four fields, each
 * u32 or u64; the first, a u32, is the slot's payload, each other one takes a
 * continuation slot. Where it happens:
 *
 *	TRACE(cow_fault, pid, addr & PAGE_MASK);
 *
 * Context: any; no lock, no call back into the kernel. The arguments are evaluated
 * only while the event is on. With the provider's option off nothing is compiled; on but
 * not enabled it is one nop (CONFIG_JUMP_LABEL) or one load and branch.
 */
#ifndef TRACE_PROVIDER_H
#define TRACE_PROVIDER_H

#include <lib/compiler.h>
#include <lib/types.h>

#define TRACE(event, ...) do { \
	if (trace_##event##_on()) \
		__trace_##event(__VA_ARGS__); \
} while (0)

/* Splits the (type, name) pairs of an EVENT line. */
#define TRACE_TYPE_OF(type, name)	type
#define TRACE_NAME_OF(type, name)	name
#define TRACE_PARAM_OF(type, name)	type name
#define TRACE_MAP0(m)
#define TRACE_MAP1(m, a)		m a
#define TRACE_MAP2(m, a, b)		m a, m b
#define TRACE_MAP3(m, a, b, c)		m a, m b, m c
#define TRACE_MAP4(m, a, b, c, d)	m a, m b, m c, m d
#define TRACE_COUNT(...)		TRACE_COUNT_(__VA_ARGS__, 4, 3, 2, 1, 0)
#define TRACE_COUNT_(a, b, c, d, n, ...) n
#define TRACE_CAT(a, b)			TRACE_CAT_(a, b)
#define TRACE_CAT_(a, b)		a##b
#define TRACE_MAP(m, ...)		TRACE_CAT(TRACE_MAP, TRACE_COUNT(__VA_ARGS__))(m, __VA_ARGS__)

#endif
