/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Virtio over memory-mapped registers (virtio 1.2, section 4.2), version 2 and legacy version 1:
 * finds the devices behind the nodes "virtio,mmio", most of which are empty slots, and their
 * drivers. See <kernel/virtio.h>.
 */
#include <arch/io.h>
#include <kernel/driver.h>
#include <kernel/dt.h>
#include <kernel/init.h>
#include <kernel/irq.h>
#include <kernel/printk.h>
#include <kernel/virtio.h>
#include <lib/bitops.h>
#include <lib/err.h>
#include <lib/errno.h>
#include <mm/page.h>
#include <mm/slab.h>
#include <mm/vmap.h>
#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>

#define MAGIC		0x74726976u	/* "virt" */
#define RESET_TRIES	100000u		/* reads of the status before a device counts as dead */
#define TORN_TRIES	100u

struct mmio_device {
	struct virtio_device vdev;
	u8 __iomem	*base;
	unsigned	 irq;
};

extern const struct virtio_driver __start_virtio_drivers[], __stop_virtio_drivers[];

static struct mmio_device *mmio_of(struct virtio_device *dev)
{
	return container_of(dev, struct mmio_device, vdev);
}
static u32 rd(const struct mmio_device *m, u32 reg)
{
	return readl(m->base + reg);
}
static void wr(const struct mmio_device *m, u32 reg, u32 value)
{
	writel(value, m->base + reg);
}

/* ---- agreeing ---- */

static int reset(struct mmio_device *m)
{
	wr(m, VIRTIO_MMIO_STATUS, 0);
	for (unsigned i = 0; i < RESET_TRIES; i++)
		if (!rd(m, VIRTIO_MMIO_STATUS))
			return 0;
	pr_err("virtio: %s does not reset\n", m->vdev.name);
	return -EIO;
}

static void set_status(struct mmio_device *m, u32 bits)
{
	wr(m, VIRTIO_MMIO_STATUS, rd(m, VIRTIO_MMIO_STATUS) | bits);
}

static u64 offered(struct mmio_device *m)
{
	u64 features;

	wr(m, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 0);
	features = rd(m, VIRTIO_MMIO_DEVICE_FEATURES);
	if (m->vdev.modern) {
		wr(m, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 1);
		features |= (u64)rd(m, VIRTIO_MMIO_DEVICE_FEATURES) << 32;
	}
	return features;
}

/* From reset to where queues may be set up, with vdev.features. */
static int handshake(struct mmio_device *m)
{
	int err = reset(m);

	if (err)
		return err;
	set_status(m, VIRTIO_CONFIG_S_ACKNOWLEDGE);
	set_status(m, VIRTIO_CONFIG_S_DRIVER);
	wr(m, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 0);
	wr(m, VIRTIO_MMIO_DRIVER_FEATURES, (u32)m->vdev.features);
	if (!m->vdev.modern) {
		wr(m, VIRTIO_MMIO_GUEST_PAGE_SIZE, VIRTQUEUE_ALIGN);
		return 0;
	}
	wr(m, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 1);
	wr(m, VIRTIO_MMIO_DRIVER_FEATURES, (u32)(m->vdev.features >> 32));
	set_status(m, VIRTIO_CONFIG_S_FEATURES_OK);
	return rd(m, VIRTIO_MMIO_STATUS) & VIRTIO_CONFIG_S_FEATURES_OK ? 0 : -ENODEV;
}

int virtio_negotiate(struct virtio_device *dev, u64 wanted)
{
	struct mmio_device *m = mmio_of(dev);
	u64 can = offered(m);

	if (dev->modern) {
		wanted |= BIT_ULL(VIRTIO_F_VERSION_1);
		if (!(can & BIT_ULL(VIRTIO_F_VERSION_1)))
			return -ENODEV;
	}
	dev->features = can & (wanted | BIT_ULL(VIRTIO_RING_F_EVENT_IDX));
	return handshake(m);
}

/* ---- queues ---- */

static void notify(struct virtqueue *vq)
{
	wr(vq->owner, VIRTIO_MMIO_QUEUE_NOTIFY, vq->index);
}

static void free_vq(struct virtqueue *vq)
{
	free_pages(vq->ring.desc, size_to_order(virtqueue_bytes(vq->ring.num)));
	kfree(vq->slots);
	kfree(vq);
}

struct virtqueue *virtio_vq_create(struct virtio_device *dev, u16 index, unsigned max,
				   void (*callback)(struct virtqueue *vq))
{
	struct mmio_device *m = mmio_of(dev);
	struct virtqueue *vq;
	struct vq_slot *slots;
	void *shared;
	unsigned num;

	if (dev->nr_vqs == VIRTIO_VQS_MAX)
		return ERR_PTR(-ENOSPC);
	wr(m, VIRTIO_MMIO_QUEUE_SEL, index);
	num = min_t(unsigned, rd(m, VIRTIO_MMIO_QUEUE_NUM_MAX), min(max, VIRTQUEUE_MAX));
	if (!num)
		return ERR_PTR(-ENOENT);
	num = (unsigned)rounddown_pow_of_two(num);
	vq = kzalloc(sizeof(*vq), GFP_KERNEL);
	slots = kcalloc(num, sizeof(*slots), GFP_KERNEL);
	shared = get_free_pages(GFP_KERNEL, size_to_order(virtqueue_bytes(num)));
	if (!vq || !slots || !shared) {
		kfree(vq);
		kfree(slots);
		if (shared)
			free_pages(shared, size_to_order(virtqueue_bytes(num)));
		return ERR_PTR(-ENOMEM);
	}
	vq->owner = m;
	vq->notify = notify;
	vq->callback = callback;
	virtqueue_init(vq, index, num, shared, slots, virtio_has(dev, VIRTIO_RING_F_EVENT_IDX));
	dev->vqs[dev->nr_vqs] = vq;
	dev->nr_vqs++;
	return vq;
}

static void set_address(struct mmio_device *m, u32 reg, const void *va)
{
	phys_addr_t phys = virt_to_phys(va);

	wr(m, reg, (u32)phys);
	wr(m, reg + 4, (u32)(phys >> 32));
}

/* Empties a queue and tells the device where it is. */
static int set_up_vq(struct mmio_device *m, struct virtqueue *vq)
{
	virtqueue_init(vq, vq->index, vq->ring.num, vq->ring.desc, vq->slots, vq->event_idx);
	wr(m, VIRTIO_MMIO_QUEUE_SEL, vq->index);
	if (rd(m, VIRTIO_MMIO_QUEUE_NUM_MAX) < vq->ring.num)
		return -ENODEV;
	wr(m, VIRTIO_MMIO_QUEUE_NUM, vq->ring.num);
	if (!m->vdev.modern) {
		wr(m, VIRTIO_MMIO_QUEUE_ALIGN, VIRTQUEUE_ALIGN);
		wr(m, VIRTIO_MMIO_QUEUE_PFN, (u32)(virt_to_phys(vq->ring.desc) / VIRTQUEUE_ALIGN));
		return 0;
	}
	set_address(m, VIRTIO_MMIO_QUEUE_DESC_LOW, vq->ring.desc);
	set_address(m, VIRTIO_MMIO_QUEUE_AVAIL_LOW, vq->ring.avail);
	set_address(m, VIRTIO_MMIO_QUEUE_USED_LOW, vq->ring.used);
	wr(m, VIRTIO_MMIO_QUEUE_READY, 1);
	return 0;
}

int virtio_start(struct virtio_device *dev)
{
	struct mmio_device *m = mmio_of(dev);
	int err = handshake(m);

	for (unsigned i = 0; !err && i < dev->nr_vqs; i++)
		err = set_up_vq(m, dev->vqs[i]);
	if (!err)
		set_status(m, VIRTIO_CONFIG_S_DRIVER_OK);
	else
		wr(m, VIRTIO_MMIO_STATUS, VIRTIO_CONFIG_S_FAILED);
	return err;
}

void virtio_reset(struct virtio_device *dev)
{
	reset(mmio_of(dev));
}

/* ---- configuration space ---- */

u8 virtio_config_u8(struct virtio_device *dev, unsigned offset)
{
	return readb(mmio_of(dev)->base + VIRTIO_MMIO_CONFIG + offset);
}

u16 virtio_config_u16(struct virtio_device *dev, unsigned offset)
{
	return readw(mmio_of(dev)->base + VIRTIO_MMIO_CONFIG + offset);
}

u32 virtio_config_u32(struct virtio_device *dev, unsigned offset)
{
	return rd(mmio_of(dev), VIRTIO_MMIO_CONFIG + offset);
}

u64 virtio_config_u64(struct virtio_device *dev, unsigned offset)
{
	struct mmio_device *m = mmio_of(dev);
	u64 value = 0;

	for (unsigned i = 0; i < TORN_TRIES; i++) {
		u32 generation = dev->modern ? rd(m, VIRTIO_MMIO_CONFIG_GENERATION) : 0;

		value = virtio_config_u32(dev, offset) |
			(u64)virtio_config_u32(dev, offset + 4) << 32;
		if (!dev->modern || rd(m, VIRTIO_MMIO_CONFIG_GENERATION) == generation)
			break;
	}
	return value;
}

/* ---- interrupt, probing ---- */

static void mmio_irq(unsigned virq, void *arg)
{
	struct mmio_device *m = arg;
	u32 status = rd(m, VIRTIO_MMIO_INTERRUPT_STATUS);

	wr(m, VIRTIO_MMIO_INTERRUPT_ACK, status);
	if (status & VIRTIO_MMIO_INT_VRING)
		for (unsigned i = 0; i < m->vdev.nr_vqs; i++)
			if (m->vdev.vqs[i]->callback)
				m->vdev.vqs[i]->callback(m->vdev.vqs[i]);
	if ((status & VIRTIO_MMIO_INT_CONFIG) && m->vdev.config_changed)
		m->vdev.config_changed(&m->vdev);
}

static int probe_driver(struct mmio_device *m)
{
	struct virtio_device *dev = &m->vdev;

	for (const struct virtio_driver *d = __start_virtio_drivers; d < __stop_virtio_drivers; d++) {
		int err;

		if (d->device_id != dev->id)
			continue;
		err = irq_request(m->irq, mmio_irq, m, d->name);
		if (err)
			return err;
		err = d->probe(dev);
		if (!err)
			return 0;
		irq_free(m->irq);
		reset(m);
		for (unsigned i = 0; i < dev->nr_vqs; i++)
			free_vq(dev->vqs[i]);
		return err;
	}
	pr_info("virtio: %s: no driver for a device of type %u\n", dev->name, dev->id);
	return -ENODEV;
}

static int mmio_probe(const void *fdt, int node)
{
	struct mmio_device *m;
	phys_addr_t phys;
	u32 version;
	u64 size;
	int err;

	err = dt_reg(node, 0, &phys, &size);
	if (err || size <= VIRTIO_MMIO_CONFIG)
		return err ? err : -EINVAL;
	m = kzalloc(sizeof(*m), GFP_KERNEL);
	if (!m)
		return -ENOMEM;
	m->vdev.name = fdt_get_name(fdt, node, NULL);
	m->base = ioremap(phys, size);
	err = -ENOMEM;
	if (!m->base)
		goto out_free;
	version = rd(m, VIRTIO_MMIO_VERSION);
	m->vdev.id = rd(m, VIRTIO_MMIO_DEVICE_ID);
	m->vdev.modern = version == 2;
	err = -ENODEV;
	if (rd(m, VIRTIO_MMIO_MAGIC_VALUE) != MAGIC || !m->vdev.id)
		goto out_unmap;		/* an empty slot */
	if (version != 1 && version != 2) {
		pr_err("virtio: %s: version %u of the registers is unknown\n", m->vdev.name, version);
		goto out_unmap;
	}
	err = dt_irq(node, 0);
	if (err < 0)
		goto out_unmap;
	m->irq = (unsigned)err;
	err = probe_driver(m);
	if (!err)
		return 0;
out_unmap:
	iounmap(m->base);
out_free:
	kfree(m);
	return err;
}
DRIVER(virtio_mmio, "virtio,mmio", mmio_probe);
