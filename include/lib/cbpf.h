/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Classic BPF: small programs that a user of the kernel hands in to judge data (seccomp(2), and
 * what sockets call filters). Two registers, 16 words of memory, jumps forward only, so that
 * each program ends. The result is a number whose meaning is the caller's.
 *
 * cbpf_check() is to be asked once, before the first cbpf_run(): a program that it takes never
 * leaves its instructions or its memory, and reads no word that it has not written.
 */
#ifndef LIB_CBPF_H
#define LIB_CBPF_H

#include <lib/compiler.h>
#include <lib/types.h>
#include <linux/filter.h>

/*
 * Reads `size` (1, 2 or 4) bytes at `off` of the data in the byte order that its users expect.
 * False where there is nothing: the program ends with 0.
 */
typedef bool (*cbpf_load_fn)(const void *data, u32 off, u32 size, u32 *value);

/* 0 or -EINVAL. `scratch` has room for `len` elements, of no meaning before or after. */
int cbpf_check(const struct sock_filter *program, u32 len, u16 *scratch);

/* `len` is what the program sees as the data's length. Any context. */
u32 cbpf_run(const struct sock_filter *program, cbpf_load_fn load, const void *data, u32 len);

#endif
