/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the VFS, built as in the kernel, and the test programs, built with libc. */
#ifndef HOST_H
#define HOST_H

#if __STDC_HOSTED__
#include <stddef.h>
#else
#include <lib/types.h>
#endif

void  host_init(void);                 /* task, memory, vfs_init() */
/* Runs boot test number n; 1 passed, 0 failed. host_test_name(n) is NULL past the last. */
int   host_run_test(unsigned n);
const char *host_test_name(unsigned n);
long  host_live_pages(void);           /* pages of files now */
long  host_live_objects(void);         /* slab and kmalloc objects now */
void  host_drop_caches(void);
/* One file operation chosen by the bytes; used by the fuzzer. Returns bytes eaten. */
size_t host_fuzz_op(const unsigned char *data, size_t size);
void  host_fuzz_begin(void);
void  host_fuzz_end(void);             /* umounts; aborts if anything is still held */
void  host_unpack(const void *archive, size_t size);

#endif
