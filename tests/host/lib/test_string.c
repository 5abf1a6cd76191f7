/* SPDX-License-Identifier: BSD-2-Clause */
/* lib/mem.c and lib/string.c against the C library; lib/strext.c by example. */
#include "test.h"
#include <lib/string.h>

void *t_memcpy(void *, const void *, size_t);
void *t_memmove(void *, const void *, size_t);
void *t_memset(void *, int, size_t);
int t_memcmp(const void *, const void *, size_t);
void *t_memchr(const void *, int, size_t);
void *t_memrchr(const void *, int, size_t);
size_t t_strlen(const char *);
size_t t_strnlen(const char *, size_t);
int t_strcmp(const char *, const char *);
int t_strncmp(const char *, const char *, size_t);
int t_strcasecmp(const char *, const char *);
char *t_strchr(const char *, int);
char *t_strchrnul(const char *, int);
char *t_strrchr(const char *, int);
char *t_strstr(const char *, const char *);
size_t t_strspn(const char *, const char *);
size_t t_strcspn(const char *, const char *);
char *t_strpbrk(const char *, const char *);
char *t_strsep(char **, const char *);
unsigned long t_strtoul(const char *, char **, int);

static int sign(int x)
{
	return (x > 0) - (x < 0);
}

/* Buffers of the exact size, so that ASan sees one byte too far. */
static void mem_copy_all_sizes(void **state)
{
	for (size_t n = 0; n < 300; n++) {
		char *a = malloc(n + 1), *b = malloc(n + 1);

		for (size_t i = 0; i < n; i++)
			a[i] = (char)rnd();
		assert_ptr_equal(t_memcpy(b, a, n), b);
		assert_memory_equal(a, b, n);
		assert_ptr_equal(t_memset(b, 0x1a5, n), b);
		for (size_t i = 0; i < n; i++)
			assert_int_equal((unsigned char)b[i], 0xa5);
		free(a);
		free(b);
	}
}

static void mem_move_overlaps(void **state)
{
	char a[200], b[200];

	for (size_t n = 0; n < 100; n++)
		for (size_t from = 0; from < 40; from++)
			for (size_t to = 0; to < 40; to++) {
				for (size_t i = 0; i < sizeof(a); i++)
					a[i] = b[i] = (char)i;
				t_memmove(a + to, a + from, n);
				memmove(b + to, b + from, n);
				assert_memory_equal(a, b, sizeof(a));
			}
}

static void mem_compare(void **state)
{
	char a[40], b[40];

	for (int i = 0; i < 200000; i++) {
		size_t n = rnd() % 40;

		for (size_t k = 0; k < n; k++) {
			a[k] = (char)(rnd() % 3 ? 1 : rnd());
			b[k] = rnd() % 8 ? a[k] : (char)rnd();
		}
		assert_int_equal(sign(t_memcmp(a, b, n)), sign(memcmp(a, b, n)));
		assert_ptr_equal(t_memchr(a, 1, n), memchr(a, 1, n));
		assert_ptr_equal(t_memrchr(a, 1, n), memrchr(a, 1, n));
	}
}

static void strings_like_libc(void **state)
{
	for (int i = 0; i < 200000; i++) {
		char a[24], b[8];
		size_t n = rnd() % 20, m = rnd() % 6;

		for (size_t k = 0; k < n; k++)
			a[k] = "abAB"[rnd() % 4];
		for (size_t k = 0; k < m; k++)
			b[k] = "abAB"[rnd() % 4];
		a[n] = b[m] = '\0';
		assert_int_equal(t_strlen(a), n);
		assert_int_equal(t_strnlen(a, 7), strnlen(a, 7));
		assert_int_equal(sign(t_strcmp(a, b)), sign(strcmp(a, b)));
		assert_int_equal(sign(t_strncmp(a, b, 3)), sign(strncmp(a, b, 3)));
		assert_int_equal(sign(t_strcasecmp(a, b)), sign(strcasecmp(a, b)));
		assert_ptr_equal(t_strchr(a, 'b'), strchr(a, 'b'));
		assert_ptr_equal(t_strchr(a, 0), a + n);
		assert_ptr_equal(t_strchrnul(a, 'b'), strchrnul(a, 'b'));
		assert_ptr_equal(t_strrchr(a, 'b'), strrchr(a, 'b'));
		assert_ptr_equal(t_strstr(a, b), strstr(a, b));
		assert_int_equal(t_strspn(a, b), strspn(a, b));
		assert_int_equal(t_strcspn(a, b), strcspn(a, b));
		assert_ptr_equal(t_strpbrk(a, b), strpbrk(a, b));
	}
}

static void numbers_like_libc(void **state)
{
	static const char *const s[] = { "0", "10", "0x1f", "017", "  42x", "-5", "+7", "0x", "z",
					 "", "0xg", "99999999", "-" };

	for (size_t i = 0; i < ARRAY_SIZE(s); i++)
		for (int base = 0; base <= 16; base += 8) {
			char *e1, *e2;

			assert_int_equal(t_strtoul(s[i], &e1, base), strtoul(s[i], &e2, base));
			assert_ptr_equal(e1, e2);
		}
}

static void separators(void **state)
{
	char s[] = "a,,b", *p = s;

	assert_string_equal(t_strsep(&p, ","), "a");
	assert_string_equal(t_strsep(&p, ","), "");
	assert_string_equal(t_strsep(&p, ","), "b");
	assert_null(t_strsep(&p, ","));
}

static void bounded_copy(void **state)
{
	char d[6];

	memset(d, 'x', sizeof(d));
	assert_int_equal(strscpy(d, "hi", sizeof(d)), 2);
	assert_string_equal(d, "hi");
	assert_int_equal(d[3], 'x');
	assert_int_equal(strscpy(d, "hello", sizeof(d)), 5);
	assert_int_equal(strscpy(d, "hello!", sizeof(d)), -E2BIG);
	assert_string_equal(d, "hello");
	assert_int_equal(strscpy(d, "x", 0), -E2BIG);
	assert_int_equal(strscpy_pad(d, "a", sizeof(d)), 1);
	assert_null(memchr_inv(d + 1, 0, 5));
}

static void helpers(void **state)
{
	static const char *const words[] = { "none", "some" };
	char s[] = "  both ends \n", line[HEX_DUMP_LINE];

	assert_string_equal(strim(s), "both ends");
	assert_int_equal(str_has_prefix("console=tty", "console="), 8);
	assert_int_equal(str_has_prefix("con", "console"), 0);
	assert_true(sysfs_streq("on\n", "on"));
	assert_false(sysfs_streq("on\n", "one"));
	assert_int_equal(match_string(words, 2, "some"), 1);
	assert_int_equal(match_string(words, 2, "all"), -EINVAL);
	assert_non_null(strnstr("abcdef", "cd", 4));
	assert_null(strnstr("abcdef", "cd", 3));
	assert_string_equal(kbasename("/a/b"), "b");
	assert_int_equal(hex_dump_line(line, sizeof(line), "AB\0", 3), strlen(line));
	assert_string_equal(line, "414200                               |AB.|");
	assert_int_equal(hex_dump_line(line, sizeof(line), "0123456789abcdef", 16), 35 + 2 + 18);
}

int main(void)
{
	RUN(cmocka_unit_test(mem_copy_all_sizes), cmocka_unit_test(mem_move_overlaps),
	    cmocka_unit_test(mem_compare), cmocka_unit_test(strings_like_libc),
	    cmocka_unit_test(numbers_like_libc), cmocka_unit_test(separators),
	    cmocka_unit_test(bounded_copy), cmocka_unit_test(helpers));
}
