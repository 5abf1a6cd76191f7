/* SPDX-License-Identifier: BSD-2-Clause */
/* Locks with priority inheritance that children share: what the tests of them have in common. */
#ifndef USR_TESTS_PI_LOCKS_H
#define USR_TESTS_PI_LOCKS_H

#include <linux/futex.h>

#include "helpers.h"

#define LOCK(word)   futex(word, FUTEX_LOCK_PI, 0, NULL, NULL, 0)
#define UNLOCK(word) futex(word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0)
#define TRY(word)    futex(word, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0)

#ifndef FUTEX_LOCK_PI2
#define FUTEX_LOCK_PI2 13
#endif

/*
 * After share_words(): 1024 words that children share. Those from 64 on are for what they tell
 * each other; words[127] of waiter() have had their turn, in the order of words[128]...
 */
extern volatile int *words;
void share_words(void);

long futex(volatile int *word, int op, int value, const void *timeout_or_value2,
	   volatile int *word2, int value3);
/* Waits some seconds for it. */
void wait_until(volatile int *flag, int value);
/* FIFO of this priority; 0: SCHED_OTHER. */
void run_fifo(pid_t pid, int priority);
/* The priority in effect, of /proc/PID/stat: 20 + nice, or -1 - real-time priority. */
int prio_of(pid_t pid);
void expect_prio(pid_t pid, int wanted);
/* A child that holds `word` until words[flag] is set, then unlocks it and exits. */
pid_t holder(volatile int *word, int flag);
/* In a child: its turn has come. */
void note_turn(void);
/* A child has gone to sleep and stays so. */
void wait_until_asleep(pid_t pid);
/* A child of this FIFO priority (0: none) that waits for `word`, notes its turn, unlocks and exits. */
pid_t waiter(volatile int *word, int priority);

#endif
