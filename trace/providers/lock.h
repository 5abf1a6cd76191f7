/* SPDX-License-Identifier: BSD-2-Clause */
/* LOCK, 0x05xx: sleeping locks. */
PROVIDER(LOCK, 0x05, lock, "lock acquisition, release and contention")
EVENT(LOCK, 0x00, LOCK_ACQUIRE, lock_acquire, (u64, lock))
EVENT(LOCK, 0x01, LOCK_RELEASE, lock_release, (u64, lock))
EVENT(LOCK, 0x02, LOCK_CONTEND, lock_contend, (u64, lock))
