/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What lwIP asks of the compiler and the machine. Also read by host builds of the receive
 * path (tests/host/lwip), so it names nothing of the kernel but <lib/...>.
 */
#ifndef LWIP_ARCH_CC_H
#define LWIP_ARCH_CC_H

#include <lib/types.h>
#include <lib/string.h>
#include <lib/compiler.h>
#include <lib/errno.h>
#include <lib/list.h>

#define LWIP_NO_STDINT_H	1
#define LWIP_NO_INTTYPES_H	1
#define LWIP_NO_LIMITS_H	1
#define LWIP_NO_UNISTD_H	1
#define LWIP_NO_CTYPE_H		1

typedef u8  u8_t;
typedef s8  s8_t;
typedef u16 u16_t;
typedef s16 s16_t;
typedef u32 u32_t;
typedef s32 s32_t;
typedef uintptr_t mem_ptr_t;

#define X8_F	"02x"
#define U16_F	"u"
#define S16_F	"d"
#define X16_F	"x"
#define U32_F	"u"
#define S32_F	"d"
#define X32_F	"x"
#define SZT_F	"zu"

#ifndef BYTE_ORDER
#define BYTE_ORDER		LITTLE_ENDIAN
#endif
#define lwip_htons(x)		__builtin_bswap16(x)
#define lwip_htonl(x)		__builtin_bswap32(x)
#define LWIP_DONT_PROVIDE_BYTEORDER_FUNCTIONS 1

#define PACK_STRUCT_STRUCT	__packed
#define LWIP_CHKSUM_ALGORITHM	3	/* eight 32-bit words at a time, if not ours */

u32_t lw_random(void);
#define LWIP_RAND()		lw_random()

/* A broken promise inside the stack: a bug of ours or its, never the wire's doing. */
void lw_assert_failed(const char *what, const char *file, int line);
#define LWIP_PLATFORM_DIAG(x)	do { } while (0)
#define LWIP_PLATFORM_ASSERT(x)	lw_assert_failed(x, __FILE__, __LINE__)

#endif
