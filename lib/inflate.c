/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Inflate; see <lib/inflate.h>. Codes of up to FAST_BITS bits are decoded by one
 * table look-up, longer ones bit by bit by their canonical order. The bit buffer
 * reads past the end as zeros and notices when such bits were used.
 */
#include <lib/byteorder.h>
#include <lib/crc32.h>
#include <lib/inflate.h>
#include <lib/string.h>

#define FAST_BITS  9
#define MAX_BITS   15
#define MAX_LITLEN 288
#define MAX_DIST   32

struct huffman {
	u16 fast[1 << FAST_BITS];       /* symbol << 4 | length; 0: longer, or no code */
	u16 count[MAX_BITS + 1];        /* codes of each length */
	u16 symbol[MAX_LITLEN];         /* in canonical order */
};

struct stream {
	const u8 *in;
	size_t    in_len, in_pos;
	u8       *out;
	size_t    out_size, out_pos;
	u64       bits;
	unsigned  nbits;
	unsigned  past_end;             /* zero bytes made up behind the input */
};

static void refill(struct stream *s)
{
	while (s->nbits <= 56) {
		if (s->in_pos < s->in_len)
			s->bits |= (u64)s->in[s->in_pos++] << s->nbits;
		else
			s->past_end++;
		s->nbits += 8;
	}
}

/* n <= 16. */
static noinline unsigned int take(struct stream *s, unsigned int n)
{
	unsigned int v;

	if (s->nbits < n)
		refill(s);
	v = (unsigned int)(s->bits & ((1U << n) - 1));
	s->bits >>= n;
	s->nbits -= n;
	return v;
}

/* Whether bits were used that the input does not have. */
static bool overrun(const struct stream *s)
{
	return s->past_end * 8 > s->nbits;
}

/* Forgets the rest of the current byte and gives whole bytes back to the input. */
static void align_to_byte(struct stream *s)
{
	unsigned int bytes = s->nbits / 8;

	s->in_pos -= bytes > s->past_end ? bytes - s->past_end : 0;
	s->bits = 0;
	s->nbits = 0;
	s->past_end = 0;
}

/*
 * Builds the tables from n code lengths. Over-subscribed sets are refused, as
 * are incomplete ones but for a single code of length 1 (a lone distance).
 */
static noinline int build(struct huffman *h, const u8 *len, unsigned int n)
{
	u16 next[MAX_BITS + 1], first[MAX_BITS + 1];
	unsigned int code = 0, used;
	int left = 1;

	memset(h, 0, sizeof(*h));
	for (unsigned int i = 0; i < n; i++)
		h->count[len[i]]++;
	used = n - h->count[0];
	h->count[0] = 0;
	next[0] = first[0] = 0;
	for (int l = 1; l <= MAX_BITS; l++) {
		left = (left << 1) - h->count[l];
		if (left < 0)
			return -EINVAL;
		code = (code + h->count[l - 1]) << 1;
		first[l] = (u16)code;
		next[l] = (u16)(next[l - 1] + h->count[l - 1]);
	}
	if (left > 0 && !(used <= 1 && h->count[1] == used))
		return -EINVAL;
	for (unsigned int i = 0; i < n; i++) {
		unsigned int l = len[i], c, rev = 0;

		if (!l)
			continue;
		c = first[l]++;
		h->symbol[next[l]++] = (u16)i;
		if (l > FAST_BITS)
			continue;
		for (unsigned int b = 0; b < l; b++)
			rev |= (c >> b & 1) << (l - 1 - b);
		for (; rev < 1U << FAST_BITS; rev += 1U << l)
			h->fast[rev] = (u16)(i << 4 | l);
	}
	return 0;
}

/* The next symbol, or -EINVAL if the bits are no code. */
static noinline int decode(struct stream *s, const struct huffman *h)
{
	int code = 0, first = 0, index = 0;
	unsigned int fast;

	if (s->nbits < MAX_BITS)
		refill(s);
	fast = h->fast[s->bits & ((1U << FAST_BITS) - 1)];
	if (fast) {
		s->bits >>= fast & 15;
		s->nbits -= fast & 15;
		return (int)(fast >> 4);
	}
	for (unsigned int l = 1; l <= MAX_BITS; l++) {
		int count = h->count[l];

		code |= (int)(s->bits >> (l - 1) & 1);
		if (code - count < first) {
			s->bits >>= l;
			s->nbits -= l;
			return h->symbol[index + (code - first)];
		}
		index += count;
		first = (first + count) << 1;
		code <<= 1;
	}
	return -EINVAL;
}

static const u16 length_base[29] = {
	3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31,
	35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
};
static const u8 length_extra[29] = {
	0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2,
	3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
};
static const u16 dist_base[30] = {
	1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769,
	1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577,
};
static const u8 dist_extra[30] = {
	0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8,
	9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
};

/* Repeats len bytes from dist back; they may overlap what they produce. */
static int copy_match(struct stream *s, size_t len, size_t dist)
{
	u8 *d = s->out + s->out_pos;
	const u8 *from = d - dist;

	if (dist > s->out_pos)
		return -EINVAL;
	if (len > s->out_size - s->out_pos)
		return -ENOSPC;
	s->out_pos += len;
	if (dist >= len)
		memcpy(d, from, len);
	else
		while (len--)
			*d++ = *from++;
	return 0;
}

static int coded_block(struct stream *s, const struct huffman *lit, const struct huffman *dist)
{
	for (;;) {
		int sym = decode(s, lit), d, err;
		size_t len, back;

		if (sym < 0 || overrun(s))
			return -EINVAL;
		if (sym < 256) {
			if (s->out_pos == s->out_size)
				return -ENOSPC;
			s->out[s->out_pos++] = (u8)sym;
			continue;
		}
		if (sym == 256)
			return 0;
		sym -= 257;
		if (sym >= (int)ARRAY_SIZE(length_base))
			return -EINVAL;
		len = length_base[sym] + take(s, length_extra[sym]);
		d = decode(s, dist);
		if (d < 0 || d >= (int)ARRAY_SIZE(dist_base))
			return -EINVAL;
		back = dist_base[d] + take(s, dist_extra[d]);
		if (overrun(s))
			return -EINVAL;
		err = copy_match(s, len, back);
		if (err)
			return err;
	}
}

static int stored_block(struct stream *s)
{
	size_t len;

	align_to_byte(s);
	if (s->in_len - s->in_pos < 4)
		return -EINVAL;
	len = get_unaligned_le16(s->in + s->in_pos);
	if ((len ^ get_unaligned_le16(s->in + s->in_pos + 2)) != 0xffff)
		return -EINVAL;
	s->in_pos += 4;
	if (len > s->in_len - s->in_pos)
		return -EINVAL;
	if (len > s->out_size - s->out_pos)
		return -ENOSPC;
	memcpy(s->out + s->out_pos, s->in + s->in_pos, len);
	s->in_pos += len;
	s->out_pos += len;
	return 0;
}

static int fixed_tables(struct huffman *lit, struct huffman *dist)
{
	u8 len[MAX_LITLEN];

	memset(len, 8, 144);
	memset(len + 144, 9, 112);
	memset(len + 256, 7, 24);
	memset(len + 280, 8, 8);
	if (build(lit, len, MAX_LITLEN))
		return -EINVAL;
	memset(len, 5, MAX_DIST);
	return build(dist, len, MAX_DIST);
}

/* The code lengths of both alphabets, run-length coded by a third code. */
static int read_lengths(struct stream *s, const struct huffman *h, u8 *len, unsigned int total)
{
	unsigned int n = 0;

	while (n < total) {
		int sym = decode(s, h);
		unsigned int repeat;
		u8 value = 0;

		if (sym < 0 || overrun(s))
			return -EINVAL;
		if (sym < 16) {
			len[n++] = (u8)sym;
			continue;
		}
		if (sym == 16) {
			if (!n)
				return -EINVAL;
			value = len[n - 1];
			repeat = 3 + take(s, 2);
		} else {
			repeat = sym == 17 ? 3 + take(s, 3) : 11 + take(s, 7);
		}
		if (repeat > total - n)
			return -EINVAL;
		memset(len + n, value, repeat);
		n += repeat;
	}
	return 0;
}

static int dynamic_tables(struct stream *s, struct huffman *lit, struct huffman *dist)
{
	static const u8 order[19] = {
		16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
	};
	unsigned int nlit = take(s, 5) + 257, ndist = take(s, 5) + 1, ncode = take(s, 4) + 4;
	u8 len[MAX_LITLEN + MAX_DIST] = { 0 };

	if (nlit > 286 || ndist > 30)
		return -EINVAL;
	for (unsigned int i = 0; i < ncode; i++)
		len[order[i]] = (u8)take(s, 3);
	if (build(lit, len, 19) || read_lengths(s, lit, len, nlit + ndist))
		return -EINVAL;
	if (!len[256])
		return -EINVAL;
	if (build(lit, len, nlit))
		return -EINVAL;
	return build(dist, len + nlit, ndist);
}

int inflate(const void *in, size_t in_len, size_t *in_used,
	    void *out, size_t out_size, size_t *out_len)
{
	struct stream s = { .in = in, .in_len = in_len, .out = out, .out_size = out_size };
	struct huffman lit, dist;
	bool last;
	int err;

	do {
		last = take(&s, 1);
		switch (take(&s, 2)) {
		case 0:
			err = stored_block(&s);
			break;
		case 1:
			err = fixed_tables(&lit, &dist);
			if (!err)
				err = coded_block(&s, &lit, &dist);
			break;
		case 2:
			err = dynamic_tables(&s, &lit, &dist);
			if (!err)
				err = coded_block(&s, &lit, &dist);
			break;
		default:
			err = -EINVAL;
		}
		if (!err && overrun(&s))
			err = -EINVAL;
	} while (!err && !last);
	align_to_byte(&s);
	*in_used = s.in_pos;
	*out_len = s.out_pos;
	return err;
}

bool gzip_detect(const void *in, size_t in_len)
{
	const u8 *p = in;

	return in_len >= 18 && p[0] == 0x1f && p[1] == 0x8b && p[2] == 8;
}

enum { FHCRC = BIT(1), FEXTRA = BIT(2), FNAME = BIT(3), FCOMMENT = BIT(4), FRESERVED = 0xe0 };

/* The length of a gzip header, or 0 if it is malformed. */
static size_t gzip_header(const u8 *p, size_t len)
{
	size_t pos = 10;
	u8 flags;

	if (!gzip_detect(p, len) || (p[3] & FRESERVED))
		return 0;
	flags = p[3];
	if (flags & FEXTRA) {
		pos += 2U + get_unaligned_le16(p + pos);
		if (pos > len)
			return 0;
	}
	for (unsigned f = FNAME; f <= FCOMMENT; f <<= 1) {
		const u8 *nul;

		if (!(flags & f))
			continue;
		nul = memchr(p + pos, 0, len - pos);
		if (!nul)
			return 0;
		pos = (size_t)(nul - p) + 1;
	}
	if (flags & FHCRC)
		pos += 2;
	return pos <= len ? pos : 0;
}

int gunzip(const void *in, size_t in_len, size_t *in_used,
	   void *out, size_t out_size, size_t *out_len)
{
	const u8 *p = in;
	size_t pos = gzip_header(p, in_len), used;
	int err;

	*in_used = *out_len = 0;
	if (!pos)
		return -EINVAL;
	err = inflate(p + pos, in_len - pos, &used, out, out_size, out_len);
	pos += used;
	*in_used = pos;
	if (err)
		return err;
	if (in_len - pos < 8)
		return -EINVAL;
	*in_used = pos + 8;
	if (get_unaligned_le32(p + pos) != crc32(0, out, *out_len) ||
	    get_unaligned_le32(p + pos + 4) != (u32)*out_len)
		return -EINVAL;
	return 0;
}
