/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines from a descriptor, without stdio: a ^C must be able to drop what was typed so far. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "say.h"
#include "shell.h"

#define MAX_LINE (1024 * 1024)

static char *buffer;
static size_t start, end, size; /* unread bytes are [start, end) */

static bool make_room(void)
{
	char *bigger;

	if (start) {
		memmove(buffer, buffer + start, end - start);
		end -= start;
		start = 0;
	}
	if (end + 1 < size)
		return true;
	if (size >= MAX_LINE)
		return false;
	bigger = realloc(buffer, size ? size * 2 : 1024);
	if (!bigger)
		return false;
	buffer = bigger;
	size = size ? size * 2 : 1024;
	return true;
}

static enum input take_line(char **line, size_t len)
{
	*line = buffer + start;
	(*line)[len] = '\0';
	start += len + 1;
	if (start > end)
		start = end;
	return INPUT_LINE;
}

enum input read_line(int fd, char **line)
{
	size_t scanned = 0;

	for (;;) {
		char *newline = NULL;
		ssize_t got;

		if (end > start + scanned)
			newline = memchr(buffer + start + scanned, '\n', end - start - scanned);
		if (newline)
			return take_line(line, newline - (buffer + start));
		scanned = end - start;
		if (!make_room()) {
			say("line too long");
			start = end = 0;
			return INPUT_INTERRUPTED;
		}
		got = read(fd, buffer + end, size - end - 1);
		if (got < 0 && errno == EINTR) {
			if (!shell.interrupted)
				continue;
			start = end = 0;
			return INPUT_INTERRUPTED;
		}
		if (got <= 0)
			return end > start ? take_line(line, end - start) : INPUT_END;
		end += got;
	}
}
