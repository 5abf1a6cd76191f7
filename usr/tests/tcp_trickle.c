/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TCP whose readers are slow: windows close, segments are cut and windows probed, on both sides, and
 * every byte comes back from an echo all the same. TRICKLE=n chooses what is drawn by lot.
 */
#include <netinet/tcp.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "helpers.h"
#include "inet.h"

#define MOST 400000	/* bytes */
#define MANY 16		/* connections */

static unsigned char data[MOST];

/* Below n. */
static unsigned rnd(unsigned *seed, unsigned n)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 8) % n;
}

/* Is what comes what was sent, and all of it? */
static int reader(int fd, unsigned seed, unsigned total)
{
	static unsigned char got[MOST + 1];
	unsigned have = 0;

	for (;;) {
		unsigned want = rnd(&seed, 4) ? 1 + rnd(&seed, 70000) : 1 + rnd(&seed, 300);
		ssize_t n;

		if (!rnd(&seed, 3))
			sleep_ms(rnd(&seed, 4) ? rnd(&seed, 30) : rnd(&seed, 900));
		if (have + want > MOST + 1)
			want = MOST + 1 - have;
		n = read(fd, got + have, want);
		if (n < 0) {
			printf("# read: error %d after %u of %u\n", errno, have, total);
			return 1;
		}
		if (!n)
			break;
		have += (unsigned)n;
	}
	if (have != total || memcmp(got, data, total)) {
		printf("# end after %u of %u\n", have, total);
		return 1;
	}
	return 0;
}

static int writer(int fd, unsigned seed, unsigned total)
{
	unsigned done = 0;

	while (done < total) {
		unsigned n = rnd(&seed, 2) ? total - done : 1 + rnd(&seed, 70000);
		ssize_t put;

		if (n > total - done)
			n = total - done;
		put = write(fd, data + done, n);
		if (put < 0) {
			printf("# write: error %d after %u of %u\n", errno, done, total);
			return 1;
		}
		done += (unsigned)put;
		if (!rnd(&seed, 8))
			sleep_ms(rnd(&seed, 300));
	}
	shutdown(fd, SHUT_WR);
	return 0;
}

static int failed(const char *what)
{
	printf("# %s: error %d\n", what, errno);
	return 1;
}

/* Sends everything back, by a pipe or not, and closes. */
static int echo(int fd, unsigned seed)
{
	static char buf[65536];
	int p[2];
	ssize_t n, put;

	if (rnd(&seed, 2)) {
		while ((n = read(fd, buf, 1 + rnd(&seed, sizeof(buf)))) > 0)
			for (ssize_t at = 0; at < n; at += put) {
				put = write(fd, buf + at, (size_t)(n - at));
				if (put < 0)
					return failed("echo by write");
			}
		return n < 0 ? failed("echo by read") : 0;
	}
	MUST(pipe(p));
	fcntl(p[1], F_SETPIPE_SZ, 1 << 20);
	while ((n = splice(fd, NULL, p[1], NULL, 1 << 20, 0)) > 0)
		for (ssize_t at = 0; at < n; at += put) {
			put = splice(p[0], NULL, fd, NULL, (size_t)(n - at), 0);
			if (put <= 0)
				return failed("echo by splice from the pipe");
		}
	return n < 0 ? failed("echo by splice to the pipe") : 0;
}

static int transfer(unsigned seed)
{
	unsigned total = 1 + rnd(&seed, MOST - 1);
	int c, s, status;
	pid_t pid, pid2;

	inet_connection(&c, &s);
	pid = must_fork();
	if (!pid) {
		close(c);
		_exit(echo(s, seed + 1));
	}
	close(s);
	pid2 = must_fork();
	if (!pid2)
		_exit(writer(c, seed + 1, total));
	if (rnd(&seed, 2))
		sleep_ms(rnd(&seed, 4000));
	status = reader(c, seed, total);
	status |= !!wait_status(pid);
	return status | !!wait_status(pid2);
}

TEST(every_byte_comes_back)
{
	const char *env = getenv("TRICKLE");
	unsigned seed = env ? (unsigned)atoi(env) : 1, bad = 0;
	pid_t pid[MANY];

	close(inet_socket(AF_INET, SOCK_STREAM));	/* or the test is skipped */
	for (unsigned i = 0; i < MOST; i++)
		data[i] = (unsigned char)(i ^ i >> 8 ^ i >> 16);
	for (int i = 0; i < MANY; i++) {
		pid[i] = must_fork();
		if (!pid[i])
			_exit(transfer(seed + (unsigned)i));
	}
	for (int i = 0; i < MANY; i++) {
		if (wait_status(pid[i])) {
			bad++;
			printf("# TRICKLE=%u\n", seed + (unsigned)i);
		}
	}
	EXPECT_EQ(bad, 0);
}
