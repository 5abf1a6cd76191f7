/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot tests of pipes and FIFOs.
 */
#include <fs/pipe.h>
#include <fs/poll.h>
#include <fs/uio.h>
#include <kernel/boottest.h>
#include <kernel/clone.h>
#include <kernel/sched.h>
#include <lib/string.h>
#include <mm/slab.h>

static u8 chunk[4096];

static ssize_t rd(struct file *f, void *buf, size_t n)
{
	loff_t pos = 0;

	return kernel_read(f, buf, n, &pos);
}
static ssize_t wr(struct file *f, const void *buf, size_t n)
{
	loff_t pos = 0;

	return kernel_write(f, buf, n, &pos);
}
static void close_both(struct file *p[2])
{
	file_put(p[0]);
	file_put(p[1]);
}

BOOT_TEST(pipe, bytes_come_out_in_order)
{
	struct file *p[2];
	char buf[16] = { 0 };

	bt_assert(!pipe_create(p, O_NONBLOCK));
	bt_expect_eq(rd(p[0], buf, 8), -EAGAIN);
	bt_expect_eq(wr(p[1], "hello", 5), 5);
	bt_expect_eq(wr(p[1], " you", 4), 4);
	bt_expect_eq(rd(p[0], buf, 7), 7);
	bt_expect(!memcmp(buf, "hello y", 7));
	bt_expect_eq(rd(p[0], buf, 16), 2);
	bt_expect(!memcmp(buf, "ou", 2));
	bt_expect_eq(rd(p[0], buf, 16), -EAGAIN);
	close_both(p);
}

BOOT_TEST(pipe, holds_64k_and_then_no_more)
{
	struct file *p[2];
	int i;

	bt_assert(!pipe_create(p, O_NONBLOCK));
	for (i = 0; i < 16; i++)
		bt_expect_eq(wr(p[1], chunk, 4096), 4096);
	bt_expect_eq(wr(p[1], chunk, 1), -EAGAIN);
	bt_expect_eq(rd(p[0], chunk, 1), 1);
	bt_expect_eq(wr(p[1], chunk, 4096), -EAGAIN);	/* no whole slot is free */
	bt_expect_eq(rd(p[0], chunk, 4095), 4095);
	bt_expect_eq(wr(p[1], chunk, 8), 8);
	close_both(p);
}

BOOT_TEST(pipe, single_bytes_share_pages)
{
	struct file *p[2];
	int i;

	bt_assert(!pipe_create(p, O_NONBLOCK));
	for (i = 0; i < 65536; i++)
		if (wr(p[1], chunk, 1) != 1)
			break;
	bt_expect_eq(i, 65536);
	bt_expect_eq(wr(p[1], chunk, 1), -EAGAIN);
	close_both(p);
}

BOOT_TEST(pipe, large_nonblocking_write_is_partial)
{
	struct file *p[2];
	u8 *big = kvzalloc(100000, GFP_KERNEL);

	bt_assert(big);
	bt_assert(!pipe_create(p, O_NONBLOCK));
	bt_expect_eq(wr(p[1], big, 100000), 65536);
	bt_expect_eq(rd(p[0], big, 100000), 65536);
	close_both(p);
	kvfree(big);
}

BOOT_TEST(pipe, end_of_file_when_the_writer_is_gone)
{
	struct file *p[2];
	char buf[4];

	bt_assert(!pipe_create(p, 0));
	bt_expect_eq(wr(p[1], "ab", 2), 2);
	bt_expect_eq(vfs_poll(p[0], NULL), EPOLLIN | EPOLLRDNORM);
	file_put(p[1]);
	bt_expect_eq(vfs_poll(p[0], NULL), EPOLLIN | EPOLLRDNORM | EPOLLHUP);
	bt_expect_eq(rd(p[0], buf, 4), 2);
	bt_expect_eq(rd(p[0], buf, 4), 0);
	bt_expect_eq(vfs_poll(p[0], NULL), EPOLLHUP);
	file_put(p[0]);
}

static int broken_pipe(void *arg)
{
	return (int)wr(arg, "x", 1);
}

BOOT_TEST(pipe, writing_without_a_reader_is_epipe)
{
	struct file *p[2];
	struct task *t;

	bt_assert(!pipe_create(p, 0));
	file_put(p[0]);
	bt_expect_eq(vfs_poll(p[1], NULL), EPOLLOUT | EPOLLWRNORM | EPOLLERR);
	t = kthread_create(broken_pipe, p[1], "bt_pipe");	/* it gets the SIGPIPE */
	bt_assert(!IS_ERR(t));
	task_get(t);
	kthread_start(t);
	bt_expect_eq(kthread_stop(t), -EPIPE);
	task_put(t);
	file_put(p[1]);
}

BOOT_TEST(pipe, packets_stay_apart)
{
	struct file *p[2];
	char buf[16];

	bt_assert(!pipe_create(p, O_DIRECT | O_NONBLOCK));
	bt_expect_eq(wr(p[1], "one", 3), 3);
	bt_expect_eq(wr(p[1], "second", 6), 6);
	bt_expect_eq(rd(p[0], buf, 16), 3);
	bt_expect_eq(rd(p[0], buf, 2), 2);		/* the rest of the packet is lost */
	bt_expect_eq(rd(p[0], buf, 16), -EAGAIN);
	close_both(p);
}

BOOT_TEST(pipe, size_can_be_changed)
{
	struct file *p[2];
	const struct file_ops *op;

	bt_assert(!pipe_create(p, O_NONBLOCK));
	op = p[0]->f_op;
	bt_expect_eq(op->fcntl(p[0], F_GETPIPE_SZ, 0), 65536);
	bt_expect_eq(op->fcntl(p[0], F_SETPIPE_SZ, 5000), 8192);
	bt_expect_eq(wr(p[1], chunk, 4096), 4096);
	bt_expect_eq(wr(p[1], chunk, 4096), 4096);
	bt_expect_eq(wr(p[1], chunk, 1), -EAGAIN);
	bt_expect_eq(op->fcntl(p[0], F_SETPIPE_SZ, 4096), -EBUSY);
	bt_expect_eq(op->fcntl(p[0], F_SETPIPE_SZ, 1 << 20), 1 << 20);
	bt_expect_eq(wr(p[1], chunk, 1), 1);
	close_both(p);
}

static int slow_writer(void *arg)
{
	for (int i = 0; i < 64; i++)
		if (wr(arg, chunk, 4096) != 4096)
			return -1;
	return 0;
}

BOOT_TEST(pipe, writer_and_reader_wait_for_each_other)
{
	struct file *p[2];
	struct task *t;
	long total = 0;

	bt_assert(!pipe_create(p, 0));
	t = kthread_create(slow_writer, p[1], "bt_pipe");
	bt_assert(!IS_ERR(t));
	task_get(t);
	kthread_start(t);
	while (total < 64 * 4096) {
		ssize_t n = rd(p[0], chunk, 1000);

		bt_assert(n > 0);
		total += n;
	}
	bt_expect_eq(total, 64 * 4096);
	bt_expect_eq(kthread_stop(t), 0);
	task_put(t);
	close_both(p);
}

BOOT_TEST(pipe, fifo_has_a_name_and_enxio)
{
	struct file *r, *w;
	char buf[4];

	bt_assert(!vfs_mknod("/bt_fifo", S_IFIFO | 0600, 0));
	w = file_open("/bt_fifo", O_WRONLY | O_NONBLOCK, 0);
	bt_expect_eq(PTR_ERR(w), -ENXIO);
	r = file_open("/bt_fifo", O_RDONLY | O_NONBLOCK, 0);
	bt_assert(!IS_ERR(r));
	bt_expect_eq(vfs_poll(r, NULL), 0);		/* no writer yet: not hung up */
	bt_expect_eq(rd(r, buf, 4), 0);
	w = file_open("/bt_fifo", O_WRONLY | O_NONBLOCK, 0);
	bt_assert(!IS_ERR(w));
	bt_expect_eq(wr(w, "abc", 3), 3);
	file_put(w);
	bt_expect_eq(vfs_poll(r, NULL), EPOLLIN | EPOLLRDNORM | EPOLLHUP);
	bt_expect_eq(rd(r, buf, 4), 3);
	file_put(r);
	bt_expect(!vfs_unlink("/bt_fifo"));
}
