/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The formatter behind every kind of printing. It walks the format once and
 * hands pieces to a callback; the buffer versions are one such callback.
 */
#include <lib/ctype.h>
#include <lib/err.h>
#include <lib/printf.h>
#include <lib/string.h>

enum {
	F_LEFT  = BIT(0),
	F_PLUS  = BIT(1),
	F_SPACE = BIT(2),
	F_ZERO  = BIT(3),
	F_ALT   = BIT(4),
	F_UPPER = BIT(5),
};

struct spec {
	unsigned int flags;
	int          width;
	int          prec;      /* -1: none given */
	char         size;      /* 'H' hh, 'h', 'l', 'L' ll, 'z', 't', 'j', or 0 */
	char         conv;
};

struct sink {
	printf_out_fn out;
	void         *ctx;
	int           total;
};

/* The total saturates: a return value of INT_MAX means "at least". */
static void emit(struct sink *k, const char *s, size_t n)
{
	if (!n)
		return;
	k->out(k->ctx, s, n);
	if (check_add_overflow(k->total, (int)min_t(size_t, n, INT_MAX), &k->total))
		k->total = INT_MAX;
}

static void emit_fill(struct sink *k, char c, int n)
{
	static const char spaces[16] = "                ";
	static const char zeros[16] = "0000000000000000";

	for (; n > 0; n -= 16)
		emit(k, c == '0' ? zeros : spaces, (size_t)min(n, 16));
}

static void emit_padded(struct sink *k, const struct spec *sp, const char *s, size_t n)
{
	int fill = sp->width - (int)min_t(size_t, n, INT_MAX);

	if (!(sp->flags & F_LEFT))
		emit_fill(k, ' ', fill);
	emit(k, s, n);
	if (sp->flags & F_LEFT)
		emit_fill(k, ' ', fill);
}

/* Writes v backwards from end; returns the first digit. v == 0 gives no digit. */
static char *digits(char *end, u64 v, unsigned int base, bool upper)
{
	const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";

	switch (base) {
	case 10:
		for (; v; v /= 10)
			*--end = (char)('0' + v % 10);
		break;
	case 8:
		for (; v; v >>= 3)
			*--end = (char)('0' + (v & 7));
		break;
	default:
		for (; v; v >>= 4)
			*--end = set[v & 15];
	}
	return end;
}

static void emit_number(struct sink *k, const struct spec *sp, u64 v, unsigned int base,
			char sign)
{
	char buf[24], prefix[3];
	char *end = buf + sizeof(buf), *s = digits(end, v, base, sp->flags & F_UPPER);
	int n = (int)(end - s), np = 0, zeros, fill;

	if (sign)
		prefix[np++] = sign;
	if ((sp->flags & F_ALT) && base == 16 && v) {
		prefix[np++] = '0';
		prefix[np++] = sp->flags & F_UPPER ? 'X' : 'x';
	}
	zeros = max(sp->prec < 0 ? 1 - n : sp->prec - n, 0);
	if ((sp->flags & F_ALT) && base == 8 && !zeros && (n == 0 || *s != '0'))
		zeros = 1;
	fill = sp->width > np + n ? max(sp->width - np - n - zeros, 0) : 0;
	if ((sp->flags & (F_ZERO | F_LEFT)) == F_ZERO && sp->prec < 0) {
		zeros += fill;
		fill = 0;
	}
	if (!(sp->flags & F_LEFT))
		emit_fill(k, ' ', fill);
	emit(k, prefix, (size_t)np);
	emit_fill(k, '0', zeros);
	emit(k, s, (size_t)n);
	if (sp->flags & F_LEFT)
		emit_fill(k, ' ', fill);
}

__weak size_t printf_symbol(char *buf, size_t size, unsigned long addr, bool offset)
{
	return 0;
}

static void emit_address(struct sink *k, struct spec *sp, unsigned long v)
{
	sp->prec = 16;
	sp->flags &= F_LEFT;
	emit_number(k, sp, v, 16, 0);
}

/* Returns how many characters of the format after the p belong to it. */
static int emit_pointer(struct sink *k, struct spec *sp, const char *ext, const void *p)
{
	const u8 *b = p;
	char buf[80];
	size_t n;

	switch (*ext) {
	case 'S':
	case 's':
		n = printf_symbol(buf, sizeof(buf), (unsigned long)p, *ext == 'S');
		if (n)
			emit_padded(k, sp, buf, min(n, sizeof(buf) - 1));
		else
			emit_address(k, sp, (unsigned long)p);
		return 1;
	case 'I':
		if (ext[1] != '4')
			break;
		n = (size_t)scnprintf(buf, sizeof(buf), "%d.%d.%d.%d", b[0], b[1], b[2], b[3]);
		emit_padded(k, sp, buf, n);
		return 2;
	case 'M':
		n = (size_t)scnprintf(buf, sizeof(buf), "%02x:%02x:%02x:%02x:%02x:%02x",
				      b[0], b[1], b[2], b[3], b[4], b[5]);
		emit_padded(k, sp, buf, n);
		return 1;
	case 'e':
		n = (size_t)scnprintf(buf, sizeof(buf), "%ld", PTR_ERR(p));
		emit_padded(k, sp, buf, n);
		return 1;
	case 'x':
		emit_address(k, sp, (unsigned long)p);
		return 1;
	}
	emit_address(k, sp, (unsigned long)p);
	return 0;
}

/* A decimal number in the format; saturates well below INT_MAX. */
static int parse_int(const char **fmt)
{
	int v = 0;

	for (; isdigit((u8)**fmt); ++*fmt)
		v = min(v * 10 + (**fmt - '0'), 1000000);
	return v;
}

static unsigned int parse_flags(const char **fmt)
{
	unsigned int flags = 0;

	for (;; ++*fmt) {
		switch (**fmt) {
		case '-': flags |= F_LEFT; break;
		case '+': flags |= F_PLUS; break;
		case ' ': flags |= F_SPACE; break;
		case '0': flags |= F_ZERO; break;
		case '#': flags |= F_ALT; break;
		default: return flags;
		}
	}
}

static char parse_size(const char **fmt)
{
	char c = **fmt;

	switch (c) {
	case 'h':
	case 'l':
		if (*++*fmt != c)
			return c;
		++*fmt;
		return c == 'h' ? 'H' : 'L';
	case 'z':
	case 't':
	case 'j':
		++*fmt;
		return c;
	}
	return 0;
}

/* va_list may be an array type, so the walker passes it inside a struct. */
struct args {
	va_list ap;
};

static u64 fetch_unsigned(struct args *a, char size)
{
	switch (size) {
	case 'H': return (u8)va_arg(a->ap, unsigned int);
	case 'h': return (u16)va_arg(a->ap, unsigned int);
	case 'L': return va_arg(a->ap, unsigned long long);
	case 'l':
	case 'z':
	case 't':
	case 'j': return va_arg(a->ap, unsigned long);
	}
	return va_arg(a->ap, unsigned int);
}

static s64 fetch_signed(struct args *a, char size)
{
	switch (size) {
	case 'H': return (s8)va_arg(a->ap, int);
	case 'h': return (s16)va_arg(a->ap, int);
	case 'L': return va_arg(a->ap, long long);
	case 'l':
	case 'z':
	case 't':
	case 'j': return va_arg(a->ap, long);
	}
	return va_arg(a->ap, int);
}

static void parse_spec(const char **fmt, struct spec *sp, struct args *a)
{
	sp->flags = parse_flags(fmt);
	if (**fmt == '*') {
		int w = va_arg(a->ap, int);

		if (w < 0)
			sp->flags |= F_LEFT;
		sp->width = w < 0 ? (w == INT_MIN ? INT_MAX : -w) : w;
		++*fmt;
	} else {
		sp->width = parse_int(fmt);
	}
	sp->prec = -1;
	if (**fmt == '.') {
		++*fmt;
		if (**fmt == '*') {
			sp->prec = max(va_arg(a->ap, int), -1);
			++*fmt;
		} else {
			sp->prec = parse_int(fmt);
		}
	}
	sp->size = parse_size(fmt);
	sp->conv = **fmt;
}

static void emit_signed(struct sink *k, const struct spec *sp, s64 v)
{
	char sign = v < 0 ? '-' : sp->flags & F_PLUS ? '+' : sp->flags & F_SPACE ? ' ' : 0;

	emit_number(k, sp, v < 0 ? -(u64)v : (u64)v, 10, sign);
}

static void emit_string(struct sink *k, const struct spec *sp, const char *s)
{
	if (!s)
		s = "(null)";
	emit_padded(k, sp, s, sp->prec < 0 ? strlen(s) : strnlen(s, (size_t)sp->prec));
}

/* One conversion; *fmt is after the '%', ends after the conversion. */
static void convert(struct sink *k, const char **fmt, struct args *a)
{
	const char *start = *fmt - 1;
	struct spec sp;
	char c;

	parse_spec(fmt, &sp, a);
	switch (sp.conv) {
	case 'd':
	case 'i':
		emit_signed(k, &sp, fetch_signed(a, sp.size));
		break;
	case 'u':
		emit_number(k, &sp, fetch_unsigned(a, sp.size), 10, 0);
		break;
	case 'X':
		sp.flags |= F_UPPER;
		fallthrough;
	case 'x':
		emit_number(k, &sp, fetch_unsigned(a, sp.size), 16, 0);
		break;
	case 'o':
		emit_number(k, &sp, fetch_unsigned(a, sp.size), 8, 0);
		break;
	case 'c':
		c = (char)va_arg(a->ap, int);
		emit_padded(k, &sp, &c, 1);
		break;
	case 's':
		emit_string(k, &sp, va_arg(a->ap, const char *));
		break;
	case 'p':
		*fmt += emit_pointer(k, &sp, *fmt + 1, va_arg(a->ap, const void *));
		break;
	case '%':
		emit(k, "%", 1);
		break;
	case '\0':
		emit(k, start, (size_t)(*fmt - start));
		return;
	default:
		emit(k, start, (size_t)(*fmt + 1 - start));
	}
	++*fmt;
}

int vprintf_cb(printf_out_fn out, void *ctx, const char *fmt, va_list ap)
{
	struct sink k = { out, ctx, 0 };
	struct args a;

	va_copy(a.ap, ap);
	while (*fmt) {
		const char *lit = fmt;

		while (*fmt && *fmt != '%')
			fmt++;
		emit(&k, lit, (size_t)(fmt - lit));
		if (*fmt) {
			fmt++;
			convert(&k, &fmt, &a);
		}
	}
	va_end(a.ap);
	return k.total;
}

int printf_cb(printf_out_fn out, void *ctx, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vprintf_cb(out, ctx, fmt, ap);
	va_end(ap);
	return n;
}

struct buffer {
	char  *p;
	size_t left;    /* room, the NUL's included */
};

static void buffer_out(void *ctx, const char *s, size_t n)
{
	struct buffer *b = ctx;

	if (b->left <= 1)
		return;
	n = min(n, b->left - 1);
	memcpy(b->p, s, n);
	b->p += n;
	b->left -= n;
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct buffer b = { buf, size };
	int n = vprintf_cb(buffer_out, &b, fmt, ap);

	if (size)
		*b.p = '\0';
	return n;
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n;
}

int vscnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	int n = vsnprintf(buf, size, fmt, ap);

	return size ? (int)min_t(size_t, (size_t)n, size - 1) : 0;
}

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vscnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n;
}
