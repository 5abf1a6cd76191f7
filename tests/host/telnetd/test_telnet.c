/* SPDX-License-Identifier: BSD-2-Clause */
/* The telnet protocol of usr/telnetd, byte by byte. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <arpa/telnet.h>
#include "telnet.h"

static const struct telnet_keys keys = { 3, 28, 26, 4, 127, 21 };

/* What is typed by these bytes of the wire. */
static size_t receive(struct telnet *t, const void *bytes, size_t n, uint8_t *typed)
{
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		int c = telnet_receive(t, ((const uint8_t *)bytes)[i], &keys);

		if (c >= 0)
			typed[len++] = c;
	}
	return len;
}

#define expect_typed(t, wire, want) do {						\
	uint8_t typed_[256];								\
	size_t len_ = receive(t, wire, sizeof(wire) - 1, typed_);			\
	assert_int_equal(len_, sizeof(want) - 1);					\
	assert_memory_equal(typed_, want, len_);					\
} while (0)

#define expect_reply(t, want) do {							\
	assert_int_equal((t)->reply_len, sizeof(want) - 1);				\
	assert_memory_equal((t)->reply, want, sizeof(want) - 1);			\
	(t)->reply_len = 0;								\
} while (0)

static void offers(void **state)
{
	struct telnet t;

	telnet_init(&t, true);
	expect_reply(&t, "\xff\xfb\x01\xff\xfb\x03\xff\xfd\x03\xff\xfd\x1f");
	telnet_init(&t, false);
	expect_reply(&t, "");
}

static void agreement_is_not_answered(void **state)
{
	struct telnet t;

	telnet_init(&t, true);
	t.reply_len = 0;
	for (int i = 0; i < 3; i++)
		expect_typed(&t, "\xff\xfd\x01\xff\xfd\x03\xff\xfb\x03\xff\xfb\x1f", "");
	expect_reply(&t, "");
	expect_typed(&t, "\xff\xfe\x01", "");
	expect_reply(&t, "\xff\xfc\x01");
	expect_typed(&t, "\xff\xfe\x01", "");		/* told already */
	expect_reply(&t, "");
	expect_typed(&t, "\xff\xfd\x01", "");
	expect_reply(&t, "\xff\xfb\x01");
}

static void refusals(void **state)
{
	struct telnet t;

	telnet_init(&t, true);
	t.reply_len = 0;
	expect_typed(&t, "\xff\xfb\x18\xff\xfd\x22\xff\xfc\x18\xff\xfe\x22", "");
	expect_reply(&t, "\xff\xfe\x18\xff\xfc\x22");
	expect_typed(&t, "\xff\xfe\x03\xff\xfc\x1f", "");	/* he refuses what we offered */
	expect_reply(&t, "");
	telnet_init(&t, false);
	expect_typed(&t, "\xff\xfd\x01", "");		/* no terminal, no echo */
	expect_reply(&t, "\xff\xfc\x01");
}

static void window_size(void **state)
{
	struct telnet t;

	telnet_init(&t, true);
	t.reply_len = 0;
	expect_typed(&t, "\xff\xfa\x1f\0\x50\0\x18\xff\xf0", "");
	assert_false(t.resized);			/* not agreed */
	expect_typed(&t, "\xff\xfb\x1f\xff\xfa\x1f\0\x50\0\x18\xff\xf0x", "x");
	assert_true(t.resized && t.rows == 24 && t.columns == 80);
	expect_typed(&t, "\xff\xfa\x1f\xff\xff\xff\xff\0\x19\xff\xf0", "");
	assert_true(t.rows == 25 && t.columns == 0xffff);
	expect_typed(&t, "\xff\xfa\x1f\0\x50\xff\xf0", "");	/* too short */
	assert_int_equal(t.columns, 0xffff);
	expect_reply(&t, "");
}

static void endless_subnegotiation(void **state)
{
	struct telnet t;

	telnet_init(&t, true);
	t.reply_len = 0;
	expect_typed(&t, "\xff\xfa\x1f", "");
	for (int i = 0; i < 100000; i++)
		assert_int_equal(telnet_receive(&t, 'x', &keys), -1);
	assert_int_equal(t.sb_len, TELNET_SB_MAX);
	expect_typed(&t, "\xff\xf4" "a", "\x03" "a");	/* never ended: IP counts */
	expect_reply(&t, "");
}

static void ends_of_line(void **state)
{
	struct telnet t;

	telnet_init(&t, true);
	expect_typed(&t, "a\r\nb\r\0c\rd\n", "a\rb\rc\rd\n");
	expect_typed(&t, "\r\xff\xff", "\r\xff");
	telnet_init(&t, false);
	expect_typed(&t, "a\r\nb\r\0c\nd", "a\nb\nc\nd");
}

static void commands(void **state)
{
	struct telnet t;

	telnet_init(&t, true);
	t.reply_len = 0;
	expect_typed(&t, "\xff\xf4\xff\xf3\xff\xee\xff\xed\xff\xec\xff\xf7\xff\xf8\xff\xff",
		     "\x03\x03\x1c\x1a\x04\x7f\x15\xff");
	expect_typed(&t, "\xff\xf1\xff\xf2\xff\xf9\xff\xf5\xff\x01\xff\xf0z", "z");
	expect_reply(&t, "");
	expect_typed(&t, "\xff\xf6", "");
	expect_reply(&t, "\r\n[yes]\r\n");
}

static void replies_are_bounded(void **state)
{
	struct telnet t;

	telnet_init(&t, true);
	for (int i = 0; i < 10000; i++)
		expect_typed(&t, "\xff\xfb\x18\xff\xf6", "");
	assert_true(t.reply_len <= sizeof(t.reply));
}

static void shown(bool terminal, const char *in, size_t n, const char *want, size_t len)
{
	uint8_t out[64];
	struct telnet t;
	size_t used, got;

	telnet_init(&t, terminal);
	got = telnet_show(&t, (const uint8_t *)in, n, &used, out, sizeof(out));
	assert_int_equal(used, n);
	assert_int_equal(got, len);
	assert_memory_equal(out, want, len);
}

static void output(void **state)
{
	uint8_t out[8];
	struct telnet t;
	size_t used;

	shown(true, "a\xff" "b", 3, "a\xff\xff" "b", 4);
	shown(true, "a\r\nb\rc", 6, "a\r\nb\r\0c", 7);
	shown(true, "a\nb", 3, "a\nb", 3);
	shown(false, "a\nb\r\nc\n", 7, "a\r\nb\r\nc\r\n", 9);
	telnet_init(&t, true);
	assert_int_equal(telnet_show(&t, (const uint8_t *)"\xff\xff\xff\xff\xff", 5, &used, out, 8), 6);
	assert_int_equal(used, 3);
	assert_int_equal(telnet_show(&t, (const uint8_t *)"\r", 1, &used, out, 8), 1);
	assert_int_equal(telnet_show(&t, (const uint8_t *)"\xff", 1, &used, out, 8), 3);
	assert_memory_equal(out, "\0\xff\xff", 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(offers), cmocka_unit_test(agreement_is_not_answered),
		cmocka_unit_test(refusals), cmocka_unit_test(window_size),
		cmocka_unit_test(endless_subnegotiation), cmocka_unit_test(ends_of_line),
		cmocka_unit_test(commands), cmocka_unit_test(replies_are_bounded),
		cmocka_unit_test(output),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
