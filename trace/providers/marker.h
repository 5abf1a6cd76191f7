/* SPDX-License-Identifier: BSD-2-Clause */
/* MARKER, 0xFFxx: what a user program noted. */
PROVIDER(MARKER, 0xFF, marker, "marks set by user programs")
EVENT(MARKER, 0x00, MARKER, marker, (u32, tid), (u64, value))
EVENT(MARKER, 0x01, MARKER_TEXT, marker_text, (u32, tid), (u64, text0), (u64, text1), (u64, text2))
