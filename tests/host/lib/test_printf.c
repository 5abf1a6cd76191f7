/* SPDX-License-Identifier: BSD-2-Clause */
/* The formatter against the C library's, and what only ours has. */
#include "test.h"
#include <lib/printf.h>

#pragma clang diagnostic ignored "-Wformat-nonliteral"
#pragma clang diagnostic ignored "-Wformat"
#pragma clang diagnostic ignored "-Wformat-security"

int t_snprintf(char *buf, size_t size, const char *fmt, ...);

/* Overrides the weak default, as the kernel does. */
size_t printf_symbol(char *buf, size_t size, unsigned long addr, bool offset)
{
	if (addr != 0x1234)
		return 0;
	return (size_t)snprintf(buf, size, offset ? "main+0x4/0x20" : "main");
}

#define SAME(...) do {								\
	char x[200], y[200];							\
	int n = t_snprintf(x, sizeof(x), __VA_ARGS__);				\
	int m = snprintf(y, sizeof(y), __VA_ARGS__);				\
	assert_string_equal(x, y);						\
	assert_int_equal(n, m);							\
} while (0)

#define IS(want, ...) do {							\
	char x[200];								\
	int n = t_snprintf(x, sizeof(x), __VA_ARGS__);				\
	assert_string_equal(x, want);						\
	assert_int_equal(n, strlen(want));					\
} while (0)

static void every_flag_combination(void **state)
{
	static const long long values[] = { 0, 1, -1, 7, 42, -12345, 0x7fffffff, -0x7fffffffLL - 1,
					    0x123456789abcdefLL, LLONG_MIN, LLONG_MAX };
	static const char *const widths[] = { "", "1", "5", "12", "30" };
	static const char *const precs[] = { "", ".", ".0", ".1", ".6", ".20" };
	static const char *const sizes[] = { "hh", "h", "", "l", "ll" };

	for (unsigned int flags = 0; flags < 32; flags++)
		for (size_t w = 0; w < ARRAY_SIZE(widths); w++)
			for (size_t p = 0; p < ARRAY_SIZE(precs); p++)
				for (size_t s = 0; s < ARRAY_SIZE(sizes); s++)
					for (const char *c = "diuxXo"; *c; c++) {
						char f[40];

						snprintf(f, sizeof(f), "[%%%s%s%s%s%s%s%s%s%c]",
							 flags & 1 ? "-" : "", flags & 2 ? "+" : "",
							 flags & 4 ? " " : "", flags & 8 ? "0" : "",
							 flags & 16 ? "#" : "", widths[w], precs[p],
							 sizes[s], *c);
						for (size_t v = 0; v < ARRAY_SIZE(values); v++)
							SAME(f, values[v]);
					}
}

static void strings_and_chars(void **state)
{
	SAME("");
	SAME("plain");
	SAME("100%%");
	SAME("%s|%10s|%-10s|%.2s|%10.2s|%.*s", "abc", "abc", "abc", "abc", "abc", 1, "abc");
	SAME("%c|%3c|%-3c|", 'a', 'b', 'c');
	SAME("%*d|%-*d|%*d", 5, 1, 5, 2, -5, 3);
	SAME("%.*d|%.*d", 3, 1, -1, 1);
	SAME("%zu %zd %td %jd", (size_t)7, (ssize_t)-7, (ptrdiff_t)-1, (intmax_t)9);
	SAME("%.3s", "ab");
	IS("(null)", "%s", (char *)NULL);
}

static void pointers(void **state)
{
	static const unsigned char ip[] = { 10, 0, 2, 15 }, mac[] = { 0x52, 0x54, 0, 1, 2, 0xff };

	IS("0000000000001234", "%p", (void *)0x1234);
	IS("ffff000000001234 x", "%px x", (void *)0xffff000000001234);
	IS("main+0x4/0x20", "%pS", (void *)0x1234);
	IS("main", "%ps", (void *)0x1234);
	IS("      main.", "%10ps.", (void *)0x1234);
	IS("0000000000009999", "%pS", (void *)0x9999);
	IS("10.0.2.15", "%pI4", ip);
	IS("52:54:00:01:02:ff", "%pM", mac);
	IS("-12", "%pe", (void *)-12L);
}

static void cut_to_size(void **state)
{
	char b[8];

	memset(b, 'x', sizeof(b));
	assert_int_equal(t_snprintf(b, 4, "hello %d", 5), 7);
	assert_memory_equal(b, "hel\0xxxx", 8);
	assert_int_equal(t_snprintf(b, 1, "abc"), 3);
	assert_int_equal(b[0], 0);
	assert_int_equal(t_snprintf(NULL, 0, "%5d", 1), 5);
	assert_int_equal(scnprintf(b, 4, "hello"), 3);
	assert_int_equal(scnprintf(b, 0, "hello"), 0);
	assert_int_equal(scnprintf(b, 8, "ab"), 2);
}

static void odd_formats(void **state)
{
	IS("%", "%");
	IS("a%5", "a%5");
	IS("%y!", "%y!");
	IS("%l", "%l");
}

int main(void)
{
	RUN(cmocka_unit_test(every_flag_combination), cmocka_unit_test(strings_and_chars),
	    cmocka_unit_test(pointers), cmocka_unit_test(cut_to_size),
	    cmocka_unit_test(odd_formats));
}
