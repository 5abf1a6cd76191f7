/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /sys/class/net: a symbolic link for each link, to the folder below /sys/devices with the files of
 * Linux's sysfs-class-net that this kernel has something to say in. Links come, lo at boot and
 * others with their devices, and stay.
 */
#include <fs/sysfs.h>
#include <kernel/init.h>
#include <kernel/printk.h>
#include <lib/errno.h>
#include <lib/printf.h>
#include "lookup.h"

#define PATH_SIZE 160

enum { COUNTERS = 64 };		/* from here on `what` numbers counters[] */

enum {
	ADDR_LEN, ADDRESS, BROADCAST, CARRIER, DEV_ID, DORMANT, FLAGS, IFINDEX, IFLINK, LINK_MODE,
	MTU, OPERSTATE, TX_QUEUE_LEN, TYPE, UEVENT, NR_FILES,
};
static const char *const files[NR_FILES] = {
	[ADDR_LEN] = "addr_len", [ADDRESS] = "address", [BROADCAST] = "broadcast",
	[CARRIER] = "carrier", [DEV_ID] = "dev_id", [DORMANT] = "dormant", [FLAGS] = "flags",
	[IFINDEX] = "ifindex", [IFLINK] = "iflink", [LINK_MODE] = "link_mode", [MTU] = "mtu",
	[OPERSTATE] = "operstate", [TX_QUEUE_LEN] = "tx_queue_len", [TYPE] = "type", [UEVENT] = "uevent",
};

/* Those that no device here counts are 0 on Linux, too. */
#define NOT_COUNTED	(~0u)
#define FIELD(name)	{ #name, offsetof(struct netdev_stats, name) }
#define NONE(name)	{ #name, NOT_COUNTED }
static const struct { const char *name; u32 offset; } counters[] = {
	FIELD(rx_packets), FIELD(tx_packets), FIELD(rx_bytes), FIELD(tx_bytes), FIELD(rx_errors),
	FIELD(tx_errors), FIELD(rx_dropped), FIELD(tx_dropped), FIELD(multicast),
	FIELD(rx_length_errors), FIELD(rx_crc_errors), NONE(collisions), NONE(rx_over_errors),
	NONE(rx_frame_errors), NONE(rx_fifo_errors), NONE(rx_missed_errors), NONE(tx_aborted_errors),
	NONE(tx_carrier_errors), NONE(tx_fifo_errors), NONE(tx_heartbeat_errors),
	NONE(tx_window_errors), NONE(rx_compressed), NONE(tx_compressed), NONE(rx_nohandler),
};

/* RFC 2863's states by number, IF_OPER_*. */
static const char *const states[] = {
	"unknown", "notpresent", "down", "lowerlayerdown", "testing", "dormant", "up",
};

static void show_mac(struct seq_file *m, const struct net_link *l, const u8 *mac)
{
	for (unsigned i = 0; i < l->addr_len; i++)
		seq_printf(m, "%s%02x", i ? ":" : "", mac[i]);
	seq_puts(m, "\n");
}

static void show_counter(struct seq_file *m, const struct net_link *l, unsigned i)
{
	u64 value = 0;

	if (counters[i].offset != NOT_COUNTED)
		memcpy(&value, (const u8 *)&l->stats + counters[i].offset, sizeof(value));
	seq_printf(m, "%llu\n", (unsigned long long)value);
}

static int show_file(struct seq_file *m, const struct net_link *l, unsigned what)
{
	bool up = l->flags & IFF_UP;

	switch (what) {
	case ADDRESS:
		show_mac(m, l, l->addr);
		return 0;
	case BROADCAST:
		show_mac(m, l, l->broadcast);
		return 0;
	case CARRIER:			/* a link that is down has none to speak of */
	case DORMANT:
		if (!up)
			return -EINVAL;
		seq_printf(m, "%d\n", what == CARRIER && l->flags & IFF_LOWER_UP);
		return 0;
	case FLAGS:			/* without those that only tell of the state */
		seq_printf(m, "0x%x\n", l->flags & ~(u32)(IFF_RUNNING | IFF_LOWER_UP | IFF_DORMANT));
		return 0;
	case DEV_ID:
		seq_puts(m, "0x0\n");
		return 0;
	case OPERSTATE:
		seq_printf(m, "%s\n", l->operstate < ARRAY_SIZE(states) ? states[l->operstate] : "unknown");
		return 0;
	case ADDR_LEN:
		seq_printf(m, "%u\n", l->addr_len);
		return 0;
	case MTU:
		seq_printf(m, "%u\n", l->mtu);
		return 0;
	case TX_QUEUE_LEN:
		seq_printf(m, "%u\n", l->txqlen);
		return 0;
	case TYPE:
		seq_printf(m, "%u\n", l->type);
		return 0;
	case UEVENT:
		seq_printf(m, "INTERFACE=%s\nIFINDEX=%d\n", l->name, l->index);
		return 0;
	case LINK_MODE:
		seq_puts(m, "0\n");
		return 0;
	default:			/* IFINDEX, IFLINK: nothing is stacked on another */
		seq_printf(m, "%d\n", l->index);
		return 0;
	}
}

/* `data` is the link's index and what of it, as key_of() has it. */
static int show(struct seq_file *m, void *data)
{
	unsigned long key = (unsigned long)data;
	unsigned what = key & 0xff;
	struct net_link l;

	if (!config_link_by_index((int)(key >> 8), &l))
		return -ENODEV;
	if (what < COUNTERS)
		return show_file(m, &l, what);
	show_counter(m, &l, what - COUNTERS);
	return 0;
}

static void *key_of(const struct net_link *l, unsigned what)
{
	return (void *)((unsigned long)l->index << 8 | what);
}

static int add_files(const struct net_link *l, const char *folder)
{
	char path[PATH_SIZE];
	int err = 0;

	for (unsigned i = 0; i < NR_FILES && !err; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
		err = sysfs_create(path, 0444, show, key_of(l, i));
	}
	for (unsigned i = 0; i < ARRAY_SIZE(counters) && !err; i++) {
		snprintf(path, sizeof(path), "%s/statistics/%s", folder, counters[i].name);
		err = sysfs_create(path, 0444, show, key_of(l, COUNTERS + i));
	}
	return err;
}

/* The symbolic links of a link whose folder is at devices/<place>/net/<name>. */
static int add_links(const struct net_link *l, const char *folder, const char *device)
{
	char path[PATH_SIZE], target[PATH_SIZE];
	int err;

	snprintf(path, sizeof(path), "class/net/%s", l->name);
	snprintf(target, sizeof(target), "../../%s", folder);
	err = sysfs_symlink(path, target);
	snprintf(path, sizeof(path), "%s/subsystem", folder);
	err = err ?: sysfs_symlink(path, device ? "../../../../../class/net" : "../../../../class/net");
	if (err || !device)
		return err;
	snprintf(path, sizeof(path), "%s/device", folder);
	snprintf(target, sizeof(target), "../../../%s", device);
	return sysfs_symlink(path, target);
}

void net_sysfs_add(int ifindex, const char *device)
{
	char folder[PATH_SIZE / 2];
	struct net_link l;

	if (!net_backend.config || !config_link_by_index(ifindex, &l))
		return;
	snprintf(folder, sizeof(folder), "devices/%s%s/net/%s", device ? "platform/" : "virtual",
		 device ?: "", l.name);
	if (add_files(&l, folder) || add_links(&l, folder, device))
		pr_err("net: no memory for /sys/class/net/%s\n", l.name);
}

static int __init net_sysfs_init(void)
{
	net_sysfs_add(1, NULL);		/* lo */
	return 0;
}
late_initcall(net_sysfs_init);
