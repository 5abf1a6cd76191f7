/* SPDX-License-Identifier: BSD-2-Clause */
/* MARKER, 0xFFxx: what a user program noted. */
PROVIDER(MARKER, 0xFF, marker, "marks set by user programs")
EVENT(MARKER, 0x00, MARKER, marker, (u32, tid), (u64, value))
