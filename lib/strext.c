/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * String helpers that the C library does not have: bounded copies, trimming,
 * searching in counted bytes, hex dumps.
 */
#include <lib/ctype.h>
#include <lib/printf.h>
#include <lib/string.h>

ssize_t strscpy(char *dst, const char *src, size_t size)
{
	size_t n;

	if (!size)
		return -E2BIG;
	n = strnlen(src, size);
	if (n == size) {
		memcpy(dst, src, size - 1);
		dst[size - 1] = '\0';
		return -E2BIG;
	}
	memcpy(dst, src, n + 1);
	return (ssize_t)n;
}

ssize_t strscpy_pad(char *dst, const char *src, size_t size)
{
	ssize_t n = strscpy(dst, src, size);

	if (n >= 0)
		memset(dst + n, 0, size - (size_t)n);
	return n;
}

char *strnstr(const char *s, const char *sub, size_t n)
{
	return memmem_find(s, strnlen(s, n), sub, strlen(sub));
}

void *memmem_find(const void *hay, size_t hlen, const void *needle, size_t nlen)
{
	const u8 *p = hay, *q = needle;

	if (!nlen)
		return (void *)hay;
	for (; hlen >= nlen; p++, hlen--)
		if (*p == *q && !memcmp(p, q, nlen))
			return (void *)p;
	return NULL;
}

void *memscan(void *s, int c, size_t n)
{
	u8 *p = memchr(s, c, n);

	return p ? p : (u8 *)s + n;
}

void *memchr_inv(const void *s, int c, size_t n)
{
	for (const u8 *p = s; n--; p++)
		if (*p != (u8)c)
			return (void *)p;
	return NULL;
}

void memzero_explicit(void *s, size_t n)
{
	memset(s, 0, n);
	__asm__ volatile("" : : "r"(s) : "memory");
}

char *skip_spaces(const char *s)
{
	while (isspace((u8)*s))
		s++;
	return (char *)s;
}

char *strim(char *s)
{
	size_t n;

	s = skip_spaces(s);
	n = strlen(s);
	while (n && isspace((u8)s[n - 1]))
		n--;
	s[n] = '\0';
	return s;
}

char *strreplace(char *s, char old, char new)
{
	for (; *s; s++)
		if (*s == old)
			*s = new;
	return s;
}

size_t str_has_prefix(const char *s, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(s, prefix, n) ? 0 : n;
}

bool sysfs_streq(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	if (*a == *b)
		return true;
	if (*a == '\n' && !a[1] && !*b)
		return true;
	return *b == '\n' && !b[1] && !*a;
}

int match_string(const char *const *array, size_t n, const char *s)
{
	for (size_t i = 0; i < n; i++)
		if (array[i] && !strcmp(array[i], s))
			return (int)i;
	return -EINVAL;
}

size_t hex_dump_line(char *out, size_t size, const void *buf, size_t len)
{
	const u8 *p = buf;
	size_t n = 0;

	len = min_t(size_t, len, 16);
	if (!size)
		return 0;
	out[0] = '\0';
	for (size_t i = 0; i < 16; i++) {
		const char *gap = i && i % 4 == 0 ? " " : "";

		if (i < len)
			n += (size_t)scnprintf(out + n, size - n, "%s%02x", gap, p[i]);
		else
			n += (size_t)scnprintf(out + n, size - n, "%s  ", gap);
	}
	n += (size_t)scnprintf(out + n, size - n, "  |");
	for (size_t i = 0; i < len; i++)
		n += (size_t)scnprintf(out + n, size - n, "%c", isprint(p[i]) ? p[i] : '.');
	return n + (size_t)scnprintf(out + n, size - n, "|");
}

void hex_dump(const void *buf, size_t len,
	      void (*out)(void *ctx, size_t offset, const char *line), void *ctx)
{
	char line[HEX_DUMP_LINE];

	for (size_t off = 0; off < len; off += 16) {
		hex_dump_line(line, sizeof(line), (const u8 *)buf + off, len - off);
		out(ctx, off, line);
	}
}
