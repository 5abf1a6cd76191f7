/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages are counted, not shown. */
#ifndef SHIM_KERNEL_PRINTK_H
#define SHIM_KERNEL_PRINTK_H

extern unsigned messages;
static inline __attribute__((format(printf, 1, 2))) void count_message(const char *fmt, ...)
{
	messages++;
}
#define pr_err(...) count_message(__VA_ARGS__)
#endif
