/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The vDSO: one page of data (clock parameters) and the pages of a small
 * shared object, mapped into every program. Symbols have version
 * LINUX_2.6.39: __kernel_rt_sigreturn, __kernel_clock_gettime,
 * __kernel_clock_getres, __kernel_gettimeofday.
 */
#ifndef ARCH_VDSO_H
#define ARCH_VDSO_H

#include <lib/types.h>

struct mm;

/*
 * Clock parameters for one interval. A clock reads
 *   base_ns + (((cntvct - cycles) * mult) >> shift)   with base_ns << shift kept exact:
 *   *_snsec is the nanosecond part already shifted left by `shift`, < 1e9 << shift.
 */
struct vdso_time {
	u64 cycles;             /* CNTVCT at the last update */
	u32 mult;
	u32 shift;
	u32 real_mult;          /* of the real-time clock, which adjtimex(2) may drive */
	u64 real_sec,  real_snsec;
	u64 mono_sec,  mono_snsec;
	u64 raw_sec,   raw_snsec;
	u64 boot_sec,  boot_snsec;
	u64 real_coarse_nsec;   /* nanosecond parts at the last tick, seconds as above */
	u64 mono_coarse_nsec;
	u32 coarse_res;         /* ns */
	s32 tz_minuteswest;
	s32 tz_dsttime;
};

/* The data page. seq is odd while it changes. */
struct vdso_data {
	u32 seq;
	u32 pad;
	struct vdso_time time;
};

/* Publishes new parameters. Called by timekeeping with its lock held; any context. */
void vdso_update_time(const struct vdso_time *t);

/* Maps it into a new address space: sets mm->vdso. mmap_lock not held. 0 or errno. */
int vdso_map(struct mm *mm);

/* Address of rt_sigreturn in current's address space, 0 if it has no vDSO. */
u64 vdso_sigreturn(void);
#define VDSO_SYM_rt_sigreturn vdso_sigreturn()
#define VDSO_SYM(name) VDSO_SYM_##name

#endif
