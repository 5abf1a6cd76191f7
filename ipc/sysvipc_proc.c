/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/sysvipc and the limits under /proc/sys/kernel. */
#include <fs/proc.h>
#include <fs/sysctl.h>
#include <fs/uio.h>
#include <kernel/init.h>
#include <lib/parse.h>
#include <lib/string.h>
#include "object.h"

static const struct listing {
	const char *path, *head;
	struct ipc_table *table;
	void (*show)(struct seq_file *m, struct ipc_object *obj);
} listings[] = {
	{ "sysvipc/shm", "       key      shmid perms                  size  cpid  lpid nattch"
	  "   uid   gid  cuid  cgid      atime      dtime      ctime                   rss"
	  "                  swap\n", &shm_table, shm_show },
	{ "sysvipc/sem", "       key      semid perms      nsems   uid   gid  cuid  cgid"
	  "      otime      ctime\n", &sem_table, sem_show },
	{ "sysvipc/msg", "       key      msqid perms      cbytes       qnum lspid lrpid   uid"
	  "   gid  cuid  cgid      stime      rtime      ctime\n", &msg_table, msg_show },
};

static int list_show(struct seq_file *m, void *data)
{
	const struct listing *l = data;
	struct ipc_object *obj;

	seq_puts(m, l->head);
	for (u64 slot = 0; (obj = ipc_next(l->table, &slot)); slot++) {
		l->show(m, obj);
		ipc_put(l->table, obj);
	}
	return 0;
}

static const struct sysctl limits[] = {
	{ "sys/kernel/shmmni", 0644, SYSCTL_INT, &shm_max_count, 0, IPC_SLOTS },
	{ "sys/kernel/shmmax", 0644, SYSCTL_ULONG, &shm_max_bytes, 0, -1 },
	{ "sys/kernel/shmall", 0644, SYSCTL_ULONG, &shm_max_pages, 0, -1 },
	{ "sys/kernel/shm_rmid_forced", 0444, SYSCTL_INT, NULL, .fixed = 0 },
	{ "sys/kernel/msgmni", 0644, SYSCTL_INT, &msg_max_count, 0, IPC_SLOTS },
	{ "sys/kernel/msgmax", 0644, SYSCTL_INT, &msg_max_bytes, 0, INT_MAX },
	{ "sys/kernel/msgmnb", 0644, SYSCTL_INT, &msg_default_bytes, 0, INT_MAX },
};

/* ---- kernel.sem: four numbers in one file ---- */

static int sem_limits_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%d\t%d\t%d\t%d\n", sem_limits[0], sem_limits[1], sem_limits[2],
		   sem_limits[3]);
	return 0;
}

static int sem_limits_open(struct inode *inode, struct file *file)
{
	return seq_open_show(file, sem_limits_show, NULL);
}

/* The first numbers of the four; the others stay. */
static ssize_t sem_limits_write(struct file *file, struct iov_iter *from, loff_t *pos)
{
	int values[4];
	char text[64], *at = text;
	size_t n = iov_iter_count(from), given = 0;

	if (n >= sizeof(text))
		return -EINVAL;
	if (copy_from_iter(text, n, from) != n)
		return -EFAULT;
	text[n] = '\0';
	for (at = skip_spaces(at); *at && given < 4; at = skip_spaces(at), given++) {
		char *end;
		long v = simple_strtol(at, &end, 10);

		if (end == at || v < 0 || v > (given == 3 ? IPC_SLOTS : INT_MAX))
			return -EINVAL;
		values[given] = (int)v;
		at = end;
	}
	if (!given)
		return -EINVAL;
	for (size_t i = 0; i < given; i++)
		WRITE_ONCE(sem_limits[i], values[i]);
	return (ssize_t)n;
}

static const struct file_ops sem_limits_fops = {
	.open = sem_limits_open, .read = seq_read, .write = sem_limits_write,
	.llseek = seq_llseek, .release = seq_release,
};

static int __init sysvipc_proc_init(void)
{
	int err = sysctl_register(limits, ARRAY_SIZE(limits));

	if (!err)
		err = proc_create_ops("sys/kernel/sem", 0644, &sem_limits_fops, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(listings) && !err; i++)
		err = proc_create(listings[i].path, 0444, list_show, (void *)&listings[i]);
	return err;
}
device_initcall(sysvipc_proc_init);
