/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Turns words as typed into arguments: removes quotes, replaces $NAME ${NAME} $? $$ $!, and
 * splits what came out of an unquoted variable at white space.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shell.h"

struct buffer {
	char *text;
	size_t len, size;
};

struct fields {
	char **argv;
	int argc, size;
	struct buffer field; /* the one being built */
	bool open;           /* there is one: "" makes an empty field, an unset $X none */
	bool split;
};

static void put(struct buffer *b, char c)
{
	if (b->len + 1 >= b->size) {
		size_t size = b->size ? b->size * 2 : 32;
		char *text = arena_alloc(size);

		if (b->len)
			memcpy(text, b->text, b->len);
		b->text = text;
		b->size = size;
	}
	b->text[b->len++] = c;
	b->text[b->len] = '\0';
}

static void close_field(struct fields *f)
{
	if (!f->open)
		return;
	if (f->argc + 1 >= f->size) {
		int size = f->size ? f->size * 2 : 8;
		char **argv = arena_alloc(size * sizeof(*argv));

		if (f->argc)
			memcpy(argv, f->argv, f->argc * sizeof(*argv));
		f->argv = argv;
		f->size = size;
	}
	f->argv[f->argc++] = f->field.text ? f->field.text : arena_copy("", 0);
	f->argv[f->argc] = NULL;
	f->field = (struct buffer){ 0 };
	f->open = false;
}

static void put_char(struct fields *f, char c)
{
	f->open = true;
	put(&f->field, c);
}

static void put_value(struct fields *f, const char *value, bool quoted)
{
	for (; *value; value++) {
		if (f->split && !quoted && isspace((unsigned char)*value))
			close_field(f);
		else
			put_char(f, *value);
	}
}

static size_t name_length(const char *at)
{
	size_t len = 0;

	if (isdigit((unsigned char)*at))
		return 0;
	while (isalnum((unsigned char)at[len]) || at[len] == '_')
		len++;
	return len;
}

bool is_assignment(const char *word)
{
	size_t len = name_length(word);

	return len && word[len] == '=';
}

/* `at` stands behind the '$'; returns where the variable's name ends. */
static const char *expand_variable(struct fields *f, const char *at, bool quoted)
{
	bool braces = *at == '{';
	const char *name = at + braces;
	size_t len = name_length(name);
	const char *value;
	char number[16];

	if (!braces && (*at == '?' || *at == '$' || *at == '!')) {
		snprintf(number, sizeof(number), "%d", *at == '?' ? shell.status :
			 *at == '$' ? (int)getpid() : (int)shell.last_background);
		put_value(f, number, true);
		return at + 1;
	}
	if (!len || (braces && name[len] != '}')) {
		put_char(f, '$');
		return at;
	}
	value = getenv(arena_copy(name, len));
	if (value)
		put_value(f, value, quoted);
	return name + len + braces;
}

static const char *expand_double_quoted(struct fields *f, const char *at)
{
	f->open = true;
	while (*at != '"') {
		check(*at); /* lex.c lets no open quote through */
		if (*at == '$') {
			at = expand_variable(f, at + 1, true);
			continue;
		}
		if (*at == '\\' && at[1] && strchr("\"\\$`", at[1]))
			at++;
		put_char(f, *at++);
	}
	return at + 1;
}

static void expand_word(struct fields *f, const char *at)
{
	here();
	while (*at) {
		if (*at == '\'') {
			f->open = true;
			for (at++; *at != '\''; at++) {
				check(*at);
				put_char(f, *at);
			}
			at++;
		} else if (*at == '"') {
			at = expand_double_quoted(f, at + 1);
		} else if (*at == '$') {
			at = expand_variable(f, at + 1, false);
		} else {
			if (*at == '\\' && at[1])
				at++;
			put_char(f, *at++);
		}
	}
	if (f->split)
		close_field(f);
}

char **expand_words(const struct word *words, int *argc)
{
	struct fields f = { .split = true };

	for (; words; words = words->next)
		expand_word(&f, words->text);
	*argc = f.argc;
	return f.argv ? f.argv : arena_alloc(sizeof(char *));
}

char *expand_one(const char *word)
{
	struct fields f = { .split = false };

	expand_word(&f, word);
	return f.field.text ? f.field.text : arena_copy("", 0);
}
