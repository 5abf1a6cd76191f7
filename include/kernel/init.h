/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Start-up: initcalls by level, and boot parameters.
 *
 * An initcall registers itself in a section; start-up calls level after level, in
 * link order within one. A failing initcall is logged, and the boot goes on.
 *
 * A parameter is "name" or "name=value" on the command line. EARLY_PARAM handlers
 * run before memory is set up (no allocation), BOOT_PARAM handlers before the
 * initcalls. A handler returns 0, or -EINVAL for a value it refuses, which is
 * logged with the word at fault. Words that no handler takes go to init: "a=b"
 * to its environment, anything else to its arguments.
 */
#ifndef KERNEL_INIT_H
#define KERNEL_INIT_H

#include <lib/compiler.h>
#include <lib/types.h>

typedef int (*initcall_t)(void);

#define INITCALL(level, fn) \
	static const initcall_t __initcall_##fn __used __section(".initcall" #level) = fn

#define core_initcall(fn)	INITCALL(0, fn)	/* allocators and tables */
#define subsys_initcall(fn)	INITCALL(1, fn)	/* subsystems */
#define fs_initcall(fn)		INITCALL(2, fn)	/* file systems register */
#define rootfs_initcall(fn)	INITCALL(3, fn)	/* the root is filled */
#define device_initcall(fn)	INITCALL(4, fn)	/* drivers and /proc files */
#define late_initcall(fn)	INITCALL(5, fn)

struct boot_param {
	const char *name;
	int (*fn)(char *value);		/* value is "" when there was no '=' */
	bool early;
};

#define __BOOT_PARAM(id, text, handler, is_early) \
	static const struct boot_param __param_##id __used __section(".boot_params") = \
		{ .name = text, .fn = handler, .early = is_early }
#define EARLY_PARAM(id, text, handler)	__BOOT_PARAM(id, text, handler, true)
#define BOOT_PARAM(id, text, handler)	__BOOT_PARAM(id, text, handler, false)

#define COMMAND_LINE_SIZE 2048

/* Filled by setup_arch() from /chosen/bootargs; kept unchanged for /proc/cmdline. */
extern char boot_command_line[COMMAND_LINE_SIZE];

/* By setup_arch(), as soon as it has the command line: what stops it then stops as panic= asks. */
void parse_early_params(void);
void do_initcalls(void);

#endif
