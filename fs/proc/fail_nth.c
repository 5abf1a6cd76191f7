/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/self/fail-nth: which allocation of the caller is to fail (kernel/fault_inject.h). */
#include <fs/uio.h>
#include <kernel/fault_inject.h>
#include <lib/parse.h>
#include <lib/printf.h>
#include <lib/string.h>
#include "../internal.h"
#include "proc_internal.h"

/* 0: it has failed, or none is to. */
static ssize_t fail_nth_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u\n", *fail_nth_of_current());

	return simple_read_from_buffer(to, pos, text, (size_t)len);
}

/* Whoever's the file is, it is the writer's own count that changes. */
static ssize_t fail_nth_write(struct file *file, struct iov_iter *from, loff_t *pos)
{
	char text[16];
	ssize_t n = proc_get_text(from, text, sizeof(text));
	u32 nth;
	int err;

	if (n < 0)
		return n;
	err = kstrtou32(strim(text), 0, &nth);
	if (err)
		return err;
	*fail_nth_of_current() = nth;
	return n;
}

const struct file_ops pid_fail_nth_fops = {
	.read = fail_nth_read, .write = fail_nth_write, .llseek = generic_llseek,
};
