/* SPDX-License-Identifier: BSD-2-Clause */
/* The cpio reader: well-formed archives, every truncation, every kind of damage. */
#include "test.h"
#include <lib/cpio.h>

struct archive {
	char   buf[8192];
	size_t len;
};

struct seen {
	char   log[1024];
	size_t archives, err_offset;
	const char *why;
	int    fail_at;
	ssize_t foreign_len;
};

static void pad(struct archive *a)
{
	while (a->len % 4)
		a->buf[a->len++] = '\0';
}

static void add_raw(struct archive *a, const char *magic, const char *name, const char *data,
		    unsigned int ino, unsigned int nlink, unsigned int check)
{
	a->len += (size_t)snprintf(a->buf + a->len, 111,
		"%s%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08x", magic, ino, 0100644, 1,
		2, nlink, 99, (unsigned int)strlen(data), 3, 4, 5, 6,
		(unsigned int)strlen(name) + 1, check);
	memcpy(a->buf + a->len, name, strlen(name) + 1);
	a->len += strlen(name) + 1;
	pad(a);
	memcpy(a->buf + a->len, data, strlen(data));
	a->len += strlen(data);
	pad(a);
}

static void add(struct archive *a, const char *name, const char *data)
{
	add_raw(a, "070701", name, data, 7, 1, 0);
}

static void end(struct archive *a)
{
	add(a, "TRAILER!!!", "");
}

static int on_entry(void *ctx, const struct cpio_entry *e)
{
	struct seen *s = ctx;
	size_t n = strlen(s->log);

	if (s->fail_at && !--s->fail_at)
		return -ENOSPC;
	assert_int_equal(strlen(e->name), e->namelen);
	snprintf(s->log + n, sizeof(s->log) - n, "%s=%.*s;", e->name, (int)e->size,
		 (const char *)e->data);
	return 0;
}

static void on_end(void *ctx)
{
	((struct seen *)ctx)->archives++;
}

static void on_error(void *ctx, size_t offset, const char *why)
{
	struct seen *s = ctx;

	s->err_offset = offset;
	s->why = why;
}

static ssize_t on_foreign(void *ctx, const void *data, size_t len)
{
	return ((struct seen *)ctx)->foreign_len;
}

static const struct cpio_ops ops = { on_entry, on_end, NULL, on_error };
static const struct cpio_ops ops_foreign = { on_entry, on_end, on_foreign, on_error };

/* Parses a heap copy of the exact length, so that ASan guards its end. */
static int parse(const struct cpio_ops *o, const void *buf, size_t len, struct seen *s)
{
	void *copy = malloc(len ? len : 1);
	int err;

	memcpy(copy, buf, len);
	err = cpio_parse(copy, len, o, s);
	free(copy);
	return err;
}

static void well_formed(void **state)
{
	struct archive a = { .len = 0 };
	struct seen s = { .log = "" };

	add(&a, ".", "");
	add(&a, "etc/motd", "hello");
	end(&a);
	memset(a.buf + a.len, 0, 512);
	a.len += 512;
	add(&a, "second", "12345678");
	add_raw(&a, "070702", "sum", "AB", 9, 1, 'A' + 'B');
	end(&a);
	assert_int_equal(parse(&ops, a.buf, a.len, &s), 0);
	assert_string_equal(s.log, ".=;etc/motd=hello;second=12345678;sum=AB;");
	assert_int_equal(s.archives, 2);
	s = (struct seen){ .log = "" };
	assert_int_equal(parse(&ops, "", 0, &s), 0);
	assert_int_equal(parse(&ops, "\0\0\0", 3, &s), 0);
}

static int check_fields(void *ctx, const struct cpio_entry *e)
{
	assert_int_equal(e->ino, 7);
	assert_int_equal(e->mode, 0100644);
	assert_int_equal(e->uid, 1);
	assert_int_equal(e->gid, 2);
	assert_int_equal(e->nlink, 2);
	assert_int_equal(e->mtime, 99);
	assert_int_equal(e->dev_major * 10 + e->dev_minor, 34);
	assert_int_equal(e->rdev_major * 10 + e->rdev_minor, 56);
	return 0;
}

static void all_fields(void **state)
{
	static const struct cpio_ops o = { .entry = check_fields };
	struct archive a = { .len = 0 };

	add_raw(&a, "070701", "link1", "", 7, 2, 0);
	add_raw(&a, "070701", "link2", "data", 7, 2, 0);
	end(&a);
	assert_int_equal(cpio_parse(a.buf, a.len, &o, NULL), 0);
}

static void every_truncation(void **state)
{
	struct archive a = { .len = 0 };
	size_t last;

	add(&a, "a", "xyz");
	add(&a, "dir/b", "");
	last = a.len;
	end(&a);
	for (size_t n = 1; n < a.len; n++) {
		struct seen s = { .log = "" };
		int err = parse(&ops, a.buf, n, &s);

		/* Only the padding behind the trailer's name may be missing. */
		if (n >= last + 110 + 11) {
			assert_int_equal(err, 0);
		} else {
			assert_int_equal(err, -EINVAL);
			assert_non_null(s.why);
			assert_true(s.err_offset <= n);
		}
	}
}

static void damage(void **state)
{
	static const struct {
		size_t at;
		const char *put, *why;
	} cases[] = {
		{ 0, "070707", "not a cpio archive" },
		{ 20, "g", "header is not hexadecimal" },
		{ 94, "00000000", "bad name length" },
		{ 94, "00000001", "bad name length" },
		{ 94, "FFFFFFFF", "bad name length" },
		{ 94, "00000800", "truncated name" },
		{ 94, "00000003", "name and its length disagree" },
		{ 54, "FFFFFFFF", "truncated data" },
		{ 54, "00000007", "bad magic" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct archive a = { .len = 0 };
		struct seen s = { .log = "" };

		add(&a, "a", "xy");
		end(&a);
		memcpy(a.buf + cases[i].at, cases[i].put, strlen(cases[i].put));
		assert_int_equal(parse(&ops, a.buf, a.len, &s), -EINVAL);
		assert_string_equal(s.why, cases[i].why);
	}
}

static void bad_checksum(void **state)
{
	struct archive a = { .len = 0 };
	struct seen s = { .log = "" };

	add_raw(&a, "070702", "sum", "AB", 9, 1, 1);
	end(&a);
	assert_int_equal(parse(&ops, a.buf, a.len, &s), -EINVAL);
	assert_string_equal(s.why, "bad checksum");
	assert_string_equal(s.log, "");
}

static void consumer_stops(void **state)
{
	struct archive a = { .len = 0 };
	struct seen s = { .log = "", .fail_at = 2 };

	add(&a, "a", "");
	add(&a, "b", "");
	end(&a);
	assert_int_equal(parse(&ops, a.buf, a.len, &s), -ENOSPC);
	assert_string_equal(s.log, "a=;");
}

static void foreign_data(void **state)
{
	struct archive a = { .len = 0 };
	struct seen s = { .log = "", .foreign_len = 8 };

	add(&a, "a", "");
	end(&a);
	memcpy(a.buf + a.len, "\x1f\x8b.gz.gz", 8);
	a.len += 8;
	add(&a, "b", "");
	end(&a);
	assert_int_equal(parse(&ops_foreign, a.buf, a.len, &s), 0);
	assert_string_equal(s.log, "a=;b=;");
	s = (struct seen){ .log = "", .foreign_len = 100000 };
	assert_int_equal(parse(&ops_foreign, a.buf, a.len, &s), -EINVAL);
	s = (struct seen){ .log = "", .foreign_len = -ENOMEM };
	assert_int_equal(parse(&ops_foreign, a.buf, a.len, &s), -ENOMEM);
}

int main(void)
{
	RUN(cmocka_unit_test(well_formed), cmocka_unit_test(all_fields),
	    cmocka_unit_test(every_truncation), cmocka_unit_test(damage),
	    cmocka_unit_test(bad_checksum), cmocka_unit_test(consumer_stops),
	    cmocka_unit_test(foreign_data));
}
