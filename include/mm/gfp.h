/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gfp_t: how far an allocator may go to satisfy a request.
 *
 *	GFP_KERNEL   may sleep and reclaim; NULL when memory is really out, and the
 *	             caller returns -ENOMEM.
 *	GFP_ATOMIC   never sleeps, any context, may dip into the reserve; NULL is normal.
 *	GFP_NOWAIT   as GFP_ATOMIC without the reserve.
 *	GFP_USER     memory for user pages: as GFP_KERNEL, and when reclaim finds nothing
 *	             the OOM killer is asked. NULL only if current is to die.
 *	GFP_ZERO     or in: zeroed.
 */
#ifndef MM_GFP_H
#define MM_GFP_H

typedef unsigned int gfp_t;

#define __GFP_ZERO      0x1u
#define __GFP_RECLAIM   0x2u            /* may sleep: drain, shrink, drop clean cache */
#define __GFP_RESERVE   0x4u            /* may use the emergency reserve */
#define __GFP_OOM       0x8u            /* may kill for it */
#define __GFP_NOWARN    0x10u

#define GFP_KERNEL      __GFP_RECLAIM
#define GFP_ATOMIC      __GFP_RESERVE
#define GFP_NOWAIT      0u
#define GFP_USER        (__GFP_RECLAIM | __GFP_OOM)
#define GFP_ZERO        __GFP_ZERO

#endif
