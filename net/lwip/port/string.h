/* SPDX-License-Identifier: BSD-2-Clause */
/* What lwIP means by <string.h>. */
#include <lib/string.h>
