/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef USR_TRACE_RUN_H
#define USR_TRACE_RUN_H

/* Runs a command and waits. Its exit status, 128 + signal, 127 or 126 as a shell has it. */
int run_command(char **argv);

#endif
