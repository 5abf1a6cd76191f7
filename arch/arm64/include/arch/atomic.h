/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Atomic integers, reference counts and bits, under Linux's names and ordering
 * rules: operations that return a value are fully ordered (unless _relaxed,
 * _acquire or _release), those that return nothing are relaxed. Any context.
 */
#ifndef ARCH_ATOMIC_H
#define ARCH_ATOMIC_H

#include <lib/compiler.h>
#include <lib/bitops.h>
#include <arch/barrier.h>

/* On one CPU only the compiler can reorder what another context sees. */
#ifdef CONFIG_SMP
#define ATOMIC_FULL __ATOMIC_SEQ_CST
#define ATOMIC_ACQ  __ATOMIC_ACQUIRE
#define ATOMIC_REL  __ATOMIC_RELEASE
#define atomic_full_fence() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#else
#define ATOMIC_FULL __ATOMIC_RELAXED
#define ATOMIC_ACQ  __ATOMIC_RELAXED
#define ATOMIC_REL  __ATOMIC_RELAXED
#define atomic_full_fence() barrier()
#endif

/* ---- on plain variables of 1, 2, 4 or 8 bytes ---- */

#define xchg(ptr, value) ({						\
	barrier();							\
	__typeof__(*(ptr)) __xo = __atomic_exchange_n((ptr), (value), ATOMIC_FULL); \
	atomic_full_fence();						\
	__xo; })

/* Returns the value found, which is `old` if the store happened. */
#define cmpxchg(ptr, old, new) ({					\
	__typeof__(*(ptr)) __co = (old);				\
	barrier();							\
	__atomic_compare_exchange_n((ptr), &__co, (new), 0, ATOMIC_FULL, __ATOMIC_RELAXED); \
	atomic_full_fence();						\
	__co; })

/* True if stored; else *pold is what was found. */
#define try_cmpxchg(ptr, pold, new) ({					\
	barrier();							\
	bool __tc = __atomic_compare_exchange_n((ptr), (pold), (new), 0, ATOMIC_FULL, \
						__ATOMIC_RELAXED);	\
	atomic_full_fence();						\
	__tc; })
#define cmpxchg_relaxed(ptr, old, new) ({				\
	__typeof__(*(ptr)) __co = (old);				\
	__atomic_compare_exchange_n((ptr), &__co, (new), 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED); \
	__co; })
#define cmpxchg_acquire(ptr, old, new) ({				\
	__typeof__(*(ptr)) __co = (old);				\
	__atomic_compare_exchange_n((ptr), &__co, (new), 0, ATOMIC_ACQ, __ATOMIC_RELAXED); \
	barrier();							\
	__co; })

/* Masks of a u32 or u64, such as task->work. */
#define atomic_or_mask(ptr, mask)     ((void)__atomic_fetch_or((ptr), (mask), ATOMIC_REL))
#define atomic_andnot_mask(ptr, mask) ((void)__atomic_fetch_and((ptr), ~(mask), ATOMIC_REL))
#define atomic_fetch_or_mask(ptr, mask) __atomic_fetch_or((ptr), (mask), ATOMIC_FULL)
#define atomic_fetch_andnot_mask(ptr, mask) __atomic_fetch_and((ptr), ~(mask), ATOMIC_FULL)

/* ---- atomic_t and atomic64_t ---- */

typedef struct { int counter; } atomic_t;
typedef struct { s64 counter; } atomic64_t;
typedef atomic64_t atomic_long_t;

#define ATOMIC_INIT(i)   { (i) }
#define ATOMIC64_INIT(i) { (i) }

#define DEFINE_ATOMIC_OPS(name, atype, type)				\
static __always_inline type name##_read(const atype *v)			\
{									\
	return READ_ONCE(v->counter);					\
}									\
static __always_inline type name##_read_acquire(const atype *v)		\
{									\
	type i = __atomic_load_n(&v->counter, ATOMIC_ACQ);		\
									\
	barrier();							\
	return i;							\
}									\
static __always_inline void name##_set(atype *v, type i)		\
{									\
	WRITE_ONCE(v->counter, i);					\
}									\
static __always_inline void name##_set_release(atype *v, type i)	\
{									\
	barrier();							\
	__atomic_store_n(&v->counter, i, ATOMIC_REL);			\
}									\
static __always_inline void name##_add(type i, atype *v)		\
{									\
	__atomic_fetch_add(&v->counter, i, __ATOMIC_RELAXED);		\
}									\
static __always_inline void name##_sub(type i, atype *v)		\
{									\
	__atomic_fetch_sub(&v->counter, i, __ATOMIC_RELAXED);		\
}									\
static __always_inline void name##_or(type i, atype *v)			\
{									\
	__atomic_fetch_or(&v->counter, i, __ATOMIC_RELAXED);		\
}									\
static __always_inline void name##_and(type i, atype *v)		\
{									\
	__atomic_fetch_and(&v->counter, i, __ATOMIC_RELAXED);		\
}									\
static __always_inline void name##_andnot(type i, atype *v)		\
{									\
	__atomic_fetch_and(&v->counter, ~i, __ATOMIC_RELAXED);		\
}									\
static __always_inline type name##_fetch_add(type i, atype *v)		\
{									\
	barrier();							\
	type r = __atomic_fetch_add(&v->counter, i, ATOMIC_FULL);	\
	atomic_full_fence();						\
	return r;							\
}									\
static __always_inline type name##_fetch_sub(type i, atype *v)		\
{									\
	return name##_fetch_add(-i, v);					\
}									\
static __always_inline type name##_fetch_or(type i, atype *v)		\
{									\
	barrier();							\
	type r = __atomic_fetch_or(&v->counter, i, ATOMIC_FULL);	\
	atomic_full_fence();						\
	return r;							\
}									\
static __always_inline type name##_fetch_and(type i, atype *v)		\
{									\
	barrier();							\
	type r = __atomic_fetch_and(&v->counter, i, ATOMIC_FULL);	\
	atomic_full_fence();						\
	return r;							\
}									\
static __always_inline type name##_fetch_andnot(type i, atype *v)	\
{									\
	return name##_fetch_and(~i, v);					\
}									\
static __always_inline type name##_add_return(type i, atype *v)		\
{									\
	return name##_fetch_add(i, v) + i;				\
}									\
static __always_inline type name##_sub_return(type i, atype *v)		\
{									\
	return name##_fetch_add(-i, v) - i;				\
}									\
static __always_inline void name##_inc(atype *v) { name##_add(1, v); }	\
static __always_inline void name##_dec(atype *v) { name##_sub(1, v); }	\
static __always_inline type name##_inc_return(atype *v)			\
{									\
	return name##_add_return(1, v);					\
}									\
static __always_inline type name##_dec_return(atype *v)			\
{									\
	return name##_sub_return(1, v);					\
}									\
static __always_inline type name##_fetch_inc(atype *v)			\
{									\
	return name##_fetch_add(1, v);					\
}									\
static __always_inline type name##_fetch_dec(atype *v)			\
{									\
	return name##_fetch_add(-1, v);					\
}									\
static __always_inline bool name##_inc_and_test(atype *v)		\
{									\
	return name##_add_return(1, v) == 0;				\
}									\
static __always_inline bool name##_dec_and_test(atype *v)		\
{									\
	return name##_sub_return(1, v) == 0;				\
}									\
static __always_inline bool name##_sub_and_test(type i, atype *v)	\
{									\
	return name##_sub_return(i, v) == 0;				\
}									\
static __always_inline bool name##_add_negative(type i, atype *v)	\
{									\
	return name##_add_return(i, v) < 0;				\
}									\
static __always_inline type name##_xchg(atype *v, type i)		\
{									\
	return xchg(&v->counter, i);					\
}									\
static __always_inline type name##_cmpxchg(atype *v, type old, type new) \
{									\
	return cmpxchg(&v->counter, old, new);				\
}									\
static __always_inline bool name##_try_cmpxchg(atype *v, type *old, type new) \
{									\
	return try_cmpxchg(&v->counter, old, new);			\
}									\
/* Adds unless the value is `u`; true if it added. */			\
static __always_inline bool name##_add_unless(atype *v, type i, type u)	\
{									\
	type c = name##_read(v);					\
									\
	do {								\
		if (c == u)						\
			return false;					\
	} while (!name##_try_cmpxchg(v, &c, c + i));			\
	return true;							\
}									\
static __always_inline bool name##_inc_not_zero(atype *v)		\
{									\
	return name##_add_unless(v, 1, 0);				\
}									\
/* Decrements unless that would go below zero; the result, negative if not done. */ \
static __always_inline type name##_dec_if_positive(atype *v)		\
{									\
	type c = name##_read(v);					\
									\
	do {								\
		if (c <= 0)						\
			return c - 1;					\
	} while (!name##_try_cmpxchg(v, &c, c - 1));			\
	return c - 1;							\
}

DEFINE_ATOMIC_OPS(atomic, atomic_t, int)
DEFINE_ATOMIC_OPS(atomic64, atomic64_t, s64)

/* ---- refcount_t: a count that sticks instead of wrapping ---- */

typedef struct { atomic_t refs; } refcount_t;

#define REFCOUNT_INIT(n) { ATOMIC_INIT(n) }
#define REFCOUNT_SATURATED (S32_MIN / 2)

/* Reports a use after the last put or an overflow; the object then leaks. */
void refcount_bad(refcount_t *r, const char *what) __cold;

static __always_inline void refcount_set(refcount_t *r, int n)
{
	atomic_set(&r->refs, n);
}

static __always_inline int refcount_read(const refcount_t *r)
{
	return atomic_read(&r->refs);
}

static __always_inline void refcount_add(int n, refcount_t *r)
{
	if (unlikely(__atomic_fetch_add(&r->refs.counter, n, __ATOMIC_RELAXED) <= 0))
		refcount_bad(r, "increment on freed object");
}

static __always_inline void refcount_inc(refcount_t *r)
{
	refcount_add(1, r);
}

/* False if the object is already on its way out. */
static __always_inline bool refcount_inc_not_zero(refcount_t *r)
{
	return atomic_inc_not_zero(&r->refs);
}

/* True for the caller that dropped the last reference. */
static __always_inline bool refcount_sub_and_test(int n, refcount_t *r)
{
	int old;

	barrier();
	old = __atomic_fetch_sub(&r->refs.counter, n, ATOMIC_REL);
	if (old == n) {
		__atomic_thread_fence(ATOMIC_ACQ);
		barrier();
		return true;
	}
	if (unlikely(old <= 0))
		refcount_bad(r, "decrement of freed object");
	return false;
}

static __always_inline bool refcount_dec_and_test(refcount_t *r)
{
	return refcount_sub_and_test(1, r);
}

static __always_inline void refcount_dec(refcount_t *r)
{
	if (unlikely(refcount_sub_and_test(1, r)))
		refcount_bad(r, "last reference dropped without a release");
}

/* ---- bits of an array of unsigned long; test_bit() is in <lib/bitops.h> ---- */

static __always_inline void set_bit(unsigned long nr, unsigned long *map)
{
	__atomic_fetch_or(&map[BIT_WORD(nr)], BIT_MASK(nr), __ATOMIC_RELAXED);
}

static __always_inline void clear_bit(unsigned long nr, unsigned long *map)
{
	__atomic_fetch_and(&map[BIT_WORD(nr)], ~BIT_MASK(nr), __ATOMIC_RELAXED);
}

static __always_inline void change_bit(unsigned long nr, unsigned long *map)
{
	__atomic_fetch_xor(&map[BIT_WORD(nr)], BIT_MASK(nr), __ATOMIC_RELAXED);
}

static __always_inline bool test_and_set_bit(unsigned long nr, unsigned long *map)
{
	barrier();
	unsigned long old = __atomic_fetch_or(&map[BIT_WORD(nr)], BIT_MASK(nr), ATOMIC_FULL);
	atomic_full_fence();
	return old & BIT_MASK(nr);
}

static __always_inline bool test_and_clear_bit(unsigned long nr, unsigned long *map)
{
	barrier();
	unsigned long old = __atomic_fetch_and(&map[BIT_WORD(nr)], ~BIT_MASK(nr), ATOMIC_FULL);
	atomic_full_fence();
	return old & BIT_MASK(nr);
}

static __always_inline void clear_bit_unlock(unsigned long nr, unsigned long *map)
{
	barrier();
	__atomic_fetch_and(&map[BIT_WORD(nr)], ~BIT_MASK(nr), ATOMIC_REL);
}

#endif
