/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A pointer or an error in one word: the last page of the address space is never
 * mapped, so -MAX_ERRNO..-1 as an address means a negative errno.
 */
#ifndef LIB_ERR_H
#define LIB_ERR_H

#include <lib/compiler.h>
#include <lib/errno.h>

#define MAX_ERRNO 4095
#define IS_ERR_VALUE(x) unlikely((unsigned long)(x) >= (unsigned long)-MAX_ERRNO)

static __always_inline void *ERR_PTR(long error)
{
	return (void *)error;
}

static __always_inline long PTR_ERR(const void *p)
{
	return (long)p;
}

static __always_inline bool IS_ERR(const void *p)
{
	return IS_ERR_VALUE(p);
}

static __always_inline bool IS_ERR_OR_NULL(const void *p)
{
	return unlikely(!p) || IS_ERR_VALUE(p);
}

/* p, a pointer: where this is inlined, its caller's IS_ERR() of the result needs no look. */
#define NOT_ERR(p) ({							\
	__typeof__(p) __p = (p);					\
	if (IS_ERR(__p))						\
		__builtin_unreachable();				\
	__p; })

static __always_inline void *ERR_CAST(const void *p)
{
	return (void *)p;
}

static __always_inline int PTR_ERR_OR_ZERO(const void *p)
{
	return IS_ERR(p) ? (int)PTR_ERR(p) : 0;
}

#endif
