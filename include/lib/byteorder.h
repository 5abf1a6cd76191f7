/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Byte order conversion and unaligned loads and stores, for little-endian
 * machines (arm64 kernel, x86-64 and arm64 hosts).
 */
#ifndef LIB_BYTEORDER_H
#define LIB_BYTEORDER_H

#include <lib/compiler.h>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "little-endian only");

#define swab16(x) __builtin_bswap16(x)
#define swab32(x) __builtin_bswap32(x)
#define swab64(x) __builtin_bswap64(x)

#define cpu_to_le16(x) ((u16)(x))
#define cpu_to_le32(x) ((u32)(x))
#define cpu_to_le64(x) ((u64)(x))
#define le16_to_cpu(x) ((u16)(x))
#define le32_to_cpu(x) ((u32)(x))
#define le64_to_cpu(x) ((u64)(x))
#define cpu_to_be16(x) ((u16)swab16((u16)(x)))
#define cpu_to_be32(x) ((u32)swab32((u32)(x)))
#define cpu_to_be64(x) ((u64)swab64((u64)(x)))
#define be16_to_cpu(x) ((u16)swab16((u16)(x)))
#define be32_to_cpu(x) ((u32)swab32((u32)(x)))
#define be64_to_cpu(x) ((u64)swab64((u64)(x)))

/* Any alignment, native order. */
#define get_unaligned(p) ({							\
	const struct { __typeof__(*(p)) v; } __packed *__gp = (const void *)(p);	\
	__gp->v; })
#define put_unaligned(val, p) do {						\
	struct { __typeof__(*(p)) v; } __packed *__pp = (void *)(p);		\
	__pp->v = (val);							\
} while (0)

static __always_inline u16 get_unaligned_le16(const void *p)
{
	return get_unaligned((const u16 *)p);
}

static __always_inline u32 get_unaligned_le32(const void *p)
{
	return get_unaligned((const u32 *)p);
}

static __always_inline u64 get_unaligned_le64(const void *p)
{
	return get_unaligned((const u64 *)p);
}

static __always_inline u16 get_unaligned_be16(const void *p)
{
	return be16_to_cpu(get_unaligned((const u16 *)p));
}

static __always_inline u32 get_unaligned_be32(const void *p)
{
	return be32_to_cpu(get_unaligned((const u32 *)p));
}

static __always_inline u64 get_unaligned_be64(const void *p)
{
	return be64_to_cpu(get_unaligned((const u64 *)p));
}

static __always_inline void put_unaligned_le16(u16 v, void *p)
{
	put_unaligned(v, (u16 *)p);
}

static __always_inline void put_unaligned_le32(u32 v, void *p)
{
	put_unaligned(v, (u32 *)p);
}

static __always_inline void put_unaligned_le64(u64 v, void *p)
{
	put_unaligned(v, (u64 *)p);
}

static __always_inline void put_unaligned_be32(u32 v, void *p)
{
	put_unaligned(cpu_to_be32(v), (u32 *)p);
}

static __always_inline void put_unaligned_be64(u64 v, void *p)
{
	put_unaligned(cpu_to_be64(v), (u64 *)p);
}

#endif
