/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The C library's string functions that have no assembly version. The hosted
 * tests compile this file under other names, see tests/host/lib.
 */
#define LIB_NO_BUILTIN_STRING
#include <lib/ctype.h>
#include <lib/parse.h>
#include <lib/string.h>

#define NO_IDIOM __attribute__((no_builtin))

NO_IDIOM void *memchr(const void *s, int c, size_t n)
{
	for (const u8 *p = s; n--; p++)
		if (*p == (u8)c)
			return (void *)p;
	return NULL;
}

NO_IDIOM void *memrchr(const void *s, int c, size_t n)
{
	const u8 *p = s;

	while (n--)
		if (p[n] == (u8)c)
			return (void *)(p + n);
	return NULL;
}

NO_IDIOM size_t strnlen(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n])
		n++;
	return n;
}

NO_IDIOM int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return (u8)*a - (u8)*b;
}

NO_IDIOM int strncmp(const char *a, const char *b, size_t n)
{
	for (; n; n--, a++, b++) {
		if (*a != *b)
			return (u8)*a - (u8)*b;
		if (!*a)
			break;
	}
	return 0;
}

NO_IDIOM int strncasecmp(const char *a, const char *b, size_t n)
{
	for (; n; n--, a++, b++) {
		int x = tolower((u8)*a), y = tolower((u8)*b);

		if (x != y)
			return x - y;
		if (!x)
			break;
	}
	return 0;
}

int strcasecmp(const char *a, const char *b)
{
	return strncasecmp(a, b, SIZE_MAX);
}

NO_IDIOM char *strchrnul(const char *s, int c)
{
	while (*s && *s != (char)c)
		s++;
	return (char *)s;
}

NO_IDIOM char *strchr(const char *s, int c)
{
	s = strchrnul(s, c);
	return *s == (char)c ? (char *)s : NULL;
}

NO_IDIOM char *strrchr(const char *s, int c)
{
	const char *last = NULL;

	do {
		if (*s == (char)c)
			last = s;
	} while (*s++);
	return (char *)last;
}

NO_IDIOM char *strstr(const char *s, const char *sub)
{
	size_t n = strlen(sub);

	if (!n)
		return (char *)s;
	for (; (s = strchr(s, *sub)); s++)
		if (!strncmp(s, sub, n))
			return (char *)s;
	return NULL;
}

NO_IDIOM size_t strspn(const char *s, const char *accept)
{
	size_t n = 0;

	while (s[n] && strchr(accept, s[n]))
		n++;
	return n;
}

NO_IDIOM size_t strcspn(const char *s, const char *reject)
{
	size_t n = 0;

	while (s[n] && !strchr(reject, s[n]))
		n++;
	return n;
}

char *strpbrk(const char *s, const char *accept)
{
	s += strcspn(s, accept);
	return *s ? (char *)s : NULL;
}

char *strsep(char **sp, const char *delim)
{
	char *start = *sp, *end;

	if (!start)
		return NULL;
	end = strpbrk(start, delim);
	if (end)
		*end++ = '\0';
	*sp = end;
	return start;
}

unsigned long strtoul(const char *s, char **end, int base)
{
	const char *p = skip_spaces(s);
	bool neg = *p == '-';
	char *stop;
	unsigned long v;

	if (*p == '-' || *p == '+')
		p++;
	v = simple_strtoul(p, &stop, (unsigned int)base);
	if (end)
		*end = stop == p ? (char *)s : stop;
	return neg ? -v : v;
}
