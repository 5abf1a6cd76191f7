/* SPDX-License-Identifier: BSD-2-Clause */
/* Files and descriptors of the world of fixture.h. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/timerfd.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "fixture.h"

#define OWNER 1000	/* whose the files are, and who an unprivileged case is */

static int file(const char *name, mode_t mode, uid_t owner, const char *text)
{
	int fd = open(name, O_CREAT | O_WRONLY | O_TRUNC, 0600);

	if (fd < 0 || write(fd, text, strlen(text)) < 0 || fchmod(fd, mode) ||
	    fchown(fd, owner, owner))
		return -1;
	return close(fd);
}

int fixture_files(void)
{
	umask(022);
	if (file("file", 0644, OWNER, "the contents of a file\n") ||
	    file("secret", 0600, 0, "hidden\n") || file("noexec", 0644, OWNER, "\177ELF") ||
	    file("script", 0755, OWNER, "#!missing\n"))
		return -1;
	if (mkdir("dir", 0755) || chown("dir", OWNER, OWNER) || file("dir/sub", 0644, OWNER, "s"))
		return -1;
	if (symlink("file", "link") || symlink("dir", "dirlink") || symlink("nowhere", "dangling") ||
	    symlink("loop", "loop") || mkfifo("fifo", 0600) || chown("fifo", OWNER, OWNER))
		return -1;
	if (mknod("null", S_IFCHR | 0666, makedev(1, 3)) || chmod("null", 0666))
		return -1;
	setxattr("file", "trusted.x", "t", 1, 0);
	return 0;
}

/* Moves `fd` to its number. */
static int place(int fd, int number)
{
	if (fd < 0 || dup3(fd, number, 0) < 0)
		return -1;
	return close(fd);
}

int fixture_descriptors(void)
{
	int ends[2], null = open("/dev/null", O_RDWR);
	sigset_t usr1;
	int bad;

	if (null < 0)
		return -1;
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	bad = place(open("file", O_RDWR), FD_RW);
	bad |= place(open("file", O_RDONLY), FD_RO);
	bad |= place(open("dir", O_RDONLY | O_DIRECTORY), FD_DIR);
	bad |= pipe(ends) || place(ends[0], FD_PIPE_R) || place(ends[1], FD_PIPE_W);
	bad |= write(FD_PIPE_W, "in the pipe", 11) != 11;
	bad |= fcntl(FD_PIPE_R, F_SETFL, O_NONBLOCK) | fcntl(FD_PIPE_W, F_SETFL, O_NONBLOCK);
	bad |= place(socket(AF_UNIX, SOCK_STREAM, 0), FD_UNIX);
	bad |= socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) ||
	       place(ends[0], FD_PAIR) || place(ends[1], FD_PEER);
	bad |= place(epoll_create1(0), FD_EPOLL);
	bad |= place(eventfd(0, EFD_NONBLOCK), FD_EVENT);
	bad |= place(open("/dev/null", O_RDWR), FD_NULL);
	bad |= place(open("/dev/zero", O_RDWR), FD_ZERO);
	bad |= place(open("file", O_PATH), FD_OPATH);
	bad |= place(memfd_create("m", MFD_ALLOW_SEALING), FD_MEMFD);
	bad |= place(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK), FD_TIMER);
	bad |= place(signalfd(-1, &usr1, SFD_NONBLOCK), FD_SIGNAL);
	bad |= place(inotify_init1(IN_NONBLOCK), FD_INOTIFY);
	bad |= place((int)syscall(SYS_pidfd_open, getpid(), 0), FD_PIDFD);
	bad |= inotify_add_watch(FD_INOTIFY, "dir", IN_CREATE) < 0;
	for (int fd = 0; fd < 3; fd++)
		bad |= dup2(null, fd) < 0;
	close(null);
	return bad ? -1 : 0;
}

static void clean(int dirfd)
{
	int copy = dup(dirfd);
	DIR *dir = fdopendir(copy);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (unlinkat(dirfd, entry->d_name, 0) == 0)
			continue;
		int sub = openat(dirfd, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);

		if (sub >= 0) {
			clean(sub);
			close(sub);
		}
		unlinkat(dirfd, entry->d_name, AT_REMOVEDIR);
	}
	if (dir)
		closedir(dir);
}

/* Cases reach the current folder and the root, which stay; put them as they were. */
static void restore(const char *folder, mode_t mode)
{
	static const char *const names[] = { "user.x", "user.none", "trusted.x" };

	chown(folder, 0, 0);
	chmod(folder, mode);
	for (int i = 0; i < 3; i++)
		removexattr(folder, names[i]);
}

void fixture_clean(void)
{
	int fd = open(".", O_RDONLY | O_DIRECTORY);

	if (fd >= 0) {
		clean(fd);
		close(fd);
	}
	restore(".", 0777);
	restore("/", 0755);
}
