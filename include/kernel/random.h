/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random numbers: one generator, seeded at boot and reseeded from interrupts' timing.
 * Context: any.
 */
#ifndef KERNEL_RANDOM_H
#define KERNEL_RANDOM_H

#include <lib/types.h>

void get_random_bytes(void *buf, size_t len);
u64 get_random_u64(void);
/* A number in [0, bound), without bias; bound > 0. */
u64 get_random_below(u64 bound);
/* Mixes bytes in; `credit`: they hold at least 256 bits that an outsider cannot know. */
void random_mix(const void *buf, size_t len, bool credit);
bool random_seeded(void);
/* Blocks until seeded; 0 or -ERESTARTSYS. */
int random_wait_seeded(void);
void random_init(void);

#endif
