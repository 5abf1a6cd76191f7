/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Builds the tree of a line, one function a rule:
 *
 *   line     = [ list { (";" | "&") list } [ ";" | "&" ] ]
 *   list     = pipeline { ("&&" | "||") pipeline }
 *   pipeline = [ "!" ] command { "|" command }
 *   command  = (word | redirect word) { word | redirect word }
 */
#include <string.h>

#include "say.h"
#include "shell.h"

struct parser {
	struct lexer lexer;
	struct token token; /* the next one, not yet used */
	const char *last_end; /* where the one before it ended */
};

static bool advance(struct parser *p)
{
	p->last_end = p->token.end;
	return lex_next(&p->lexer, &p->token);
}

static bool unexpected(const struct parser *p)
{
	say("syntax error at '%s'", p->token.text);
	return false;
}

static bool parse_redirect(struct parser *p, struct redirect ***tail)
{
	struct redirect *redirect = arena_alloc(sizeof(*redirect));

	redirect->fd = p->token.fd;
	redirect->kind = p->token.redirect;
	if (!advance(p))
		return false;
	if (p->token.kind != TOKEN_WORD)
		return unexpected(p);
	redirect->word = p->token.text;
	**tail = redirect;
	*tail = &redirect->next;
	return advance(p);
}

static bool parse_command(struct parser *p, struct command **out)
{
	struct command *command = arena_alloc(sizeof(*command));
	struct redirect **redirect_tail = &command->redirects;
	struct word **word_tail = &command->words;

	here();
	*out = command;
	for (;;) {
		if (p->token.kind == TOKEN_REDIRECT) {
			if (!parse_redirect(p, &redirect_tail))
				return false;
		} else if (p->token.kind == TOKEN_WORD) {
			struct word *word = arena_alloc(sizeof(*word));

			word->text = p->token.text;
			*word_tail = word;
			word_tail = &word->next;
			if (!advance(p))
				return false;
		} else {
			break;
		}
	}
	return command->words || command->redirects || unexpected(p);
}

static bool parse_pipeline(struct parser *p, struct pipeline **out)
{
	struct pipeline *pipeline = arena_alloc(sizeof(*pipeline));
	struct command **tail = &pipeline->commands;

	*out = pipeline;
	while (p->token.kind == TOKEN_WORD && strcmp(p->token.text, "!") == 0) {
		pipeline->negated = !pipeline->negated;
		if (!advance(p))
			return false;
	}
	for (;;) {
		if (!parse_command(p, tail))
			return false;
		tail = &(*tail)->next;
		if (p->token.kind != TOKEN_PIPE)
			return true;
		if (!advance(p))
			return false;
	}
}

static bool parse_list(struct parser *p, struct list **out)
{
	struct list *list = arena_alloc(sizeof(*list));
	struct pipeline **tail = &list->pipelines;
	const char *start = p->token.end - strlen(p->token.text);
	enum condition condition = IF_ALWAYS;

	*out = list;
	for (;;) {
		if (!parse_pipeline(p, tail))
			return false;
		(*tail)->condition = condition;
		tail = &(*tail)->next;
		if (p->token.kind == TOKEN_AND)
			condition = IF_SUCCESS;
		else if (p->token.kind == TOKEN_OR)
			condition = IF_FAILURE;
		else
			break;
		if (!advance(p))
			return false;
	}
	list->text = arena_copy(start, p->last_end - start);
	return true;
}

bool parse_line(const char *line, struct list **list)
{
	struct parser p = { .lexer = { .at = line } };

	here();
	*list = NULL;
	if (!advance(&p))
		return false;
	while (p.token.kind != TOKEN_END) {
		if (!parse_list(&p, list))
			return false;
		if (p.token.kind == TOKEN_BACKGROUND)
			(*list)->background = true;
		else if (p.token.kind != TOKEN_SEMICOLON && p.token.kind != TOKEN_END)
			return unexpected(&p);
		list = &(*list)->next;
		if (p.token.kind != TOKEN_END && !advance(&p))
			return false;
	}
	return true;
}
