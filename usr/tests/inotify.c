/* SPDX-License-Identifier: BSD-2-Clause */
/* inotify(7): which operations give which events, watches and their flags, the queue. */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/time.h>

#include "helpers.h"

static int in;
static char buffer[65536] __attribute__((aligned(16)));
static size_t have, at;

static void start(void)
{
	in = MUST(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
}

static const struct inotify_event *next_event(void)
{
	const struct inotify_event *event;

	if (at == have) {
		ssize_t n = read(in, buffer, sizeof(buffer));

		if (n < 0 && errno == EAGAIN)
			return NULL;
		EXPECT_GE(n, (ssize_t)sizeof(*event));
		have = (size_t)n;
		at = 0;
	}
	event = (const struct inotify_event *)(buffer + at);
	at += sizeof(*event) + event->len;
	return event;
}

/* The next event; its cookie. */
static uint32_t expect_event(int line, int wd, uint32_t mask, const char *name)
{
	const struct inotify_event *event = next_event();

	if (!event)
		FAIL("line %d: no event, wanted %#x %s", line, mask, name ? name : "");
	if (event->wd != wd || event->mask != mask ||
	    strcmp(event->len ? event->name : "", name ? name : "") != 0)
		FAIL("line %d: got wd %d mask %#x \"%s\", wanted wd %d mask %#x \"%s\"", line,
		     event->wd, event->mask, event->len ? event->name : "", wd, mask,
		     name ? name : "");
	return event->cookie;
}

#define EVENT(wd, mask, name) expect_event(__LINE__, wd, mask, name)

static void no_event(int line)
{
	const struct inotify_event *event = next_event();

	if (event)
		FAIL("line %d: event wd %d mask %#x \"%s\"", line, event->wd, event->mask,
		     event->len ? event->name : "");
}
#define NO_EVENT() no_event(__LINE__)

TEST(create_write_read_delete)
{
	int dir, fd;
	char c;

	start();
	dir = MUST(inotify_add_watch(in, ".", IN_ALL_EVENTS));
	EXPECT_EQ(dir, 1);
	fd = MUST(open("file", O_CREAT | O_RDWR, 0600));
	EVENT(dir, IN_CREATE, "file");
	EVENT(dir, IN_OPEN, "file");
	EXPECT_EQ(write(fd, "abc", 3), 3);
	EVENT(dir, IN_MODIFY, "file");
	EXPECT_EQ(pread(fd, &c, 1, 0), 1);
	EVENT(dir, IN_ACCESS, "file");
	EXPECT_EQ(pread(fd, &c, 1, 10), 0);
	NO_EVENT();
	MUST(fchmod(fd, 0644));
	EVENT(dir, IN_ATTRIB, "file");
	MUST(ftruncate(fd, 1));
	EVENT(dir, IN_MODIFY, "file");
	close(fd);
	EVENT(dir, IN_CLOSE_WRITE, "file");
	fd = MUST(open("file", O_RDONLY));
	EVENT(dir, IN_OPEN, "file");
	close(fd);
	EVENT(dir, IN_CLOSE_NOWRITE, "file");
	MUST(utimes("file", NULL));
	EVENT(dir, IN_ATTRIB, "file");
	MUST(unlink("file"));
	EVENT(dir, IN_DELETE, "file");
	NO_EVENT();
}

TEST(directories_and_links)
{
	int dir;

	start();
	put_text("f", "x");
	dir = MUST(inotify_add_watch(in, ".", IN_CREATE | IN_DELETE));
	MUST(mkdir("d", 0700));
	EVENT(dir, IN_CREATE | IN_ISDIR, "d");
	MUST(symlink("f", "s"));
	EVENT(dir, IN_CREATE, "s");
	MUST(link("f", "l"));
	EVENT(dir, IN_CREATE, "l");
	MUST(mkfifo("p", 0600));
	EVENT(dir, IN_CREATE, "p");
	MUST(rmdir("d"));
	EVENT(dir, IN_DELETE | IN_ISDIR, "d");
	MUST(unlink("s"));
	EVENT(dir, IN_DELETE, "s");
	NO_EVENT();
}

TEST(watched_file_itself)
{
	int wd, fd;

	start();
	put_text("f", "x");
	wd = MUST(inotify_add_watch(in, "f", IN_ALL_EVENTS));
	fd = MUST(open("f", O_WRONLY));
	EVENT(wd, IN_OPEN, NULL);
	EXPECT_EQ(write(fd, "y", 1), 1);
	EVENT(wd, IN_MODIFY, NULL);
	close(fd);
	EVENT(wd, IN_CLOSE_WRITE, NULL);
	MUST(link("f", "g"));
	EVENT(wd, IN_ATTRIB, NULL);
	MUST(rename("f", "h"));
	EVENT(wd, IN_MOVE_SELF, NULL);
	MUST(unlink("g"));
	EVENT(wd, IN_ATTRIB, NULL);
	MUST(unlink("h"));
	EVENT(wd, IN_ATTRIB, NULL);
	EVENT(wd, IN_DELETE_SELF, NULL);
	EVENT(wd, IN_IGNORED, NULL);
	NO_EVENT();
	EXPECT_ERRNO(inotify_rm_watch(in, wd), EINVAL);
}

TEST(deleted_when_closed)
{
	int wd, fd;

	start();
	fd = MUST(open("f", O_CREAT | O_RDWR, 0600));
	wd = MUST(inotify_add_watch(in, "f", IN_DELETE_SELF));
	MUST(unlink("f"));
	NO_EVENT();
	close(fd);
	EVENT(wd, IN_DELETE_SELF, NULL);
	EVENT(wd, IN_IGNORED, NULL);
}

TEST(watched_directory_removed)
{
	int wd;

	start();
	MUST(mkdir("d", 0700));
	wd = MUST(inotify_add_watch(in, "d", IN_DELETE_SELF | IN_MOVE_SELF));
	MUST(rename("d", "e"));
	EVENT(wd, IN_MOVE_SELF, NULL);
	MUST(rmdir("e"));
	EVENT(wd, IN_DELETE_SELF, NULL);
	EVENT(wd, IN_IGNORED, NULL);
}

TEST(renames_have_cookies)
{
	uint32_t cookie, other;
	int a, b;

	start();
	MUST(mkdir("a", 0700));
	MUST(mkdir("b", 0700));
	put_text("a/x", "1");
	put_text("b/z", "2");
	a = MUST(inotify_add_watch(in, "a", IN_MOVE | IN_DELETE));
	b = MUST(inotify_add_watch(in, "b", IN_MOVE | IN_DELETE));
	MUST(rename("a/x", "b/y"));
	cookie = EVENT(a, IN_MOVED_FROM, "x");
	EXPECT_NE(cookie, 0);
	EXPECT_EQ(EVENT(b, IN_MOVED_TO, "y"), cookie);
	MUST(rename("b/y", "b/z"));	/* over another */
	other = EVENT(b, IN_MOVED_FROM, "y");
	EXPECT_NE(other, cookie);
	EXPECT_EQ(EVENT(b, IN_MOVED_TO, "z"), other);
	NO_EVENT();
}

TEST(replaced_by_rename)
{
	int wd;

	start();
	put_text("old", "1");
	put_text("new", "2");
	wd = MUST(inotify_add_watch(in, "old", IN_ALL_EVENTS));
	MUST(rename("new", "old"));
	EVENT(wd, IN_ATTRIB, NULL);
	EVENT(wd, IN_DELETE_SELF, NULL);
	EVENT(wd, IN_IGNORED, NULL);
}

TEST(rm_watch_and_masks)
{
	int wd;

	start();
	put_text("f", "x");
	wd = MUST(inotify_add_watch(in, "f", IN_OPEN));
	EXPECT_EQ(inotify_add_watch(in, "f", IN_ATTRIB), wd);
	MUST(chmod("f", 0600));
	close(MUST(open("f", O_RDONLY)));
	EVENT(wd, IN_ATTRIB, NULL);
	NO_EVENT();
	EXPECT_EQ(inotify_add_watch(in, "f", IN_OPEN | IN_MASK_ADD), wd);
	close(MUST(open("f", O_RDONLY)));
	EVENT(wd, IN_OPEN, NULL);
	MUST(inotify_rm_watch(in, wd));
	EVENT(wd, IN_IGNORED, NULL);
	close(MUST(open("f", O_RDONLY)));
	NO_EVENT();
	EXPECT_EQ(inotify_add_watch(in, "f", IN_OPEN), wd + 1);
}

TEST(one_shot)
{
	int wd;

	start();
	put_text("f", "x");
	wd = MUST(inotify_add_watch(in, "f", IN_ATTRIB | IN_ONESHOT));
	MUST(chmod("f", 0600));
	MUST(chmod("f", 0644));
	EVENT(wd, IN_ATTRIB, NULL);
	EVENT(wd, IN_IGNORED, NULL);
	NO_EVENT();
}

TEST(unlinked_children)
{
	int wd, fd;

	start();
	fd = MUST(open("f", O_CREAT | O_RDWR, 0600));
	wd = MUST(inotify_add_watch(in, ".", IN_MODIFY | IN_EXCL_UNLINK));
	EXPECT_EQ(write(fd, "x", 1), 1);
	EVENT(wd, IN_MODIFY, "f");
	MUST(unlink("f"));
	EXPECT_EQ(write(fd, "x", 1), 1);
	NO_EVENT();
	MUST(inotify_add_watch(in, ".", IN_MODIFY));
	EXPECT_EQ(write(fd, "x", 1), 1);
	EVENT(wd, IN_MODIFY, "f");
	close(fd);
}

TEST(equal_events_merge)
{
	int wd, fd;

	start();
	fd = MUST(open("f", O_CREAT | O_RDWR, 0600));
	wd = MUST(inotify_add_watch(in, "f", IN_MODIFY));
	for (int i = 0; i < 10; i++)
		EXPECT_EQ(write(fd, "x", 1), 1);
	EVENT(wd, IN_MODIFY, NULL);
	NO_EVENT();
}

TEST(queue_overflow)
{
	int n = 0, wd;
	const struct inotify_event *event;

	SKIP_IN_EMULATOR("too slow");
	start();
	wd = MUST(inotify_add_watch(in, ".", IN_CREATE | IN_DELETE));
	for (int i = 0; i < 9000; i++) {
		close(MUST(open("f", O_CREAT | O_RDWR, 0600)));
		MUST(unlink("f"));
	}
	while ((event = next_event())) {
		n++;
		if (event->mask & IN_Q_OVERFLOW)
			break;
		EXPECT_EQ(event->wd, wd);
	}
	EXPECT(event != NULL);
	EXPECT_EQ(event->wd, -1);
	EXPECT_GE(n, 16384);
	NO_EVENT();
	close(MUST(open("f", O_CREAT | O_RDWR, 0600)));
	EVENT(wd, IN_CREATE, "f");
}

TEST(read_sizes_and_poll)
{
	struct pollfd p;
	char small[16];
	int bytes;

	start();
	MUST(inotify_add_watch(in, ".", IN_CREATE));
	p = (struct pollfd){ .fd = in, .events = POLLIN };
	EXPECT_EQ(poll(&p, 1, 0), 0);
	close(MUST(open("a", O_CREAT | O_RDWR, 0600)));
	EXPECT_EQ(poll(&p, 1, 1000), 1);
	MUST(ioctl(in, FIONREAD, &bytes));
	EXPECT_EQ(bytes, 32);
	EXPECT_ERRNO(read(in, small, 16), EINVAL);
	EXPECT_EQ(read(in, buffer, 40), 32);
	EXPECT_ERRNO(read(in, buffer, 40), EAGAIN);
}

TEST(reader_sleeps)
{
	struct inotify_event *event = (struct inotify_event *)buffer;
	int fd = MUST(inotify_init1(0));

	MUST(inotify_add_watch(fd, ".", IN_CREATE));
	if (must_fork() == 0) {
		sleep_ms(50);
		close(open("late", O_CREAT | O_RDWR, 0600));
		_exit(0);
	}
	EXPECT_GE(read(fd, buffer, sizeof(buffer)), (ssize_t)sizeof(*event));
	EXPECT_EQ(event->mask, IN_CREATE);
	EXPECT_STREQ(event->name, "late");
}

TEST(unmount)
{
	int wd;

	need_root();
	SKIP_IN_EMULATOR("may not mount");
	start();
	MUST(mkdir("m", 0700));
	MUST(mount("none", "m", "tmpfs", 0, NULL));
	wd = MUST(inotify_add_watch(in, "m", IN_CREATE));
	MUST(umount("m"));
	EVENT(wd, IN_UNMOUNT | IN_ISDIR, NULL);
	EVENT(wd, IN_IGNORED, NULL);
	NO_EVENT();
}

TEST(close_with_events_and_watches)
{
	for (int i = 0; i < 50; i++) {
		start();
		MUST(inotify_add_watch(in, ".", IN_ALL_EVENTS));
		put_text("f", "x");
		MUST(inotify_add_watch(in, "f", IN_ALL_EVENTS));
		MUST(unlink("f"));
		close(in);
	}
}

TEST(bad_arguments)
{
	start();
	put_text("f", "x");
	MUST(symlink("f", "s"));
	EXPECT_ERRNO(inotify_init1(1), EINVAL);
	EXPECT_ERRNO(inotify_add_watch(-1, ".", IN_OPEN), EBADF);
	EXPECT_ERRNO(inotify_add_watch(0, ".", IN_OPEN), EINVAL);
	EXPECT_ERRNO(inotify_add_watch(in, ".", 0), EINVAL);
	EXPECT_ERRNO(inotify_add_watch(in, "none", IN_OPEN), ENOENT);
	EXPECT_ERRNO(inotify_add_watch(in, "f", IN_OPEN | IN_ONLYDIR), ENOTDIR);
	EXPECT_ERRNO(inotify_add_watch(in, (char *)8, IN_OPEN), EFAULT);
	EXPECT_ERRNO(inotify_rm_watch(in, 99), EINVAL);
	EXPECT_ERRNO(inotify_rm_watch(0, 1), EINVAL);
	MUST(inotify_add_watch(in, "f", IN_OPEN));
	EXPECT_ERRNO(inotify_add_watch(in, "f", IN_OPEN | IN_MASK_CREATE), EEXIST);
	EXPECT_ERRNO(inotify_add_watch(in, "f", IN_OPEN | IN_MASK_ADD | IN_MASK_CREATE), EINVAL);
	EXPECT_NE(MUST(inotify_add_watch(in, "s", IN_OPEN | IN_DONT_FOLLOW)), 1);
	EXPECT_EQ(inotify_add_watch(in, "s", IN_OPEN), 1);
}
