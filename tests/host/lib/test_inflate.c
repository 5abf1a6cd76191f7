/* SPDX-License-Identifier: BSD-2-Clause */
/* Inflate against what gzip(1) makes at every level; damage and truncation. */
#include "test.h"
#include <unistd.h>
#include <lib/inflate.h>

static char path[] = "/tmp/test_inflate.XXXXXX";

static void fill(u8 *p, size_t n, int kind)
{
	for (size_t i = 0; i < n; i++) {
		switch (kind) {
		case 0: p[i] = (u8)rnd(); break;
		case 1: p[i] = "the quick brown fox "[i % 20]; break;
		case 2: p[i] = (u8)(rnd() % 6 ? 'a' + rnd() % 4 : rnd()); break;
		default: p[i] = i > 1000 && rnd() % 50 ? p[i - 1000] : (u8)(rnd() % 90 + 32);
		}
	}
}

/* Compresses by the system's gzip; returns a malloc()ed block. */
static u8 *gzip(const u8 *p, size_t n, int level, size_t *len)
{
	char cmd[128];
	FILE *f = fopen(path, "wb");
	u8 *out = malloc(n + 1000);

	fwrite(p, 1, n, f);
	fclose(f);
	snprintf(cmd, sizeof(cmd), "gzip -c%d %s", level, path);
	f = popen(cmd, "r");
	*len = fread(out, 1, n + 1000, f);
	assert_int_equal(pclose(f), 0);
	return realloc(out, *len);
}

static void round_trips(void **state)
{
	static const size_t sizes[] = { 0, 1, 100, 5000, 200000 };

	for (int kind = 0; kind < 4; kind++)
		for (size_t s = 0; s < ARRAY_SIZE(sizes); s++)
			for (int level = 1; level <= 9; level += 4) {
				size_t n = sizes[s], zlen, used, got;
				u8 *p = malloc(n + 1), *out = malloc(n + 1), *z;

				fill(p, n, kind);
				z = gzip(p, n, level, &zlen);
				assert_true(gzip_detect(z, zlen));
				assert_int_equal(gunzip(z, zlen, &used, out, n, &got), 0);
				assert_int_equal(used, zlen);
				assert_int_equal(got, n);
				assert_memory_equal(p, out, n);
				if (n)
					assert_int_equal(gunzip(z, zlen, &used, out, n - 1, &got),
							 -ENOSPC);
				free(p);
				free(out);
				free(z);
			}
}

static void damage(void **state)
{
	size_t n = 3000, zlen, used, got;
	u8 *p = malloc(n), *out = malloc(n), *z;

	fill(p, n, 2);
	z = gzip(p, n, 9, &zlen);
	for (size_t cut = 0; cut < zlen; cut++) {
		u8 *t = malloc(cut + 1);

		memcpy(t, z, cut);
		t = realloc(t, cut ? cut : 1);
		assert_int_equal(gunzip(t, cut, &used, out, n, &got), -EINVAL);
		assert_true(used <= cut && got <= n);
		free(t);
	}
	for (int i = 0; i < 20000; i++) {
		size_t at = 10 + rnd() % (zlen - 10);
		u8 old = z[at];

		z[at] ^= (u8)(1 << rnd() % 8);
		if (!gunzip(z, zlen, &used, out, n, &got))
			assert_memory_equal(p, out, n);
		z[at] = old;
	}
	free(p);
	free(out);
	free(z);
}

int main(void)
{
	int fd = mkstemp(path), rc;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trips), cmocka_unit_test(damage),
	};

	if (fd < 0)
		return 2;
	close(fd);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return rc;
}
