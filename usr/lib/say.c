/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages to stderr in one write each. See say.h. */
#include "say.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void say_line(const char *format, va_list ap, const char *tail)
{
	char buf[512];
	size_t room = sizeof(buf) - 1;
	size_t len;

	len = snprintf(buf, room, "%s: ", program_name);
	len += vsnprintf(buf + len, room - len, format, ap);
	if (tail && len < room)
		len += snprintf(buf + len, room - len, ": %s", tail);
	if (len > room - 1)
		len = room - 1;
	buf[len++] = '\n';
	if (write(STDERR_FILENO, buf, len) < 0)
		return; /* nobody left to tell */
}

void say(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say_line(format, ap, NULL);
	va_end(ap);
}

void say_errno(const char *format, ...)
{
	int saved = errno;
	va_list ap;

	va_start(ap, format);
	say_line(format, ap, strerror(saved));
	va_end(ap);
	errno = saved;
}
