/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text files made on demand: show() prints into a growing buffer, reads are served from
 * it, so a reader sees one consistent text per open until it seeks back to 0.
 */
#ifndef FS_SEQ_FILE_H
#define FS_SEQ_FILE_H

#include <fs/fs.h>

struct seq_file {
	char        *buf;
	size_t       size;        /* bytes allocated */
	size_t       count;       /* bytes printed; > size: overflow, will be retried */
	int        (*show)(struct seq_file *m, void *data);
	void        *data;        /* show()'s argument */
	struct file *file;
	struct mutex lock;        /* one reader at a time */
};

void seq_printf(struct seq_file *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void seq_puts(struct seq_file *m, const char *s);
void seq_putc(struct seq_file *m, char c);
void seq_write(struct seq_file *m, const void *data, size_t len);
/* With the characters of `esc` and non-printing ones as octal escapes. */
void seq_escape(struct seq_file *m, const char *s, const char *esc);
/* A path as d_path gives it, escaped. */
void seq_path(struct seq_file *m, const struct path *path, const char *esc);
static inline bool seq_overflowed(const struct seq_file *m)
{
	return m->count > m->size;
}

/* For f_op->open, and the ops that go with it. */
int     seq_open_show(struct file *file, int (*show)(struct seq_file *, void *), void *data);
ssize_t seq_read(struct file *file, struct iov_iter *to, loff_t *pos);
loff_t  seq_llseek(struct file *file, loff_t offset, int whence);
int     seq_release(struct inode *inode, struct file *file);

#endif /* FS_SEQ_FILE_H */
