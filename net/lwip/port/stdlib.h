/* SPDX-License-Identifier: BSD-2-Clause */
/* What lwIP means by <stdlib.h>: the number behind an interface's name. */
#include <lib/parse.h>

static inline int atoi(const char *s)
{
	return (int)simple_strtoul(s, NULL, 10);
}
