/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * init_shell: the shell of images that have no other. A line goes one way:
 *
 *   input.c   reads it            "ls -l | wc >n &"
 *   lex.c     cuts it into tokens
 *   parse.c   builds a struct list of pipelines of commands
 *   expand.c  turns each command's words into argv ($VAR, quotes)
 *   exec.c    forks, redirects and executes;  builtin.c has what needs no fork
 *   jobs.c    keeps the process groups, waits for them, owns the terminal's foreground
 *
 * Everything made for one line lives in the arena (arena.c), which is emptied before the next.
 * What lives longer (jobs, variables) is copied. Variables are the environment.
 */
#ifndef USR_INIT_SHELL_SHELL_H
#define USR_INIT_SHELL_SHELL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "crash.h"

/* --- arena.c ---------------------------------------------------------------------------- */

/* Zeroed memory that lives until arena_reset(). Ends the shell when there is none. */
void *arena_alloc(size_t size);
char *arena_copy(const char *text, size_t len);
void arena_reset(void);

/* --- lex.c ------------------------------------------------------------------------------ */

enum token_kind {
	TOKEN_WORD,
	TOKEN_PIPE,       /* |   */
	TOKEN_AND,        /* &&  */
	TOKEN_OR,         /* ||  */
	TOKEN_SEMICOLON,  /* ;   */
	TOKEN_BACKGROUND, /* &   */
	TOKEN_REDIRECT,   /* [n]< [n]> [n]>> [n]>& [n]<&: see fd and redirect */
	TOKEN_END,
};

enum redirect_kind { REDIRECT_READ, REDIRECT_WRITE, REDIRECT_APPEND, REDIRECT_DUP };

struct token {
	enum token_kind kind;
	const char *text; /* of a word with its quotes; of others for messages */
	int fd;           /* of a redirection, default filled in */
	enum redirect_kind redirect;
	const char *end;  /* where the token ends in the line */
};

struct lexer {
	const char *at;
};

/* Reads the next token. False after a message when a quote is not closed. */
bool lex_next(struct lexer *lexer, struct token *token);

/* --- parse.c ---------------------------------------------------------------------------- */

struct redirect {
	int fd;
	enum redirect_kind kind;
	const char *word;
	struct redirect *next;
};

struct word {
	const char *text;
	struct word *next;
};

struct command {
	struct word *words;
	struct redirect *redirects;
	struct command *next; /* in the pipeline */
};

enum condition { IF_ALWAYS, IF_SUCCESS, IF_FAILURE };

struct pipeline {
	struct command *commands;
	bool negated;
	enum condition condition; /* on the status of what ran before */
	struct pipeline *next;
};

/* Pipelines joined by && and ||, ended by ; or &. */
struct list {
	struct pipeline *pipelines;
	bool background;
	const char *text; /* as typed, for `jobs` */
	struct list *next;
};

/* Parses one line. False after a message. An empty line is a NULL list. */
bool parse_line(const char *line, struct list **list);

/* --- expand.c --------------------------------------------------------------------------- */

/* Word by word to a NULL-terminated argv; *argc may come out 0. */
char **expand_words(const struct word *words, int *argc);

/* One word without field splitting, for redirections and assignments. */
char *expand_one(const char *word);

/* Is it NAME=value? */
bool is_assignment(const char *word);

/* --- exec.c ----------------------------------------------------------------------------- */

/* Runs a line and leaves its status in shell.status. */
void run_line(const char *line);

/* Opens a command's redirections onto its descriptors. False after a message. */
bool apply_redirects(const struct redirect *redirects);

/* Replaces the process by the program; returns 126 or 127 after a message. */
int exec_program(char **argv);

/* Writes all of it, or returns false with errno set. */
bool write_all(int fd, const void *data, size_t len);

/* --- builtin.c -------------------------------------------------------------------------- */

typedef int (*builtin_fn)(int argc, char **argv);

/*
 * NULL if `name` is not built in. Some builtins run only in a child of the shell (in_child),
 * where the terminal's signals can end or stop them: those too are NULL for the shell itself.
 */
builtin_fn builtin_find(const char *name, bool in_child);

/* --- jobs.c ----------------------------------------------------------------------------- */

struct job;

/* Takes the terminal if the shell is interactive. */
void jobs_start(void);

/* A new, empty job; ends the shell when there is no memory. */
struct job *job_new(const char *text);

/*
 * Both sides of a fork call this: puts `pid` into the job's process group, which the first
 * process founds. In the child (pid 0) also restores the default signals.
 */
void job_add(struct job *job, pid_t pid, bool foreground);

/* Waits until the job ends or stops and returns its status as $? shows it. */
int job_wait_foreground(struct job *job);

/* Leaves the job to itself, saying its number. */
void job_leave_background(struct job *job);

/* Continues a stopped job, or makes a background job the foreground one. */
int job_continue(struct job *job, bool foreground);

/* Takes note of what ended or stopped; tells the user about background jobs. */
void jobs_notice(void);

void jobs_print(void);

/* Waits for all background jobs (builtin wait). False if ^C ended the wait. */
bool jobs_wait_all(void);

/* By "%n", "n" or, with NULL, the latest. NULL if there is none. */
struct job *job_find(const char *name);

/* The process group a "%n" of kill means. */
pid_t job_group(const struct job *job);

/* In a forked child that goes on as a shell: the parent's jobs are not its own. */
void jobs_forget(void);

/* --- main.c ----------------------------------------------------------------------------- */

struct shell {
	bool interactive;  /* prompt and job control */
	bool process_one;
	int status;        /* $? */
	pid_t last_background; /* $! */
	volatile bool interrupted; /* ^C came while the shell itself was reading or waiting */
};

extern struct shell shell;

/* Ends the shell, or refuses as process 1. */
void shell_exit(int status);

/* --- input.c ---------------------------------------------------------------------------- */

enum input { INPUT_LINE, INPUT_INTERRUPTED, INPUT_END };

/* Reads a line from `fd` without its newline; *line stays good until the next call. */
enum input read_line(int fd, char **line);

#endif
