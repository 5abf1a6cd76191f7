/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_PRINTK_H
#define KERNEL_PRINTK_H
#include <stdio.h>
#define pr_info(...) ((void)0)
#define pr_err(...)  fprintf(stderr, __VA_ARGS__)
#endif
