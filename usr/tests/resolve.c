/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * getaddrinfo(3) of the C library these programs are linked with, musl, asking a server of the
 * test's own at 127.0.0.1 port 53: both families at once, aliases, errors, an answer that is lost.
 */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "helpers.h"
#include "inet.h"

enum { TYPE_A = 1, TYPE_CNAME = 5, TYPE_PTR = 12, TYPE_AAAA = 28, NO_SUCH_NAME = 3 };

/* ---- the server ---- */

struct message {
	uint8_t data[512];
	size_t len;
};

static void put(struct message *m, const void *data, size_t len)
{
	memcpy(m->data + m->len, data, len);
	m->len += len;
}

static void put16(struct message *m, unsigned v)
{
	put(m, (uint8_t[]){ v >> 8, v }, 2);
}

/* "a.test" as labels. */
static void put_name(struct message *m, const char *name)
{
	while (*name) {
		size_t len = strcspn(name, ".");

		put(m, (uint8_t[]){ len }, 1);
		put(m, name, len);
		name += len + (name[len] == '.');
	}
	put(m, "", 1);
}

/* A record of `name`; NULL: of the name that was asked for. */
static void put_record(struct message *m, const char *name, int type, const void *data, size_t len)
{
	if (name)
		put_name(m, name);
	else
		put16(m, 0xc00c);
	put16(m, type);
	put16(m, 1);
	put(m, (uint8_t[]){ 0, 0, 0, 60 }, 4);
	put16(m, len);
	put(m, data, len);
	m->data[7]++;		/* the count of answers */
}

static void put_name_record(struct message *m, int type, const char *target)
{
	struct message text = { .len = 0 };

	put_name(&text, target);
	put_record(m, NULL, type, text.data, text.len);
}

/* Reads the question; its length with the type and class behind, 0 if it is none. */
static size_t read_question(const struct message *q, char *name, int *type)
{
	size_t at = 12, n = 0;

	while (at < q->len && q->data[at]) {
		size_t len = q->data[at++];

		if (at + len + 5 > q->len || n + len + 2 > 256)
			return 0;
		memcpy(name + n, q->data + at, len);
		n += len;
		name[n++] = '.';
		at += len;
	}
	name[n ? n - 1 : 0] = '\0';
	if (at + 5 > q->len)
		return 0;
	*type = q->data[at + 1] << 8 | q->data[at + 2];
	return at + 5;
}

static void put_addresses(struct message *m, const char *owner, int type, int count)
{
	uint8_t v6[16] = { 0x20, 0x01, 0x0d, 0xb8 };

	for (int i = 1; i <= count; i++) {
		v6[15] = i;
		if (type == TYPE_A)
			put_record(m, owner, TYPE_A, (uint8_t[]){ 192, 0, 2, i }, 4);
		else if (type == TYPE_AAAA)
			put_record(m, owner, TYPE_AAAA, v6, 16);
	}
}

/* False: this one gets no answer. */
static bool answer(const struct message *q, struct message *m)
{
	static bool asked_lost;
	size_t question;
	char name[256];
	int type;

	question = read_question(q, name, &type);
	if (!question)
		return false;
	m->len = 0;
	put(m, q->data, question);
	memcpy(m->data + 2, (uint8_t[]){ 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0 }, 10);
	if (!strcmp(name, "a.test") || (!strcmp(name, "four.test") && type == TYPE_A)) {
		put_addresses(m, NULL, type, 1);
	} else if (!strcmp(name, "many.test")) {
		put_addresses(m, NULL, type, type == TYPE_A ? 20 : 0);
	} else if (!strcmp(name, "lost.test")) {
		if (!asked_lost) {
			asked_lost = true;
			return false;
		}
		put_addresses(m, NULL, type, 1);
	} else if (!strcmp(name, "alias.test")) {
		put_name_record(m, TYPE_CNAME, "a.test");
		put_addresses(m, "a.test", type, 1);
	} else if (!strcmp(name, "7.2.0.192.in-addr.arpa") && type == TYPE_PTR) {
		put_name_record(m, TYPE_PTR, "seven.test");
	} else if (strcmp(name, "four.test") != 0) {
		m->data[3] |= NO_SUCH_NAME;
	}
	return true;
}

/* Without a server named elsewhere, 127.0.0.1 is asked. */
static void need_local_resolver(void)
{
	char conf[4096] = "";

	SKIP_IN_EMULATOR("the resolver's port and configuration are the host's");
	if (access("/etc/resolv.conf", R_OK) == 0)
		get_file("/etc/resolv.conf", conf, sizeof(conf));
	if (strstr(conf, "nameserver") && !strstr(conf, "nameserver 127.0.0.1"))
		SKIP("/etc/resolv.conf names another server");
	close(inet_socket(AF_INET, SOCK_DGRAM));
}

/* Answers in a child until the test is over. */
static void start_server(void)
{
	struct sockaddr_in a = v4(INADDR_LOOPBACK, 53), from;
	static struct message question, reply;
	int fd;

	need_local_resolver();
	need_root();
	fd = inet_socket(AF_INET, SOCK_DGRAM);
	/* The server of the test before may still be on its way out. */
	for (int ms = 0; ms < 20000 && bind(fd, ADDR(a), sizeof(a)) < 0 && errno == EADDRINUSE; ms += 10)
		sleep_ms(10);
	EXPECT_EQ(port_of(fd), 53);
	if (must_fork()) {
		close(fd);
		return;
	}
	for (;;) {
		socklen_t len = sizeof(from);
		ssize_t n = recvfrom(fd, question.data, sizeof(question.data), 0, ADDR(from), &len);

		if (n < 0)
			_exit(1);
		question.len = n;
		if (answer(&question, &reply))
			sendto(fd, reply.data, reply.len, 0, ADDR(from), len);
	}
}

/* ---- asking ---- */

/* The addresses of `name` as one text, in order; or the error's name. */
static const char *ask(const char *name, int family)
{
	struct addrinfo hints = { .ai_family = family, .ai_socktype = SOCK_STREAM }, *all, *i;
	static char text[2048];
	int err = getaddrinfo(name, "80", &hints, &all);
	size_t n = 0;

	text[0] = '\0';
	if (err)
		return err == EAI_NONAME ? "EAI_NONAME" : err == EAI_NODATA ? "EAI_NODATA" :
		       err == EAI_AGAIN ? "EAI_AGAIN" : gai_strerror(err);
	for (i = all; i; i = i->ai_next) {
		char host[NI_MAXHOST];

		EXPECT_EQ(getnameinfo(i->ai_addr, i->ai_addrlen, host, sizeof(host), NULL, 0,
				      NI_NUMERICHOST), 0);
		n += snprintf(text + n, sizeof(text) - n, "%s%s", n ? " " : "", host);
	}
	freeaddrinfo(all);
	return text;
}

TEST(each_family)
{
	start_server();
	EXPECT_STREQ(ask("a.test", AF_INET), "192.0.2.1");
	EXPECT_STREQ(ask("a.test", AF_INET6), "2001:db8::1");
	EXPECT_STREQ(ask("alias.test", AF_INET), "192.0.2.1");
	EXPECT_STREQ(ask("four.test", AF_INET), "192.0.2.1");
}

TEST(both_at_once)
{
	const char *both;

	start_server();
	both = ask("a.test", AF_UNSPEC);
	EXPECT(strstr(both, "192.0.2.1") && strstr(both, "2001:db8::1"));
}

TEST(many_addresses)
{
	int n = 1;

	start_server();
	for (const char *c = ask("many.test", AF_INET); *c; c++)
		n += *c == ' ';
	EXPECT_EQ(n, 20);
}

TEST(no_such_name)
{
	start_server();
	EXPECT_STREQ(ask("none.test", AF_UNSPEC), "EAI_NONAME");
}

TEST(asked_again_when_the_answer_is_lost)
{
	start_server();
	EXPECT_STREQ(ask("lost.test", AF_INET), "192.0.2.1");
}

TEST(name_of_an_address)
{
	struct sockaddr_in a = v4(0xc0000207, 0);
	char host[NI_MAXHOST];

	start_server();
	EXPECT_EQ(getnameinfo(ADDR(a), sizeof(a), host, sizeof(host), NULL, 0, NI_NAMEREQD), 0);
	EXPECT_STREQ(host, "seven.test");
}

/* Nobody listens: the refusal comes back as an error of the socket, and musl asks until its time is over. */
TEST(without_a_server)
{
	need_local_resolver();
	EXPECT_STREQ(ask("a.test", AF_INET), "EAI_AGAIN");
}

TEST(without_asking)
{
	EXPECT_STREQ(ask("192.0.2.9", AF_UNSPEC), "192.0.2.9");
	EXPECT_STREQ(ask("2001:db8::9", AF_UNSPEC), "2001:db8::9");
	EXPECT_STREQ(ask("localhost", AF_INET), "127.0.0.1");
}
