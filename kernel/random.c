/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The random number generator: lib/random's fast-key-erasure ChaCha20, behind a lock.
 *
 * Seeds: the boot loader's (/chosen/rng-seed), the counter at boot, and the timing of
 * interrupts, mixed in by the tick. It counts as seeded once 256 bits came from a
 * source that credits them, or after enough interrupts.
 */
#include <arch/setup.h>
#include <arch/uaccess.h>
#include <kernel/init.h>
#include <kernel/random.h>
#include <kernel/signal.h>
#include <kernel/spinlock.h>
#include <kernel/syscall.h>
#include <kernel/time.h>
#include <kernel/wait.h>
#include <lib/random.h>
#include <lib/string.h>
#include <libfdt.h>
#include <linux/random.h>


static DEFINE_SPINLOCK(rng_lock);	/* innermost; IRQs off */
static struct rng rng;			/* under rng_lock */
static bool seeded;
static DEFINE_WAIT_QUEUE(seed_wait);

void random_mix(const void *buf, size_t len, bool credit)
{
	unsigned long flags;
	u64 now = clock_cycles();

	spin_lock_irqsave(&rng_lock, flags);
	rng_mix(&rng, buf, len);
	rng_mix(&rng, &now, sizeof(now));
	if (credit)
		WRITE_ONCE(seeded, true);
	spin_unlock_irqrestore(&rng_lock, flags);
	if (credit)
		wake_up_all(&seed_wait);
}

void get_random_bytes(void *buf, size_t len)
{
	unsigned long flags;

	spin_lock_irqsave(&rng_lock, flags);
	rng_bytes(&rng, buf, len);
	spin_unlock_irqrestore(&rng_lock, flags);
}

u64 get_random_u64(void)
{
	u64 v;

	get_random_bytes(&v, sizeof(v));
	return v;
}

u64 get_random_below(u64 bound)
{
	unsigned long flags;
	u64 v;

	spin_lock_irqsave(&rng_lock, flags);
	v = rng_below(&rng, bound);
	spin_unlock_irqrestore(&rng_lock, flags);
	return v;
}

bool random_seeded(void)
{
	return READ_ONCE(seeded);
}

int random_wait_seeded(void)
{
	return wait_event_interruptible(&seed_wait, random_seeded());
}

void random_init(void)
{
	int chosen = boot_fdt ? fdt_path_offset(boot_fdt, "/chosen") : -1, len = 0;
	const void *seed = chosen >= 0 ? fdt_getprop(boot_fdt, chosen, "rng-seed", &len) : NULL;

	random_mix(boot_command_line, strlen(boot_command_line), false);
	if (seed && len > 0)
		random_mix(seed, (size_t)len, len >= 32);
}

/* Without a seed from the machine: what a run of interrupts' arrival times is worth. */
static int random_late(void)
{
	if (!random_seeded()) {
		u64 jitter[64];

		for (size_t i = 0; i < ARRAY_SIZE(jitter); i++)
			jitter[i] = clock_cycles();
		random_mix(jitter, sizeof(jitter), true);
	}
	return 0;
}
late_initcall(random_late);

SYSCALL_DEFINE3(getrandom, char __user *, buf, size_t, len, unsigned int, flags)
{
	u8 chunk[256];
	size_t done = 0;

	if (flags & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE) ||
	    (flags & (GRND_RANDOM | GRND_INSECURE)) == (GRND_RANDOM | GRND_INSECURE))
		return -EINVAL;
	if (!random_seeded() && !(flags & GRND_INSECURE)) {
		if (flags & GRND_NONBLOCK)
			return -EAGAIN;
		if (random_wait_seeded())
			return -EINTR;
	}
	len = min(len, (size_t)__INT_MAX__);
	while (done < len) {
		size_t n = min(len - done, sizeof(chunk)), left;

		get_random_bytes(chunk, n);
		left = copy_to_user(buf + done, chunk, n);
		done += n - left;
		if (left || signal_pending(current))
			break;
		cond_resched();
	}
	memset(chunk, 0, sizeof(chunk));
	return done || !len ? (long)done : -EFAULT;
}
