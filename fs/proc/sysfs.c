/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /sys: the CPUs as lscpu and nproc read them, and the folders in which programs look for
 * what this machine has none of.
 */
#include <arch/cpufeature.h>
#include <fs/sysfs.h>
#include <kernel/cpu.h>
#include <kernel/init.h>
#include <lib/printf.h>
#include <linux/magic.h>
#include <mm/page.h>
#include <mm/slab.h>
#include "../internal.h"
#include "proc_internal.h"

#define CPU_DIR "devices/system/cpu"
#define NODE_DIR "devices/system/node"

static struct proc_entry sys_root = PROC_ENTRY_ROOT(sys_root);

int sysfs_create(const char *path, umode_t mode, int (*show)(struct seq_file *m, void *data),
		 void *data)
{
	return proc_entry_add(&sys_root, path, S_IFREG | mode, show, data);
}

int sysfs_mkdir(const char *path)
{
	return proc_entry_add(&sys_root, path, S_IFDIR | 0555, NULL, NULL);
}

int sysfs_symlink(const char *path, const char *target)
{
	char *copy = kstrdup(target, GFP_KERNEL);
	int err = copy ? proc_entry_symlink(&sys_root, path, copy) : -ENOMEM;

	if (err)
		kfree(copy);
	return err;
}

int sysfs_remove(const char *path)
{
	return proc_entry_remove(&sys_root, path);
}

/* ---- the file system ---- */

static int sysfs_fill_super(struct super *sb, const char *data)
{
	return proc_fill_tree(sb, &sys_root);
}

static int sysfs_mount(struct fs_type *type, unsigned long flags, const char *source,
		       const char *data, struct super **out)
{
	return super_single(type, flags, NULL, sysfs_fill_super, out);
}

static struct fs_type sysfs_type = {
	.name = "sysfs", .fs_flags = FS_NODEV | FS_SINGLE, .magic = SYSFS_MAGIC,
	.mount = sysfs_mount,
};

/* ---- CPUs ---- */

/* Those that are online are all there will ever be. */
static int cpu_list_show(struct seq_file *m, void *data)
{
	unsigned last = 0;

	for_each_online_cpu(cpu)
		last = cpu;
	seq_printf(m, last ? "0-%u\n" : "0\n", last);
	return 0;
}

static int cpu_mask_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%llx\n", (unsigned long long)cpus_online_mask());
	return 0;
}

static int empty_show(struct seq_file *m, void *data)
{
	seq_putc(m, '\n');
	return 0;
}

static int kernel_max_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%d\n", CONFIG_NR_CPUS - 1);
	return 0;
}

/* `data` is the number to print, as a pointer. */
static int number_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%lu\n", (unsigned long)data);
	return 0;
}

static int own_mask_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%llx\n", 1ull << (unsigned long)data);
	return 0;
}

static int midr_show(struct seq_file *m, void *data)
{
	seq_printf(m, "0x%016llx\n", (unsigned long long)cpufeature_midr((unsigned)(unsigned long)data));
	return 0;
}

static int __init link_cpu_and_node(unsigned cpu)
{
	char path[48], target[24];
	int err;

	snprintf(path, sizeof(path), CPU_DIR "/cpu%u/node0", cpu);
	err = sysfs_symlink(path, "../../node/node0");
	snprintf(path, sizeof(path), NODE_DIR "/node0/cpu%u", cpu);
	snprintf(target, sizeof(target), "../../cpu/cpu%u", cpu);
	return err ?: sysfs_symlink(path, target);
}

static int __init add_cpu(unsigned cpu)
{
	static const struct {
		const char *name;
		int (*show)(struct seq_file *m, void *data);
		bool is_package;	/* the number shown is the package's, not the CPU's */
	} files[] = {
		{ "topology/core_id", number_show },
		{ "topology/physical_package_id", number_show, true },
		{ "topology/cluster_id", number_show, true },
		{ "topology/thread_siblings", own_mask_show },
		{ "topology/thread_siblings_list", number_show },
		{ "topology/core_cpus", own_mask_show },
		{ "topology/core_cpus_list", number_show },
		{ "topology/core_siblings", cpu_mask_show },
		{ "topology/core_siblings_list", cpu_list_show },
		{ "topology/cluster_cpus", cpu_mask_show },
		{ "topology/cluster_cpus_list", cpu_list_show },
		{ "topology/package_cpus", cpu_mask_show },
		{ "topology/package_cpus_list", cpu_list_show },
		{ "regs/identification/midr_el1", midr_show },
	};
	char path[96];
	int err = 0;

	for (size_t i = 0; i < ARRAY_SIZE(files) && !err; i++) {
		unsigned long number = files[i].is_package ? 0 : cpu;

		snprintf(path, sizeof(path), CPU_DIR "/cpu%u/%s", cpu, files[i].name);
		err = sysfs_create(path, 0444, files[i].show, (void *)number);
	}
	return err || !IS_ENABLED(CONFIG_MEMPOLICY) ? err : link_cpu_and_node(cpu);
}

static int distance_show(struct seq_file *m, void *data)
{
	seq_puts(m, "10\n");
	return 0;
}

static int node_meminfo_show(struct seq_file *m, void *data)
{
	u64 total = totalram_pages, free = nr_free_pages();

	seq_printf(m, "Node 0 MemTotal:       %8llu kB\nNode 0 MemFree:        %8llu kB\n"
		   "Node 0 MemUsed:        %8llu kB\n", total << 2, free << 2,
		   (total - free) << 2);
	return 0;
}

/* All of memory is one node. */
static int __init add_node(void)
{
	static const char *const of_node_0[] = {
		"online", "possible", "has_cpu", "has_memory", "has_normal_memory",
	};
	int err = 0;
	char path[48];

	for (size_t i = 0; i < ARRAY_SIZE(of_node_0) && !err; i++) {
		snprintf(path, sizeof(path), NODE_DIR "/%s", of_node_0[i]);
		err = sysfs_create(path, 0444, number_show, NULL);
	}
	err = err ?: sysfs_create(NODE_DIR "/node0/cpulist", 0444, cpu_list_show, NULL);
	err = err ?: sysfs_create(NODE_DIR "/node0/cpumap", 0444, cpu_mask_show, NULL);
	err = err ?: sysfs_create(NODE_DIR "/node0/distance", 0444, distance_show, NULL);
	return err ?: sysfs_create(NODE_DIR "/node0/meminfo", 0444, node_meminfo_show, NULL);
}

static int __init sysfs_init(void)
{
	static const char *const folders[] = {
		"block", "bus", "class/block", "class/net", "class/tty", "dev/block", "dev/char",
		"devices/system/node", "firmware", "fs", "kernel", "module", "power",
	};
	int err = fs_register(&sysfs_type);

	for (size_t i = 0; i < ARRAY_SIZE(folders) && !err; i++)
		err = sysfs_mkdir(folders[i]);
	err = err ?: sysfs_create(CPU_DIR "/possible", 0444, cpu_list_show, NULL);
	err = err ?: sysfs_create(CPU_DIR "/present", 0444, cpu_list_show, NULL);
	err = err ?: sysfs_create(CPU_DIR "/online", 0444, cpu_list_show, NULL);
	err = err ?: sysfs_create(CPU_DIR "/offline", 0444, empty_show, NULL);
	err = err ?: sysfs_create(CPU_DIR "/isolated", 0444, empty_show, NULL);
	err = err ?: sysfs_create(CPU_DIR "/kernel_max", 0444, kernel_max_show, NULL);
	return err || !IS_ENABLED(CONFIG_MEMPOLICY) ? err : add_node();
}
fs_initcall(sysfs_init);

/* When the secondary CPUs are there. */
static int __init sysfs_cpus_init(void)
{
	int err = 0;

	for_each_online_cpu(cpu)
		err = err ?: add_cpu(cpu);
	return err;
}
late_initcall(sysfs_cpus_init);
