/* SPDX-License-Identifier: BSD-2-Clause */
/* Both sides of a virtqueue for the tests; see device.h. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <lib/errno.h>
#include "device.h"

unsigned messages;

static void ring_bell(struct virtqueue *vq)
{
	((struct bench *)vq->owner)->notified = true;
}

struct bench *bench_new(bool event_idx)
{
	struct bench *b = calloc(1, sizeof(*b));

	b->shared = aligned_alloc(VIRTQUEUE_ALIGN, (virtqueue_bytes(RING_NUM) + VIRTQUEUE_ALIGN - 1) /
				  VIRTQUEUE_ALIGN * VIRTQUEUE_ALIGN);
	b->vq.owner = b;
	b->vq.notify = ring_bell;
	virtqueue_init(&b->vq, 0, RING_NUM, b->shared, b->slots, event_idx);
	return b;
}

static void release(struct bench *b, struct chain *c)
{
	for (unsigned i = 0; i < c->out + c->in; i++)
		free((void *)(uintptr_t)c->pieces[i].data);
	c->busy = false;
	b->nr_busy--;
}

void bench_free(struct bench *b)
{
	struct chain *c;

	while ((c = virtqueue_detach(&b->vq))) {
		assert(c->busy);
		release(b, c);
	}
	assert(!b->nr_busy && b->vq.nr_free == RING_NUM);
	free(b->shared);
	free(b);
}

int drive_add(struct bench *b, unsigned out, unsigned in, u32 len)
{
	struct chain *c = b->chains;
	static u8 fill;
	int err;

	while (c->busy)
		c++;
	*c = (struct chain){ .out = out, .in = in, .room = in * len, .fill = ++fill };
	for (unsigned i = 0; i < out + in; i++) {
		u8 *bytes = malloc(len);

		memset(bytes, i < out ? c->fill : 0, len);
		c->pieces[i] = (struct vq_piece){ bytes, len };
	}
	c->busy = true;
	b->nr_busy++;
	err = virtqueue_add(&b->vq, c->pieces, out, in, c);
	if (err)
		release(b, c);
	return err;
}

struct chain *drive_get(struct bench *b)
{
	u32 written = 0;
	struct chain *c = virtqueue_get(&b->vq, &written);

	if (!c)
		return NULL;
	/* One of ours, out, and not beyond its room: whatever the device did. */
	assert(c >= b->chains && c < b->chains + CHAINS && c->busy);
	assert(written <= c->room);
	c->written = written;
	release(b, c);
	return c;
}

bool device_take(struct bench *b)
{
	struct vring *r = &b->vq.ring;
	u16 head;

	if (b->avail_seen == r->avail->idx)
		return false;
	head = r->avail->ring[b->avail_seen++ % RING_NUM];
	b->held[b->nr_held++] = head;
	/* The bytes to read are there. */
	for (u16 i = head;; i = r->desc[i].next) {
		const u8 *bytes = (const u8 *)(uintptr_t)r->desc[i].addr;

		if (!(r->desc[i].flags & VRING_DESC_F_WRITE))
			for (u32 n = 1; n < r->desc[i].len; n++)
				assert(bytes[n] == bytes[0]);
		if (!(r->desc[i].flags & VRING_DESC_F_NEXT))
			break;
	}
	if (b->vq.event_idx)
		vring_avail_event(r) = b->avail_seen;
	return true;
}

bool device_finish(struct bench *b, unsigned i, u32 written, bool *interrupt)
{
	struct vring *r = &b->vq.ring;
	u16 old = b->used_idx;

	if (!b->nr_held)
		return false;
	i %= b->nr_held;
	r->used->ring[b->used_idx % RING_NUM] = (struct vring_used_elem){ b->held[i], written };
	b->held[i] = b->held[--b->nr_held];
	r->used->idx = ++b->used_idx;
	if (b->vq.event_idx)
		*interrupt = vring_need_event(vring_used_event(r), b->used_idx, old);
	else
		*interrupt = !(r->avail->flags & VRING_AVAIL_F_NO_INTERRUPT);
	return true;
}

void device_lie(struct bench *b, const u8 *how)
{
	struct vring *r = &b->vq.ring;
	unsigned at = how[1] % RING_NUM;
	u32 word = (u32)how[2] | (u32)how[3] << (how[3] & 24);

	switch (how[0] % 8) {
	case 0:
		r->used->idx = (u16)(r->used->idx + 1);
		break;
	case 1:
		r->used->idx = (u16)word;
		break;
	case 2:
		r->used->ring[at].id = word;
		break;
	case 3:
		r->used->ring[at].id = how[2] % RING_NUM;
		break;
	case 4:
		r->used->ring[at].len = word;
		break;
	case 5:		/* what only the driver has any business to write */
		r->desc[at] = (struct vring_desc){ word, word, how[2], how[3] };
		break;
	case 6:
		r->avail->ring[at] = (u16)word;
		r->avail->idx = (u16)word;
		break;
	case 7:
		r->used->flags = how[2];
		vring_avail_event(r) = (u16)word;
		vring_used_event(r) = (u16)word;
		break;
	}
}
