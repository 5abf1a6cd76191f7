/* SPDX-License-Identifier: BSD-2-Clause */
/* Character classes of ASCII; bytes above 127 belong to none. */
#ifndef LIB_CTYPE_H
#define LIB_CTYPE_H

#include <lib/compiler.h>

#if __STDC_HOSTED__
#include <ctype.h>
#else

#define __ctype(name, expr) \
	static __always_inline int name(int c) { return (expr); }

__ctype(isdigit, c >= '0' && c <= '9')
__ctype(isupper, c >= 'A' && c <= 'Z')
__ctype(islower, c >= 'a' && c <= 'z')
__ctype(isalpha, isupper(c) || islower(c))
__ctype(isalnum, isalpha(c) || isdigit(c))
__ctype(isxdigit, isdigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
__ctype(isspace, c == ' ' || (c >= '\t' && c <= '\r'))
__ctype(isblank, c == ' ' || c == '\t')
__ctype(iscntrl, (c >= 0 && c < 32) || c == 127)
__ctype(isprint, c >= 32 && c < 127)
__ctype(isgraph, c > 32 && c < 127)
__ctype(ispunct, isgraph(c) && !isalnum(c))
__ctype(toupper, islower(c) ? c - 32 : c)
__ctype(tolower, isupper(c) ? c + 32 : c)

#endif
#endif
