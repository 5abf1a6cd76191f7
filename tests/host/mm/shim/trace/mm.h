/* SPDX-License-Identifier: BSD-2-Clause */
/* Host: nobody traces. */
#ifndef TRACE_MM_H
#define TRACE_MM_H
#define TRACE(event, ...)	do { } while (0)
#endif
