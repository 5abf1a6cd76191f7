/* SPDX-License-Identifier: BSD-2-Clause */
/* For boot tests of who runs where and how long: threads that compute until told to stop. */
#ifndef SCHED_HOG_H
#define SCHED_HOG_H

#include "sched.h"

#define CPU0	1ull
#define CPU1	2ull

struct hog {
	struct task *task;
	u64 rounds;
	bool stop;
};

/* Starts one on these CPUs; `policy` is SCHED_*, `priority` 0 for all but FIFO and RR. */
void hog_start(struct hog *h, u64 cpus, int policy, int priority);
/* Stops it, and waits for its end. */
void hog_stop(struct hog *h);
void set_policy(struct task *t, int policy, int priority);
void sleep_ms(nsec_t ms);

#endif
