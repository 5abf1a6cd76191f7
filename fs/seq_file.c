/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text files made on demand: the first read prints the whole text into a buffer that is
 * doubled until it fits, and later reads are served from it.
 *
 * Lock: seq_file->lock guards the buffer; it is held while show() runs, which may sleep
 * and take any lock of the subsystem it prints.
 */
#include <fs/seq_file.h>
#include <fs/uio.h>
#include <lib/ctype.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <mm/slab.h>

#define SEQ_FIRST_SIZE	4096u
#define SEQ_MAX_SIZE	(16u << 20)

void seq_write(struct seq_file *m, const void *data, size_t len)
{
	if (m->count + len <= m->size) {
		memcpy(m->buf + m->count, data, len);
		m->count += len;
	} else {
		m->count = m->size + 1;		/* overflow: show() is run again in more room */
	}
}

void seq_putc(struct seq_file *m, char c)
{
	seq_write(m, &c, 1);
}

void seq_puts(struct seq_file *m, const char *s)
{
	seq_write(m, s, strlen(s));
}

void seq_printf(struct seq_file *m, const char *fmt, ...)
{
	va_list ap;
	size_t room;
	int n;

	if (seq_overflowed(m))
		return;
	room = m->size - m->count;
	va_start(ap, fmt);
	n = vsnprintf(m->buf + m->count, room, fmt, ap);
	va_end(ap);
	/* The terminating NUL needs a byte too; without it the text was cut. */
	m->count = (size_t)n < room ? m->count + (size_t)n : m->size + 1;
}

void seq_escape(struct seq_file *m, const char *s, const char *esc)
{
	for (; *s; s++) {
		u8 c = (u8)*s;

		if (c < ' ' || c == 0x7f || strchr(esc, c)) {
			char octal[4] = { '\\', '0' + (c >> 6), '0' + (c >> 3 & 7), '0' + (c & 7) };

			seq_write(m, octal, 4);
		} else {
			seq_putc(m, (char)c);
		}
	}
}

void seq_path(struct seq_file *m, const struct path *path, const char *esc)
{
	char *buf = kmalloc(PATH_MAX, GFP_KERNEL), *text;

	if (!buf)
		return;
	text = d_path(path, buf, PATH_MAX);
	/* Only what is listed is escaped: a path is bytes, not text. */
	if (!IS_ERR(text)) {
		for (; *text; text++) {
			if (strchr(esc, *text))
				seq_printf(m, "\\%03o", (u8)*text);
			else
				seq_putc(m, *text);
		}
	}
	kfree(buf);
}

/* Runs show() until its text fits. 0 or -errno. */
static int seq_fill(struct seq_file *m)
{
	size_t size = m->size ? m->size : SEQ_FIRST_SIZE;
	int err;

	for (;;) {
		if (!m->buf) {
			m->buf = kvmalloc(size, GFP_KERNEL);
			if (!m->buf)
				return -ENOMEM;
			m->size = size;
		}
		m->count = 0;
		err = m->show(m, m->data);
		if (err < 0) {
			m->count = 0;
			return err;
		}
		if (!seq_overflowed(m))
			return 0;
		kvfree(m->buf);
		m->buf = NULL;
		m->count = 0;
		size = m->size * 2;
		m->size = 0;
		if (size > SEQ_MAX_SIZE)
			return -E2BIG;
	}
}

int seq_open_show(struct file *file, int (*show)(struct seq_file *, void *), void *data)
{
	struct seq_file *m = kzalloc(sizeof(*m), GFP_KERNEL);

	if (!m)
		return -ENOMEM;
	m->show = show;
	m->data = data;
	m->file = file;
	mutex_init(&m->lock);
	file->private = m;
	return 0;
}

ssize_t seq_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	struct seq_file *m = file->private;
	ssize_t ret = 0;

	mutex_lock(&m->lock);
	/* A read from the start is a new look at the state, as for Linux's single_open files. */
	if (!m->buf || *pos == 0)
		ret = seq_fill(m);
	if (!ret)
		ret = simple_read_from_buffer(to, pos, m->buf, m->count);
	mutex_unlock(&m->lock);
	return ret;
}

loff_t seq_llseek(struct file *file, loff_t offset, int whence)
{
	/* There is no size before the text is made: SEEK_END has no meaning. */
	if (whence == SEEK_CUR)
		offset += file->f_pos;
	else if (whence != SEEK_SET)
		return -EINVAL;
	if (offset < 0)
		return -EINVAL;
	file->f_pos = offset;
	return offset;
}

int seq_release(struct inode *inode, struct file *file)
{
	struct seq_file *m = file->private;

	if (m) {
		kvfree(m->buf);
		kfree(m);
	}
	file->private = NULL;
	return 0;
}
