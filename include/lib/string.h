/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory and strings. The C library's names have the C library's meaning.
 * There is no strcpy, strcat or strncpy: strscpy() always terminates and says
 * when it cut. In the kernel the mem*() names go through the compiler, so that
 * small constant sizes become a few instructions; the functions behind them are
 * lib/arm64/mem.S there and lib/mem.c elsewhere.
 *
 * Context: any. Nothing here faults on user addresses gracefully: use uaccess.
 */
#ifndef LIB_STRING_H
#define LIB_STRING_H

#include <lib/compiler.h>
#include <lib/errno.h>

#if __STDC_HOSTED__
#include <string.h>
#include <strings.h>
#else

void *memcpy(void *restrict dst, const void *restrict src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
int bcmp(const void *a, const void *b, size_t n);
void *memchr(const void *s, int c, size_t n);
void *memrchr(const void *s, int c, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
int strcasecmp(const char *a, const char *b);
int strncasecmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strchrnul(const char *s, int c);
char *strrchr(const char *s, int c);
char *strstr(const char *s, const char *sub);
size_t strspn(const char *s, const char *accept);
size_t strcspn(const char *s, const char *reject);
char *strpbrk(const char *s, const char *accept);
char *strsep(char **s, const char *delim);
unsigned long strtoul(const char *s, char **end, int base);

#ifndef LIB_NO_BUILTIN_STRING
#define memcpy(d, s, n)  __builtin_memcpy(d, s, n)
#define memmove(d, s, n) __builtin_memmove(d, s, n)
#define memset(d, c, n)  __builtin_memset(d, c, n)
#define memcmp(a, b, n)  __builtin_memcmp(a, b, n)
#define strlen(s)        __builtin_strlen(s)
#endif

#endif /* __STDC_HOSTED__ */

/*
 * Copies src with its NUL into dst of size bytes. Returns the length copied, or
 * -E2BIG if it was cut (dst is then full and terminated) or size is 0.
 */
ssize_t strscpy(char *dst, const char *src, size_t size);
/* The same, and fills the rest of dst with zeros. */
ssize_t strscpy_pad(char *dst, const char *src, size_t size);

/* First occurrence of sub in the first n bytes of s. */
char *strnstr(const char *s, const char *sub, size_t n);
/* Finds a byte string of any content; NULL if there is none. */
void *memmem_find(const void *hay, size_t hlen, const void *needle, size_t nlen);
/* First byte equal to c, or s + n. */
void *memscan(void *s, int c, size_t n);
/* First byte that differs from c, or NULL. */
void *memchr_inv(const void *s, int c, size_t n);
/* Not removed by the compiler; for keys. */
void memzero_explicit(void *s, size_t n);

char *skip_spaces(const char *s);
/* Cuts trailing white space off in place, returns the first non-space. */
char *strim(char *s);
/* Replaces every old by new in place; returns the end of the string. */
char *strreplace(char *s, char old, char new);
/* Length of prefix if s begins with it, else 0. */
size_t str_has_prefix(const char *s, const char *prefix);
/* Equal, or equal but for one trailing newline of either (writes to /proc files). */
bool sysfs_streq(const char *a, const char *b);
/* Index of s in array[n], or -EINVAL. */
int match_string(const char *const *array, size_t n, const char *s);

/*
 * One line of at most 16 bytes as "00112233 44556677 ...  |ascii|", at most
 * HEX_DUMP_LINE chars with the NUL. Returns the length written.
 */
#define HEX_DUMP_LINE 72
size_t hex_dump_line(char *out, size_t size, const void *buf, size_t len);
/* All of buf, a line at a time: out(ctx, offset, line). */
void hex_dump(const void *buf, size_t len,
	      void (*out)(void *ctx, size_t offset, const char *line), void *ctx);

static inline const char *kbasename(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

#endif
