/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Disks: their registration, and the way of a request to the driver and back, counted and
 * traced. See <block/block.h>.
 */
#include <block/block.h>
#include <kernel/printk.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <lib/printf.h>
#include <trace/block.h>

#define DISKS_MAX 26u		/* vda ... vdz */

static DEFINE_MUTEX(disks_lock);	/* registration; readers see whole disks */
static struct disk *disks[DISKS_MAX];
static unsigned nr_disks;

/* ---- which there are ---- */

struct disk *disk_find(dev_t dev)
{
	unsigned number = MINOR(dev) / BLOCK_MINORS, part = MINOR(dev) % BLOCK_MINORS;
	struct disk *disk;

	if (MAJOR(dev) != BLOCK_MAJOR || number >= DISKS_MAX)
		return NULL;
	disk = __atomic_load_n(&disks[number], __ATOMIC_ACQUIRE);
	return disk && part ? __atomic_load_n(&disk->parts[part], __ATOMIC_ACQUIRE) : disk;
}

struct disk *disk_next(struct disk *disk)
{
	unsigned minor = disk ? MINOR(disk->dev) + 1 : 0;
	struct disk *next = NULL;

	for (; !next && minor < DISKS_MAX * BLOCK_MINORS; minor++)
		next = disk_find(MKDEV(BLOCK_MAJOR, minor));
	return next;
}

static bool is_sound(const struct disk *disk)
{
	u32 size = disk->block_size;

	return size >= 1u << SECTOR_SHIFT && size <= PAGE_SIZE && !(size & (size - 1)) &&
	       disk->sectors <= (u64)S64_MAX >> SECTOR_SHIFT && disk->max_pieces &&
	       disk->max_pieces <= BLOCK_PIECES_MAX;
}

int disk_register(struct disk *disk)
{
	int err = 0;

	if (!is_sound(disk))
		return -EINVAL;
	spin_lock_init(&disk->lock);
	wait_queue_init(&disk->ended);
	disk->read_only = disk->always_read_only;
	disk->read_ahead = disk->max_pieces;
	disk->there = true;
	if (!disk->geometry.heads) {
		/* As Linux makes it up: a megabyte a cylinder. */
		disk->geometry.heads = 64;
		disk->geometry.sectors = 32;
		disk->geometry.cylinders = (u16)(disk->sectors >> 11);
	}
	mutex_lock(&disks_lock);
	if (nr_disks == DISKS_MAX)
		err = -ENOSPC;
	if (!err) {
		snprintf(disk->name, sizeof(disk->name), "vd%c", 'a' + nr_disks);
		disk->dev = MKDEV(BLOCK_MAJOR, nr_disks * BLOCK_MINORS);
		disk->number = (u32)dev_encode(disk->dev);
		err = disk_cache_init(disk);
	}
	if (!err) {
		__atomic_store_n(&disks[nr_disks], disk, __ATOMIC_RELEASE);
		nr_disks++;
	}
	mutex_unlock(&disks_lock);
	if (err)
		return err;
	/* A disk without its texts is a disk. */
	err = disk_show(disk);
	if (err)
		pr_err("%s: no files for it: error %d\n", disk->name, err);
	pr_info("%s: %llu %u-byte logical blocks (%llu MB)%s\n", disk->name,
		(unsigned long long)(disk_bytes(disk) / disk->block_size),
		disk->block_size, (unsigned long long)(disk->sectors >> (20 - SECTOR_SHIFT)),
		disk->read_only ? ", read-only" : "");
	disk_scan(disk);
	return 0;
}

/* ---- requests ---- */

static const char *const op_names[NR_BLOCK_OPS] = { "read", "write", "flush" };

static void trace_issue(struct disk *disk, struct block_request *r)
{
	if (r->op == BLOCK_READ)
		TRACE(block_read, disk->number, r->sector, r->sectors);
	else if (r->op == BLOCK_WRITE)
		TRACE(block_write, disk->number, r->sector, r->sectors);
	else
		TRACE(block_flush, disk->number);
}

static void begin(struct disk *disk, struct block_request *r)
{
	unsigned long flags;

	r->begin = ktime_get();
	spin_lock_irqsave(&disk->lock, flags);
	if (!disk->in_flight++)
		disk->busy_since = r->begin;
	spin_unlock_irqrestore(&disk->lock, flags);
}

/* Takes it out of the count; a request that ended counts in the statistics. */
static void finish(struct disk *disk, struct block_request *r, nsec_t now, bool counts)
{
	unsigned long flags;

	spin_lock_irqsave(&disk->lock, flags);
	if (!--disk->in_flight)
		disk->busy += now - disk->busy_since;
	if (counts) {
		disk->stats[r->op].ops++;
		disk->stats[r->op].sectors += r->sectors;
		disk->stats[r->op].ns += (u64)(now - r->begin);
		r->done = true;		/* the sender may be gone after the unlock */
	}
	spin_unlock_irqrestore(&disk->lock, flags);
}

void block_end(struct disk *disk, struct block_request *r, int err)
{
	nsec_t now = ktime_get();

	TRACE(block_complete, disk->number, r->sector, (u64)(now - r->begin));
	if (unlikely(err))
		TRACE(block_error, disk->number, r->sector, (u32)-err);
	r->err = err;
	finish(disk, r, now, true);
	wake_up_all(&disk->ended);
}

static bool is_done(struct disk *disk, struct block_request *r)
{
	unsigned long flags;
	bool done;

	spin_lock_irqsave(&disk->lock, flags);
	done = r->done;
	spin_unlock_irqrestore(&disk->lock, flags);
	return done;
}

/* True if there is an answer: *err is submit()'s. */
static bool try_submit(struct disk *disk, struct block_request *r, int *err)
{
	begin(disk, r);
	*err = disk->ops->submit(disk, r);
	if (*err)
		finish(disk, r, ktime_get(), false);
	return *err != -EBUSY;
}

static int send(struct disk *disk, struct block_request *r)
{
	int err;

	trace_issue(disk, r);
	wait_event(&disk->ended, try_submit(disk, r, &err));
	if (!err) {
		wait_event(&disk->ended, is_done(disk, r));
		err = r->err;
	}
	if (unlikely(err))
		pr_warn_ratelimited("%s: I/O error at sector %llu: %s of %u\n", disk->name,
				    (unsigned long long)r->sector, op_names[r->op], r->sectors);
	return err;
}

int block_rw(struct disk *disk, struct block_request *r)
{
	u64 bytes = 0;
	int err;

	for (unsigned i = 0; i < r->nr_pieces; i++)
		bytes += r->pieces[i].len;
	r->sectors = (u32)(bytes >> SECTOR_SHIFT);
	r->done = false;
	r->err = 0;
	if (r->sector > disk->sectors || r->sectors > disk->sectors - r->sector)
		return -EIO;
	if (r->op == BLOCK_READ)
		current->io.read_bytes += bytes;
	if (!disk->whole)
		return send(disk, r);
	/* It counts as the partition's and as the disk's. */
	r->sector += disk->start;
	begin(disk, r);
	err = send(disk->whole, r);
	finish(disk, r, ktime_get(), true);
	return err;
}

int block_flush(struct disk *disk)
{
	struct block_request request;

	if (!disk->can_flush)
		return 0;
	request.op = BLOCK_FLUSH;
	request.sector = 0;
	request.nr_pieces = 0;
	return block_rw(disk, &request);
}

void disk_snapshot(struct disk *disk, struct disk_snapshot *out)
{
	unsigned long flags;

	spin_lock_irqsave(&disk->lock, flags);
	for (unsigned op = 0; op < NR_BLOCK_OPS; op++)
		out->stats[op] = disk->stats[op];
	out->in_flight = disk->in_flight;
	out->busy = disk->busy + (disk->in_flight ? ktime_get() - disk->busy_since : 0);
	spin_unlock_irqrestore(&disk->lock, flags);
}

u64 block_moved(enum block_op op)
{
	struct disk_snapshot now;
	u64 sectors = 0;

	for (struct disk *disk = NULL; (disk = disk_next(disk));) {
		if (disk->whole)
			continue;
		disk_snapshot(disk, &now);
		sectors += now.stats[op].sectors;
	}
	return sectors;
}
