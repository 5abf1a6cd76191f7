/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot tests of procfs: what is there, what it says, and what is refused.
 */
#include <kernel/boottest.h>
#include <kernel/clone.h>
#include <kernel/uts.h>
#include <lib/printf.h>
#include <lib/string.h>
#include "proc_internal.h"

#define AT "/bt_proc"

static bool mount_it(void)
{
	return !vfs_mkdir(AT, 0755) && !vfs_mount("proc", AT, "proc", 0, NULL);
}
static void umount_it(void)
{
	vfs_umount(AT, 0);
	vfs_rmdir(AT);
}

/* The first bytes of a file; its length or -errno. */
static ssize_t slurp(const char *path, char *buf, size_t size)
{
	struct file *f = file_open(path, O_RDONLY, 0);
	loff_t pos = 0;
	ssize_t n;

	if (IS_ERR(f))
		return PTR_ERR(f);
	n = kernel_read(f, buf, size - 1, &pos);
	buf[n > 0 ? n : 0] = '\0';
	file_put(f);
	return n;
}

BOOT_TEST(proc, texts_are_right)
{
	char buf[256], want[64];

	bt_assert(mount_it());
	bt_expect(slurp(AT "/version", buf, sizeof(buf)) > 0);
	bt_expect(!strcmp(buf, linux_banner) || strlen(linux_banner) >= sizeof(buf) - 1);
	bt_expect(slurp(AT "/sys/kernel/osrelease", buf, sizeof(buf)) > 0);
	snprintf(want, sizeof(want), "%s\n", uts_name.release);
	bt_expect(!strcmp(buf, want));
	bt_expect(slurp(AT "/self/comm", buf, sizeof(buf)) > 0);
	snprintf(want, sizeof(want), "%s\n", current->comm);
	bt_expect(!strcmp(buf, want));
	snprintf(want, sizeof(want), "%d (%s) R ", current->proc->pid, current->comm);
	bt_expect(slurp(AT "/self/stat", buf, sizeof(buf)) > 0);
	bt_expect(str_has_prefix(buf, want));
	umount_it();
}

BOOT_TEST(proc, missing_things_are_missing)
{
	char buf[64];

	bt_assert(mount_it());
	bt_expect_eq(slurp(AT "/nothing", buf, sizeof(buf)), -ENOENT);
	bt_expect_eq(slurp(AT "/4000000/stat", buf, sizeof(buf)), -ENOENT);
	bt_expect_eq(slurp(AT "/01/stat", buf, sizeof(buf)), -ENOENT);
	bt_expect_eq(slurp(AT "/self/nothing", buf, sizeof(buf)), -ENOENT);
	bt_expect_eq(slurp(AT "/self/fd/777", buf, sizeof(buf)), -ENOENT);
	umount_it();
	bt_expect(!vfs_mkdir(AT, 0755));
	bt_expect_eq(vfs_mount("proc", AT, "proc", 0, "hidepid=2"), -EINVAL);
	vfs_rmdir(AT);
}

static int wait_to_stop(void *arg)
{
	while (!kthread_should_stop()) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (!kthread_should_stop())
			schedule();
	}
	return 0;
}

BOOT_TEST(proc, a_dead_process_answers_esrch)
{
	struct task *t;
	struct file *f;
	char path[48], buf[64];
	loff_t pos = 0;

	bt_assert(mount_it());
	t = kthread_create(wait_to_stop, NULL, "bt_proc");
	bt_assert(!IS_ERR(t));
	task_get(t);
	kthread_start(t);
	snprintf(path, sizeof(path), AT "/%d/stat", t->tid);
	f = file_open(path, O_RDONLY, 0);
	if (bt_expect(!IS_ERR(f))) {
		bt_expect(kernel_read(f, buf, sizeof(buf), &pos) > 0);
		kthread_stop(t);
		/* It is reaped by itself, a moment after it stopped. */
		for (int i = 0; i < 100; i++) {
			struct task *still = task_find(t->tid);

			if (!still)
				break;
			task_put(still);
			set_current_state(TASK_INTERRUPTIBLE);
			schedule_timeout(NSEC_PER_MSEC);
		}
		pos = 0;
		bt_expect_eq(kernel_read(f, buf, sizeof(buf), &pos), -ESRCH);
		file_put(f);
		bt_expect_eq(slurp(path, buf, sizeof(buf)), -ENOENT);
	}
	task_put(t);
	umount_it();
}

static int two_lines(struct seq_file *m, void *data)
{
	for (long i = 0; i < (long)data; i++)
		seq_printf(m, "line %06ld\n", i);
	return 0;
}

BOOT_TEST(proc, long_texts_and_removal)
{
	struct file *f;
	char line[13];
	loff_t pos = 12 * 4321;
	char buf[16];

	bt_assert(mount_it());
	bt_assert(!proc_create("bt/long", 0444, two_lines, (void *)5000));
	bt_expect_eq(proc_create("bt/long", 0444, two_lines, NULL), -EEXIST);
	f = file_open(AT "/bt/long", O_RDONLY, 0);
	if (bt_expect(!IS_ERR(f))) {
		bt_expect_eq(kernel_read(f, line, 12, &pos), 12);
		bt_expect(!memcmp(line, "line 004321\n", 12));
		pos = 12 * 5000;
		bt_expect_eq(kernel_read(f, line, 12, &pos), 0);
		file_put(f);
	}
	bt_expect(!proc_remove("bt/long"));
	bt_expect_eq(slurp(AT "/bt/long", buf, sizeof(buf)), -ENOENT);
	bt_expect(!proc_remove("bt"));
	umount_it();
}
