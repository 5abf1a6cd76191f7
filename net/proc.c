/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Starts the backend and puts its tables into /proc/net.
 */
#include <fs/proc.h>
#include <kernel/init.h>
#include <lib/printf.h>
#include <net/backend.h>

static int show_info(struct seq_file *m, void *data)
{
	return net_backend.info(m, data);
}

static int __init net_init(void)
{
	char path[32];
	int err = net_backend.init ? net_backend.init() : 0;

	if (err) {
		pr_err("net: backend %s does not start: error %d\n", net_backend.name, err);
		return err;
	}
	if (!IS_ENABLED(CONFIG_PROC_FS) || !net_backend.infos)
		return 0;
	for (const char *const *name = net_backend.infos; *name; name++) {
		snprintf(path, sizeof(path), "net/%s", *name);
		err = proc_create(path, 0444, show_info, (void *)*name);
		if (err)
			pr_warn("net: /proc/%s: error %d\n", path, err);
	}
	return 0;
}
device_initcall(net_init);
