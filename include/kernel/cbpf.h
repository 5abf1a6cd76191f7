/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_CBPF_H
#define KERNEL_CBPF_H

#include <lib/cbpf.h>

/*
 * Copies a program of `len` instructions from the user and checks it (cbpf_check()). 0, -EFAULT,
 * -EINVAL, -ENOMEM. May sleep.
 */
int cbpf_from_user(struct sock_filter *program, const void __user *from, u32 len);

#endif
