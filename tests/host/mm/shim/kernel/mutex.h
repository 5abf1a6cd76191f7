/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_MUTEX_H
#define KERNEL_MUTEX_H
#include <kernel/spinlock.h>
struct mutex { spinlock_t l; };
#define DEFINE_MUTEX(name) struct mutex name
static inline void mutex_init(struct mutex *m) { spin_lock_init(&m->l); }
static inline void mutex_lock(struct mutex *m) { spin_lock(&m->l); }
static inline void mutex_unlock(struct mutex *m) { spin_unlock(&m->l); }
static inline bool mutex_trylock(struct mutex *m)
{
	if (m->l.held)
		return false;
	spin_lock(&m->l);
	return true;
}
#endif
