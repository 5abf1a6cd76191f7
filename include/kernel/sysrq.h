/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SysRq: commands for an ill system, from a BREAK on the serial console followed by a
 * letter, or by writing the letter to /proc/sysrq-trigger.
 */
#ifndef KERNEL_SYSRQ_H
#define KERNEL_SYSRQ_H

#include <lib/types.h>

/* Obeys one command letter; h lists them. Any context. */
void sysrq_handle(char command);

#endif
