/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * virtio-blk (virtio 1.2, section 5.2): one queue, as many requests in flight as it has room for.
 *
 * The device is not trusted: the queue checks what it returns (<kernel/virtqueue.h>), here
 * the status byte and, of a read, the length. A queue that is broken ends the disk: the device is
 * reset, which takes its hands off our memory, and what was out ends with -EIO.
 */
#include <block/block.h>
#include <kernel/printk.h>
#include <kernel/virtio.h>
#include <lib/err.h>
#include <lib/errno.h>
#include <mm/slab.h>
#include <linux/virtio_blk.h>

#define WANTED	(BIT_ULL(VIRTIO_BLK_F_SEG_MAX) | BIT_ULL(VIRTIO_BLK_F_RO) | \
		 BIT_ULL(VIRTIO_BLK_F_BLK_SIZE) | BIT_ULL(VIRTIO_BLK_F_FLUSH) | \
		 BIT_ULL(VIRTIO_BLK_F_GEOMETRY))
#define CFG(field)	offsetof(struct virtio_blk_config, field)
#define SLOTS_MAX	64u		/* requests in flight */
#define STATUS_NONE	0xff		/* no status that a device may give */

/* What the device reads and writes beside the data. In the linear map. */
struct vblk_slot {
	struct virtio_blk_outhdr hdr;
	u8			 status;
	struct block_request	*request;	/* v  NULL: free */
	u64			 room;		/* v  bytes of data the device is to write */
};

/* Locks:  v  lock, IRQs off   i  never changes */
struct vblk {
	struct disk	      disk;
	struct virtio_device *vdev;		/* i */
	spinlock_t	      lock;		/* of the queue, too */
	struct virtqueue     *vq;		/* i */
	bool		      dead;		/* v */
	unsigned	      nr_slots;		/* i */
	struct vblk_slot      slots[SLOTS_MAX];
};

static struct vblk_slot *free_slot(struct vblk *v)
{
	for (unsigned i = 0; i < v->nr_slots; i++)
		if (!v->slots[i].request)
			return &v->slots[i];
	return NULL;
}

static const u32 type_of[NR_BLOCK_OPS] = {
	[BLOCK_READ] = VIRTIO_BLK_T_IN,
	[BLOCK_WRITE] = VIRTIO_BLK_T_OUT,
	[BLOCK_FLUSH] = VIRTIO_BLK_T_FLUSH,
};

/* Header, data, status as one chain. v->lock held. */
static int enqueue(struct vblk *v, struct vblk_slot *slot, struct block_request *r)
{
	struct vq_piece pieces[BLOCK_PIECES_MAX + 2];
	unsigned n = 0, out;
	int err;

	slot->hdr = (struct virtio_blk_outhdr){
		.type = type_of[r->op], .sector = r->op == BLOCK_FLUSH ? 0 : r->sector,
	};
	slot->status = STATUS_NONE;
	slot->room = r->op == BLOCK_READ ? (u64)r->sectors << SECTOR_SHIFT : 0;
	pieces[n++] = (struct vq_piece){ &slot->hdr, sizeof(slot->hdr) };
	for (unsigned i = 0; i < r->nr_pieces; i++)
		pieces[n++] = (struct vq_piece){ r->pieces[i].data, r->pieces[i].len };
	out = r->op == BLOCK_READ ? 1 : n;
	pieces[n++] = (struct vq_piece){ &slot->status, sizeof(slot->status) };
	err = virtqueue_add(v->vq, pieces, out, n - out, slot);
	if (!err)
		slot->request = r;
	return err == -ENOSPC ? -EBUSY : err;
}

static int vblk_submit(struct disk *disk, struct block_request *r)
{
	struct vblk *v = disk->priv;
	struct vblk_slot *slot;
	unsigned long flags;
	int err = -EIO;

	spin_lock_irqsave(&v->lock, flags);
	if (likely(!v->dead)) {
		slot = free_slot(v);
		err = slot ? enqueue(v, slot, r) : -EBUSY;
		if (!err)
			virtqueue_kick(v->vq);
	}
	spin_unlock_irqrestore(&v->lock, flags);
	return err;
}

static const struct disk_ops vblk_ops = { .submit = vblk_submit };

/* v->lock held. */
static void end_slot(struct vblk *v, struct vblk_slot *slot, int err)
{
	struct block_request *r = slot->request;

	slot->request = NULL;
	block_end(&v->disk, r, err);
}

static int result_of(const struct vblk_slot *slot, u32 written)
{
	if (READ_ONCE(slot->status) != VIRTIO_BLK_S_OK)
		return -EIO;
	/* A read that filled less left somebody else's bytes in the page. */
	return written < slot->room ? -EIO : 0;
}

/* v->lock held. */
static void give_up(struct vblk *v)
{
	struct vblk_slot *slot;

	v->dead = true;
	pr_err("%s: the device broke the rules: no longer used\n", v->disk.name);
	virtio_reset(v->vdev);
	while ((slot = virtqueue_detach(v->vq)))
		end_slot(v, slot, -EIO);
}

static void vblk_callback(struct virtqueue *vq)
{
	struct vblk *v = vq->priv;
	struct vblk_slot *slot;
	unsigned long flags;
	u32 written;

	spin_lock_irqsave(&v->lock, flags);
	do {
		while ((slot = virtqueue_get(vq, &written)))
			end_slot(v, slot, result_of(slot, written));
	} while (!vq->broken && !virtqueue_irq_on(vq, 1));
	if (unlikely(vq->broken && !v->dead))
		give_up(v);
	spin_unlock_irqrestore(&v->lock, flags);
}

/* ---- probing ---- */

static void read_config(struct vblk *v)
{
	struct virtio_device *vdev = v->vdev;
	struct disk *disk = &v->disk;
	u32 size = 1u << SECTOR_SHIFT, pieces = 1;

	if (virtio_has(vdev, VIRTIO_BLK_F_BLK_SIZE))
		size = virtio_config_u32(vdev, CFG(blk_size));
	if (virtio_has(vdev, VIRTIO_BLK_F_SEG_MAX))
		pieces = virtio_config_u32(vdev, CFG(seg_max));
	if (virtio_has(vdev, VIRTIO_BLK_F_GEOMETRY)) {
		disk->geometry.cylinders = virtio_config_u16(vdev, CFG(geometry.cylinders));
		disk->geometry.heads = virtio_config_u8(vdev, CFG(geometry.heads));
		disk->geometry.sectors = virtio_config_u8(vdev, CFG(geometry.sectors));
	}
	disk->sectors = virtio_config_u64(vdev, CFG(capacity));
	disk->block_size = size;
	disk->always_read_only = virtio_has(vdev, VIRTIO_BLK_F_RO);
	disk->can_flush = virtio_has(vdev, VIRTIO_BLK_F_FLUSH);
	/* Of whole blocks, and of no more pieces than the queue has room for. */
	if (size >= 1u << SECTOR_SHIFT && !(size & (size - 1)))
		disk->sectors &= ~(u64)((size >> SECTOR_SHIFT) - 1);
	disk->max_pieces = min3(max(pieces, 1u), BLOCK_PIECES_MAX, v->vq->ring.num - 2u);
}

static int vblk_probe(struct virtio_device *vdev)
{
	struct vblk *v;
	int err = virtio_negotiate(vdev, WANTED);

	if (err)
		return err;
	v = kzalloc(sizeof(*v), GFP_KERNEL);
	if (!v)
		return -ENOMEM;
	v->vdev = vdev;
	spin_lock_init(&v->lock);
	v->vq = virtio_vq_create(vdev, 0, VIRTQUEUE_MAX, vblk_callback);
	err = IS_ERR(v->vq) ? (int)PTR_ERR(v->vq) : 0;
	if (!err && v->vq->ring.num < 4)
		err = -EINVAL;
	if (err)
		goto out_free;
	v->vq->priv = v;
	v->nr_slots = min_t(unsigned, SLOTS_MAX, v->vq->ring.num);
	read_config(v);
	err = virtio_start(vdev);
	if (err)
		goto out_free;
	v->disk.device = vdev->name;
	v->disk.ops = &vblk_ops;
	v->disk.priv = v;
	virtqueue_irq_on(v->vq, 1);
	err = disk_register(&v->disk);
	if (!err)
		return 0;
	pr_err("virtio_blk: %s: %llu sectors, blocks of %u bytes: refused, error %d\n", vdev->name,
	       (unsigned long long)v->disk.sectors, v->disk.block_size, err);
out_free:
	kfree(v);
	return err;
}
VIRTIO_DRIVER(virtio_blk, VIRTIO_ID_BLOCK, vblk_probe);
