/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Crash reports: when the shell itself fails, the console shows where. A failed check() says
 * file, line and expression; a signal says its name and address, and the last place that
 * here() marked.
 */
#ifndef USR_INIT_SHELL_CRASH_H
#define USR_INIT_SHELL_CRASH_H

/* Installs the handlers, on a stack of their own so that a stack overflow is reported too. */
void crash_report_start(void);

/* In a child about to exec: back to default handling. */
void crash_report_stop(void);

struct crash_place {
	const char *file;
	int line;
};

extern struct crash_place crash_place;

#define here() ((void)(crash_place = (struct crash_place){ __FILE__, __LINE__ }))

_Noreturn void check_failed(const char *file, int line, const char *what);

#define check(condition) \
	((condition) ? (void)0 : check_failed(__FILE__, __LINE__, #condition))

#endif
