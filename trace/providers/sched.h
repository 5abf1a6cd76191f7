/* SPDX-License-Identifier: BSD-2-Clause */
/* SCHED, 0x02xx: the scheduler's decisions. */
PROVIDER(SCHED, 0x02, sched, "scheduler decisions: pick, wake-up, preemption, migration")
EVENT(SCHED, 0x00, SCHED_PICK, sched_pick, (u32, tid))
EVENT(SCHED, 0x01, SCHED_RESCHED, sched_resched, (u32, cpu))
EVENT(SCHED, 0x02, SCHED_PREEMPT, sched_preempt, (u32, curr_tid), (u32, by_tid))
EVENT(SCHED, 0x03, SCHED_WAKE, sched_wake, (u32, tid), (u32, cpu))
EVENT(SCHED, 0x04, SCHED_MIGRATE, sched_migrate, (u32, tid), (u32, to_cpu))
EVENT(SCHED, 0x05, SCHED_IPI, sched_ipi, (u32, to_cpu))
