/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of the simulation: sim_tcp.c programs, sim_check.c rules, sim_host.c kernel, sim_wire.c network. */
#ifndef SIM_H
#define SIM_H

#include <lib/types.h>

struct lw_dev;
struct wait_queue;

void *malloc(size_t);
void *calloc(size_t, size_t);
void free(void *);
int printf(const char *, ...);
_Noreturn void _exit(int);

/* ---- lots, all of a seed ---- */

void sim_seed(u64 seed);
u32  lot(u32 n);			/* 0 to n - 1 */
static inline bool chance(u32 n)	/* one in n; 0: never */
{
	return n && !lot(n);
}
/* Of any order of magnitude up to most. */
u32 lot_size(u32 most);

/* ---- sim_host.c ---- */

extern u64 sim_now;			/* ns */
extern u32 sim_refuse;			/* one in so many allocations that may fail does; 0: none */
extern u32 sim_objects;			/* of caches, allocated and not freed */
void sim_worker(void);			/* the kernel thread of net/netdev.c, until it would sleep */
/* Who waits there and is woken by `bits` (0: whatever they are). */
void sim_woken(struct wait_queue *wq, u32 bits);
_Noreturn void sim_fail(const char *fmt, ...);

/* ---- sim_check.c ---- */

void sim_check(bool resized);		/* SO_RCVBUF was changed */
void sim_check_nothing_left(u32 objects);
void sim_show_queues(void);

/* ---- sim_wire.c ---- */

#define WIRE_OURS	0x0200000au	/* 10.0.0.2, network byte order */
#define WIRE_THEIRS	0x0300000au	/* 10.0.0.3: the same machine, in the mirror */

extern struct sim_wire {
	u32 lose, repeat, swap, refuse;	/* one in so many frames; 0: none */
	u32 ring;			/* frames that the device takes */
	u32 step;			/* most frames that move at a time, on each way */
	u64 stalled;			/* sim_now until when the device does not read what it is given */
	bool whole;			/* what the device is given to cut arrives uncut */
} sim_wire;
extern u32 sim_frames;			/* with the stack or on the way */
void sim_wire_add(u32 mtu, u32 features);

#endif
