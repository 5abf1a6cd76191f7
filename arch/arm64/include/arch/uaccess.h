/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The only access to user memory.
 *
 * Rules:
 * - Task context with current->mm; page faults are handled inside, so these may
 *   sleep. Between pagefault_disable() and pagefault_enable(), and with IRQs
 *   off, an access that would fault fails at once instead.
 * - A spinlock may be held only with page faults disabled in that way.
 * - A bad address never hurts: it comes back as -EFAULT or a count of bytes
 *   not copied, which is exact. Kernel addresses are bad addresses.
 *
 * Single values go by unprivileged loads and stores, which obey EL0's
 * permissions by themselves; bulk copies lift PAN around the loop.
 */
#ifndef ARCH_UACCESS_H
#define ARCH_UACCESS_H

#include <lib/compiler.h>
#include <lib/errno.h>
#include <arch/layout.h>
#include <arch/extable.h>
#include <kernel/preempt.h>
#include <mm/kasan.h>

/* Nests. Also keeps the task on its CPU. Lives in the preemption count, above its fields. */
#define PAGEFAULT_OFFSET 0x10000u

static __always_inline void pagefault_disable(void)
{
	current_hot()->preempt_count += PAGEFAULT_OFFSET;
	barrier();
}

static __always_inline void pagefault_enable(void)
{
	barrier();
	current_hot()->preempt_count -= PAGEFAULT_OFFSET;
}

/* [ptr, ptr + n) lies in the user half. Says nothing about mappings. */
static __always_inline bool __access_ok(u64 addr, u64 n)
{
	u64 end = addr + n;

	return end >= addr && end <= TASK_SIZE;
}
#define access_ok(ptr, n) __access_ok((u64)(ptr), (u64)(n))

#define DEFINE_USER_ACCESS(bits, type, insn, w)				\
static __always_inline int __get_user_##bits(u64 *v, u64 uaddr)	\
{									\
	type x;								\
									\
	asm goto("1:	ldtr" insn "	%" w "[x], [%[a]]\n"		\
		 EXTABLE("1b", "%l[fault]")				\
		 : [x] "=r"(x) : [a] "r"(uaddr) : "memory" : fault);	\
	*v = x;								\
	return 0;							\
fault:									\
	*v = 0;								\
	return -EFAULT;							\
}									\
static __always_inline int __put_user_##bits(type v, u64 uaddr)		\
{									\
	asm goto("1:	sttr" insn "	%" w "[x], [%[a]]\n"		\
		 EXTABLE("1b", "%l[fault]")				\
		 : : [x] "rZ"(v), [a] "r"(uaddr) : "memory" : fault);	\
	return 0;							\
fault:									\
	return -EFAULT;							\
}

DEFINE_USER_ACCESS(1, u8, "b", "w")
DEFINE_USER_ACCESS(2, u16, "h", "w")
DEFINE_USER_ACCESS(4, u32, "", "w")
DEFINE_USER_ACCESS(8, u64, "", "x")

/* x = *ptr of user memory; 0 or -EFAULT (then x is 0). Scalars and pointers only. */
#define get_user(x, ptr) ({						\
	const __typeof__(*(ptr)) __user *__gp = (ptr);			\
	u64 __gv;							\
	_Static_assert(sizeof(*__gp) <= 8, "get_user: scalars only");	\
	int __ge = sizeof(*__gp) == 1 ? __get_user_1(&__gv, (u64)__gp) :	\
		   sizeof(*__gp) == 2 ? __get_user_2(&__gv, (u64)__gp) :	\
		   sizeof(*__gp) == 4 ? __get_user_4(&__gv, (u64)__gp) :	\
		   __get_user_8(&__gv, (u64)__gp);			\
	(x) = (__typeof__(*(ptr)))__gv;					\
	__ge; })

/* *ptr = x in user memory; 0 or -EFAULT. */
#define put_user(x, ptr) ({						\
	__typeof__(*(ptr)) __user *__pp = (ptr);			\
	__typeof__(*(ptr)) __pv = (x);					\
	_Static_assert(sizeof(*__pp) <= 8, "put_user: scalars only");	\
	sizeof(*__pp) == 1 ? __put_user_1((u8)(u64)__pv, (u64)__pp) :	\
	sizeof(*__pp) == 2 ? __put_user_2((u16)(u64)__pv, (u64)__pp) :	\
	sizeof(*__pp) == 4 ? __put_user_4((u32)(u64)__pv, (u64)__pp) :	\
	__put_user_8((u64)__pv, (u64)__pp); })

#define __get_user(x, ptr) get_user(x, ptr)
#define __put_user(x, ptr) put_user(x, ptr)

/* uaccess.S: the range has been checked; return bytes not copied. */
unsigned long __copy_from_user(void *dst, const void __user *src, unsigned long n);
unsigned long __copy_to_user(void __user *dst, const void *src, unsigned long n);
unsigned long __clear_user(void __user *dst, unsigned long n);

/* Bytes NOT copied; the rest of dst is left alone. */
static __always_inline unsigned long copy_to_user(void __user *dst, const void *src,
						  unsigned long n)
{
	kasan_check_read(src, n);
	return likely(access_ok(dst, n)) ? __copy_to_user(dst, src, n) : n;
}

/* Bytes NOT copied; the tail of dst that could not be read is zeroed. */
static __always_inline unsigned long copy_from_user(void *dst, const void __user *src,
						    unsigned long n)
{
	unsigned long left = n;

	kasan_check_write(dst, n);
	if (likely(access_ok(src, n)))
		left = __copy_from_user(dst, src, n);
	if (unlikely(left))
		__builtin_memset((char *)dst + (n - left), 0, left);
	return left;
}

/* Bytes NOT cleared. */
static __always_inline unsigned long clear_user(void __user *dst, unsigned long n)
{
	return likely(access_ok(dst, n)) ? __clear_user(dst, n) : n;
}

/*
 * Copies a string of at most n bytes, terminator included. Returns its length
 * without the terminator, n if there was none in n bytes (dst is then not
 * terminated), or -EFAULT.
 */
long strncpy_from_user(char *dst, const char __user *src, long n);

/* Length with the terminator, n + 1 if none in n bytes, 0 on a fault. */
long strnlen_user(const char __user *s, long n);

/*
 * A structure of `usize` bytes by the caller's reckoning, which may be older or newer than
 * ours: what it does not have is zero, what we do not know must be. 0, -EFAULT, -E2BIG.
 */
int copy_struct_from_user(void *dst, size_t size, const void __user *src, size_t usize);

/* Never sleep and never page in. 0 or -EFAULT. Any context. */
int copy_from_user_nofault(void *dst, const void __user *src, size_t n);
int copy_to_user_nofault(void __user *dst, const void *src, size_t n);

/* The same for kernel addresses that may be unmapped: backtraces, dumps. */
int copy_from_kernel_nofault(void *dst, const void *src, size_t n);

/*
 * Futexes. Word-aligned user addresses; with page faults disabled they
 * return -EFAULT and the caller pages in outside its locks.
 */

/* If *uaddr == old stores new. *cur is what was found. 0, -EFAULT, -EAGAIN (contention). */
int user_cmpxchg32(u32 __user *uaddr, u32 old, u32 new, u32 *cur);

enum user_atomic_op { USER_OP_SET, USER_OP_ADD, USER_OP_OR, USER_OP_ANDN, USER_OP_XOR };

/* *old = *uaddr; *uaddr = *old `op` arg, atomically. 0, -EFAULT, -EAGAIN, -ENOSYS. */
int user_atomic_op(int op, u32 arg, u32 __user *uaddr, u32 *old);

#endif
