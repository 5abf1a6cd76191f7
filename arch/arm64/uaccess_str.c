/* SPDX-License-Identifier: BSD-2-Clause */
/* User strings, futex words and the copies that never page in. */
#include <arch/irqflags.h>
#include <arch/uaccess.h>
#include <lib/types.h>

unsigned long __copy_from_kernel(void *dst, const void *src, size_t n);
int __user_cmpxchg32(u32 __user *uaddr, u32 old, u32 new, u32 *cur);

#define BYTES_01 0x0101010101010101ULL
#define BYTES_80 0x8080808080808080ULL

/* A bit in the first zero byte of the word (and perhaps in later ones); 0 if it has none. */
static u64 zero_bytes(u64 word)
{
	return (word - BYTES_01) & ~word & BYTES_80;
}

/* May 8 bytes be read here without running into a page the string may not reach? */
static bool word_fits(u64 addr)
{
	return (addr & (PAGE_SIZE - 1)) <= PAGE_SIZE - 8;
}

long strncpy_from_user(char *dst, const char __user *src, long n)
{
	u64 addr = (u64)src, word, zero;
	long done = 0;

	if (addr >= TASK_SIZE)
		return n > 0 ? -EFAULT : 0;
	while (n - done >= 8) {
		if (word_fits(addr + done)) {
			if (__get_user_8(&word, addr + done))
				return -EFAULT;
			__builtin_memcpy(dst + done, &word, 8);
			zero = zero_bytes(word);
			if (zero)
				return done + __builtin_ctzll(zero) / 8;
			done += 8;
			continue;
		}
		if (__get_user_1(&word, addr + done))
			return -EFAULT;
		dst[done] = (char)word;
		if (!word)
			return done;
		done++;
	}
	for (; done < n; done++) {
		if (__get_user_1(&word, addr + done))
			return -EFAULT;
		dst[done] = (char)word;
		if (!word)
			return done;
	}
	return n;
}

int copy_struct_from_user(void *dst, size_t size, const void __user *src, size_t usize)
{
	u64 byte;

	for (size_t i = size; i < usize; i++) {
		if (get_user(byte, (const u8 __user *)src + i))
			return -EFAULT;
		if (byte)
			return -E2BIG;
	}
	if (usize < size)
		__builtin_memset((char *)dst + usize, 0, size - usize);
	return copy_from_user(dst, src, usize < size ? usize : size) ? -EFAULT : 0;
}

long strnlen_user(const char __user *s, long n)
{
	u64 addr = (u64)s, word, zero;
	long done = 0;

	if (addr >= TASK_SIZE)
		return 0;
	while (done < n) {
		if (word_fits(addr + done)) {
			if (__get_user_8(&word, addr + done))
				return 0;
			zero = zero_bytes(word);
			if (zero) {
				done += __builtin_ctzll(zero) / 8 + 1;
				return done > n ? n + 1 : done;
			}
			done += 8;
		} else {
			if (__get_user_1(&word, addr + done))
				return 0;
			done++;
			if (!word)
				return done;
		}
	}
	return n + 1;
}

int copy_from_user_nofault(void *dst, const void __user *src, size_t n)
{
	unsigned long left;

	if (!access_ok(src, n))
		return -EFAULT;
	pagefault_disable();
	left = __copy_from_user(dst, src, n);
	pagefault_enable();
	return left ? -EFAULT : 0;
}

int copy_to_user_nofault(void __user *dst, const void *src, size_t n)
{
	unsigned long left;

	if (!access_ok(dst, n))
		return -EFAULT;
	pagefault_disable();
	left = __copy_to_user(dst, src, n);
	pagefault_enable();
	return left ? -EFAULT : 0;
}

int copy_from_kernel_nofault(void *dst, const void *src, size_t n)
{
	if (!((u64)src & BIT(55)))
		return -EFAULT;
	return __copy_from_kernel(dst, src, n) ? -EFAULT : 0;
}

int user_cmpxchg32(u32 __user *uaddr, u32 old, u32 new, u32 *cur)
{
	if (!access_ok(uaddr, sizeof(*uaddr)) || (u64)uaddr & 3)
		return -EFAULT;
	return __user_cmpxchg32(uaddr, old, new, cur);
}

static u32 apply_op(int op, u32 old, u32 arg)
{
	switch (op) {
	case USER_OP_SET:
		return arg;
	case USER_OP_ADD:
		return old + arg;
	case USER_OP_OR:
		return old | arg;
	case USER_OP_ANDN:
		return old & ~arg;
	default:
		return old ^ arg;
	}
}

int user_atomic_op(int op, u32 arg, u32 __user *uaddr, u32 *old)
{
	u32 expected, found;
	int ret;

	if (op < USER_OP_SET || op > USER_OP_XOR)
		return -ENOSYS;
	if (get_user(expected, uaddr))
		return -EFAULT;
	for (int tries = 0; tries < 128; tries++) {
		ret = user_cmpxchg32(uaddr, expected, apply_op(op, expected, arg), &found);
		if (ret)
			return ret;
		if (found == expected) {
			*old = found;
			return 0;
		}
		expected = found;
	}
	return -EAGAIN;
}
