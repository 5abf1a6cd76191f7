/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers and words from text; see <lib/parse.h>. */
#include <lib/bitmap.h>
#include <lib/ctype.h>
#include <lib/parse.h>
#include <lib/string.h>

int hex_to_bin(unsigned char c)
{
	if (isdigit(c))
		return c - '0';
	c = (unsigned char)tolower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int digit_value(char c)
{
	return isdigit((u8)c) ? c - '0' : isalpha((u8)c) ? tolower((u8)c) - 'a' + 10 : 99;
}

/* Resolves base 0 and steps over a 0x that digits follow. */
static const char *take_prefix(const char *s, unsigned int *base)
{
	bool hex = s[0] == '0' && (s[1] | 0x20) == 'x' && isxdigit((u8)s[2]);

	if (*base == 0)
		*base = hex ? 16 : s[0] == '0' ? 8 : 10;
	return hex && *base == 16 ? s + 2 : s;
}

/* The digits at s: the value (wrapped), whether it overflowed; returns what follows. */
static noinline const char *take_digits(const char *s, unsigned int base, u64 *value, bool *overflow)
{
	u64 v = 0;

	*overflow = false;
	for (; digit_value(*s) < (int)base; s++) {
		*overflow |= check_mul_overflow(v, (u64)base, &v);
		*overflow |= check_add_overflow(v, (u64)digit_value(*s), &v);
	}
	*value = v;
	return s;
}

unsigned long long simple_strtoull(const char *s, char **end, unsigned int base)
{
	const char *p = take_prefix(s, &base), *stop;
	bool overflow;
	u64 v;

	stop = take_digits(p, base, &v, &overflow);
	if (end)
		*end = (char *)stop;
	return v;
}

unsigned long simple_strtoul(const char *s, char **end, unsigned int base)
{
	return (unsigned long)simple_strtoull(s, end, base);
}

long simple_strtol(const char *s, char **end, unsigned int base)
{
	if (*s == '-')
		return (long)-simple_strtoull(s + 1, end, base);
	return (long)simple_strtoull(s, end, base);
}

/* All of s, after an optional sign. */
static int parse_whole(const char *s, unsigned int base, u64 *v)
{
	const char *p = take_prefix(s, &base), *stop;
	bool overflow;

	stop = take_digits(p, base, v, &overflow);
	if (stop == p)
		return -EINVAL;
	if (*stop == '\n')
		stop++;
	if (*stop)
		return -EINVAL;
	return overflow ? -ERANGE : 0;
}

static noinline int parse_signed(const char *s, unsigned int base, s64 lo, s64 hi, s64 *res)
{
	bool neg = *s == '-';
	int err;
	u64 v;

	err = parse_whole(*s == '-' || *s == '+' ? s + 1 : s, base, &v);
	if (err)
		return err;
	if (v > (neg ? -(u64)lo : (u64)hi))
		return -ERANGE;
	*res = (s64)(neg ? -v : v);
	return 0;
}

static noinline int parse_unsigned(const char *s, unsigned int base, u64 hi, u64 *res)
{
	int err;
	u64 v;

	err = parse_whole(*s == '+' ? s + 1 : s, base, &v);
	if (err)
		return err;
	if (v > hi)
		return -ERANGE;
	*res = v;
	return 0;
}

#define KSTRTO(name, type, wide, parse, ...)					\
int name(const char *s, unsigned int base, type *res)				\
{										\
	wide v;									\
	int err = parse(s, base, __VA_ARGS__, &v);				\
										\
	if (!err)								\
		*res = (type)v;							\
	return err;								\
}

KSTRTO(kstrtoull, unsigned long long, u64, parse_unsigned, U64_MAX)
KSTRTO(kstrtoul, unsigned long, u64, parse_unsigned, ULONG_MAX)
KSTRTO(kstrtouint, unsigned int, u64, parse_unsigned, U32_MAX)
KSTRTO(kstrtou16, u16, u64, parse_unsigned, U16_MAX)
KSTRTO(kstrtou8, u8, u64, parse_unsigned, U8_MAX)
KSTRTO(kstrtoll, long long, s64, parse_signed, S64_MIN, S64_MAX)
KSTRTO(kstrtol, long, s64, parse_signed, LONG_MIN, LONG_MAX)
KSTRTO(kstrtoint, int, s64, parse_signed, INT_MIN, INT_MAX)

int kstrtobool(const char *s, bool *res)
{
	switch (s[0]) {
	case 'y': case 'Y': case 't': case 'T': case '1':
		*res = true;
		return 0;
	case 'n': case 'N': case 'f': case 'F': case '0':
		*res = false;
		return 0;
	case 'o': case 'O':
		if ((s[1] | 0x20) == 'n')
			*res = true;
		else if ((s[1] | 0x20) == 'f')
			*res = false;
		else
			return -EINVAL;
		return 0;
	}
	return -EINVAL;
}

u64 memparse(const char *s, char **end)
{
	static const char suffixes[] = "kmgtpe";
	unsigned int base = 0;
	const char *p = take_prefix(s, &base), *stop, *unit;
	bool overflow;
	u64 v;

	stop = take_digits(p, base, &v, &overflow);
	unit = stop != p && *stop ? strchr(suffixes, tolower((u8)*stop)) : NULL;
	if (unit) {
		overflow |= check_mul_overflow(v, 1ULL << (10 * (unit - suffixes + 1)), &v);
		stop++;
	}
	if (end)
		*end = (char *)stop;
	return overflow ? U64_MAX : v;
}

char *next_arg(char *args, char **word, char **value)
{
	bool quoted = *args == '"', in_quote = quoted;
	char *p, *eq = NULL;

	if (quoted)
		args++;
	for (p = args; *p && (in_quote || !isspace((u8)*p)); p++) {
		if (*p == '=' && !eq)
			eq = p;
		if (*p == '"')
			in_quote = !in_quote;
	}
	*word = args;
	*value = NULL;
	args = p;
	if (*args)
		*args++ = '\0';
	if (quoted && p > *word && p[-1] == '"')
		p[-1] = '\0';
	if (eq) {
		*eq++ = '\0';
		if (*eq == '"') {
			eq++;
			if (p > eq && p[-1] == '"')
				p[-1] = '\0';
		}
		*value = eq;
	}
	return skip_spaces(args);
}

bool next_option(char **opts, char **word, char **value)
{
	char *w;

	do {
		w = strsep(opts, ",");
	} while (w && !*w);
	if (!w)
		return false;
	*word = w;
	*value = strchr(w, '=');
	if (*value)
		*(*value)++ = '\0';
	return true;
}

bool word_in_list(const char *list, const char *word)
{
	size_t n = strlen(word);

	while (n && *list) {
		const char *end = list + strcspn(list, ",");

		if ((size_t)(end - list) == n && !memcmp(list, word, n))
			return true;
		list = *end ? end + 1 : end;
	}
	return false;
}

int bitmap_parselist(const char *s, unsigned long *map, unsigned long size)
{
	bitmap_zero(map, size);
	while (*s && *s != '\n') {
		bool overflow, overflow2 = false;
		const char *stop;
		u64 first, last;

		stop = take_digits(s, 10, &first, &overflow);
		if (stop == s)
			return -EINVAL;
		last = first;
		if (*stop == '-') {
			s = stop + 1;
			stop = take_digits(s, 10, &last, &overflow2);
			if (stop == s || last < first)
				return -EINVAL;
		}
		if (overflow || overflow2 || last >= size)
			return -ERANGE;
		bitmap_set(map, first, last - first + 1);
		if (*stop == ',')
			stop++;
		else if (*stop && *stop != '\n')
			return -EINVAL;
		s = stop;
	}
	return 0;
}
