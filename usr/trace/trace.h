/* SPDX-License-Identifier: BSD-2-Clause */
/* trace: what its files share. Functions return an exit status: 0, or 1 after a message. */
#ifndef USR_TRACE_TRACE_H
#define USR_TRACE_TRACE_H

#include <stddef.h>
#include <stdio.h>

#define PROC "/proc/trace/"

/* Writes text to /proc/trace/<name>; 2 if the kernel does not understand it. */
int control(const char *name, const char *text);
/* Copies a file to a stream; one of /proc/trace by its name there. */
int show(const char *path, FILE *to);
int show_proc(const char *name, FILE *to);
int copy_file(const char *from, const char *to);

int cmd_record(int argc, char **argv);
int cmd_stat(int argc, char **argv);
int cmd_hist(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_tar(int argc, char **argv);
int cmd_serve(int argc, char **argv);

/* Prints how to use the program to stderr; returns 2. */
int usage(const char *problem);

#endif
