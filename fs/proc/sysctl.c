/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /proc/sys: settings as files. A number has a variable and its bounds; text and the few
 * odd ones have functions of their own. Writing needs the file's mode, that is root.
 */
#include <fs/pipe.h>
#include <fs/sysctl.h>
#include <fs/uio.h>
#include <kernel/cred.h>
#include <kernel/init.h>
#include <kernel/pid.h>
#include <kernel/printk.h>
#include <kernel/random.h>
#include <kernel/uts.h>
#include <lib/parse.h>
#include <lib/string.h>
#include <linux/capability.h>
#include <mm/mm.h>
#include <mm/page.h>
#include <mm/pagecache.h>
#include <mm/slab.h>
#include "../internal.h"
#include "proc_internal.h"

/* ---- numbers ---- */

static int number_show(struct seq_file *m, void *data)
{
	const struct sysctl *s = data;
	s64 v = s->fixed;

	if (s->value)
		v = s->width == SYSCTL_INT ? READ_ONCE(*(int *)s->value) : (s64)READ_ONCE(*(u64 *)s->value);
	seq_printf(m, s->width == SYSCTL_INT ? "%lld\n" : "%llu\n", (long long)v);
	return 0;
}

static int number_open(struct inode *inode, struct file *file)
{
	return seq_open_show(file, number_show, inode->i_private);
}

static ssize_t number_write(struct file *file, struct iov_iter *from, loff_t *pos)
{
	const struct sysctl *s = file_inode(file)->i_private;
	char text[32];
	ssize_t n = proc_get_text(from, text, sizeof(text));
	long long v;
	bool err;

	if (n < 0)
		return n;
	if (s->width == SYSCTL_INT)
		err = kstrtoll(strim(text), 0, &v) || v < s->min || v > s->max;
	else
		err = kstrtoull(strim(text), 0, (unsigned long long *)&v) || (u64)v < (u64)s->min ||
		      (u64)v > (u64)s->max;
	if (err || !s->value)
		return -EINVAL;
	if (s->width == SYSCTL_INT)
		WRITE_ONCE(*(int *)s->value, (int)v);
	else
		WRITE_ONCE(*(u64 *)s->value, (u64)v);
	return n;
}
static const struct file_ops number_fops = {
	.open = number_open, .read = seq_read, .write = number_write, .llseek = seq_llseek,
	.release = seq_release,
};

int sysctl_register(const struct sysctl *table, size_t n)
{
	int err = 0;

	for (size_t i = 0; i < n && !err; i++)
		err = proc_create_ops(table[i].path, table[i].mode, &number_fops, (void *)&table[i]);
	return err;
}

/* What Linux has as a setting and we as a fact: can be read, writes of anything else fail. */
#define INT	SYSCTL_INT
#define ULONG	SYSCTL_ULONG
static const struct sysctl numbers[] = {
	{ "sys/kernel/pid_max", 0644, INT, &pid_max, RESERVED_PIDS + 1, PID_MAX_LIMIT },
	{ "sys/kernel/threads-max", 0644, INT, &threads_max, 1, PID_MAX_LIMIT },
	{ "sys/kernel/ngroups_max", 0444, INT, NULL, .fixed = NGROUPS_LIMIT },
	{ "sys/kernel/cap_last_cap", 0444, INT, NULL, .fixed = CAP_LAST_CAP },
	{ "sys/kernel/randomize_va_space", 0644, INT, &randomize_va_space, 0, 2 },
	{ "sys/kernel/overflowuid", 0444, INT, NULL, .fixed = 65534 },
	{ "sys/kernel/overflowgid", 0444, INT, NULL, .fixed = 65534 },
	{ "sys/kernel/panic", 0444, INT, NULL, .fixed = CONFIG_PANIC_TIMEOUT },
	{ "sys/kernel/tainted", 0444, INT, NULL, .fixed = 0 },
	{ "sys/kernel/dmesg_restrict", 0644, INT, &dmesg_restrict, 0, 1 },
	{ "sys/kernel/random/entropy_avail", 0444, INT, NULL, .fixed = 256 },
	{ "sys/kernel/random/poolsize", 0444, INT, NULL, .fixed = 256 },
	{ "sys/vm/overcommit_memory", 0644, INT, &sysctl_overcommit_memory, 0, 2 },
	{ "sys/vm/overcommit_ratio", 0644, INT, &sysctl_overcommit_ratio, 0, INT_MAX },
	{ "sys/vm/max_map_count", 0644, ULONG, &sysctl_max_map_count, 0, INT_MAX },
	{ "sys/vm/mmap_min_addr", 0644, ULONG, &sysctl_mmap_min_addr, 0, 1l << 30 },
	{ "sys/vm/min_free_kbytes", 0644, INT, &sysctl_min_free_kbytes, 0, INT_MAX },
	{ "sys/vm/swappiness", 0444, INT, NULL, .fixed = 0 },
	{ "sys/fs/file-max", 0444, ULONG, NULL, .fixed = S64_MAX },
	{ "sys/fs/nr_open", 0444, INT, NULL, .fixed = FD_LIMIT },
	{ "sys/fs/pipe-max-size", 0644, INT, &pipe_max_size, PAGE_SIZE, 1l << 30 },
	{ "sys/fs/protected_symlinks", 0444, INT, NULL, .fixed = 0 },
	{ "sys/fs/protected_hardlinks", 0444, INT, NULL, .fixed = 0 },
	{ "sys/fs/suid_dumpable", 0444, INT, NULL, .fixed = 0 },
	{ "sys/fs/protected_fifos", 0444, INT, NULL, .fixed = 0 },
	{ "sys/fs/protected_regular", 0444, INT, NULL, .fixed = 0 },
	{ "sys/fs/overflowuid", 0444, INT, NULL, .fixed = 65534 },
	{ "sys/fs/overflowgid", 0444, INT, NULL, .fixed = 65534 },
	{ "sys/fs/leases-enable", 0444, INT, NULL, .fixed = 0 },
	{ "sys/fs/pipe-user-pages-hard", 0444, ULONG, NULL, .fixed = 0 },
	{ "sys/fs/pipe-user-pages-soft", 0444, ULONG, NULL, .fixed = 0 },
	{ "sys/kernel/modules_disabled", 0444, INT, NULL, .fixed = 1 },
	{ "sys/kernel/panic_on_oops", 0444, INT, NULL, .fixed = 1 },
	{ "sys/kernel/panic_on_warn", 0444, INT, NULL, .fixed = 0 },
	{ "sys/kernel/sysctl_writes_strict", 0444, INT, NULL, .fixed = 1 },
	{ "sys/vm/panic_on_oom", 0444, INT, NULL, .fixed = 0 },
	{ "sys/vm/oom_kill_allocating_task", 0444, INT, NULL, .fixed = 0 },
	{ "sys/vm/overcommit_kbytes", 0444, ULONG, NULL, .fixed = 0 },
	{ "sys/vm/nr_hugepages", 0444, ULONG, NULL, .fixed = 0 },
	{ "sys/vm/page-cluster", 0444, INT, NULL, .fixed = 0 },
};

/* ---- names ---- */

static int uts_show(struct seq_file *m, void *data)
{
	mutex_lock(&uts_lock);
	seq_printf(m, "%s\n", (const char *)data);
	mutex_unlock(&uts_lock);
	return 0;
}

static int uts_open(struct inode *inode, struct file *file)
{
	return seq_open_show(file, uts_show, inode->i_private);
}

static ssize_t uts_write(struct file *file, struct iov_iter *from, loff_t *pos)
{
	char *field = file_inode(file)->i_private, text[__NEW_UTS_LEN + 2];
	ssize_t n = proc_get_text(from, text, sizeof(text));

	if (n < 0)
		return n;
	if (strlen(text) > __NEW_UTS_LEN)
		return -EINVAL;
	mutex_lock(&uts_lock);
	strscpy_pad(field, text, __NEW_UTS_LEN + 1);
	mutex_unlock(&uts_lock);
	return n;
}
static const struct file_ops uts_fops = {
	.open = uts_open, .read = seq_read, .write = uts_write, .llseek = seq_llseek,
	.release = seq_release,
};

/* ---- odd ones ---- */

/* The console's level and the defaults that go with it; only the first can be set. */
static int printk_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%d\t4\t1\t7\n", console_loglevel);
	return 0;
}

static int printk_open(struct inode *inode, struct file *file)
{
	return seq_open_show(file, printk_show, NULL);
}

static ssize_t printk_write(struct file *file, struct iov_iter *from, loff_t *pos)
{
	char text[64];
	ssize_t n = proc_get_text(from, text, sizeof(text));
	char *end;
	long level;

	if (n < 0)
		return n;
	level = simple_strtol(skip_spaces(text), &end, 10);
	if (end == text || level < 0 || level > 15)
		return -EINVAL;
	console_loglevel = (int)level;
	return n;
}
static const struct file_ops printk_fops = {
	.open = printk_open, .read = seq_read, .write = printk_write, .llseek = seq_llseek,
	.release = seq_release,
};

/* RFC 4122, version 4. */
static void uuid_print(struct seq_file *m, const u8 *b)
{
	for (int i = 0; i < 16; i++)
		seq_printf(m, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", b[i]);
	seq_putc(m, '\n');
}

static void uuid_make(u8 *b)
{
	get_random_bytes(b, 16);
	b[6] = (b[6] & 0x0f) | 0x40;
	b[8] = (b[8] & 0x3f) | 0x80;
}

static int uuid_show(struct seq_file *m, void *data)
{
	u8 b[16];

	uuid_make(b);
	uuid_print(m, b);
	return 0;
}

static int boot_id_show(struct seq_file *m, void *data)
{
	static DEFINE_MUTEX(mutex);
	static u8 id[16];

	mutex_lock(&mutex);
	if (!id[8])
		uuid_make(id);
	mutex_unlock(&mutex);
	uuid_print(m, id);
	return 0;
}

static int file_nr_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%llu\t0\t%lld\n", (unsigned long long)files_count(), (long long)S64_MAX);
	return 0;
}

/* An inode goes with the last who holds it: none is free. */
static int inode_nr_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%llu\t0%s\n", (unsigned long long)inodes_count(), (const char *)data);
	return 0;
}

static int dentry_state_show(struct seq_file *m, void *data)
{
	u64 unused, all = dentries_count(&unused);

	seq_printf(m, "%llu\t%llu\t45\t0\t0\t0\n", (unsigned long long)all,
		   (unsigned long long)unused);
	return 0;
}

static ssize_t drop_caches_write(struct file *file, struct iov_iter *from, loff_t *pos)
{
	char text[16];
	ssize_t n = proc_get_text(from, text, sizeof(text));
	int what;

	if (n < 0)
		return n;
	if (kstrtoint(strim(text), 0, &what) || what < 1 || what > 4)
		return -EINVAL;
	if (what & 1)
		page_cache_drop_all();
	if (what & 2) {
		dcache_shrink(~0ul);
		slab_shrink();
	}
	return n;
}
static const struct file_ops drop_caches_fops = { .write = drop_caches_write };

static int __init sysctl_init(void)
{
	static const struct {
		const char *path;
		umode_t mode;
		const struct file_ops *fops;
		void *data;
	} others[] = {
		{ "sys/kernel/hostname", 0644, &uts_fops, uts_name.nodename },
		{ "sys/kernel/domainname", 0644, &uts_fops, uts_name.domainname },
		{ "sys/kernel/printk", 0644, &printk_fops, NULL },
		{ "sys/vm/drop_caches", 0200, &drop_caches_fops, NULL },
	};
	static const struct {
		const char *path;
		int (*show)(struct seq_file *m, void *data);
		const void *data;
	} texts[] = {
		{ "sys/kernel/ostype", uts_show, uts_name.sysname },
		{ "sys/kernel/osrelease", uts_show, uts_name.release },
		{ "sys/kernel/version", uts_show, uts_name.version },
		{ "sys/kernel/arch", uts_show, uts_name.machine },
		{ "sys/kernel/random/uuid", uuid_show }, { "sys/kernel/random/boot_id", boot_id_show },
		{ "sys/fs/file-nr", file_nr_show }, { "sys/fs/inode-nr", inode_nr_show, "" },
		{ "sys/fs/inode-state", inode_nr_show, "\t0\t0\t0\t0\t0" },
		{ "sys/fs/dentry-state", dentry_state_show },
	};
	int err;

	err = sysctl_register(numbers, ARRAY_SIZE(numbers));
	for (size_t i = 0; i < ARRAY_SIZE(others) && !err; i++)
		err = proc_create_ops(others[i].path, others[i].mode, others[i].fops, others[i].data);
	for (size_t i = 0; i < ARRAY_SIZE(texts) && !err; i++)
		err = proc_create(texts[i].path, 0444, texts[i].show, (void *)texts[i].data);
	return err;
}
device_initcall(sysctl_init);
