/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console before drivers: writes to the PL011 that stdout-path names, by
 * polling. It exists always, so that an early panic is seen; the real console
 * takes over from it.
 */
#ifndef ARCH_EARLYCON_H
#define ARCH_EARLYCON_H

/* Needs boot_fdt. Does nothing if stdout-path is not a PL011. */
void early_console_init(void);

#endif
