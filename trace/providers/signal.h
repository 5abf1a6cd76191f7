/* SPDX-License-Identifier: BSD-2-Clause */
/* SIGNAL, 0x08xx: signals on their way. */
PROVIDER(SIGNAL, 0x08, signal, "signal generation and delivery")
EVENT(SIGNAL, 0x00, SIGNAL_GENERATE, signal_generate, (u32, tid), (u32, sig))
EVENT(SIGNAL, 0x01, SIGNAL_DELIVER, signal_deliver, (u32, tid), (u32, sig))
EVENT(SIGNAL, 0x02, SIGNAL_RETURN, signal_return, (u32, tid))
