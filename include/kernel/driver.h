/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Drivers register themselves by DRIVER() and are probed from the device tree.
 * For each available node whose `compatible` names a driver of the level,
 * probe(boot_fdt, node) is called once; -EPROBE_DEFER asks to be called again
 * after the others. Probes run on the boot CPU in task context, one at a time.
 * IRQCHIP and TIMER run with IRQs off and before kmalloc's callers may sleep.
 */
#ifndef KERNEL_DRIVER_H
#define KERNEL_DRIVER_H

#include <lib/types.h>
#include <lib/compiler.h>

enum driver_level {
	DRIVER_IRQCHIP,         /* interrupt controllers: first */
	DRIVER_TIMER,           /* clock source and events */
	DRIVER_CONSOLE,         /* as soon as interrupts exist */
	DRIVER_DEVICE,          /* all the rest */
	DRIVER_LEVELS,
};

struct driver {
	const char *name;
	const char *compatible;
	int (*probe)(const void *fdt, int node);
	enum driver_level level;
};

/* DRIVER(name, "compatible", probe[, level]); one line per compatible string. */
#define DRIVER(name, compat, ...) __DRIVER(name, compat, __VA_ARGS__, DRIVER_DEVICE, 0)
#define __DRIVER(_name, _compat, _probe, _level, ...)				\
	static const struct driver UNIQUE_ID(__driver_##_name##_) __used	\
	__attribute__((__section__(".drivers"), __aligned__(8))) = {		\
		.name = #_name, .compatible = _compat, .probe = _probe, .level = _level }

/* Probes every node for drivers of the level. Returns how many probes succeeded. */
int driver_probe_all(enum driver_level level);

#endif
