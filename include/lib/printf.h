/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Formatted output. Flags `- + space # 0`, width and precision (numbers or *),
 * lengths hh h l ll z t j, conversions d i u x X o c s p %, no floating point
 * and no %n. Pointers:
 *	%p %px	the address, 16 hex digits
 *	%pS %ps	symbol+off/size, or symbol alone, through printf_symbol()
 *	%pI4	IPv4 address at the pointer, network order
 *	%pM	MAC address at the pointer
 *	%pe	ERR_PTR as -errno
 * A NULL %s prints "(null)". An unknown conversion is printed as it stands.
 *
 * Context: any, IRQ and fault handlers included; no lock, no allocation.
 */
#ifndef LIB_PRINTF_H
#define LIB_PRINTF_H

#include <lib/compiler.h>

#if __STDC_HOSTED__
#include <stdio.h>
#else
/* Return the length the whole text would have; the result is cut to size. */
int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap) __printf(3, 0);
int snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
#endif

/* Return the length written, at most size - 1, without the NUL. */
int vscnprintf(char *buf, size_t size, const char *fmt, va_list ap) __printf(3, 0);
int scnprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);

/*
 * Hands the text to out() piece by piece, in order, pieces not terminated.
 * Returns the total length. Uses about 600 bytes of stack, twice that for %pI4, %pM and %pe.
 */
typedef void (*printf_out_fn)(void *ctx, const char *s, size_t n);
int vprintf_cb(printf_out_fn out, void *ctx, const char *fmt, va_list ap) __printf(3, 0);
int printf_cb(printf_out_fn out, void *ctx, const char *fmt, ...) __printf(3, 4);

/*
 * Writes the symbol at addr to buf ("name+0x10/0x80", or "name" without
 * offset). Returns its length, or 0 if unknown. The weak default knows none;
 * the kernel overrides it from its symbol table. Any context.
 */
size_t printf_symbol(char *buf, size_t size, unsigned long addr, bool offset);

#endif
