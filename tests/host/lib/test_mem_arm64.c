/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lib/arm64/mem.S under qemu-user, against byte loops. Buffers end at a page
 * that cannot be touched, so one byte too far is a SIGSEGV.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

void *t_memcpy(void *, const void *, size_t);
void *t_memmove(void *, const void *, size_t);
void *t_memset(void *, int, size_t);
int t_memcmp(const void *, const void *, size_t);
int t_bcmp(const void *, const void *, size_t);
size_t t_strlen(const char *);

#define SPAN 4096
#define CHECK(x) do { if (!(x)) { \
	printf("FAIL line %d: %s (n %zu)\n", __LINE__, #x, n); exit(1); } } while (0)

static unsigned char ref[SPAN];

/* SPAN bytes with an untouchable page before and behind. */
static unsigned char *guarded(void)
{
	char *p = mmap(NULL, 3 * SPAN, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	mprotect(p + SPAN, SPAN, PROT_READ | PROT_WRITE);
	return (unsigned char *)p + SPAN;
}

static unsigned char pattern(size_t i)
{
	return (unsigned char)(i * 7 + (i >> 8) * 13 + 1);
}

static void check_copies(unsigned char *a, unsigned char *b, size_t n, size_t off)
{
	unsigned char *d = b + SPAN - n, *s = a + SPAN - n;

	for (int side = 0; side < 2; side++, d = b, s = a) {
		unsigned char *sp = side ? s + off : s - off, *dp = side ? d : d - (off ^ 3);

		for (size_t i = 0; i < SPAN; i++)
			a[i] = pattern(i), b[i] = 0xee;
		CHECK(t_memcpy(dp, sp, n) == dp);
		for (size_t i = 0; i < n; i++)
			CHECK(dp[i] == sp[i]);
		for (unsigned char *q = b; q < b + SPAN; q++)
			CHECK((q >= dp && q < dp + n) || *q == 0xee);
		CHECK(t_memcmp(dp, sp, n) == 0 && t_bcmp(dp, sp, n) == 0);
		CHECK(t_memset(dp, 0x1c3, n) == dp);
		for (unsigned char *q = b; q < b + SPAN; q++)
			CHECK(*q == (q >= dp && q < dp + n ? 0xc3 : 0xee));
	}
}

static void check_moves(unsigned char *a, size_t n, size_t from, size_t to)
{
	for (size_t i = 0; i < 1024; i++)
		a[i] = ref[i] = pattern(i);
	if (from < to)
		for (size_t i = n; i-- > 0;)
			ref[to + i] = ref[from + i];
	else
		for (size_t i = 0; i < n; i++)
			ref[to + i] = ref[from + i];
	CHECK(t_memmove(a + to, a + from, n) == a + to);
	for (size_t i = 0; i < 1024; i++)
		CHECK(a[i] == ref[i]);
}

static void check_differences(unsigned char *a, unsigned char *b, size_t n)
{
	unsigned char *p = a + SPAN - n, *q = b + SPAN - n;

	for (size_t i = 0; i < n; i++)
		p[i] = q[i] = (unsigned char)(0x7f + i % 3);
	for (size_t i = 0; i < n; i++) {
		q[i] = 0xff;
		CHECK(t_memcmp(p, q, n) < 0 && t_memcmp(q, p, n) > 0 && t_bcmp(p, q, n));
		/* A later, opposite difference does not matter. */
		if (i + 1 < n) {
			p[n - 1] = 0xfe;
			CHECK(t_memcmp(p, q, n) < 0);
			p[n - 1] = (unsigned char)(0x7f + (n - 1) % 3);
		}
		q[i] = p[i];
	}
}

static void check_lengths(unsigned char *a, size_t n)
{
	char *s = (char *)a + SPAN - n - 1;

	for (size_t i = 0; i < SPAN; i++)
		a[i] = 0;
	for (size_t i = 0; i < n; i++)
		s[i] = (char)(i & 1 ? 0x80 : 0x01);
	CHECK(t_strlen(s) == n);
	/* Whatever stands before and behind. */
	if (s > (char *)a)
		s[-1] = 'x';
	CHECK(t_strlen(s) == n);
	for (size_t k = 0; k < n && k < 20; k++)
		CHECK(t_strlen(s + k) == n - k);
}

int main(void)
{
	unsigned char *a = guarded(), *b = guarded();

	for (size_t n = 0; n < 300; n++) {
		for (size_t off = 0; off < 9; off++)
			check_copies(a, b, n, off);
		for (size_t d = 0; d < 140; d += d < 20 ? 1 : 13) {
			check_moves(a, n, 300, 300 + d);
			check_moves(a, n, 300 + d, 300);
		}
		check_lengths(a, n);
		if (n < 80)
			check_differences(a, b, n);
	}
	puts("[  PASSED  ] lib/arm64/mem.S");
	return 0;
}
