/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Borders of the kernel's own memory, as the linker script (arch/arm64/kernel.lds.S) lays it
 * out, in this order and each on a page boundary. Symbols are addresses: take them, never read
 * through them. Tables have __start_NAME and __stop_NAME, declared by the header that owns them.
 *
 *   _text .. _etext                                  code, read and execute
 *   __start_rodata .. __stop_rodata                  constants, tables, symbol names
 *   __init_begin .. __init_end                       freed after boot; code first, then data
 *   _data .. _edata                                  read and write
 *   __bss_start .. __bss_stop                        zeroed by head.S; it begins with
 *   __start_ro_after_init .. __stop_ro_after_init    written while booting, read-only after
 *   _end                                             the first byte that is not the kernel's
 */
#pragma once

extern char _text[], _stext[], _etext[];
extern char __sched_text_start[], __sched_text_end[];	/* __sched, inside the code */
extern char __start_rodata[], __stop_rodata[];
extern char __start_ro_after_init[], __stop_ro_after_init[];
extern char __init_begin[], __init_end[];
extern char __start_init_text[], __stop_init_text[];
extern char __start_init_data[], __stop_init_data[];
extern char _data[], _edata[];
extern char __bss_start[], __bss_stop[];
extern char _end[];
