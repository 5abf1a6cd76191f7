/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ids with a pointer behind each: pids, timers, IPC objects. An xarray with
 * allocation of the lowest free id, or of the next one after the last given
 * out. The caller brings the lock. A zeroed struct is an empty map.
 */
#ifndef LIB_IDR_H
#define LIB_IDR_H

#include <lib/xarray.h>

struct idr {
	struct xarray xa;
	u32           next;     /* where the cyclic search starts */
};

#define IDR_INIT { XARRAY_INIT, 0 }
#define DEFINE_IDR(name) struct idr name = IDR_INIT

static inline void idr_init(struct idr *idr)
{
	*idr = (struct idr)IDR_INIT;
}

/* Lowest free id in start..end-1 (end 0: no limit). id, or -ENOSPC, -ENOMEM. */
int __must_check idr_alloc(struct idr *idr, void *ptr, u32 start, u32 end);
/* The same, but goes on after the last id given out, wrapping to start. */
int __must_check idr_alloc_cyclic(struct idr *idr, void *ptr, u32 start, u32 end);

static inline void *idr_find(const struct idr *idr, u32 id)
{
	return xa_load(&idr->xa, id);
}

static inline void *idr_remove(struct idr *idr, u32 id)
{
	return xa_erase(&idr->xa, id);
}

static inline void *idr_replace(struct idr *idr, void *ptr, u32 id)
{
	return xa_replace(&idr->xa, id, ptr);
}

static inline bool idr_is_empty(const struct idr *idr)
{
	return xa_empty(&idr->xa);
}

static inline void idr_destroy(struct idr *idr)
{
	xa_destroy(&idr->xa);
}

/* id is a u64 variable. */
#define idr_for_each_entry(idr, entry, id) xa_for_each(&(idr)->xa, id, entry)

#endif
