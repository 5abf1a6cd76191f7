/* SPDX-License-Identifier: BSD-2-Clause */
/* Host: "user" memory is memory; addresses below 4096 fault. */
#ifndef ARCH_UACCESS_H
#define ARCH_UACCESS_H
#include <arch/layout.h>
#include <lib/compiler.h>
#include <lib/errno.h>
#include <lib/string.h>
static inline void pagefault_disable(void) { }
static inline void pagefault_enable(void) { }
#define access_ok(p, n) ((unsigned long)(p) + (n) <= TASK_SIZE)
static inline unsigned long copy_to_user(void *to, const void *from, unsigned long n)
{
	if ((unsigned long)to < 4096)
		return n;
	memcpy(to, from, n);
	return 0;
}
static inline unsigned long copy_from_user(void *to, const void *from, unsigned long n)
{
	if ((unsigned long)from < 4096)
		return n;
	memcpy(to, from, n);
	return 0;
}
static inline unsigned long clear_user(void *to, unsigned long n)
{
	if ((unsigned long)to < 4096)
		return n;
	memset(to, 0, n);
	return 0;
}
static inline long strncpy_from_user(char *to, const char *from, long n)
{
	long len;

	if ((unsigned long)from < 4096)
		return -EFAULT;
	len = (long)strnlen(from, (size_t)n);
	memcpy(to, from, (size_t)(len < n ? len + 1 : n));
	return len;
}
static inline int copy_struct_from_user(void *to, size_t size, const void *from, size_t n)
{
	for (size_t i = size; i < n; i++)
		if (((const char *)from)[i])
			return -E2BIG;
	memset(to, 0, size);
	return copy_from_user(to, from, n < size ? n : size) ? -EFAULT : 0;
}
#define get_user(x, p) ((unsigned long)(p) < 4096 ? -EFAULT : ((x) = *(p), 0))
#define put_user(x, p) ((unsigned long)(p) < 4096 ? -EFAULT : (*(p) = (x), 0))
#endif
