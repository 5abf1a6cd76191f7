/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The mount tree as text: /proc/mounts and /proc/self/mountinfo, seen from the root of
 * the reader.
 */
#include <fs/fs.h>
#include <fs/seq_file.h>
#include <mm/slab.h>
#include <linux/mount.h>
#include "internal.h"

#define MANGLE " \t\n\\#"

static void show_mnt_opts(struct seq_file *m, const struct mount *mnt)
{
	static const struct { u32 flag; const char *text; } names[] = {
		{ MNT_NOSUID, ",nosuid" }, { MNT_NODEV, ",nodev" }, { MNT_NOEXEC, ",noexec" },
		{ MNT_NOATIME, ",noatime" }, { MNT_NODIRATIME, ",nodiratime" },
		{ MNT_RELATIME, ",relatime" }, { MNT_NOSYMFOLLOW, ",nosymfollow" },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (mnt->mnt_flags & names[i].flag)
			seq_puts(m, names[i].text);
}

static void show_sb_opts(struct seq_file *m, struct super *sb)
{
	if (sb->s_flags & MS_SYNCHRONOUS)
		seq_puts(m, ",sync");
	if (sb->s_flags & MS_DIRSYNC)
		seq_puts(m, ",dirsync");
	if (sb->s_flags & MS_MANDLOCK)
		seq_puts(m, ",mand");
	if (sb->s_flags & MS_LAZYTIME)
		seq_puts(m, ",lazytime");
}

static void show_fs_opts(struct seq_file *m, struct super *sb)
{
	if (sb->s_op && sb->s_op->show_options)
		sb->s_op->show_options(m, sb);
}

/* The mount point as the reader sees it, or NULL if it cannot. */
static char *mount_text(struct mount *mnt, const struct path *root, char *buf)
{
	struct path at = { .mnt = mnt, .dentry = mnt->mnt_root };
	bool outside = false;
	char *p = d_path_from(&at, root, buf, PATH_MAX, &outside);

	return IS_ERR(p) || outside ? NULL : p;
}

static void show_all(struct seq_file *m, void (*show)(struct seq_file *, struct mount *, char *))
{
	char *buf = kmalloc(PATH_MAX, GFP_KERNEL), *text;
	struct path root;
	struct mount *mnt;

	if (!buf)
		return;
	fs_get_root(current->fs, &root);
	down_read(&namespace_sem);
	list_for_each_entry(mnt, &mount_list, mnt_list) {
		text = mount_text(mnt, &root, buf);
		if (text)
			show(m, mnt, text);
	}
	up_read(&namespace_sem);
	path_put(&root);
	kfree(buf);
}

static void show_mounts_line(struct seq_file *m, struct mount *mnt, char *text)
{
	seq_escape(m, mnt->mnt_devname, MANGLE);
	seq_putc(m, ' ');
	seq_escape(m, text, MANGLE);
	seq_printf(m, " %s %s", mnt->mnt_sb->s_type->name, mnt_is_readonly(mnt) ? "ro" : "rw");
	show_sb_opts(m, mnt->mnt_sb);
	show_mnt_opts(m, mnt);
	show_fs_opts(m, mnt->mnt_sb);
	seq_puts(m, " 0 0\n");
}

static void show_mountinfo_line(struct seq_file *m, struct mount *mnt, char *text)
{
	struct super *sb = mnt->mnt_sb;
	struct path sbroot = { .mnt = mnt, .dentry = sb->s_root };
	struct path at = { .mnt = mnt, .dentry = mnt->mnt_root };
	char *buf = kmalloc(PATH_MAX, GFP_KERNEL), *inner = ERR_PTR(-ENOMEM);
	bool outside;

	if (buf)        /* the part of the file system that is mounted, from its own root */
		inner = d_path_from(&at, &sbroot, buf, PATH_MAX, &outside);
	seq_printf(m, "%d %d %u:%u ", mnt->mnt_id, mnt->mnt_parent->mnt_id,
		   MAJOR(sb->s_dev), MINOR(sb->s_dev));
	seq_escape(m, mnt->mnt_root == sb->s_root || IS_ERR(inner) ? "/" : inner, MANGLE);
	seq_putc(m, ' ');
	seq_escape(m, text, MANGLE);
	seq_printf(m, " %s", (mnt->mnt_flags & MNT_RDONLY) ? "ro" : "rw");
	show_mnt_opts(m, mnt);
	seq_printf(m, " - %s ", sb->s_type->name);
	seq_escape(m, mnt->mnt_devname, MANGLE);
	seq_printf(m, " %s", (sb->s_flags & MS_RDONLY) ? "ro" : "rw");
	show_sb_opts(m, sb);
	show_fs_opts(m, sb);
	seq_putc(m, '\n');
	kfree(buf);
}

void mounts_show(struct seq_file *m)
{
	show_all(m, show_mounts_line);
}

void mountinfo_show(struct seq_file *m)
{
	show_all(m, show_mountinfo_line);
}
