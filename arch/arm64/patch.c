/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Changing kernel text: alternatives once at boot, while it is still writable,
 * and static keys at any time, through a writable alias in the fixmap.
 */
#include <arch/cpufeature.h>
#include <arch/mmu.h>
#include <arch/patch.h>
#include <arch/setup.h>
#include <arch/static_key.h>
#include <arch/sysreg.h>
#include <arch/tlb.h>
#include <kernel/panic.h>
#include <kernel/smp.h>
#include <kernel/spinlock.h>
#include <lib/errno.h>

struct alt_entry {
	s32 place;              /* relative to this field */
	u32 feature;
	u32 insn;
};

extern const struct alt_entry __start_altinstructions[], __stop_altinstructions[];
extern const struct jump_entry __start___jump_table[], __stop___jump_table[];

static DEFINE_SPINLOCK(patch_lock);     /* the fixmap slot; innermost */

void __init alternatives_apply(void)
{
	for (const struct alt_entry *alt = __start_altinstructions; alt < __stop_altinstructions;
	     alt++) {
		u64 place = (u64)&alt->place + (u64)(s64)alt->place;

		/* The compiler must not think this writes into the constant table. */
		__asm__("" : "+r"(place));
		if (cpu_has(alt->feature))
			*(u32 *)place = alt->insn;
	}
	arch_sync_icache(_text, (size_t)(_etext - _text));
}

/* Once free_initmem() has given it away, other things live where the code for booting was. */
static bool init_text_freed;

void patch_init_text_freed(bool freed)
{
	init_text_freed = freed;
}

static bool in_text(u64 addr)
{
	return (addr >= (u64)_text && addr < (u64)_etext) ||
	       (addr >= (u64)__start_init_text && addr < (u64)__stop_init_text &&
		!init_text_freed);
}

int patch_text(void *addr, u32 insn)
{
	u64 va = (u64)addr;
	unsigned long flags;
	u32 *alias;

	if (!in_text(va) || va & 3)
		return -EINVAL;
	spin_lock_irqsave(&patch_lock, flags);
	fixmap_set(FIX_PATCH, kimage_to_phys(addr) & PAGE_MASK, PROT_KERNEL);
	alias = (u32 *)(FIX_PATCH + (va & ~PAGE_MASK));
	WRITE_ONCE(*alias, insn);
	arch_sync_icache(alias, sizeof(*alias));
	fixmap_clear(FIX_PATCH);
	spin_unlock_irqrestore(&patch_lock, flags);
	return 0;
}

static u32 jump_insn(const struct jump_entry *e, char *code, bool on)
{
	if (on)
		return arm64_branch(code, (char *)&e->target + e->target);
	return e->off ? arm64_branch(code, (char *)&e->off + e->off) : ARM64_NOP;
}

void static_key_set(struct static_key *key, bool on)
{
	if (key->enabled == on)
		return;
	WRITE_ONCE(key->enabled, on);
	for (const struct jump_entry *e = __start___jump_table; e < __stop___jump_table; e++) {
		char *code = (char *)&e->code + e->code;

		if ((char *)&e->key + e->key == (char *)key && in_text((u64)code))
			WARN_ON(patch_text(code, jump_insn(e, code, on)));
	}
}

/* The interrupt is a context synchronization event: nothing fetched before it is executed after it. */
static void interrupted(void *unused)
{
}

void static_key_sync(void)
{
	/* With interrupts off the others have not started yet. */
	if (IS_ENABLED(CONFIG_JUMP_LABEL) && !irqs_disabled())
		smp_call_function(interrupted, NULL, true);
}
