/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Virtio devices: finding one's driver, agreeing on features, queues and configuration space.
 *
 * The life of a device: probe() calls virtio_negotiate() once and virtio_vq_create() for each
 * queue; virtio_start() makes it live, virtio_reset() stops it, after which the device touches
 * no memory of ours, and chains that were out come back by virtqueue_detach(). Start and reset
 * may alternate for ever: start repeats the agreement made at first.
 *
 * Context: probe, negotiate and create sleep; start, reset and the config reads do not. They
 * are the driver's to serialise. The callbacks of queues and `config_changed` come from the
 * interrupt handler, IRQs off, also shortly after a reset.
 *
 * The only transport is MMIO (virtio 1.2, section 4.2), both of version 2 and of the legacy
 * version 1, which QEMU shows unless told otherwise.
 */
#ifndef KERNEL_VIRTIO_H
#define KERNEL_VIRTIO_H

#include <kernel/virtqueue.h>
#include <linux/virtio_ids.h>

#define VIRTIO_VQS_MAX	4		/* of one device */

struct virtio_device;

struct virtio_driver {
	const char *name;
	u32 device_id;				/* VIRTIO_ID_* */
	/* 0 or -errno; what it created is freed by the caller then, and the device reset. */
	int (*probe)(struct virtio_device *dev);
};

#define VIRTIO_DRIVER(name_, id, probe_)					\
	static const struct virtio_driver __virtio_driver_##name_ __used	\
	__attribute__((__section__(".virtio_drivers"), __aligned__(8))) = {	\
		.name = #name_, .device_id = id, .probe = probe_ }

/* Set by virtio_negotiate(), never changed afterwards but by the transport. */
struct virtio_device {
	u32		id;			/* VIRTIO_ID_* */
	u64		features;		/* agreed upon */
	bool		modern;			/* version 1 of the standard, not legacy */
	const char	*name;			/* of its node in the device tree */
	void		*priv;			/* the driver's */
	/* The configuration space changed. IRQs off. May be NULL. */
	void		(*config_changed)(struct virtio_device *dev);
	unsigned	nr_vqs;
	struct virtqueue *vqs[VIRTIO_VQS_MAX];
};

static inline bool virtio_has(const struct virtio_device *dev, unsigned bit)
{
	return dev->features & BIT_ULL(bit);
}

/* Resets the device and takes of `wanted` what it offers. 0; -ENODEV it refuses, -EIO it is dead. */
int virtio_negotiate(struct virtio_device *dev, u64 wanted);
/*
 * Queue `index`, at most `max` long (a power of two, up to VIRTQUEUE_MAX). ERR_PTR: -ENOENT the
 * device has none, -ENOMEM, -ENOSPC.
 */
struct virtqueue *virtio_vq_create(struct virtio_device *dev, u16 index, unsigned max,
				   void (*callback)(struct virtqueue *vq));
/* All queues empty, the device live. 0, -ENODEV, -EIO. */
int virtio_start(struct virtio_device *dev);
void virtio_reset(struct virtio_device *dev);

/* Fields of the configuration space, each read as wide as it is. */
u8 virtio_config_u8(struct virtio_device *dev, unsigned offset);
u16 virtio_config_u16(struct virtio_device *dev, unsigned offset);
u32 virtio_config_u32(struct virtio_device *dev, unsigned offset);
/* Untorn. */
u64 virtio_config_u64(struct virtio_device *dev, unsigned offset);

#endif
