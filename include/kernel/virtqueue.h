/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Split virtqueues (virtio 1.2, section 2.7): chains of buffers handed to a device and taken back.
 *
 * The rings are shared with a device that is not trusted. What decides about our memory (which
 * chains are out, their tokens, the free list, the indices) is in private arrays; of the shared
 * memory only the used ring is read, each word once. An id that is not out, a length beyond
 * the chain's or an index that jumps marks the queue broken, with one line in the log: from then
 * on nothing is added or taken, until the device was reset and the queue with it.
 *
 * Each queue has one user at a time: its caller's lock. Context: any. Memory of pieces is in the
 * linear map. Whoever takes a chain off the used ring has its memory back.
 *
 * Interrupts and notifications are held off by the event indices if the device has them
 * (VIRTIO_RING_F_EVENT_IDX), else by flags; both are hints, and a late interrupt may always come.
 */
#ifndef KERNEL_VIRTQUEUE_H
#define KERNEL_VIRTQUEUE_H

#include <lib/compiler.h>
#include <lib/types.h>
#include <linux/virtio_ring.h>

#define VIRTQUEUE_MAX	256u		/* entries we ask for at most; a power of two */
#define VIRTQUEUE_ALIGN	4096u		/* of the block, and of the used ring in it (legacy devices) */

struct vq_piece {
	const void	*data;
	u32		len;
};

struct vq_slot {
	void	*token;		/* head of a chain that is out */
	u32	room;		/* head: bytes the device may write */
	u16	count;		/* head: descriptors; 0: not the head of one that is out */
	u16	next;		/* of the chain, or of the free list */
};

struct virtqueue {
	struct vring	ring;		/* the shared memory */
	struct vq_slot	*slots;
	u16		index;		/* of the device's queues */
	u16		free, nr_free;	/* list of descriptors */
	u16		avail_idx;	/* next place in the available ring */
	u16		notified_idx;	/* avail_idx at the last notification */
	u16		last_used;	/* next place in the used ring */
	bool		event_idx;
	bool		broken;
	/* Tells the device to look at queue `index`; called by virtqueue_kick(). */
	void		(*notify)(struct virtqueue *vq);
	/* The device's interrupt, IRQs off. */
	void		(*callback)(struct virtqueue *vq);
	void		*owner;		/* for both */
	void		*priv;		/* the driver's, which sets it after virtio_vq_create() */
};

/* Bytes of shared memory a queue of `num` needs. */
size_t virtqueue_bytes(unsigned num);
/* shared: virtqueue_bytes() of zeroes, aligned; slots: num of them. Everything is free. */
void virtqueue_init(struct virtqueue *vq, u16 index, unsigned num, void *shared,
		    struct vq_slot *slots, bool event_idx);

/*
 * Hands `out` pieces to be read, then `in` pieces to be written, as one chain. The device sees
 * it at the latest by virtqueue_kick(). 0, -ENOSPC (not enough descriptors), -EIO (broken).
 */
int virtqueue_add(struct virtqueue *vq, const struct vq_piece *pieces, unsigned out, unsigned in,
		  void *token);
/* Notifies the device of what was added, unless it does not want to know. */
void virtqueue_kick(struct virtqueue *vq);
/* The token of a finished chain, and how much the device wrote into it; NULL: none, or broken. */
void *virtqueue_get(struct virtqueue *vq, u32 *written);
/* After a reset: tokens of chains that never finished, one a call, then NULL. */
void *virtqueue_detach(struct virtqueue *vq);

/* No interrupts, please. */
void virtqueue_irq_off(struct virtqueue *vq);
/*
 * An interrupt, please, when `after` more chains have finished (1: the next one; without event
 * indices always the next). False if that many have finished already: the caller looks again.
 */
bool virtqueue_irq_on(struct virtqueue *vq, unsigned after);

/* Chains finished and not taken, or zero when broken. */
static inline unsigned virtqueue_pending(const struct virtqueue *vq)
{
	return vq->broken ? 0 : (u16)(READ_ONCE(vq->ring.used->idx) - vq->last_used);
}
/* Descriptors that are out. */
static inline unsigned virtqueue_busy(const struct virtqueue *vq)
{
	return vq->ring.num - vq->nr_free;
}

#endif
