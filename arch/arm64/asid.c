/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Address space identifiers: 8 or 16 bits that tag TLB entries, so that a switch
 * needs no flush. mm->ctx.asid holds generation << 16 | ASID.
 *
 * ASIDs are handed out until none is left; then a new generation begins: all are
 * free again but those running on some CPU, and each CPU flushes its TLB before
 * it next installs a new one. An mm of an old generation gets a new ASID when it
 * is switched to.
 *
 * A CPU's `active` is 0 only between a rollover and its next trip through the
 * lock; the compare-and-swap on the fast path notices a rollover that happens
 * at the same moment. ASID 0 belongs to no mm (empty_pg_dir).
 */
#include <arch/atomic.h>
#include <arch/cpufeature.h>
#include <arch/pgtable.h>
#include <arch/setup.h>
#include <arch/sysreg.h>
#include <arch/tlb.h>
#include <kernel/cpu.h>
#include <kernel/spinlock.h>
#include <lib/bitmap.h>
#include <lib/string.h>
#include <mm/mm.h>

#define ASID_MASK       0xffffULL
#define GENERATION_STEP 0x10000ULL

static DEFINE_SPINLOCK(asid_lock);
static u64 generation = GENERATION_STEP;
static unsigned int next_hint = 1;
static u64 active[CONFIG_NR_CPUS];              /* atomic */
static u64 reserved[CONFIG_NR_CPUS];            /* asid_lock */
static bool flush_pending[CONFIG_NR_CPUS];      /* asid_lock */
static DECLARE_BITMAP(in_use, ASID_MASK + 1);   /* asid_lock */

static unsigned int asid_count(void)
{
	return cpu_has(CPU_FEAT_ASID16) ? 1U << 16 : 1U << 8;
}

static bool current_generation(u64 asid)
{
	return !((asid ^ READ_ONCE(generation)) & ~ASID_MASK);
}

/* Starts a generation: what runs somewhere keeps its number. */
static void begin_generation(void)
{
	generation += GENERATION_STEP;
	memset(in_use, 0, sizeof(in_use));
	for (unsigned int cpu = 0; cpu < CONFIG_NR_CPUS; cpu++) {
		u64 asid = xchg(&active[cpu], 0);

		/* 0: this CPU has not passed here since the last rollover. */
		if (asid)
			reserved[cpu] = asid;
		if (reserved[cpu])
			__set_bit(reserved[cpu] & ASID_MASK, in_use);
		flush_pending[cpu] = true;
	}
	next_hint = 1;
}

/* Renews an old ASID that some CPU has been running all along. */
static bool renew_reserved(u64 old, u64 renewed)
{
	bool found = false;

	for (unsigned int cpu = 0; cpu < CONFIG_NR_CPUS; cpu++) {
		if (reserved[cpu] == old) {
			reserved[cpu] = renewed;
			found = true;
		}
	}
	return found;
}

static u64 asid_alloc(u64 old)
{
	unsigned int nr;

	if (old) {
		u64 renewed = generation | (old & ASID_MASK);

		if (renew_reserved(old, renewed))
			return renewed;
		if (!__test_and_set_bit(old & ASID_MASK, in_use))
			return renewed;
	}
	nr = find_next_zero_bit(in_use, asid_count(), next_hint);
	if (nr >= asid_count()) {
		begin_generation();
		nr = find_next_zero_bit(in_use, asid_count(), 1);
	}
	__set_bit(nr, in_use);
	next_hint = nr + 1;
	return generation | nr;
}

static noinline u64 asid_slow(struct mm *mm, unsigned int cpu)
{
	u64 asid;

	spin_lock(&asid_lock);
	asid = READ_ONCE(mm->ctx.asid);
	if (!asid || !current_generation(asid)) {
		asid = asid_alloc(asid);
		WRITE_ONCE(mm->ctx.asid, asid);
	}
	if (flush_pending[cpu]) {
		flush_pending[cpu] = false;
		__asm__ volatile("tlbi vmalle1; dsb nsh; isb" : : : "memory");
	}
	WRITE_ONCE(active[cpu], asid);
	spin_unlock(&asid_lock);
	return asid;
}

static bool asid_still_good(u64 asid, unsigned int cpu)
{
	u64 old;

	if (!asid || !current_generation(asid))
		return false;
	if (!IS_ENABLED(CONFIG_SMP)) {
		active[cpu] = asid;
		return true;
	}
	old = READ_ONCE(active[cpu]);
	return old && cmpxchg_relaxed(&active[cpu], old, asid) == old;
}

void arch_mm_switch(struct mm *prev_mm, struct mm *next_mm, struct task *task)
{
	u64 ttbr = kimage_to_phys(empty_pg_dir);

	if (likely(next_mm)) {
		unsigned int cpu = cpu_id();
		u64 asid = READ_ONCE(next_mm->ctx.asid);

		if (unlikely(!asid_still_good(asid, cpu)))
			asid = asid_slow(next_mm, cpu);
		ttbr = ((u64)next_mm->pgd - PAGE_OFFSET) | (asid & ASID_MASK) << 48;
	}
	write_sysreg(ttbr, ttbr0_el1);
	isb();
}

void arch_mm_init(struct mm *mm)
{
	mm->ctx.asid = 0;
}

void arch_mm_destroy(struct mm *mm)
{
	/* Stale entries die before the number is used again: with its generation. */
}
