/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages of programs that must speak when little else works: formatted into a buffer on the
 * stack and written by one write(2), so that lines of several processes do not mix.
 */
#ifndef USR_LIB_SAY_H
#define USR_LIB_SAY_H

/* Writes "<program>: <message>\n" to stderr. Long messages are cut at 500 bytes. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same with ": <text of errno>" at the end. Leaves errno as it was. */
void say_errno(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The name in front of messages; each program defines it once. */
extern const char *const program_name;

#endif
