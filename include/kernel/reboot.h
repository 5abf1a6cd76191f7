/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_REBOOT_H
#define KERNEL_REBOOT_H

/*
 * Ending the machine in order: devices are told, the log is flushed, then the arch acts.
 *
 * Context: task context, may sleep. None of them returns.
 */
#include <lib/compiler.h>
#include <lib/list.h>

enum reboot_kind { REBOOT_RESTART, REBOOT_POWER_OFF, REBOOT_HALT };

/* Called in order of registration before the machine stops; must not sleep long. */
struct reboot_notifier {
	void (*fn)(enum reboot_kind kind);
	struct list_head node;
};
void reboot_notifier_register(struct reboot_notifier *notifier);

void __noreturn kernel_restart(const char *cmd);	/* cmd may be NULL */
void __noreturn kernel_power_off(void);
void __noreturn kernel_halt(void);

/* ^Alt-Del and the like: SIGINT to PID 1, or a restart when reboot(2) enabled that. */
void ctrl_alt_del(void);

#endif
