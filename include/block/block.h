/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Block devices: what a disk's driver provides, and what a disk is to its users.
 *
 * A disk is an array of 512-byte sectors and, in front of it, one page cache that everybody
 * shares: all special files with its number and the file systems on it. Data moves by requests,
 * each a run of sectors and the memory for it. There is no queue here and no elevator: a
 * request goes straight to the driver, as many at a time as the device takes, and who sends
 * it sleeps until its end. The device reorders better than we could.
 *
 *  - A disk stays for ever once it is registered. One that is gone answers -EIO.
 *  - A partition is a disk, with a cache of its own, whose requests go to the disk it is on. It
 *    changes only while nobody has it open: then others may come, and it may be there no more.
 *  - submit() refuses by -EBUSY what does not fit now; the caller sleeps till a request ends.
 *  - The end of a request may come before submit() returns.
 *  - An error belongs to the request it happened to. Nothing is tried twice.
 *
 * Context: task context, may sleep, unless a line says otherwise. Lock order: a page's
 * PG_LOCKED, then the driver's lock, then disk->lock; both with IRQs off.
 */
#ifndef BLOCK_BLOCK_H
#define BLOCK_BLOCK_H

#include <block/partition.h>
#include <fs/fs.h>
#include <kernel/spinlock.h>
#include <kernel/wait.h>
#include <lib/types.h>
#include <mm/pagecache.h>

#define SECTOR_SHIFT		9
#define BLOCK_MAJOR		254u	/* of all disks: the first number Linux gives out freely */
#define BLOCK_MINORS		16u	/* of one disk */
#define BLOCK_PIECES_MAX	32u

enum block_op { BLOCK_READ, BLOCK_WRITE, BLOCK_FLUSH, NR_BLOCK_OPS };

struct block_piece {
	void	*data;			/* in the linear map */
	u32	 len;			/* bytes, whole logical blocks */
};

/* Locks:  c  the sender, constant while the request is out   d  disk->lock */
struct block_request {
	enum block_op	   op;		/* c */
	u64		   sector;	/* c */
	u32		   sectors;	/* c  0 for a flush */
	unsigned	   nr_pieces;	/* c */
	struct block_piece pieces[BLOCK_PIECES_MAX];	/* c */
	nsec_t		   begin;	/* c */
	int		   err;		/* d  valid once done */
	bool		   done;	/* d  the driver has let go of it */
};

struct disk;

struct disk_ops {
	/*
	 * Starts a request within the device's size and of at most max_pieces. 0: it ends by
	 * block_end(), in any context; -EBUSY: no room now, one that is out will end;
	 * -EIO: the device is dead. Any task context, does not sleep.
	 */
	int (*submit)(struct disk *disk, struct block_request *request);
};

struct disk_stats {
	u64 ops, sectors, ns;		/* requests that ended, what they moved, how long it took */
};

/*
 * Locks:  i  never changes after disk_register()   d  lock, IRQs off   a  single word
 *         o  open_lock in block/open.c             q  that; who has it open reads without
 */
struct disk {
	char		       name[16];	/* i  "vda" */
	const char	      *device;		/* i  whose disk it is, a folder of /sys */
	dev_t		       dev;		/* i */
	u32 number;				/* i  dev as user space sees it, for the trace */
	u64		       sectors;		/* q */
	u32		       block_size;	/* i  logical: 512 ... 4096, a power of two */
	u32		       max_pieces;	/* i  1 ... BLOCK_PIECES_MAX */
	bool		       can_flush;	/* i  it has a cache that a flush empties */
	bool		       always_read_only; /* i  the device refuses writes */
	bool		       read_only;	/* a  that, or BLKROSET */
	u32		       read_ahead;	/* a  pages, BLKRASET; at most max_pieces at once */
	struct { u16 cylinders; u8 heads, sectors; } geometry; /* i  HDIO_GETGEO */
	const struct disk_ops *ops;		/* i */
	void		      *priv;		/* i  the driver's */

	struct inode	      *inode;		/* i  whose i_cache and i_size are the disk's */
	struct page_cache      cache;
	struct disk	      *whole;		/* i  of a partition: the disk it is on; or NULL */
	u64		       start;		/* q  its first sector there */
	struct disk	      *parts[PARTITIONS_MAX + 1]; /* o  by number; readers see whole disks */
	bool		       there;		/* o  the table of the disk has it */
	struct file	      *holder;		/* o  opened by O_EXCL */
	unsigned	       held_parts;	/* o  partitions that have a holder */
	unsigned	       openers;		/* o  files that are open */

	spinlock_t	       lock;
	struct wait_queue      ended;		/* a request ended */
	unsigned	       in_flight;	/* d */
	nsec_t		       busy_since;	/* d  in_flight became nonzero */
	nsec_t		       busy;		/* d  before that */
	struct disk_stats      stats[NR_BLOCK_OPS]; /* d */
};

static inline u64 disk_bytes(const struct disk *disk)
{
	return disk->sectors << SECTOR_SHIFT;
}

/* ---- for drivers ---- */

/*
 * Announces a disk whose fields up to priv are set, but for name and dev: it becomes the next of
 * vda, vdb, ... with its node and folder in /sys. 0, -ENOSPC (26 disks), -ENOMEM, -EINVAL.
 */
int disk_register(struct disk *disk);
/* A request that submit() took has ended with 0 or -errno. Any context. */
void block_end(struct disk *disk, struct block_request *request, int err);

/* ---- for users ---- */

/* By number, NULL: none. Any context. */
struct disk *disk_find(dev_t dev);
/* The disk or partition after this one, the first after NULL; NULL at the end. Any context. */
struct disk *disk_next(struct disk *disk);
/* Sends a request that has op, sector and pieces, and sleeps till its end: 0, -EIO. */
int block_rw(struct disk *disk, struct block_request *request);
/* Lets what was written reach the medium. 0, -EIO. */
int block_flush(struct disk *disk);

/* Requests and times now; `busy` as if idle from now on. Any context. */
struct disk_snapshot {
	struct disk_stats stats[NR_BLOCK_OPS];
	unsigned in_flight;
	nsec_t busy;
};
void disk_snapshot(struct disk *disk, struct disk_snapshot *out);
/* Sectors that requests have moved from or to all disks. Any context. */
u64 block_moved(enum block_op op);

static inline bool disk_is_read_only(const struct disk *disk)
{
	return READ_ONCE(disk->read_only) || (disk->whole && READ_ONCE(disk->whole->read_only));
}

/* Pages that are read ahead at once. */
static inline u32 disk_read_ahead(const struct disk *disk)
{
	return min(READ_ONCE(disk->read_ahead), disk->max_pieces);
}

/* ---- who uses it (block/open.c) ---- */

/*
 * One more user, for whom `holder` is claimed if it is not NULL, against other claims of the disk,
 * and of its partitions or the disk it is on. 0, -ENXIO: not there, -EBUSY: claimed.
 */
int disk_open(struct disk *disk, struct file *holder);
/* The end of that. As on Linux, the last writes what is dirty. */
void disk_close(struct disk *disk, struct file *holder);
/* A partition that is not there gets its place on the disk. */
void disk_place(struct disk *part, u64 start, u64 sectors);
/*
 * Those of a disk lose theirs, *gone are their numbers; or -EBUSY, and none, if one is open. Their
 * caches still have what was written.
 */
int disk_unplace_parts(struct disk *whole, u32 *gone);

/* ---- partitions (block/scan.c) ---- */

/*
 * Reads the table of partitions and makes them, instead of those that were. 0, -EBUSY: one is open
 * and all stay; -EIO: it cannot be read, there are none now; -EINVAL: this is a partition; -ENOMEM.
 */
int disk_scan(struct disk *disk);

/* ---- the cache (block/cache.c) ---- */

/* For a disk or partition that is new: 0 or -ENOMEM. */
int disk_cache_init(struct disk *disk);
/* Forgets all pages, of a partition that nobody has open; what was dirty is written. */
void disk_cache_empty(struct disk *disk);
/* A page of some disk is dirty, by page_set_dirty(): it is written within seconds. */
void disk_cache_dirtied(void);
/* Writes all that is dirty; an error is left to the next fsync(2). */
void disk_cache_write(struct disk *disk);
/* The same, if too much memory is dirty. */
void disk_cache_balance(struct disk *disk);
/* Bytes [start, end] are on the medium: 0 or -EIO. */
int disk_cache_sync(struct disk *disk, u64 start, u64 end);

/* Files of /sys and /dev (block/show.c); those of a partition come and go with it. */
int disk_show(struct disk *disk);
void disk_hide(struct disk *disk);

#endif
