/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers, sizes, command lines and lists. */
#include "test.h"
#include <lib/bitmap.h>
#include <lib/math64.h>
#include <lib/parse.h>

static void whole_numbers(void **state)
{
	unsigned long long ull = 5;
	long long ll;
	int i;
	unsigned int u;
	u8 b;
	bool on;

	assert_int_equal(kstrtoull("18446744073709551615\n", 10, &ull), 0);
	assert_true(ull == U64_MAX);
	assert_int_equal(kstrtoull("18446744073709551616", 10, &ull), -ERANGE);
	assert_int_equal(kstrtoull("", 10, &ull), -EINVAL);
	assert_int_equal(kstrtoull("12x", 10, &ull), -EINVAL);
	assert_int_equal(kstrtoull("-1", 10, &ull), -EINVAL);
	assert_int_equal(kstrtoull("1\n\n", 10, &ull), -EINVAL);
	assert_int_equal(kstrtoll("-9223372036854775808", 10, &ll), 0);
	assert_true(ll == LLONG_MIN);
	assert_int_equal(kstrtoll("9223372036854775808", 10, &ll), -ERANGE);
	assert_int_equal(kstrtoint("-2147483648", 0, &i), 0);
	assert_int_equal(i, INT_MIN);
	assert_int_equal(kstrtoint("2147483648", 0, &i), -ERANGE);
	assert_int_equal(kstrtouint("0xffffffff", 0, &u), 0);
	assert_int_equal(u, 0xffffffff);
	assert_int_equal(kstrtouint("ff", 16, &u), 0);
	assert_int_equal(u, 255);
	assert_int_equal(kstrtouint("0x", 0, &u), -EINVAL);
	assert_int_equal(kstrtouint("010", 0, &u), 0);
	assert_int_equal(u, 8);
	assert_int_equal(kstrtou8("256", 10, &b), -ERANGE);
	assert_int_equal(kstrtobool("on", &on), 0);
	assert_true(on);
	assert_int_equal(kstrtobool("off", &on), 0);
	assert_false(on);
	assert_int_equal(kstrtobool("maybe", &on), -EINVAL);
}

static void sizes(void **state)
{
	char *end;

	assert_int_equal(memparse("16M,x", &end), 16 << 20);
	assert_string_equal(end, ",x");
	assert_int_equal(memparse("0x10k", &end), 16384);
	assert_int_equal(memparse("1G", NULL), 1 << 30);
	assert_int_equal(memparse("123", &end), 123);
	assert_true(memparse("99999999E", NULL) == U64_MAX);
	assert_int_equal(memparse("K", &end), 0);
	assert_string_equal(end, "K");
}

static void command_line(void **state)
{
	char s[] = "quiet root=/dev/vda  msg=\"a b\" \"x y=1 2\" last=", *p = s, *w, *v;

	p = next_arg(p, &w, &v);
	assert_string_equal(w, "quiet");
	assert_null(v);
	p = next_arg(p, &w, &v);
	assert_string_equal(w, "root");
	assert_string_equal(v, "/dev/vda");
	p = next_arg(p, &w, &v);
	assert_string_equal(w, "msg");
	assert_string_equal(v, "a b");
	p = next_arg(p, &w, &v);
	assert_string_equal(w, "x y");
	assert_string_equal(v, "1 2");
	p = next_arg(p, &w, &v);
	assert_string_equal(w, "last");
	assert_string_equal(v, "");
	assert_int_equal(*p, 0);
}

/* Any string at all: no access outside, and it ends. */
static void command_line_noise(void **state)
{
	for (int i = 0; i < 100000; i++) {
		size_t n = rnd() % 20;
		char *s = malloc(n + 1), *p = s, *w, *v;

		for (size_t k = 0; k < n; k++)
			s[k] = "a\" =b,"[rnd() % 6];
		s[n] = '\0';
		while (*p)
			p = next_arg(p, &w, &v);
		free(s);
	}
}

static void options(void **state)
{
	char s[] = "size=1M,,nodev", *p = s, *w, *v;

	assert_true(next_option(&p, &w, &v));
	assert_string_equal(w, "size");
	assert_string_equal(v, "1M");
	assert_true(next_option(&p, &w, &v));
	assert_string_equal(w, "nodev");
	assert_null(v);
	assert_false(next_option(&p, &w, &v));
	assert_true(word_in_list("a,sched,b", "sched"));
	assert_false(word_in_list("a,scheduler", "sched"));
	assert_false(word_in_list("", "x"));
}

static void lists(void **state)
{
	unsigned long map[2];

	assert_int_equal(bitmap_parselist("0-3,8,70\n", map, 128), 0);
	assert_int_equal(bitmap_weight(map, 128), 6);
	assert_true(test_bit(70, map));
	assert_int_equal(bitmap_parselist("128", map, 128), -ERANGE);
	assert_int_equal(bitmap_parselist("3-1", map, 128), -EINVAL);
	assert_int_equal(bitmap_parselist("1;2", map, 128), -EINVAL);
	assert_int_equal(bitmap_parselist("", map, 128), 0);
}

static void wide_arithmetic(void **state)
{
	for (int i = 0; i < 100000; i++) {
		u64 a = rnd() << (rnd() % 20), b = rnd(), c = (rnd() << (rnd() % 20)) | 1;
		unsigned __int128 q = (unsigned __int128)a * b / c;
		u32 r = int_sqrt64(a);

		assert_true(mul_u64_u64_div_u64(a, b, c) == (q >> 64 ? U64_MAX : (u64)q));
		assert_true((u64)r * r <= a && (unsigned __int128)(r + 1ULL) * (r + 1ULL) > a);
	}
	assert_int_equal(int_sqrt64(U64_MAX), U32_MAX);
}

int main(void)
{
	RUN(cmocka_unit_test(whole_numbers), cmocka_unit_test(sizes),
	    cmocka_unit_test(command_line), cmocka_unit_test(command_line_noise),
	    cmocka_unit_test(options), cmocka_unit_test(lists),
	    cmocka_unit_test(wide_arithmetic));
}
