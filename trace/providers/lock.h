/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * LOCK, 0x05xx: mutexes and read-write semaphores. `kind` is a TRACE_LOCK_* of
 * <trace/lock.h>, `lock` the address.
 */
PROVIDER(LOCK, 0x05, lock, "lock acquisition, release and contention")
EVENT(LOCK, 0x00, LOCK_ACQUIRE, lock_acquire, (u32, kind), (u64, lock))
EVENT(LOCK, 0x01, LOCK_RELEASE, lock_release, (u32, kind), (u64, lock))
EVENT(LOCK, 0x02, LOCK_CONTEND, lock_contend, (u32, kind), (u64, lock))
