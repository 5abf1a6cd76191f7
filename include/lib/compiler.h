/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Compiler attributes, small arithmetic macros, overflow-checked arithmetic and
 * clang's thread-safety annotations. Every macro evaluates each argument once
 * unless its comment says otherwise.
 */
#ifndef LIB_COMPILER_H
#define LIB_COMPILER_H

#include <lib/types.h>

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#undef __packed
#undef __aligned
#undef __noreturn
#undef __always_inline
#undef __used
#undef __section
#undef __weak
#define __packed          __attribute__((__packed__))
#define __aligned(n)      __attribute__((__aligned__(n)))
#define __noreturn        __attribute__((__noreturn__))
#define __always_inline   inline __attribute__((__always_inline__))
#ifndef noinline
#define noinline          __attribute__((__noinline__))
#endif
#define __used            __attribute__((__used__))
#define __maybe_unused    __attribute__((__unused__))
#define __section(s)      __attribute__((__section__(s)))
#define __weak            __attribute__((__weak__))
#define __alias(s)        __attribute__((__alias__(#s)))
#define __pure            __attribute__((__pure__))
#define __const_fn        __attribute__((__const__))
#define __malloc          __attribute__((__malloc__))
#define __must_check      __attribute__((__warn_unused_result__))
#define __cold            __attribute__((__cold__))
#define __hot             __attribute__((__hot__))
#define __printf(fmt, args) __attribute__((__format__(__printf__, fmt, args)))
#define __cleanup(fn)     __attribute__((__cleanup__(fn)))
#define __no_stack_protector __attribute__((no_stack_protector))
#define __no_sanitize(what)  __attribute__((no_sanitize(what)))
#ifndef fallthrough
#define fallthrough       __attribute__((__fallthrough__))
#endif

/*
 * A pointer into the address space of the running program; only uaccess may
 * dereference it. `make sparse` points out who does otherwise; __force in a cast
 * says that the pointer changes sides on purpose.
 */
#ifdef __CHECKER__
#define __user            __attribute__((noderef, address_space(__user)))
#define __force           __attribute__((force))
#else
#define __user
#define __force
#endif

/* Sections: freed or made read-only after boot; see the linker script. */
#define __init            __section(".init.text") __cold
/* How a task gets off its CPU: /proc/PID/wchan names the first caller that is not one of these. */
#define __sched           __section(".sched.text")
#define __initdata        __section(".init.data")
#define __initconst       __section(".init.rodata")
#define __ro_after_init   __section(".bss..ro_after_init")

#define barrier() __asm__ volatile("" ::: "memory")

/* One access, of the size of x, neither torn nor repeated nor dropped. */
#define READ_ONCE(x)     (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))

#ifdef static_assert
#undef static_assert
#endif
#define __static_assert_msg(expr, msg, ...) _Static_assert(expr, msg)
#define static_assert(expr, ...) __static_assert_msg(expr, ##__VA_ARGS__, #expr)
/* As an expression of value 0. */
#define BUILD_BUG_ON_ZERO(cond) ((int)sizeof(struct { int : (-!!(cond)); }))
#define BUILD_BUG_ON(cond) _Static_assert(!(cond), "BUILD_BUG_ON: " #cond)

#define __same_type(a, b) __builtin_types_compatible_p(__typeof__(a), __typeof__(b))
#define ARRAY_SIZE(a) \
	(sizeof(a) / sizeof((a)[0]) + BUILD_BUG_ON_ZERO(__same_type((a), &(a)[0])))

#define container_of(ptr, type, member) ({					\
	void *__mptr = (void *)(ptr);						\
	_Static_assert(__same_type(*(ptr), ((type *)0)->member) ||		\
		       __same_type(*(ptr), void), "container_of: wrong member type"); \
	((type *)((char *)__mptr - offsetof(type, member))); })
#define container_of_const(ptr, type, member) \
	((const type *)((const char *)(ptr) - offsetof(type, member)))

#define sizeof_field(type, member) sizeof(((type *)0)->member)

/* min() and max() want both sides of one type; min_t() and max_t() convert. */
#ifndef min
#define __minmax(a, b, op) ({							\
	__auto_type __mm_a = (a);						\
	__auto_type __mm_b = (b);						\
	(void)(&__mm_a == &__mm_b);						\
	__mm_a op __mm_b ? __mm_a : __mm_b; })
#define min(a, b) __minmax(a, b, <)
#define max(a, b) __minmax(a, b, >)
#endif
#define __minmax_t(type, a, b, op) ({						\
	type __mm_a = (a);							\
	type __mm_b = (b);							\
	__mm_a op __mm_b ? __mm_a : __mm_b; })
#define min_t(type, a, b) __minmax_t(type, a, b, <)
#define max_t(type, a, b) __minmax_t(type, a, b, >)
#define min3(a, b, c) min(min(a, b), c)
#define max3(a, b, c) max(max(a, b), c)
#define clamp(v, lo, hi) min(max(v, lo), hi)
#define clamp_t(type, v, lo, hi) min_t(type, max_t(type, v, lo), hi)
#define swap(a, b) do { __auto_type __sw = (a); (a) = (b); (b) = __sw; } while (0)
#define abs_diff(a, b) ({ __auto_type __ad_a = (a); __typeof__(__ad_a) __ad_b = (b); \
	__ad_a > __ad_b ? __ad_a - __ad_b : __ad_b - __ad_a; })

/* Alignment is a power of two; the result has the type of x. */
#define ALIGN_DOWN(x, a)    ((__typeof__(x))((x) & ~((__typeof__(x))(a) - 1)))
#define ALIGN(x, a)         ((__typeof__(x))(((x) + ((__typeof__(x))(a) - 1)) & \
				~((__typeof__(x))(a) - 1)))
#define IS_ALIGNED(x, a)    (((x) & ((__typeof__(x))(a) - 1)) == 0)
#define PTR_ALIGN(p, a)     ((__typeof__(p))ALIGN((uintptr_t)(p), (a)))
#define PTR_ALIGN_DOWN(p, a) ((__typeof__(p))ALIGN_DOWN((uintptr_t)(p), (a)))
#define PTR_IS_ALIGNED(p, a) IS_ALIGNED((uintptr_t)(p), (a))
#define round_up(x, a)      ALIGN(x, a)
#define round_down(x, a)    ALIGN_DOWN(x, a)
/* Any positive n, may evaluate n twice. */
#define DIV_ROUND_UP(x, n)  (((x) + (n) - 1) / (n))
#define DIV_ROUND_CLOSEST(x, n) (((x) + (n) / 2) / (n))
#define roundup(x, n)       (DIV_ROUND_UP(x, n) * (n))
#define rounddown(x, n)     ((x) - (x) % (n))

#define BIT(n)              (1UL << (n))
#define BIT_ULL(n)          (1ULL << (n))
#define GENMASK(h, l)       ((~0UL << (l)) & (~0UL >> (63 - (h))))
#define GENMASK_ULL(h, l)   ((~0ULL << (l)) & (~0ULL >> (63 - (h))))
/* Field of a register described by its contiguous mask. */
#define FIELD_GET(mask, v)  (((v) & (mask)) >> __builtin_ctzll(mask))
#define FIELD_PREP(mask, v) (((__typeof__(mask))(v) << __builtin_ctzll(mask)) & (mask))

#define SZ_1K   0x400UL
#define SZ_4K   0x1000UL
#define SZ_16K  0x4000UL
#define SZ_64K  0x10000UL
#define SZ_1M   0x100000UL
#define SZ_2M   0x200000UL
#define SZ_1G   0x40000000UL

/* True on overflow; *r then holds the wrapped result. */
#define check_add_overflow(a, b, r) __builtin_add_overflow(a, b, r)
#define check_sub_overflow(a, b, r) __builtin_sub_overflow(a, b, r)
#define check_mul_overflow(a, b, r) __builtin_mul_overflow(a, b, r)

/* Size arithmetic that saturates at SIZE_MAX, which every allocator refuses. */
static inline size_t size_add(size_t a, size_t b)
{
	size_t r;

	return __builtin_add_overflow(a, b, &r) ? SIZE_MAX : r;
}

static inline size_t size_mul(size_t a, size_t b)
{
	size_t r;

	return __builtin_mul_overflow(a, b, &r) ? SIZE_MAX : r;
}

#define array_size(n, size)   size_mul(n, size)
#define struct_size(p, member, n) \
	size_add(sizeof(*(p)), size_mul(n, sizeof((p)->member[0])))

#define __STRINGIFY(x...) #x
#define STRINGIFY(x...)   __STRINGIFY(x)
#define __CONCAT2(a, b)   a##b
#define CONCAT(a, b)      __CONCAT2(a, b)
#define UNIQUE_ID(prefix) CONCAT(prefix, __COUNTER__)

/* Thread-safety analysis (clang -Wthread-safety). Lock types carry CAPABILITY. */
#if defined(__clang__)
#define __tsa(x) __attribute__((x))
#else
#define __tsa(x)
#endif
#define CAPABILITY(name)          __tsa(capability(name))
#define GUARDED_BY(lock)          __tsa(guarded_by(lock))
#define PT_GUARDED_BY(lock)       __tsa(pt_guarded_by(lock))
#define ACQUIRED_BEFORE(...)      __tsa(acquired_before(__VA_ARGS__))
#define ACQUIRED_AFTER(...)       __tsa(acquired_after(__VA_ARGS__))
#define ACQUIRE(...)              __tsa(acquire_capability(__VA_ARGS__))
#define ACQUIRE_SHARED(...)       __tsa(acquire_shared_capability(__VA_ARGS__))
#define RELEASE(...)              __tsa(release_capability(__VA_ARGS__))
#define RELEASE_SHARED(...)       __tsa(release_shared_capability(__VA_ARGS__))
#define TRY_ACQUIRE(...)          __tsa(try_acquire_capability(__VA_ARGS__))
#define TRY_ACQUIRE_SHARED(...)   __tsa(try_acquire_shared_capability(__VA_ARGS__))
#define REQUIRES(...)             __tsa(requires_capability(__VA_ARGS__))
#define REQUIRES_SHARED(...)      __tsa(requires_shared_capability(__VA_ARGS__))
#define EXCLUDES(...)             __tsa(locks_excluded(__VA_ARGS__))
#define ASSERT_CAPABILITY(...)    __tsa(assert_capability(__VA_ARGS__))
#define RETURN_CAPABILITY(x)      __tsa(lock_returned(x))
#define NO_THREAD_SAFETY_ANALYSIS __tsa(no_thread_safety_analysis)

#endif
