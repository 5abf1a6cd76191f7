/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot tests of poll and epoll, on pipes.
 */
#include <fs/files.h>
#include <fs/pipe.h>
#include <fs/poll.h>
#include <kernel/boottest.h>
#include <kernel/clone.h>
#include <kernel/sched.h>
#include <linux/poll.h>

static ssize_t put_byte(struct file *f)
{
	loff_t pos = 0;

	return kernel_write(f, "x", 1, &pos);
}

/* A pipe with its read end as a descriptor of ours. */
static int pipe_fd(struct file *p[2])
{
	int err = pipe_create(p, O_NONBLOCK);

	return err ? err : fd_install_new(file_get(p[0]), 0);
}
static void pipe_fd_close(struct file *p[2], int fd)
{
	fd_close((unsigned)fd);
	file_put(p[0]);
	file_put(p[1]);
}

BOOT_TEST(poll, tells_what_is_ready)
{
	struct file *p[2];
	int fd = pipe_fd(p);
	struct pollfd fds[3] = { { fd, POLLIN, 0 }, { -1, POLLIN, 7 }, { 999, POLLIN, 0 } };

	bt_assert(fd >= 0);
	bt_expect_eq(poll_files(fds, 2, 0), 0);
	bt_expect_eq(fds[1].revents, 0);
	bt_expect_eq(poll_files(fds, 3, NSEC_MAX), 1);
	bt_expect_eq(fds[2].revents, POLLNVAL);
	put_byte(p[1]);
	bt_expect_eq(poll_files(fds, 1, NSEC_MAX), 1);
	bt_expect_eq(fds[0].revents, POLLIN);
	pipe_fd_close(p, fd);
}

BOOT_TEST(poll, timeout_passes)
{
	struct file *p[2];
	int fd = pipe_fd(p);
	struct pollfd pfd = { fd, POLLIN, 0 };
	nsec_t start = ktime_get(), end = start + 20 * NSEC_PER_MSEC;

	bt_assert(fd >= 0);
	bt_expect_eq(poll_files(&pfd, 1, end), 0);
	bt_expect(ktime_get() >= end);
	bt_expect(ktime_get() < end + NSEC_PER_SEC);
	pipe_fd_close(p, fd);
}

static int late_writer(void *arg)
{
	set_current_state(TASK_INTERRUPTIBLE);
	schedule_timeout(10 * NSEC_PER_MSEC);
	return (int)put_byte(arg);
}

BOOT_TEST(poll, a_writer_wakes_it)
{
	struct file *p[2];
	int fd = pipe_fd(p);
	struct pollfd pfd = { fd, POLLIN, 0 };
	nsec_t start = ktime_get();
	struct task *t;

	bt_assert(fd >= 0);
	t = kthread_create(late_writer, p[1], "bt_poll");
	bt_assert(!IS_ERR(t));
	task_get(t);
	kthread_start(t);
	bt_expect_eq(poll_files(&pfd, 1, start + 5 * NSEC_PER_SEC), 1);
	bt_expect(ktime_get() - start < 4 * NSEC_PER_SEC);	/* not by the time-out */
	bt_expect_eq(pfd.revents, POLLIN);
	kthread_stop(t);
	task_put(t);
	pipe_fd_close(p, fd);
}

BOOT_TEST(poll, many_descriptors)
{
	struct file *p[2];
	int fd = pipe_fd(p);
	struct pollfd fds[40];

	bt_assert(fd >= 0);
	for (int i = 0; i < 40; i++)		/* more entries than fit on the stack */
		fds[i] = (struct pollfd){ fd, POLLIN, 0 };
	bt_expect_eq(poll_files(fds, 40, ktime_get() + NSEC_PER_MSEC), 0);
	put_byte(p[1]);
	bt_expect_eq(poll_files(fds, 40, NSEC_MAX), 40);
	pipe_fd_close(p, fd);
}

#if IS_ENABLED(CONFIG_EPOLL)
static ssize_t take_byte(struct file *f)
{
	loff_t pos = 0;
	char c;

	return kernel_read(f, &c, 1, &pos);
}

static int ctl(struct file *ep, int op, struct file *f, u32 events)
{
	struct epoll_event ev = { .events = events };

	return epoll_file_ctl(ep, op, f, 5, &ev);
}

BOOT_TEST(epoll, add_change_remove)
{
	struct file *ep = epoll_file(), *p[2];

	bt_assert(!IS_ERR(ep));
	bt_assert(!pipe_create(p, O_NONBLOCK));
	bt_expect_eq(ctl(ep, EPOLL_CTL_MOD, p[0], EPOLLIN), -ENOENT);
	bt_expect_eq(ctl(ep, EPOLL_CTL_ADD, p[0], EPOLLIN), 0);
	bt_expect_eq(ctl(ep, EPOLL_CTL_ADD, p[0], EPOLLIN), -EEXIST);
	bt_expect_eq(vfs_poll(ep, NULL), 0);
	put_byte(p[1]);
	bt_expect_eq(vfs_poll(ep, NULL), EPOLLIN | EPOLLRDNORM);
	bt_expect_eq(ctl(ep, EPOLL_CTL_MOD, p[0], EPOLLPRI), 0);
	bt_expect_eq(vfs_poll(ep, NULL), 0);
	bt_expect_eq(ctl(ep, EPOLL_CTL_MOD, p[0], EPOLLIN), 0);
	bt_expect_eq(vfs_poll(ep, NULL), EPOLLIN | EPOLLRDNORM);
	bt_expect_eq(take_byte(p[0]), 1);
	bt_expect_eq(vfs_poll(ep, NULL), 0);
	bt_expect_eq(ctl(ep, EPOLL_CTL_DEL, p[0], 0), 0);
	put_byte(p[1]);
	bt_expect_eq(vfs_poll(ep, NULL), 0);
	bt_expect_eq(ctl(ep, EPOLL_CTL_DEL, p[0], 0), -ENOENT);
	file_put(p[0]);
	file_put(p[1]);
	file_put(ep);
}

BOOT_TEST(epoll, a_closed_file_leaves)
{
	struct file *ep = epoll_file(), *p[2];

	bt_assert(!IS_ERR(ep));
	bt_assert(!pipe_create(p, O_NONBLOCK));
	bt_expect_eq(ctl(ep, EPOLL_CTL_ADD, p[0], EPOLLIN), 0);
	put_byte(p[1]);
	file_put(p[0]);
	bt_expect_eq(vfs_poll(ep, NULL), 0);
	file_put(p[1]);
	file_put(ep);
}

BOOT_TEST(epoll, the_set_goes_first)
{
	struct file *ep = epoll_file(), *p[2];

	bt_assert(!IS_ERR(ep));
	bt_assert(!pipe_create(p, O_NONBLOCK));
	bt_expect_eq(ctl(ep, EPOLL_CTL_ADD, p[0], EPOLLIN | EPOLLET), 0);
	file_put(ep);
	bt_expect(list_empty(&p[0]->f_ep));
	bt_expect_eq(put_byte(p[1]), 1);		/* wakes nobody */
	file_put(p[0]);
	file_put(p[1]);
}

BOOT_TEST(epoll, circles_and_depth_are_refused)
{
	struct file *ep[7], *p[2], *dir;
	int i;

	bt_assert(!pipe_create(p, O_NONBLOCK));
	for (i = 0; i < 7; i++) {
		ep[i] = epoll_file();
		bt_assert(!IS_ERR(ep[i]));
	}
	bt_expect_eq(ctl(ep[0], EPOLL_CTL_ADD, ep[0], EPOLLIN), -EINVAL);
	bt_expect_eq(ctl(ep[1], EPOLL_CTL_ADD, ep[0], EPOLLIN), 0);
	bt_expect_eq(ctl(ep[0], EPOLL_CTL_ADD, ep[1], EPOLLIN), -ELOOP);
	for (i = 2; i < 7; i++)
		if (ctl(ep[i], EPOLL_CTL_ADD, ep[i - 1], EPOLLIN))
			break;
	bt_expect(i > 3 && i < 7);
	bt_expect_eq(ctl(ep[0], EPOLL_CTL_ADD, p[0], EPOLLIN), 0);
	put_byte(p[1]);
	bt_expect_eq(vfs_poll(ep[2], NULL), EPOLLIN | EPOLLRDNORM);
	dir = file_open("/", O_RDONLY | O_DIRECTORY, 0);
	if (bt_expect(!IS_ERR(dir))) {
		bt_expect_eq(ctl(ep[0], EPOLL_CTL_ADD, dir, EPOLLIN), -EPERM);
		file_put(dir);
	}
	for (i = 0; i < 7; i++)
		file_put(ep[i]);
	file_put(p[0]);
	file_put(p[1]);
}
#endif
