/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Changing kernel text at run time, for static keys (<arch/static_key.h>).
 * Text is read-only; patching goes through a short-lived writable alias.
 */
#ifndef ARCH_PATCH_H
#define ARCH_PATCH_H

#include <lib/types.h>
#include <lib/compiler.h>

#define ARM64_NOP 0xd503201fU

/* An unconditional branch at `from` to `to` (within 128 MiB). */
static inline u32 arm64_branch(const void *from, const void *to)
{
	return 0x14000000U | (((u64)((const char *)to - (const char *)from) >> 2) & 0x03ffffffU);
}

/*
 * Replaces one instruction of kernel text and makes it visible to all CPUs.
 * Only nop <-> b, or with other CPUs stopped. Serialised inside; any context
 * but NMI-like ones. 0, or -EINVAL if addr is not in kernel text.
 */
int patch_text(void *addr, u32 insn);

/* From free_initmem(): what was .init.text is not patched any more. False: from a test, again. */
void patch_init_text_freed(bool freed);

/* Boot, before text is read-only: see alternative_insn in <arch/cpufeature.h>. */
void alternatives_apply(void);

#endif
