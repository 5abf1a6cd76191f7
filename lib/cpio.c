/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * newc cpio reader; see <lib/cpio.h>. An archive is a row of entries, each a
 * 110-byte header of hex numbers, the name padded so that the data begins at a
 * multiple of 4, and the data padded to 4; an entry named TRAILER!!! ends it.
 * Offsets count from the start of the archive's buffer, which is what Linux and
 * the kernel's archives-in-a-row convention do too.
 */
#include <lib/cpio.h>
#include <lib/parse.h>
#include <lib/string.h>

#define HEADER_SIZE 110
#define MAGIC_SIZE  6
#define TRAILER     "TRAILER!!!"

/* The thirteen numbers of a header, in their order. */
enum field {
	C_INO, C_MODE, C_UID, C_GID, C_NLINK, C_MTIME, C_FILESIZE, C_MAJ, C_MIN,
	C_RMAJ, C_RMIN, C_NAMESIZE, C_CHECK, C_FIELDS,
};

static_assert(MAGIC_SIZE + C_FIELDS * 8 == HEADER_SIZE);

struct reader {
	const u8              *buf;
	size_t                 len;
	size_t                 pos;
	const struct cpio_ops *ops;
	void                  *ctx;
};

static int malformed(struct reader *r, size_t offset, const char *why)
{
	if (r->ops->error)
		r->ops->error(r->ctx, offset, why);
	return -EINVAL;
}

static bool is_magic(const u8 *p, size_t left)
{
	return left >= MAGIC_SIZE && !memcmp(p, "07070", 5) && (p[5] == '1' || p[5] == '2');
}

static bool parse_header(const u8 *p, u32 field[C_FIELDS])
{
	p += MAGIC_SIZE;
	for (int f = 0; f < C_FIELDS; f++) {
		u32 v = 0;

		for (int i = 0; i < 8; i++) {
			int d = hex_to_bin(*p++);

			if (d < 0)
				return false;
			v = v << 4 | (u32)d;
		}
		field[f] = v;
	}
	return true;
}

static u32 byte_sum(const u8 *p, size_t n)
{
	u32 sum = 0;

	while (n--)
		sum += *p++;
	return sum;
}

/* Rounds pos up to 4; the padding of the last entry may be cut off. */
static void skip_padding(struct reader *r)
{
	r->pos = min(ALIGN(r->pos, 4), r->len);
}

/* Checks the entry at r->pos, fills *e and steps over it. */
static int read_entry(struct reader *r, struct cpio_entry *e)
{
	const u8 *p = r->buf + r->pos;
	size_t left = r->len - r->pos;
	u32 f[C_FIELDS];

	e->offset = r->pos;
	if (left < HEADER_SIZE)
		return malformed(r, e->offset, "truncated header");
	if (!is_magic(p, left))
		return malformed(r, e->offset, "bad magic");
	if (!parse_header(p, f))
		return malformed(r, e->offset, "header is not hexadecimal");
	r->pos += HEADER_SIZE;
	if (f[C_NAMESIZE] < 2 || f[C_NAMESIZE] > CPIO_NAME_MAX)
		return malformed(r, e->offset, "bad name length");
	if (f[C_NAMESIZE] > r->len - r->pos)
		return malformed(r, e->offset, "truncated name");
	e->name = (const char *)r->buf + r->pos;
	e->namelen = f[C_NAMESIZE] - 1;
	if (strnlen(e->name, f[C_NAMESIZE]) != e->namelen)
		return malformed(r, e->offset, "name and its length disagree");
	r->pos += f[C_NAMESIZE];
	skip_padding(r);
	if (f[C_FILESIZE] > r->len - r->pos)
		return malformed(r, e->offset, "truncated data");
	e->data = r->buf + r->pos;
	e->size = f[C_FILESIZE];
	r->pos += e->size;
	skip_padding(r);

	e->ino = f[C_INO];
	e->mode = f[C_MODE];
	e->uid = f[C_UID];
	e->gid = f[C_GID];
	e->nlink = f[C_NLINK];
	e->mtime = f[C_MTIME];
	e->dev_major = f[C_MAJ];
	e->dev_minor = f[C_MIN];
	e->rdev_major = f[C_RMAJ];
	e->rdev_minor = f[C_RMIN];
	e->check = p[MAGIC_SIZE - 1] == '2' ? f[C_CHECK] : 0;
	if (p[MAGIC_SIZE - 1] == '2' && byte_sum(e->data, e->size) != e->check)
		return malformed(r, e->offset, "bad checksum");
	return 0;
}

/* From a magic to its TRAILER!!!. */
static int read_archive(struct reader *r)
{
	struct cpio_entry e;
	int err;

	for (;;) {
		if (r->pos == r->len)
			return malformed(r, r->pos, "no TRAILER!!! at the end");
		err = read_entry(r, &e);
		if (err)
			return err;
		if (e.namelen == sizeof(TRAILER) - 1 && !memcmp(e.name, TRAILER, e.namelen)) {
			if (r->ops->archive_end)
				r->ops->archive_end(r->ctx);
			return 0;
		}
		err = r->ops->entry(r->ctx, &e);
		if (err)
			return err;
	}
}

static int read_foreign(struct reader *r)
{
	size_t left = r->len - r->pos;
	ssize_t n = r->ops->foreign ? r->ops->foreign(r->ctx, r->buf + r->pos, left) : -EINVAL;

	if (n == -EINVAL)
		return malformed(r, r->pos, "not a cpio archive");
	if (n < 0)
		return (int)n;
	if (n == 0 || (size_t)n > left)
		return malformed(r, r->pos, "bad length of a foreign archive");
	r->pos += (size_t)n;
	return 0;
}

int cpio_parse(const void *buf, size_t len, const struct cpio_ops *ops, void *ctx)
{
	struct reader r = { .buf = buf, .len = len, .ops = ops, .ctx = ctx };
	int err;

	for (;;) {
		while (r.pos < len && !r.buf[r.pos])
			r.pos++;
		if (r.pos == len)
			return 0;
		if (!is_magic(r.buf + r.pos, len - r.pos))
			err = read_foreign(&r);
		else if (!IS_ALIGNED(r.pos, 4))
			err = malformed(&r, r.pos, "archive does not begin at a multiple of 4");
		else
			err = read_archive(&r);
		if (err)
			return err;
	}
}
