/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text to numbers and words. kstrto*() want the whole string to be one number
 * (a trailing newline is allowed) and return 0, -EINVAL (no number) or -ERANGE
 * (does not fit), leaving *res alone on error. Base 0 takes 0x and 0 prefixes.
 */
#ifndef LIB_PARSE_H
#define LIB_PARSE_H

#include <lib/compiler.h>
#include <lib/errno.h>

int __must_check kstrtoull(const char *s, unsigned int base, unsigned long long *res);
int __must_check kstrtoll(const char *s, unsigned int base, long long *res);
int __must_check kstrtoul(const char *s, unsigned int base, unsigned long *res);
int __must_check kstrtol(const char *s, unsigned int base, long *res);
int __must_check kstrtouint(const char *s, unsigned int base, unsigned int *res);
int __must_check kstrtoint(const char *s, unsigned int base, int *res);
int __must_check kstrtou16(const char *s, unsigned int base, u16 *res);
int __must_check kstrtou8(const char *s, unsigned int base, u8 *res);
/* y Y t T 1 on / n N f F 0 off */
int __must_check kstrtobool(const char *s, bool *res);

#define kstrtou64(s, base, res) kstrtoull(s, base, res)
#define kstrtos64(s, base, res) kstrtoll(s, base, res)
#define kstrtou32(s, base, res) kstrtouint(s, base, res)
#define kstrtos32(s, base, res) kstrtoint(s, base, res)

/* The longest number at s; wraps silently; *end (if not NULL) is what follows. */
unsigned long long simple_strtoull(const char *s, char **end, unsigned int base);
unsigned long simple_strtoul(const char *s, char **end, unsigned int base);
long simple_strtol(const char *s, char **end, unsigned int base);

/* A number with an optional suffix K M G T P E (binary); saturates at U64_MAX. */
u64 memparse(const char *s, char **end);

/*
 * Takes the next `word`, `word=value` or `word="a value"` off a command line,
 * in place. *value is NULL if there was no '='. Returns what follows, with
 * leading space skipped; call while (*args).
 */
char *next_arg(char *args, char **word, char **value);

/*
 * Takes the next word of a comma-separated option string such as mount data,
 * in place: "size=1M,nodev". Returns false at the end. Empty words are skipped.
 */
bool next_option(char **opts, char **word, char **value);

/* Whether word is one of a comma-separated list ("console,sched"). */
bool word_in_list(const char *list, const char *word);

/* Parses "0-3,8" into a bitmap of size bits: 0, -EINVAL, or -ERANGE. */
int bitmap_parselist(const char *s, unsigned long *map, unsigned long size);

/* Value of a hex digit, or -1. */
int hex_to_bin(unsigned char c);

#endif
