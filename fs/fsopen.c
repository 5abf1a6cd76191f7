/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fsopen(2), fspick(2), fsconfig(2), fsmount(2): a file system is set up option by option behind
 * a descriptor, then made, then turned into a mount that another descriptor holds.
 *
 * A setup goes through phases, and each call fits one of them (EBUSY otherwise):
 *
 *	fsopen -> PARAMS -CMD_CREATE-> MADE -fsmount-> CHANGES <- fspick
 *	                                               CHANGES -CMD_RECONFIGURE-> CHANGES
 *
 * A CMD that fails leaves it FAILED for good. What went wrong is told in words to whoever reads
 * the descriptor: one message a read, "e ..." for an error, as Linux does.
 */
#include <fs/files.h>
#include <fs/uio.h>
#include <arch/uaccess.h>
#include <kernel/mutex.h>
#include <kernel/syscall.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <linux/mount.h>
#include <mm/slab.h>
#include "internal.h"
#include "mount_fd.h"

#define TEXT_MAX	256	/* a key or a value, with its end; as Linux */
#define MESSAGES	8	/* the oldest goes first */

enum phase { PARAMS, MADE, CHANGES, FAILED };

/* Locks:  l  lock   i  constant */
struct setup {
	struct mutex    lock;
	enum phase      phase;		/* l */
	struct fs_type *type;		/* i */
	struct super   *sb;		/* l  counted, from MADE on */
	char           *source;		/* l */
	char           *options;	/* l  "key=value,key", a page; NULL: none yet */
	unsigned long   flags, mask;	/* l  of SB_FLAGS: values, which were given */
	char           *message[MESSAGES]; /* l  the oldest first */
};

/* What fsconfig(2) brings. */
struct param {
	char key[TEXT_MAX], value[TEXT_MAX];
	bool has_value;
};

/* ---- messages ---- */

static __printf(2, 3) int setup_error(struct setup *s, const char *format, ...)
{
	char text[2 * TEXT_MAX];
	va_list args;
	int i = 0;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	while (i < MESSAGES && s->message[i])
		i++;
	if (i == MESSAGES) {
		kfree(s->message[0]);
		memmove(s->message, s->message + 1, (MESSAGES - 1) * sizeof(s->message[0]));
		i--;
	}
	/* Without memory for the words the errno has to do. */
	s->message[i] = kstrdup(text, GFP_KERNEL);
	return -EINVAL;
}

static ssize_t setup_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	struct setup *s = file->private;
	char *text;
	size_t len;
	ssize_t ret = -ENODATA;

	mutex_lock(&s->lock);
	text = s->message[0];
	len = text ? strlen(text) : 0;
	if (text && len > iov_iter_count(to)) {
		ret = -EMSGSIZE;
	} else if (text) {
		ret = copy_to_iter(text, len, to) == len ? (ssize_t)len : -EFAULT;
		memmove(s->message, s->message + 1, (MESSAGES - 1) * sizeof(s->message[0]));
		s->message[MESSAGES - 1] = NULL;
		kfree(text);
	}
	mutex_unlock(&s->lock);
	return ret;
}

/* ---- life ---- */

/* Forgets what was given so far: it has been used. */
static void setup_clean(struct setup *s)
{
	kfree(s->options);
	kfree(s->source);
	s->options = s->source = NULL;
	s->flags = s->mask = 0;
}

static void setup_free(struct setup *s)
{
	setup_clean(s);
	for (int i = 0; i < MESSAGES; i++)
		kfree(s->message[i]);
	super_put(s->sb);
	kfree(s);
}

static int setup_release(struct inode *inode, struct file *file)
{
	setup_free(file->private);
	return 0;
}

static const struct file_ops setup_fops = {
	.read = setup_read, .release = setup_release, .llseek = no_llseek, .seek_none = true,
};

/* Takes over the reference on sb. */
static int setup_fd(struct fs_type *type, struct super *sb, enum phase phase, unsigned flags)
{
	struct setup *s = kzalloc(sizeof(*s), GFP_KERNEL);
	struct file *file;

	if (!s) {
		super_put(sb);
		return -ENOMEM;
	}
	mutex_init(&s->lock);
	s->type = type;
	s->sb = sb;
	s->phase = phase;
	file = anon_file("[fscontext]", &setup_fops, s, O_RDWR);
	if (IS_ERR(file)) {
		setup_free(s);
		return (int)PTR_ERR(file);
	}
	return fd_install_new(file, flags);
}

/* The setup behind a descriptor, which keeps it; NULL with *err set. */
static struct setup *setup_of(struct fd f, int *err)
{
	*err = !f.file ? -EBADF : f.file->f_op != &setup_fops ? -EINVAL : 0;
	return *err ? NULL : f.file->private;
}

/* ---- parameters ---- */

/* A flag of every file system: 1 if it is one. */
static int common_flag(struct setup *s, const char *key)
{
	static const struct { const char *name; unsigned long flag, value; } table[] = {
		{ "ro", MS_RDONLY, MS_RDONLY }, { "rw", MS_RDONLY, 0 },
		{ "sync", MS_SYNCHRONOUS, MS_SYNCHRONOUS }, { "async", MS_SYNCHRONOUS, 0 },
		{ "dirsync", MS_DIRSYNC, MS_DIRSYNC },
		{ "mand", MS_MANDLOCK, MS_MANDLOCK }, { "nomand", MS_MANDLOCK, 0 },
		{ "lazytime", MS_LAZYTIME, MS_LAZYTIME }, { "nolazytime", MS_LAZYTIME, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		if (strcmp(table[i].name, key))
			continue;
		s->flags = (s->flags & ~table[i].flag) | table[i].value;
		s->mask |= table[i].flag;
		return 1;
	}
	return 0;
}

static int set_source(struct setup *s, const struct param *p)
{
	if (!p->has_value)
		return setup_error(s, "e VFS: Non-string source\n");
	if (s->source)
		return setup_error(s, "e VFS: Multiple sources\n");
	s->source = kstrdup(p->value, GFP_KERNEL);
	return s->source ? 0 : -ENOMEM;
}

/* Behind those that are there, as mount(2) would have it. */
static int add_option(struct setup *s, const struct param *p)
{
	size_t len, more = strlen(p->key) + (p->has_value ? strlen(p->value) + 1 : 0);

	if (!s->options) {
		s->options = kzalloc(PAGE_SIZE, GFP_KERNEL);
		if (!s->options)
			return -ENOMEM;
	}
	len = strlen(s->options);
	if (len + more + 2 > PAGE_SIZE)
		return setup_error(s, "e VFS: Cumulative options too large\n");
	snprintf(s->options + len, PAGE_SIZE - len, "%s%s%s%s", len ? "," : "", p->key,
		 p->has_value ? "=" : "", p->value);
	return 0;
}

static int setup_param(struct setup *s, const struct param *p)
{
	if (s->phase != PARAMS && s->phase != CHANGES)
		return -EBUSY;
	if (!p->key[0])
		return setup_error(s, "e Unnamed parameter\n");
	if (common_flag(s, p->key))
		return 0;
	if (!strcmp(p->key, "source"))
		return set_source(s, p);
	if (strchr(p->key, ',') || strchr(p->value, ','))
		return setup_error(s, "e %s: Option '%s' contained comma\n", s->type->name, p->key);
	if (s->type->check_option &&
	    s->type->check_option(p->key, p->has_value ? p->value : NULL))
		return setup_error(s, "e %s: Unknown parameter '%s' or bad value\n", s->type->name,
				   p->key);
	return add_option(s, p);
}

static int setup_create(struct setup *s)
{
	int err;

	if (s->phase != PARAMS)
		return -EBUSY;
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	err = s->type->mount(s->type, s->flags, s->source, s->options, &s->sb);
	s->phase = err ? FAILED : MADE;
	return err;
}

static int setup_reconfigure(struct setup *s)
{
	int err = -EPERM;

	if (s->phase != CHANGES)
		return -EBUSY;
	if (capable(CAP_SYS_ADMIN)) {
		down_write(&namespace_sem);
		err = super_reconfigure(s->sb, s->flags, s->mask, s->options);
		up_write(&namespace_sem);
	}
	if (err)
		s->phase = FAILED;
	else
		setup_clean(s);
	return err;
}

/* ---- system calls ---- */

/* 0, -EFAULT, -EINVAL: too long. */
static int text_from_user(char *text, const char __user *from)
{
	long len = strncpy_from_user(text, from, TEXT_MAX);

	return len < 0 ? (int)len : len >= TEXT_MAX ? -EINVAL : 0;
}

SYSCALL_DEFINE2(fsopen, const char __user *, uname, unsigned, flags)
{
	struct fs_type *type;
	char name[TEXT_MAX];
	int err;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (flags & ~(unsigned)FSOPEN_CLOEXEC)
		return -EINVAL;
	err = text_from_user(name, uname);
	if (err)
		return err == -EINVAL ? -ENODEV : err;	/* no name of one is so long */
	type = fs_find(name);
	return type ? setup_fd(type, NULL, PARAMS, flags & FSOPEN_CLOEXEC ? O_CLOEXEC : 0) : -ENODEV;
}

SYSCALL_DEFINE3(fspick, int, dfd, const char __user *, name, unsigned, flags)
{
	struct path path;
	int err;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (flags & ~(unsigned)(FSPICK_CLOEXEC | FSPICK_SYMLINK_NOFOLLOW | FSPICK_NO_AUTOMOUNT |
				FSPICK_EMPTY_PATH))
		return -EINVAL;
	err = path_lookup_user(dfd, name, (flags & FSPICK_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) |
			       (flags & FSPICK_EMPTY_PATH ? LOOKUP_EMPTY : 0), &path);
	if (err)
		return err;
	err = -EINVAL;
	if (path_is_mount_root(&path))
		err = setup_fd(path.mnt->mnt_sb->s_type, super_get(path.mnt->mnt_sb), CHANGES,
			       flags & FSPICK_CLOEXEC ? O_CLOEXEC : 0);
	path_put(&path);
	return err;
}

/* Which arguments go with which command. */
static int check_arguments(unsigned cmd, bool key, bool value, int aux)
{
	switch (cmd) {
	case FSCONFIG_SET_FLAG:
		return key && !value && !aux ? 0 : -EINVAL;
	case FSCONFIG_SET_STRING:
		return key && value && !aux ? 0 : -EINVAL;
	case FSCONFIG_SET_BINARY:
		return key && value && aux > 0 && aux <= 1024 * 1024 ? 0 : -EINVAL;
	case FSCONFIG_SET_PATH:
	case FSCONFIG_SET_PATH_EMPTY:
		return key && value && (aux == AT_FDCWD || aux >= 0) ? 0 : -EINVAL;
	case FSCONFIG_SET_FD:
		return key && !value && aux >= 0 ? 0 : -EINVAL;
	case FSCONFIG_CMD_CREATE:
	case FSCONFIG_CMD_RECONFIGURE:
		return !key && !value && !aux ? 0 : -EINVAL;
	default:
		return -EOPNOTSUPP;
	}
}

/* Options are text; no file system takes blobs, paths and descriptors. */
static int config_locked(struct setup *s, unsigned cmd, struct param *p)
{
	switch (cmd) {
	case FSCONFIG_CMD_CREATE:
		return setup_create(s);
	case FSCONFIG_CMD_RECONFIGURE:
		return setup_reconfigure(s);
	case FSCONFIG_SET_FLAG:
	case FSCONFIG_SET_STRING:
		return setup_param(s, p);
	default:
		return -EOPNOTSUPP;
	}
}

static int do_config(struct setup *s, unsigned cmd, struct param *p)
{
	int err = mutex_lock_interruptible(&s->lock);

	if (err)
		return err;
	err = config_locked(s, cmd, p);
	mutex_unlock(&s->lock);
	return err;
}

SYSCALL_DEFINE5(fsconfig, int, fd, unsigned, cmd, const char __user *, ukey,
		const char __user *, uvalue, int, aux)
{
	struct param *p;
	struct setup *s;
	struct fd f;
	int err;

	if (fd < 0)
		return -EINVAL;
	err = check_arguments(cmd, ukey, uvalue, aux);
	if (err)
		return err;
	p = kzalloc(sizeof(*p), GFP_KERNEL);
	if (!p)
		return -ENOMEM;
	f = fdget((unsigned)fd);
	s = setup_of(f, &err);
	if (!err && ukey)
		err = text_from_user(p->key, ukey);
	if (!err && cmd == FSCONFIG_SET_STRING) {
		p->has_value = true;
		err = text_from_user(p->value, uvalue);
	}
	if (!err)
		err = do_config(s, cmd, p);
	if (f.file)
		fdput(f);
	kfree(p);
	return err;
}

/* The mount of what was made; from then on the setup is one for changes. */
static int mount_locked(struct setup *s, u32 mnt_flags, unsigned fd_flags)
{
	struct mount *mnt;

	if (!s->sb)
		return -EINVAL;
	if (s->phase != MADE)
		return -EBUSY;
	mnt = mount_alloc(s->sb, s->sb->s_root, s->source, mnt_flags);
	if (IS_ERR(mnt))
		return (int)PTR_ERR(mnt);
	setup_clean(s);
	s->phase = CHANGES;
	return mount_detached_fd(mnt, fd_flags);
}

static int do_fsmount(struct setup *s, u32 mnt_flags, unsigned fd_flags)
{
	int err = mutex_lock_interruptible(&s->lock);

	if (err)
		return err;
	err = mount_locked(s, mnt_flags, fd_flags);
	mutex_unlock(&s->lock);
	return err;
}

SYSCALL_DEFINE3(fsmount, int, fd, unsigned, flags, unsigned, attrs)
{
	struct setup *s;
	u32 mnt_flags;
	struct fd f;
	int err;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (flags & ~(unsigned)FSMOUNT_CLOEXEC)
		return -EINVAL;
	err = mount_attrs_to_flags(attrs, &mnt_flags);
	if (err)
		return err;
	f = fdget((unsigned)fd);
	s = setup_of(f, &err);
	if (!err)
		err = do_fsmount(s, mnt_flags, flags & FSMOUNT_CLOEXEC ? O_CLOEXEC : 0);
	if (f.file)
		fdput(f);
	return err;
}
