/* SPDX-License-Identifier: BSD-2-Clause */
/* The file systems that init mounts before anything else runs. */
#include "init.h"

#include <errno.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "say.h"

struct mount_point {
	const char *type;
	const char *where;
	mode_t mode; /* of the folder, if it must be made */
	unsigned long flags;
	const char *options;
};

/* In this order: a mount hides what was made below it before. */
static const struct mount_point mount_points[] = {
	{ "proc",     "/proc",    0555, MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL },
	{ "sysfs",    "/sys",     0555, MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL },
	{ "devtmpfs", "/dev",     0755, MS_NOSUID, "mode=0755" },
	{ "devpts",   "/dev/pts", 0755, MS_NOSUID | MS_NOEXEC, "mode=0620,gid=5,ptmxmode=0666" },
	{ "mqueue",   "/dev/mqueue", 01777, MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL },
	{ "tmpfs",    "/dev/shm", 01777, MS_NOSUID | MS_NODEV, "mode=1777" },
	{ "tmpfs",    "/run",     0755, MS_NOSUID | MS_NODEV, "mode=0755" },
	{ "tmpfs",    "/tmp",     01777, MS_NOSUID | MS_NODEV, "mode=1777" },
};

/* Names that shells and programs count on; devtmpfs has devices only. */
static const struct {
	const char *target, *path;
} links[] = {
	{ "/proc/self/fd",   "/dev/fd" },
	{ "/proc/self/fd/0", "/dev/stdin" },
	{ "/proc/self/fd/1", "/dev/stdout" },
	{ "/proc/self/fd/2", "/dev/stderr" },
	/* The name servers that DHCP or net.ip= gave, where the kernel keeps such a list. */
	{ "/proc/net/pnp",   "/etc/resolv.conf" },
};

/*
 * EBUSY: the kernel or an earlier init mounted it. ENODEV: the kernel has no such file system.
 * EROFS and ENOENT: no folder to mount on, and none can be made there.
 */
static bool worth_a_message(int error)
{
	return error != EBUSY && error != ENODEV && error != EROFS && error != ENOENT;
}

void mount_all(void)
{
	for (size_t i = 0; i < sizeof(mount_points) / sizeof(mount_points[0]); i++) {
		const struct mount_point *m = &mount_points[i];

		if (mkdir(m->where, m->mode) < 0 && errno != EEXIST && worth_a_message(errno))
			say_errno("cannot make %s", m->where);
		if (mount(m->type, m->where, m->type, m->flags, m->options) < 0 &&
		    worth_a_message(errno))
			say_errno("cannot mount %s on %s", m->type, m->where);
	}
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (symlink(links[i].target, links[i].path) < 0 && errno != EEXIST &&
		    worth_a_message(errno))
			say_errno("cannot link %s", links[i].path);
}
