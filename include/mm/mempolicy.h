/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory policies (set_mempolicy(2)), on a machine whose memory is one node: they are checked,
 * kept, inherited and told, and each of them means the same place.
 */
#ifndef MM_MEMPOLICY_H
#define MM_MEMPOLICY_H

#include <lib/types.h>

/* Of a task or a mapping. All zero: the default. */
struct mempolicy {
	u16 mode;	/* MPOL_* with its mode flags */
	u16 nodes;	/* as get_mempolicy(2) tells them, one bit a node */
};

static inline bool mempolicy_equal(struct mempolicy a, struct mempolicy b)
{
	return a.mode == b.mode && a.nodes == b.nodes;
}

#endif
