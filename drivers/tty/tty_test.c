/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot tests of the terminal core and line discipline, on a terminal whose driver keeps
 * what is sent in a buffer.
 */
#include <fs/poll.h>
#include <kernel/boottest.h>
#include <kernel/clone.h>
#include <lib/string.h>
#include "tty_internal.h"

static char sent[512];
static size_t nr_sent;
static int held_back;

static void loop_start_tx(struct tty *tty)
{
	spin_assert_held(&tty->lock);
	nr_sent += tty_tx_pull(tty, (u8 *)sent + nr_sent, sizeof(sent) - 1 - nr_sent);
	sent[nr_sent] = '\0';
}
static void loop_throttle(struct tty *tty)
{
	held_back++;
}
static void loop_unthrottle(struct tty *tty)
{
	held_back--;
}
static const struct tty_ops loop_ops = {
	.start_tx = loop_start_tx, .throttle = loop_throttle, .unthrottle = loop_unthrottle,
};

struct fixture {
	struct tty  *tty;
	struct file *file;
};

static bool setup(struct fixture *f)
{
	nr_sent = 0;
	held_back = 0;
	sent[0] = '\0';
	f->tty = tty_create("bt_tty", 0, &loop_ops, NULL, 0);
	if (IS_ERR(f->tty))
		return false;
	f->file = anon_file("[bt_tty]", &tty_fops, NULL, O_RDWR | O_NONBLOCK | O_NOCTTY);
	if (IS_ERR(f->file))
		return false;
	tty_get(f->tty);
	return !tty_attach(f->tty, f->file, false);
}
static void teardown(struct fixture *f)
{
	file_put(f->file);
	tty_destroy(f->tty);
}

static void type(struct fixture *f, const char *s)
{
	tty_receive(f->tty, (const u8 *)s, NULL, strlen(s));
}
static ssize_t rd(struct fixture *f, char *buf, size_t n)
{
	loff_t pos = 0;
	ssize_t got;

	memset(buf, 0, n);
	got = kernel_read(f->file, buf, n, &pos);
	return got;
}
static ssize_t say(struct fixture *f, const char *s)
{
	loff_t pos = 0;

	return kernel_write(f->file, s, strlen(s), &pos);
}
/* What was sent since the last look. */
static bool was_sent(const char *want)
{
	bool same = !strcmp(sent, want);

	if (!same)
		bt_fail("sent \"%s\", expected \"%s\"", sent, want);
	nr_sent = 0;
	sent[0] = '\0';
	return same;
}
static void change(struct fixture *f, u32 set, u32 clear)
{
	struct ktermios old = f->tty->termios;

	spin_lock_irq(&f->tty->lock);
	f->tty->termios.c_lflag = (old.c_lflag | set) & ~clear;
	n_tty_set_termios(f->tty, &old);
	spin_unlock_irq(&f->tty->lock);
}

BOOT_TEST(tty, lines_wait_for_newline_and_are_echoed)
{
	struct fixture f;
	char buf[32];

	bt_assert(setup(&f));
	type(&f, "abc");
	bt_expect_eq(rd(&f, buf, 32), -EAGAIN);
	bt_expect(!(vfs_poll(f.file, NULL) & EPOLLIN));
	type(&f, "\rde\r");
	bt_expect(vfs_poll(f.file, NULL) & EPOLLIN);
	bt_expect_eq(rd(&f, buf, 32), 4);
	bt_expect(!strcmp(buf, "abc\n"));
	bt_expect_eq(rd(&f, buf, 2), 2);		/* a line can be read in pieces */
	bt_expect_eq(rd(&f, buf, 32), 1);
	bt_expect_eq(rd(&f, buf, 32), -EAGAIN);
	was_sent("abc\r\nde\r\n");
	teardown(&f);
}

BOOT_TEST(tty, erase_word_and_kill)
{
	struct fixture f;
	char buf[32];

	bt_assert(setup(&f));
	type(&f, "ab\x7f");
	was_sent("ab\b \b");
	type(&f, "\x7f\x7f\x7f");			/* not beyond the start */
	was_sent("\b \b");
	type(&f, "one two\x17");
	was_sent("one two\b \b\b \b\b \b");
	type(&f, "3\r");
	bt_expect_eq(rd(&f, buf, 32), 6);
	bt_expect(!strcmp(buf, "one 3\n"));
	was_sent("3\r\n");
	type(&f, "xy\x15z\r");
	bt_expect_eq(rd(&f, buf, 32), 2);
	bt_expect(!strcmp(buf, "z\n"));
	was_sent("xy\b \b\b \bz\r\n");
	teardown(&f);
}

BOOT_TEST(tty, control_characters_erase_two_columns_and_tabs_all)
{
	struct fixture f;

	bt_assert(setup(&f));
	type(&f, "\x16\x01");				/* ^V^A */
	was_sent("^\b^A");
	type(&f, "\x7f");
	was_sent("\b \b\b \b");
	type(&f, "abc\t\x7f");
	was_sent("abc\t\b\b\b\b\b");
	teardown(&f);
}

BOOT_TEST(tty, end_of_file)
{
	struct fixture f;
	char buf[32];

	bt_assert(setup(&f));
	type(&f, "\x04");
	bt_expect_eq(rd(&f, buf, 32), 0);
	bt_expect_eq(rd(&f, buf, 32), -EAGAIN);
	type(&f, "abc\x04");				/* pushes an unfinished line */
	bt_expect_eq(rd(&f, buf, 3), 3);
	bt_expect_eq(rd(&f, buf, 3), -EAGAIN);		/* and no end of file after it */
	type(&f, "\x16\x04\r");				/* a literal ^D */
	bt_expect_eq(rd(&f, buf, 32), 2);
	bt_expect_eq(buf[0], 4);
	teardown(&f);
}

BOOT_TEST(tty, interrupt_flushes)
{
	struct fixture f;
	char buf[32];

	bt_assert(setup(&f));
	type(&f, "abc\rde");
	type(&f, "\x03");
	bt_expect_eq(rd(&f, buf, 32), -EAGAIN);
	type(&f, "x\r");
	bt_expect_eq(rd(&f, buf, 32), 2);
	was_sent("abc\r\nde^Cx\r\n");
	change(&f, 0, ISIG);
	type(&f, "\x03\r");
	bt_expect_eq(rd(&f, buf, 32), 2);
	teardown(&f);
}

BOOT_TEST(tty, raw_min_and_time)
{
	struct fixture f;
	char buf[32];
	nsec_t start;

	bt_assert(setup(&f));
	change(&f, 0, ICANON | ECHO);
	type(&f, "a\x04");
	bt_expect_eq(rd(&f, buf, 32), 2);		/* no special characters */
	f.tty->termios.c_cc[VMIN] = 3;
	type(&f, "ab");
	bt_expect(!(vfs_poll(f.file, NULL) & EPOLLIN));
	type(&f, "c");
	bt_expect(vfs_poll(f.file, NULL) & EPOLLIN);
	bt_expect_eq(rd(&f, buf, 32), 3);
	f.file->f_flags &= ~(u32)O_NONBLOCK;
	f.tty->termios.c_cc[VMIN] = 0;
	bt_expect_eq(rd(&f, buf, 32), 0);		/* MIN 0, TIME 0: at once */
	f.tty->termios.c_cc[VTIME] = 1;
	start = ktime_get();
	bt_expect_eq(rd(&f, buf, 32), 0);
	bt_expect(ktime_get() - start >= 100 * NSEC_PER_MSEC);
	f.tty->termios.c_cc[VMIN] = 5;
	type(&f, "hi");
	bt_expect_eq(rd(&f, buf, 32), 2);		/* the gap after a byte ends it */
	teardown(&f);
}

BOOT_TEST(tty, flow_control_stops_output)
{
	struct fixture f;

	bt_assert(setup(&f));
	type(&f, "\x13");				/* ^S */
	bt_expect_eq(say(&f, "hello\n"), 6);
	was_sent("");
	type(&f, "\x11");				/* ^Q */
	was_sent("hello\r\n");
	teardown(&f);
}

BOOT_TEST(tty, output_processing)
{
	struct fixture f;

	bt_assert(setup(&f));
	say(&f, "a\tb\n");
	was_sent("a\tb\r\n");
	f.tty->termios.c_oflag |= XTABS;
	say(&f, "ab\tc\r\td");
	was_sent("ab      c\r        d");
	f.tty->termios.c_oflag &= ~(u32)OPOST;
	say(&f, "x\n\t");
	was_sent("x\n\t");
	f.tty->termios.c_oflag = OPOST | OCRNL | OLCUC;
	say(&f, "up\r");
	was_sent("UP\n");
	teardown(&f);
}

BOOT_TEST(tty, a_full_buffer_holds_the_driver_back)
{
	struct fixture f;
	char buf[64];
	int lines = 0;

	bt_assert(setup(&f));
	change(&f, 0, ECHO);
	while (!held_back && lines < 1000) {
		type(&f, "0123456789012345678901234567890\r");
		lines++;
	}
	bt_expect(held_back == 1 && lines >= 127 && lines <= 129);
	bt_expect_eq(tty_receive_room(f.tty), 0);
	for (int i = 0; i < 100; i++)
		bt_expect_eq(rd(&f, buf, 64), 32);
	bt_expect_eq(held_back, 0);
	teardown(&f);
}

BOOT_TEST(tty, an_endless_line_is_cut_at_4095)
{
	struct fixture f;
	char buf[256];
	long total = 0;
	ssize_t n;

	bt_assert(setup(&f));
	change(&f, 0, ECHO);
	for (int i = 0; i < 5000; i++)
		type(&f, "x");
	type(&f, "\r");
	while ((n = rd(&f, buf, 256)) > 0)
		total += n;
	bt_expect_eq(n, -EAGAIN);
	bt_expect_eq(total, 4096);			/* 4095 and the newline */
	bt_expect_eq(held_back, 0);
	teardown(&f);
}

BOOT_TEST(tty, mode_switch_keeps_what_was_typed)
{
	struct fixture f;
	char buf[32];

	bt_assert(setup(&f));
	change(&f, 0, ICANON | ECHO);
	type(&f, "ab");
	change(&f, ICANON, 0);
	bt_expect_eq(rd(&f, buf, 32), 2);
	type(&f, "cd");
	bt_expect_eq(rd(&f, buf, 32), -EAGAIN);
	change(&f, 0, ICANON);
	bt_expect_eq(rd(&f, buf, 32), 2);
	teardown(&f);
}

BOOT_TEST(tty, after_a_hangup)
{
	struct fixture f;
	char buf[8];

	bt_assert(setup(&f));
	type(&f, "abc\r");
	tty_hangup(f.tty);
	bt_expect_eq(rd(&f, buf, 8), 0);
	bt_expect_eq(say(&f, "x"), -EIO);
	bt_expect(vfs_poll(f.file, NULL) & EPOLLHUP);
	bt_expect_eq(tty_fops.ioctl(f.file, TIOCSPGRP, 0), -ENOTTY);
	bt_expect_eq(tty_fops.ioctl(f.file, TIOCGSID, 0), -EIO);
	teardown(&f);
}

static int blocked_reader(void *arg)
{
	struct fixture *f = arg;
	char buf[8];

	return (int)rd(f, buf, 8);
}

BOOT_TEST(tty, input_wakes_a_reader)
{
	struct fixture f;
	struct task *t;

	bt_assert(setup(&f));
	f.file->f_flags &= ~(u32)O_NONBLOCK;
	t = kthread_create(blocked_reader, &f, "bt_tty");
	bt_assert(!IS_ERR(t));
	task_get(t);
	kthread_start(t);
	set_current_state(TASK_INTERRUPTIBLE);
	schedule_timeout(5 * NSEC_PER_MSEC);
	type(&f, "ok\r");
	bt_expect_eq(kthread_stop(t), 3);
	task_put(t);
	teardown(&f);
}
