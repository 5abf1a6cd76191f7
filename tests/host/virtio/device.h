/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A queue with a device behind it that is a program of the test: one that keeps to the standard,
 * or one that writes what it likes into the memory both share.
 */
#ifndef TEST_VIRTIO_DEVICE_H
#define TEST_VIRTIO_DEVICE_H

#include <kernel/virtqueue.h>

#define RING_NUM	16u
#define CHAINS		64u		/* the driver's, out or not */
#define PIECE_MAX	32u

extern unsigned messages;	/* lines the code under test has logged */

/* The driver's side of one chain. */
struct chain {
	struct vq_piece	pieces[4];
	unsigned	out, in;
	u32		room, written;	/* bytes for the device; what it said it wrote */
	bool		busy;
	u8		fill;		/* each byte the device writes */
};

struct bench {
	struct virtqueue vq;
	struct vq_slot	slots[RING_NUM];
	void		*shared;
	struct chain	chains[CHAINS];
	unsigned	nr_busy;
	bool		notified;	/* the driver has rung */
	/* An honest device's own state. */
	u16		avail_seen, used_idx;
	u16		held[RING_NUM], nr_held;
};

struct bench *bench_new(bool event_idx);
void bench_free(struct bench *b);

/* The driver. Adding: 0 or what virtqueue_add() says. Getting: the chain, checked, or NULL. */
int drive_add(struct bench *b, unsigned out, unsigned in, u32 len);
struct chain *drive_get(struct bench *b);

/* An honest device: takes one chain in; finishes the i-th of those it holds. False: none. */
bool device_take(struct bench *b);
bool device_finish(struct bench *b, unsigned i, u32 written, bool *interrupt);

/* A liar: one scribble, decided by four bytes. */
void device_lie(struct bench *b, const u8 *how);

#endif
