/* SPDX-License-Identifier: BSD-2-Clause */
/* Reports of the shell's own crashes. The handler calls only async-signal-safe functions. */
#include "crash.h"

#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "say.h"

#define HANDLER_STACK_SIZE 16384

struct crash_place crash_place = { "start", 0 };

static char handler_stack[HANDLER_STACK_SIZE];

static const struct {
	int signal;
	const char *name;
} crashes[] = {
	{ SIGSEGV, "SIGSEGV" }, { SIGBUS, "SIGBUS" },   { SIGILL, "SIGILL" },
	{ SIGFPE, "SIGFPE" },   { SIGTRAP, "SIGTRAP" }, { SIGABRT, "SIGABRT" },
};

#define CRASHES (sizeof(crashes) / sizeof(crashes[0]))

/* A line put together without stdio. */
struct line {
	char text[256];
	size_t len;
};

static void put_text(struct line *line, const char *text)
{
	while (*text && line->len < sizeof(line->text))
		line->text[line->len++] = *text++;
}

static void put_number(struct line *line, uint64_t value, unsigned int base)
{
	char digits[24];
	char *at = digits + sizeof(digits) - 1;

	*at = '\0';
	do {
		*--at = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	put_text(line, at);
}

static void on_crash(int sig, siginfo_t *info, void *context)
{
	struct line line = { .len = 0 };

	put_text(&line, program_name);
	put_text(&line, ": crashed: ");
	for (size_t i = 0; i < CRASHES; i++)
		if (crashes[i].signal == sig)
			put_text(&line, crashes[i].name);
	if (info->si_code <= 0) {
		put_text(&line, " sent by process ");
		put_number(&line, info->si_pid, 10);
	} else {
		put_text(&line, " at address 0x");
		put_number(&line, (uintptr_t)info->si_addr, 16);
	}
	put_text(&line, ", last seen at ");
	put_text(&line, crash_place.file);
	put_text(&line, ":");
	put_number(&line, crash_place.line, 10);
	put_text(&line, "\n");
	if (write(STDERR_FILENO, line.text, line.len) < 0)
		_exit(128 + sig);
	raise(sig); /* SA_RESETHAND: the default action follows on return */
}

void crash_report_start(void)
{
	const stack_t stack = { .ss_sp = handler_stack, .ss_size = sizeof(handler_stack) };
	struct sigaction act = {
		.sa_sigaction = on_crash,
		.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND,
	};

	sigaltstack(&stack, NULL);
	for (size_t i = 0; i < CRASHES; i++)
		sigaction(crashes[i].signal, &act, NULL);
}

void crash_report_stop(void)
{
	for (size_t i = 0; i < CRASHES; i++)
		signal(crashes[i].signal, SIG_DFL);
}

_Noreturn void check_failed(const char *file, int line, const char *what)
{
	say("%s:%d: check failed: %s", file, line, what);
	crash_place = (struct crash_place){ file, line };
	abort();
}
