/* SPDX-License-Identifier: BSD-2-Clause */
/* Matching drivers with device tree nodes. See <kernel/driver.h>. */
#include <kernel/driver.h>
#include <kernel/dt.h>
#include <kernel/init.h>
#include <kernel/printk.h>
#include <lib/errno.h>

#define MAX_DEFERRED 64

extern const struct driver __start_drivers[], __stop_drivers[];

struct deferred {
	const struct driver *driver;
	int node;
};

static struct deferred waiting[MAX_DEFERRED] __initdata;
static unsigned int nr_waiting __initdata;

static void __init defer(const struct driver *driver, int node)
{
	if (nr_waiting == MAX_DEFERRED)
		pr_err("%s: too many deferred devices; given up\n", driver->name);
	else
		waiting[nr_waiting++] = (struct deferred){ driver, node };
}

/* True if the device is there now. */
static bool __init probe(const struct driver *driver, int node)
{
	int err = driver->probe(boot_fdt, node);

	if (err == -EPROBE_DEFER)
		defer(driver, node);
	else if (err && err != -ENODEV)
		pr_err("%s: probe of %s failed: %d\n", driver->name,
		       fdt_get_name(boot_fdt, node, NULL), err);
	return err == 0;
}

/* The first of the node's compatible strings that a driver of the level knows decides. */
static const struct driver *__init match(int node, enum driver_level level)
{
	const struct driver *best = NULL;
	int best_index = -1;

	for (const struct driver *d = __start_drivers; d < __stop_drivers; d++) {
		int index;

		if (d->level != level)
			continue;
		index = fdt_stringlist_search(boot_fdt, node, "compatible", d->compatible);
		if (index >= 0 && (!best || index < best_index)) {
			best = d;
			best_index = index;
		}
	}
	return best;
}

/* Asks the deferred again for as long as one of them gets on. */
static int __init retry_deferred(void)
{
	int found = 0, progress;

	do {
		unsigned int n = nr_waiting;
		struct deferred again[MAX_DEFERRED];

		progress = 0;
		for (unsigned int i = 0; i < n; i++)
			again[i] = waiting[i];
		nr_waiting = 0;
		for (unsigned int i = 0; i < n; i++)
			progress += probe(again[i].driver, again[i].node);
		found += progress;
	} while (progress && nr_waiting);
	for (unsigned int i = 0; i < nr_waiting; i++)
		pr_err("%s: %s waits for a device that never came\n", waiting[i].driver->name,
		       fdt_get_name(boot_fdt, waiting[i].node, NULL));
	nr_waiting = 0;
	return found;
}

int __init driver_probe_all(enum driver_level level)
{
	int found = 0;

	for (int node = fdt_next_node(boot_fdt, -1, NULL); node >= 0;
	     node = fdt_next_node(boot_fdt, node, NULL)) {
		const struct driver *driver;

		if (!fdt_getprop(boot_fdt, node, "compatible", NULL) || !dt_available(node))
			continue;
		driver = match(node, level);
		if (driver)
			found += probe(driver, node);
	}
	return found + retry_deferred();
}
