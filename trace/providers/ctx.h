/* SPDX-License-Identifier: BSD-2-Clause */
/* CTX, 0x00xx: which task a CPU runs, and when it crosses into user space. */
PROVIDER(CTX, 0x00, ctx, "context switches and user/kernel crossings")
EVENT(CTX, 0x00, SWITCH, ctx_switch, (u32, prev_tid), (u32, next_tid), (u32, prev_state))
EVENT(CTX, 0x01, TO_USER, ctx_to_user, (u32, tid))
EVENT(CTX, 0x02, TO_KERNEL, ctx_to_kernel, (u32, tid))
EVENT(CTX, 0x03, TO_IDLE, ctx_to_idle, (u32, cpu))
