/* SPDX-License-Identifier: BSD-2-Clause */
/* Heap sort and binary search; see <lib/sort.h>. */
#include <lib/byteorder.h>
#include <lib/sort.h>

static void swap_elements(u8 *a, u8 *b, size_t size)
{
	for (; size >= 8; size -= 8, a += 8, b += 8) {
		u64 t = get_unaligned_le64(a);

		put_unaligned_le64(get_unaligned_le64(b), a);
		put_unaligned_le64(t, b);
	}
	for (; size; size--, a++, b++)
		swap(*a, *b);
}

/* Lets the element at i sink until no child is larger; n elements are in the heap. */
static void sift_down(u8 *base, size_t i, size_t n, size_t size, cmp_fn cmp)
{
	size_t child;

	while ((child = 2 * i + 1) < n) {
		if (child + 1 < n && cmp(base + child * size, base + (child + 1) * size) < 0)
			child++;
		if (cmp(base + i * size, base + child * size) >= 0)
			return;
		swap_elements(base + i * size, base + child * size, size);
		i = child;
	}
}

void sort(void *base, size_t n, size_t size, cmp_fn cmp)
{
	for (size_t i = n / 2; i-- > 0;)
		sift_down(base, i, n, size, cmp);
	while (n > 1) {
		n--;
		swap_elements(base, (u8 *)base + n * size, size);
		sift_down(base, 0, n, size, cmp);
	}
}

void *bsearch_array(const void *key, const void *base, size_t n, size_t size, cmp_fn cmp)
{
	const u8 *p = base;

	while (n) {
		const u8 *mid = p + n / 2 * size;
		int c = cmp(key, mid);

		if (!c)
			return (void *)mid;
		if (c > 0) {
			p = mid + size;
			n--;
		}
		n /= 2;
	}
	return NULL;
}
