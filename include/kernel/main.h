/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the parts of start-up: what the command line left for PID 1. */
#ifndef KERNEL_MAIN_H
#define KERNEL_MAIN_H

#define INIT_ARGS_MAX 32

/* Terminated by NULL; [0] of argv is replaced by the program that runs. */
extern const char *init_argv[INIT_ARGS_MAX + 2];
extern const char *init_envp[INIT_ARGS_MAX + 3];

void parse_boot_params(void);
/* First C function, from head.S: IRQs off, on the boot task's stack. */
void start_kernel(void);

#endif
