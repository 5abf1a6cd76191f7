/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Byte ring over a caller's buffer whose size is a power of two. head and tail
 * run freely and wrap by themselves; used = head - tail, so all bytes can be in
 * use. One producer and one consumer need no lock between them; more of either
 * need one on their side.
 */
#ifndef LIB_RING_H
#define LIB_RING_H

#include <lib/string.h>

struct ring {
	u8 *buf;
	u32 size;       /* power of two */
	u32 head;       /* next byte to write: the producer's */
	u32 tail;       /* next byte to read: the consumer's */
};

static inline void ring_init(struct ring *r, void *buf, u32 size)
{
	*r = (struct ring){ .buf = buf, .size = size };
}

static inline void ring_reset(struct ring *r)
{
	r->head = r->tail = 0;
}

static inline u32 ring_used(const struct ring *r)
{
	return __atomic_load_n(&r->head, __ATOMIC_ACQUIRE) -
	       __atomic_load_n(&r->tail, __ATOMIC_ACQUIRE);
}

static inline u32 ring_space(const struct ring *r)
{
	return r->size - ring_used(r);
}

static inline bool ring_empty(const struct ring *r)
{
	return ring_used(r) == 0;
}

static inline bool ring_full(const struct ring *r)
{
	return ring_used(r) == r->size;
}

/* The contiguous bytes that can be read now; then ring_consume() some of them. */
static inline u32 ring_read_span(const struct ring *r, u8 **p)
{
	u32 off = r->tail & (r->size - 1);

	*p = r->buf + off;
	return min(ring_used(r), r->size - off);
}

/* The contiguous space that can be written now; then ring_produce(). */
static inline u32 ring_write_span(const struct ring *r, u8 **p)
{
	u32 off = r->head & (r->size - 1);

	*p = r->buf + off;
	return min(ring_space(r), r->size - off);
}

static inline void ring_produce(struct ring *r, u32 n)
{
	__atomic_store_n(&r->head, r->head + n, __ATOMIC_RELEASE);
}

static inline void ring_consume(struct ring *r, u32 n)
{
	__atomic_store_n(&r->tail, r->tail + n, __ATOMIC_RELEASE);
}

/* False when full. */
static inline bool ring_put(struct ring *r, u8 c)
{
	if (ring_full(r))
		return false;
	r->buf[r->head & (r->size - 1)] = c;
	ring_produce(r, 1);
	return true;
}

/* -1 when empty. */
static inline int ring_get(struct ring *r)
{
	u8 c;

	if (ring_empty(r))
		return -1;
	c = r->buf[r->tail & (r->size - 1)];
	ring_consume(r, 1);
	return c;
}

/* Byte i from the oldest, i < ring_used(). */
static inline u8 ring_peek_at(const struct ring *r, u32 i)
{
	return r->buf[(r->tail + i) & (r->size - 1)];
}

/* Takes the newest byte back (line editing): -1 when empty. Not lockless. */
static inline int ring_unput(struct ring *r)
{
	if (ring_empty(r))
		return -1;
	r->head--;
	return r->buf[r->head & (r->size - 1)];
}

/* As many bytes as fit or are there; return how many. */
u32 ring_write(struct ring *r, const void *src, u32 n);
u32 ring_read(struct ring *r, void *dst, u32 n);
/* Copies without consuming, starting `skip` bytes after the oldest. */
u32 ring_peek(const struct ring *r, u32 skip, void *dst, u32 n);
/* Writes all n bytes (at most size), dropping the oldest to make room. */
void ring_write_over(struct ring *r, const void *src, u32 n);

#endif
