/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Small integer ids: the lowest free one, from a bitmap that doubles when it
 * is full. The caller brings the lock. A zeroed struct is an empty set.
 */
#ifndef LIB_IDA_H
#define LIB_IDA_H

#include <lib/bitmap.h>
#include <lib/errno.h>

#define IDA_MAX (1U << 30)      /* ids are below this */

struct ida {
	unsigned long *map;
	unsigned int   bits;    /* size of map */
	unsigned int   used;
	unsigned int   hint;    /* no free id below */
};

#define IDA_INIT { NULL, 0, 0, 0 }
#define DEFINE_IDA(name) struct ida name = IDA_INIT

static inline void ida_init(struct ida *ida)
{
	*ida = (struct ida)IDA_INIT;
}

/* The lowest free id in min..max (inclusive), or -ENOSPC, -ENOMEM, -EINVAL. */
int __must_check ida_alloc_range(struct ida *ida, unsigned int min, unsigned int max);
/* Freeing an id that is not allocated does nothing and returns false. */
bool ida_free(struct ida *ida, unsigned int id);
bool ida_test(const struct ida *ida, unsigned int id);
void ida_destroy(struct ida *ida);

#define ida_alloc(ida)           ida_alloc_range(ida, 0, IDA_MAX - 1)
#define ida_alloc_min(ida, min)  ida_alloc_range(ida, min, IDA_MAX - 1)
#define ida_alloc_max(ida, max)  ida_alloc_range(ida, 0, max)

#endif
