/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trace tar: what the kernel has recorded, as one tar stream, for scripts/trace pull on another
 * machine. trace serve: the same for everybody who connects to a TCP port.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../lib/say.h"
#include "trace.h"

#define BLOCK 512

/* A ustar header; POSIX pax(1). */
struct tar_header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8];
	char type, linkname[100], magic[6], version[2], uname[32], gname[32], major[8], minor[8];
	char prefix[155], padding[12];
};
_Static_assert(sizeof(struct tar_header) == BLOCK, "a tar header is a block");

static void put_entry(FILE *to, const char *name, const char *data, size_t size)
{
	static const char zeroes[BLOCK];
	struct tar_header h = { .type = '0', .magic = "ustar", .version = "00" };
	unsigned sum = 0;

	snprintf(h.name, sizeof(h.name), "%s", name);
	snprintf(h.mode, sizeof(h.mode), "%07o", 0644);
	snprintf(h.uid, sizeof(h.uid), "%07o", 0);
	snprintf(h.gid, sizeof(h.gid), "%07o", 0);
	snprintf(h.size, sizeof(h.size), "%011zo", size);
	snprintf(h.mtime, sizeof(h.mtime), "%011o", 0);
	memset(h.checksum, ' ', sizeof(h.checksum));
	for (size_t i = 0; i < BLOCK; i++)
		sum += ((const unsigned char *)&h)[i];
	snprintf(h.checksum, sizeof(h.checksum), "%06o", sum);
	fwrite(&h, 1, BLOCK, to);
	fwrite(data, 1, size, to);
	fwrite(zeroes, 1, -size % BLOCK, to);
}

/* The names of all tasks, for viewers: "tid name" a line. */
static int show_tasks(FILE *to)
{
	glob_t found;

	if (glob("/proc/[0-9]*/task/[0-9]*/comm", 0, NULL, &found))
		return 0;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		FILE *file = fopen(found.gl_pathv[i], "re");
		char name[64];

		/* It may have ended meanwhile. */
		if (file && fgets(name, sizeof(name), file))
			fprintf(to, "%d %s", atoi(strstr(found.gl_pathv[i], "/task/") + 6), name);
		if (file)
			fclose(file);
	}
	globfree(&found);
	return 0;
}

/* The size has to be known before the content is sent. */
static int put_file(FILE *to, const char *name)
{
	char *data = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&data, &size);
	int status;

	if (!memory) {
		say_errno("%s", name);
		return 1;
	}
	status = strcmp(name, "tasks") ? show_proc(name, memory) : show_tasks(memory);
	fclose(memory);
	if (!status)
		put_entry(to, name, data, size);
	free(data);
	return status;
}

static int put_archive(FILE *to)
{
	static const char end[2 * BLOCK];
	int status = put_file(to, "tasks") | put_file(to, "buffer");
	DIR *ctf = opendir(PROC "ctf");
	struct dirent *entry;

	if (!ctf) {
		say_errno(PROC "ctf");
		return 1;
	}
	while ((entry = readdir(ctf))) {
		char name[300];

		snprintf(name, sizeof(name), "ctf/%s", entry->d_name);
		if (entry->d_name[0] != '.')
			status |= put_file(to, name);
	}
	closedir(ctf);
	fwrite(end, 1, sizeof(end), to);
	if (fflush(to) || ferror(to)) {
		say_errno("tar");
		status = 1;
	}
	return status;
}

int cmd_tar(int argc, char **argv)
{
	return argc == 1 ? put_archive(stdout) : usage("tar: no arguments wanted");
}

int cmd_serve(int argc, char **argv)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	int server, yes = 1;
	char *end;
	long port;

	if (argc != 2)
		return usage("serve: a port is wanted");
	port = strtol(argv[1], &end, 10);
	if (*end || port < 1 || port > 65535)
		return usage("serve: a port is a number up to 65535");
	at.sin_port = htons((uint16_t)port);
	signal(SIGPIPE, SIG_IGN);
	server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (server < 0 || setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) ||
	    bind(server, (struct sockaddr *)&at, sizeof(at)) || listen(server, 4)) {
		say_errno("port %ld", port);
		return 1;
	}
	for (;;) {
		int client = accept(server, NULL, NULL);
		FILE *to = client < 0 ? NULL : fdopen(client, "w");

		if (!to) {
			say_errno("port %ld", port);
			return 1;
		}
		put_archive(to);	/* who hangs up early has said enough */
		fclose(to);
	}
}
