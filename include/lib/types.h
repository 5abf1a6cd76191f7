/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Basic types. In the kernel (freestanding) they are defined here; on the host
 * (unit tests, fuzzers) those that POSIX also names come from libc, so that
 * lib code and libc headers can meet in one file. Compatible with the UAPI
 * <linux/types.h> in either order.
 */
#ifndef LIB_TYPES_H
#define LIB_TYPES_H

typedef unsigned char      u8;
typedef unsigned short     u16;
typedef unsigned int       u32;
typedef unsigned long long u64;
typedef signed char        s8;
typedef short              s16;
typedef int                s32;
typedef long long          s64;

#if __STDC_HOSTED__

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#else

typedef __SIZE_TYPE__    size_t;
typedef __PTRDIFF_TYPE__ ptrdiff_t;
typedef long             ssize_t;
typedef __UINTPTR_TYPE__ uintptr_t;
typedef __INTPTR_TYPE__  intptr_t;
typedef __UINTMAX_TYPE__ uintmax_t;
typedef __INTMAX_TYPE__  intmax_t;
typedef __UINT8_TYPE__   uint8_t;
typedef __UINT16_TYPE__  uint16_t;
typedef __UINT32_TYPE__  uint32_t;
typedef __UINT64_TYPE__  uint64_t;
typedef __INT8_TYPE__    int8_t;
typedef __INT16_TYPE__   int16_t;
typedef __INT32_TYPE__   int32_t;
typedef __INT64_TYPE__   int64_t;
typedef __builtin_va_list va_list;

typedef long long    loff_t;
typedef long long    off_t;
typedef int          pid_t;
typedef unsigned int uid_t;
typedef unsigned int gid_t;
typedef unsigned int mode_t;
typedef u32          dev_t;     /* Linux's internal form: 12 bits major, 20 minor */
typedef u64          ino_t;
typedef unsigned int nlink_t;
typedef int          clockid_t;
typedef long         time_t;

#ifndef NULL
#define NULL ((void *)0)
#endif
#ifndef offsetof
#define offsetof(type, member) __builtin_offsetof(type, member)
#endif
#ifndef va_start
#define va_start(ap, last) __builtin_va_start(ap, last)
#define va_end(ap)         __builtin_va_end(ap)
#define va_arg(ap, type)   __builtin_va_arg(ap, type)
#define va_copy(to, from)  __builtin_va_copy(to, from)
#endif

#if !defined(__bool_true_false_are_defined)
#define bool  _Bool
#define true  1
#define false 0
#define __bool_true_false_are_defined 1
#endif

#endif /* __STDC_HOSTED__ */

typedef unsigned short umode_t;         /* S_IFMT bits and permissions of an inode */
typedef u64            pfn_t;           /* page frame number */
typedef u64            phys_addr_t;     /* physical address */
typedef u64            vaddr_t;         /* virtual address, user or kernel, as a number */
typedef u64            nsec_t;          /* nanoseconds */
typedef u64            sector_t;        /* 512-byte block number */

#define U8_MAX   ((u8)~0U)
#define U16_MAX  ((u16)~0U)
#define U32_MAX  (~0U)
#define S32_MAX  ((s32)(U32_MAX >> 1))
#define S32_MIN  ((s32)(-S32_MAX - 1))
#define U64_MAX  (~0ULL)
#define S64_MAX  ((s64)(U64_MAX >> 1))
#define S64_MIN  ((s64)(-S64_MAX - 1))

#if !__STDC_HOSTED__
#define INT_MAX    __INT_MAX__
#define INT_MIN    (-INT_MAX - 1)
#define UINT_MAX   (~0U)
#define LONG_MAX   __LONG_MAX__
#define LONG_MIN   (-LONG_MAX - 1L)
#define ULONG_MAX  (~0UL)
#define LLONG_MAX  __LONG_LONG_MAX__
#define LLONG_MIN  (-LLONG_MAX - 1LL)
#define ULLONG_MAX (~0ULL)
#define SIZE_MAX   __SIZE_MAX__
#define SSIZE_MAX  LONG_MAX
#else
#include <limits.h>
#endif

#endif
