/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Split virtqueues; see <kernel/virtqueue.h>. Knows no transport and is tested on the host
 * against devices that lie.
 */
#include <arch/barrier.h>
#include <kernel/printk.h>
#include <kernel/virtqueue.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/page.h>

size_t virtqueue_bytes(unsigned num)
{
	return vring_size(num, VIRTQUEUE_ALIGN);
}

void virtqueue_init(struct virtqueue *vq, u16 index, unsigned num, void *shared,
		    struct vq_slot *slots, bool event_idx)
{
	vring_init(&vq->ring, num, shared, VIRTQUEUE_ALIGN);
	memset(shared, 0, virtqueue_bytes(num));
	memset(slots, 0, num * sizeof(*slots));
	vq->slots = slots;
	vq->index = index;
	vq->event_idx = event_idx;
	vq->free = 0;
	vq->nr_free = (u16)num;
	for (unsigned i = 0; i < num; i++)
		slots[i].next = (u16)(i + 1);
	vq->avail_idx = vq->notified_idx = vq->last_used = 0;
	vq->broken = false;
}

static void give_up(struct virtqueue *vq, const char *why, unsigned value)
{
	vq->broken = true;
	pr_err("virtio: queue %u: the device %s (%u): no longer used\n", vq->index, why, value);
}

int virtqueue_add(struct virtqueue *vq, const struct vq_piece *pieces, unsigned out, unsigned in,
		  void *token)
{
	u16 head = vq->free, i = head, last = head;
	struct vq_slot *first = &vq->slots[head];

	if (unlikely(vq->broken))
		return -EIO;
	if (unlikely(out + in > vq->nr_free))
		return -ENOSPC;
	first->room = 0;
	for (unsigned n = 0; n < out + in; n++) {
		struct vring_desc *desc = &vq->ring.desc[i];
		u16 flags = n < out ? 0 : VRING_DESC_F_WRITE;

		if (n + 1 < out + in)
			flags |= VRING_DESC_F_NEXT;
		if (n >= out)
			first->room += pieces[n].len;
		desc->addr = virt_to_phys(pieces[n].data);
		desc->len = pieces[n].len;
		desc->flags = flags;
		last = i;
		i = vq->slots[i].next;
		desc->next = i;
	}
	vq->free = vq->slots[last].next;
	vq->nr_free = (u16)(vq->nr_free - (out + in));
	first->count = (u16)(out + in);
	first->token = token;
	vq->ring.avail->ring[vq->avail_idx & (vq->ring.num - 1)] = head;
	vq->avail_idx++;
	dma_wmb();	/* the chain before its announcement */
	WRITE_ONCE(vq->ring.avail->idx, vq->avail_idx);
	return 0;
}

void virtqueue_kick(struct virtqueue *vq)
{
	u16 old = vq->notified_idx, now = vq->avail_idx;

	if (old == now || unlikely(vq->broken))
		return;
	dma_mb();	/* our index before the look at what the device wants */
	vq->notified_idx = now;
	if (vq->event_idx) {
		if (!vring_need_event(READ_ONCE(vring_avail_event(&vq->ring)), now, old))
			return;
	} else if (READ_ONCE(vq->ring.used->flags) & VRING_USED_F_NO_NOTIFY) {
		return;
	}
	vq->notify(vq);
}

/* Puts a chain's descriptors back and returns its token. */
static void *take_back(struct virtqueue *vq, u16 head)
{
	struct vq_slot *slot = &vq->slots[head];
	u16 last = head;

	for (u16 n = 1; n < slot->count; n++)
		last = vq->slots[last].next;
	vq->slots[last].next = vq->free;
	vq->free = head;
	vq->nr_free = (u16)(vq->nr_free + slot->count);
	slot->count = 0;
	return slot->token;
}

void *virtqueue_get(struct virtqueue *vq, u32 *written)
{
	u16 seen = READ_ONCE(vq->ring.used->idx);
	const struct vring_used_elem *elem;
	u32 id, len;

	if (unlikely(vq->broken) || seen == vq->last_used)
		return NULL;
	if (unlikely((u16)(seen - vq->last_used) > vq->ring.num)) {
		give_up(vq, "finished more than it was given", (u16)(seen - vq->last_used));
		return NULL;
	}
	dma_rmb();	/* the index before the element */
	elem = &vq->ring.used->ring[vq->last_used & (vq->ring.num - 1)];
	id = READ_ONCE(elem->id);
	len = READ_ONCE(elem->len);
	if (unlikely(id >= vq->ring.num || !vq->slots[id].count)) {
		give_up(vq, "returned a chain that it does not have", id);
		return NULL;
	}
	if (unlikely(len > vq->slots[id].room)) {
		/* Old devices count what they read, too. */
		if (vq->slots[id].room) {
			give_up(vq, "wrote more than there was room for", len);
			return NULL;
		}
		len = 0;
	}
	vq->last_used++;
	if (written)
		*written = len;
	return take_back(vq, (u16)id);
}

void *virtqueue_detach(struct virtqueue *vq)
{
	for (unsigned i = 0; i < vq->ring.num; i++)
		if (vq->slots[i].count)
			return take_back(vq, (u16)i);
	return NULL;
}

void virtqueue_irq_off(struct virtqueue *vq)
{
	/* As far away as can be; the flag for devices that know no event index. */
	if (vq->event_idx)
		WRITE_ONCE(vring_used_event(&vq->ring), (u16)(vq->last_used - 1));
	else
		WRITE_ONCE(vq->ring.avail->flags, VRING_AVAIL_F_NO_INTERRUPT);
}

bool virtqueue_irq_on(struct virtqueue *vq, unsigned after)
{
	if (vq->event_idx) {
		WRITE_ONCE(vring_used_event(&vq->ring), (u16)(vq->last_used + after - 1));
	} else {
		WRITE_ONCE(vq->ring.avail->flags, 0);
		after = 1;
	}
	dma_mb();	/* the wish before the look whether it comes too late */
	return virtqueue_pending(vq) < after;
}
