/* SPDX-License-Identifier: BSD-2-Clause */
/* IRQ, 0x01xx: interrupts and the timer tick. */
PROVIDER(IRQ, 0x01, irq, "interrupt entry, exit and the timer tick")
EVENT(IRQ, 0x00, IRQ_ENTRY, irq_entry, (u32, irq))
EVENT(IRQ, 0x01, IRQ_EXIT, irq_exit, (u32, irq))
EVENT(IRQ, 0x02, TIMER_TICK, timer_tick, (u32, tid))
