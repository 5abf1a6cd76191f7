/* SPDX-License-Identifier: BSD-2-Clause */
/* Cuts a line into tokens. Quotes group characters into a word but stay in its text. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"
#include "shell.h"

static bool ends_word(char c)
{
	return c == '\0' || isspace((unsigned char)c) || strchr("|&;<>", c);
}

/* The end of the quoted part that starts at `at`, or NULL. */
static const char *skip_quoted(const char *at)
{
	char quote = *at++;

	while (*at && *at != quote) {
		if (quote == '"' && *at == '\\' && at[1])
			at++;
		at++;
	}
	return *at ? at + 1 : NULL;
}

static bool lex_word(struct lexer *lexer, struct token *token)
{
	const char *start = lexer->at, *at = start;

	while (!ends_word(*at)) {
		if (*at == '\'' || *at == '"') {
			const char *end = skip_quoted(at);

			if (!end) {
				say("no closing %c", *at);
				return false;
			}
			at = end;
		} else {
			at += *at == '\\' && at[1] ? 2 : 1;
		}
	}
	token->kind = TOKEN_WORD;
	token->text = arena_copy(start, at - start);
	lexer->at = at;
	return true;
}

/* Digits directly before < or > are a descriptor. */
static bool at_redirect(const char *at)
{
	while (isdigit((unsigned char)*at))
		at++;
	return *at == '<' || *at == '>';
}

static void lex_redirect(struct lexer *lexer, struct token *token)
{
	const char *at = lexer->at;
	bool given = isdigit((unsigned char)*at);
	int fd = 0;

	while (isdigit((unsigned char)*at))
		fd = fd < 100000 ? fd * 10 + *at++ - '0' : (at++, fd);
	token->kind = TOKEN_REDIRECT;
	token->text = *at == '<' ? "<" : ">";
	token->fd = given ? fd : *at == '>';
	token->redirect = *at == '<' ? REDIRECT_READ : REDIRECT_WRITE;
	at++;
	if (*at == '&') {
		token->redirect = REDIRECT_DUP;
		at++;
	} else if (*at == '>' && token->redirect == REDIRECT_WRITE) {
		token->redirect = REDIRECT_APPEND;
		at++;
	}
	lexer->at = at;
}

bool lex_next(struct lexer *lexer, struct token *token)
{
	static const struct {
		const char *text;
		enum token_kind kind;
	} operators[] = { /* longer ones first */
		{ "&&", TOKEN_AND }, { "||", TOKEN_OR }, { "|", TOKEN_PIPE },
		{ "&", TOKEN_BACKGROUND }, { ";", TOKEN_SEMICOLON },
	};

	here();
	while (isspace((unsigned char)*lexer->at))
		lexer->at++;
	memset(token, 0, sizeof(*token));
	if (*lexer->at == '\0' || *lexer->at == '#') {
		token->kind = TOKEN_END;
		token->text = "end of line";
		token->end = lexer->at;
		return true;
	}
	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		size_t len = strlen(operators[i].text);

		if (strncmp(lexer->at, operators[i].text, len) == 0) {
			token->kind = operators[i].kind;
			token->text = operators[i].text;
			lexer->at += len;
			token->end = lexer->at;
			return true;
		}
	}
	if (at_redirect(lexer->at))
		lex_redirect(lexer, token);
	else if (!lex_word(lexer, token))
		return false;
	token->end = lexer->at;
	return true;
}
