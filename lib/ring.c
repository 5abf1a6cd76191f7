/* SPDX-License-Identifier: BSD-2-Clause */
/* Bulk transfer to and from a byte ring; see <lib/ring.h>. */
#include <lib/ring.h>

/* Stores n bytes at position pos (free running), in one or two pieces. */
static void copy_in(struct ring *r, u32 pos, const u8 *src, u32 n)
{
	u32 off = pos & (r->size - 1), first = min(n, r->size - off);

	memcpy(r->buf + off, src, first);
	memcpy(r->buf, src + first, n - first);
}

u32 ring_write(struct ring *r, const void *src, u32 n)
{
	n = min(n, ring_space(r));
	copy_in(r, r->head, src, n);
	ring_produce(r, n);
	return n;
}

u32 ring_peek(const struct ring *r, u32 skip, void *dst, u32 n)
{
	u32 used = ring_used(r), off, first;

	if (skip >= used)
		return 0;
	n = min(n, used - skip);
	off = (r->tail + skip) & (r->size - 1);
	first = min(n, r->size - off);
	memcpy(dst, r->buf + off, first);
	memcpy((u8 *)dst + first, r->buf, n - first);
	return n;
}

u32 ring_read(struct ring *r, void *dst, u32 n)
{
	n = ring_peek(r, 0, dst, n);
	ring_consume(r, n);
	return n;
}

void ring_write_over(struct ring *r, const void *src, u32 n)
{
	const u8 *s = src;

	if (n > r->size) {
		s += n - r->size;
		n = r->size;
	}
	if (n > ring_space(r))
		ring_consume(r, n - ring_space(r));
	copy_in(r, r->head, s, n);
	ring_produce(r, n);
}
