/* SPDX-License-Identifier: BSD-2-Clause */
/* A seq_file is a stdio stream. */
#ifndef FS_SEQ_FILE_H
#define FS_SEQ_FILE_H
#include <stdio.h>
#define seq_puts(m, text)	fputs(text, (FILE *)(m))
#define seq_printf(m, ...)	fprintf((FILE *)(m), __VA_ARGS__)
#endif
