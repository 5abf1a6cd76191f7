/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/net/{tcp,udp,unix,sockstat,snmp}: Linux's columns, and what is in them is true. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "helpers.h"
#include "inet.h"

static char text[1 << 17];

static unsigned long inode_of(int fd)
{
	struct stat st;

	MUST(fstat(fd, &st));
	return st.st_ino;
}

struct line {
	unsigned host, state, tx, rx, timer, uid, refs, drops;
	unsigned long inode;
	size_t len;
	char tail[64];
};

/* The line of a socket of AF_INET with this local port and inode in /proc/net/<what>. */
static struct line line_of(const char *what, int fd)
{
	unsigned long inode = inode_of(fd);
	struct line l = { 0 };
	char path[32];

	SKIP_IN_EMULATOR("the host's sockets");
	snprintf(path, sizeof(path), "/proc/net/%s", what);
	get_file(path, text, sizeof(text));
	for (char *s = strtok(text, "\n"); s; s = strtok(NULL, "\n")) {
		int at = 0;

		if (sscanf(s, " %*u: %x:%*x %*x:%*x %x %x:%x %x:%*x %*x %u %*d %lu %u %*x%n", &l.host, &l.state,
			   &l.tx, &l.rx, &l.timer, &l.uid, &l.inode, &l.refs, &at) < 8 ||
		    l.inode != inode)
			continue;
		l.len = strlen(s);
		snprintf(l.tail, sizeof(l.tail), "%s", s + at);
		l.tail[strcspn(l.tail, "\n")] = '\0';
		for (size_t n = strlen(l.tail); n && l.tail[n - 1] == ' '; n--)
			l.tail[n - 1] = '\0';
		return l;
	}
	FAIL("%s has no line of inode %lu", path, inode);
}

static bool begins(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

/* The first line of a file below /proc/net. */
static const char *head_of(const char *what)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/net/%s", what);
	get_file(path, text, sizeof(text));
	text[strcspn(text, "\n")] = '\0';
	return text;
}

/* A number of /proc/net/snmp, or of sockstat with `group` as its first word. */
static long long snmp(const char *group, const char *name)
{
	char *names, *values, *s = text, want[16];

	get_file("/proc/net/snmp", text, sizeof(text));
	snprintf(want, sizeof(want), "%s: ", group);
	while (!begins(s, want)) {
		s = strchr(s, '\n');
		if (!s)
			FAIL("no %s in snmp", group);
		s++;
	}
	names = s + strlen(want);
	values = strchr(s, '\n') + 1 + strlen(want);
	while (*names != '\n') {
		size_t len = strcspn(names, " \n");

		if (len == strlen(name) && !strncmp(names, name, len))
			return strtoll(values, NULL, 10);
		names += len + (names[len] == ' ');
		values += strcspn(values, " \n");
		values += *values == ' ';
	}
	FAIL("no %s in snmp's %s", name, group);
}

static int sockstat(const char *format)
{
	int n = -1;

	get_file("/proc/net/sockstat", text, sizeof(text));
	for (char *s = text; s; s = strchr(s, '\n')) {
		s += *s == '\n';
		if (sscanf(s, format, &n) == 1)
			return n;
	}
	FAIL("no '%s' in sockstat", format);
}

/* Waits for what a stack does a moment later. */
#define SOON(condition)								\
	for (int ms_ = 0; !(condition) && ms_ < 5000; ms_ += 20)		\
		sleep_ms(20);							\
	EXPECT(condition)

TEST(headers)
{
	close(inet_socket(AF_INET, SOCK_STREAM));
	SKIP_IN_EMULATOR("the host's files");
	EXPECT_EQ(strlen(head_of("tcp")), 149);
	EXPECT(begins(text, "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when "
			    "retrnsmt   uid  timeout inode  "));
	EXPECT_EQ(strlen(head_of("udp")), 127);
	EXPECT(begins(text, "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when "
			    "retrnsmt   uid  timeout inode ref pointer drops "));
	EXPECT_STREQ(head_of("unix"), "Num       RefCount Protocol Flags    Type St Inode Path");
}

TEST(a_listener)
{
	int l = inet_bound(SOCK_STREAM);
	struct line line;

	MUST(listen(l, 5));
	line = line_of("tcp", l);
	EXPECT_EQ(line.len, 149);
	EXPECT_EQ(line.host, htonl(INADDR_LOOPBACK));
	EXPECT_EQ(line.state, 10);
	EXPECT_EQ(line.rx, 0);
	EXPECT_EQ(line.uid, getuid());
	EXPECT_EQ(line.refs, 1);
	EXPECT_STREQ(line.tail, " 100 0 0 10 0");
	inet_connected(l);
	inet_connected(l);
	EXPECT_EQ(line_of("tcp", l).rx, 2);	/* to accept */
	MUST(accept(l, NULL, NULL));
	EXPECT_EQ(line_of("tcp", l).rx, 1);
}

/* More than one buffer of the kernel's, each line as wide as the others. */
TEST(many_lines)
{
	size_t len;
	int lines = 0;

	for (int i = 0; i < 100; i++)
		MUST(listen(inet_bound(SOCK_STREAM), 1));
	SKIP_IN_EMULATOR("the host's sockets");
	len = get_file("/proc/net/tcp", text, sizeof(text));
	/* Thousands that others left in TIME_WAIT may fill `text`: the last may be cut off. */
	for (char *s = text, *end; (end = memchr(s, '\n', text + len - s)); s = end + 1, lines++)
		EXPECT_EQ(end - s, 149);
	EXPECT_GE(lines, 101);
}

TEST(a_connection)
{
	int l = inet_bound(SOCK_STREAM), c, s;
	struct line line;

	MUST(listen(l, 5));
	c = inet_connected(l);
	s = MUST(accept(l, NULL, NULL));
	EXPECT_EQ(send(c, "hello", 5, 0), 5);
	SOON(line_of("tcp", s).rx == 5);
	line = line_of("tcp", s);
	EXPECT_EQ(line.len, 149);
	EXPECT_EQ(line.state, 1);
	EXPECT_EQ(line.tx, 0);
	shutdown(c, SHUT_WR);
	SOON(line_of("tcp", s).state == 8);
	SOON(line_of("tcp", c).state == 5);
}

TEST(what_is_not_acknowledged_waits)
{
	static char block[65536];
	int l = inet_bound(SOCK_STREAM), c;
	struct line line;
	ssize_t n;

	MUST(listen(l, 5));
	c = inet_connected(l);
	while ((n = send(c, block, sizeof(block), MSG_DONTWAIT)) > 0)
		;
	line = line_of("tcp", c);
	EXPECT_GT(line.tx, 0);
}

TEST(datagrams)
{
	int to = inet_bound(SOCK_DGRAM), from = inet_bound(SOCK_DGRAM), small = 2304;
	struct sockaddr_in a = v4(INADDR_LOOPBACK, port_of(to));
	char block[1000];
	struct line line = line_of("udp", to);

	EXPECT_EQ(line.len, 127);
	EXPECT_EQ(line.state, 7);
	EXPECT_EQ(line.rx, 0);
	MUST(setsockopt(to, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)));
	for (int i = 0; i < 50; i++)
		EXPECT_EQ(sendto(from, block, sizeof(block), 0, ADDR(a), sizeof(a)), 1000);
	line = line_of("udp", to);
	EXPECT_GE(line.rx, 1000);
	EXPECT_GE(atoi(line.tail), 30);		/* that found no room */
	MUST(connect(from, ADDR(a), sizeof(a)));
	EXPECT_EQ(line_of("udp", from).state, 1);
}

TEST(counts_of_sockets)
{
	int l, fd;
	int used, tcp, udp;

	close(inet_socket(AF_INET, SOCK_STREAM));
	SKIP_IN_EMULATOR("the host's sockets");
	used = sockstat("sockets: used %d");
	tcp = sockstat("TCP: inuse %d");
	udp = sockstat("UDP: inuse %d");
	l = inet_bound(SOCK_STREAM);
	MUST(listen(l, 1));
	fd = inet_bound(SOCK_DGRAM);
	EXPECT_EQ(sockstat("sockets: used %d"), used + 2);
	EXPECT_EQ(sockstat("TCP: inuse %d"), tcp + 1);
	EXPECT_EQ(sockstat("UDP: inuse %d"), udp + 1);
	EXPECT_GE(sockstat("TCP: inuse %*d orphan %*d tw %*d alloc %d"), 1);
	close(fd);
	close(l);
	SOON(sockstat("sockets: used %d") == used);
	SOON(sockstat("UDP: inuse %d") == udp);
}

TEST(counts_of_datagrams)
{
	int to = inet_bound(SOCK_DGRAM), from = inet_bound(SOCK_DGRAM), nobody = inet_bound(SOCK_DGRAM);
	struct sockaddr_in a = v4(INADDR_LOOPBACK, port_of(to)), b = v4(INADDR_LOOPBACK, port_of(nobody));
	long long in, out, none;
	char c;

	SKIP_IN_EMULATOR("the host's counts");
	close(nobody);
	in = snmp("Udp", "InDatagrams");
	out = snmp("Udp", "OutDatagrams");
	none = snmp("Udp", "NoPorts");
	for (int i = 0; i < 7; i++) {
		EXPECT_EQ(sendto(from, "x", 1, 0, ADDR(a), sizeof(a)), 1);
		EXPECT_EQ(read(to, &c, 1), 1);
	}
	EXPECT_EQ(sendto(from, "x", 1, 0, ADDR(b), sizeof(b)), 1);
	EXPECT_EQ(snmp("Udp", "OutDatagrams"), out + 8);
	EXPECT_EQ(snmp("Udp", "InDatagrams"), in + 7);
	EXPECT_EQ(snmp("Udp", "NoPorts"), none + 1);
}

TEST(counts_of_lost_datagrams)
{
	int to = inet_bound(SOCK_DGRAM), from = inet_bound(SOCK_DGRAM), small = 1;
	struct sockaddr_in a = v4(INADDR_LOOPBACK, port_of(to));
	long long full, errors;
	char block[1000];

	SKIP_IN_EMULATOR("the host's counts");
	MUST(setsockopt(to, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)));
	full = snmp("Udp", "RcvbufErrors");
	errors = snmp("Udp", "InErrors");
	for (int i = 0; i < 50; i++)
		EXPECT_EQ(sendto(from, block, sizeof(block), 0, ADDR(a), sizeof(a)), 1000);
	EXPECT_EQ(snmp("Udp", "RcvbufErrors") - full, atoi(line_of("udp", to).tail));
	EXPECT_EQ(snmp("Udp", "InErrors") - errors, atoi(line_of("udp", to).tail));
}

TEST(counts_of_connections)
{
	struct linger hard = { 1, 0 };
	int l = inet_bound(SOCK_STREAM), c, s;
	long long active, passive, now, resets, in, out;

	SKIP_IN_EMULATOR("the host's counts");
	MUST(listen(l, 5));
	active = snmp("Tcp", "ActiveOpens");
	passive = snmp("Tcp", "PassiveOpens");
	now = snmp("Tcp", "CurrEstab");
	c = inet_connected(l);
	s = MUST(accept(l, NULL, NULL));
	EXPECT_EQ(snmp("Tcp", "ActiveOpens"), active + 1);
	EXPECT_EQ(snmp("Tcp", "PassiveOpens"), passive + 1);
	EXPECT_EQ(snmp("Tcp", "CurrEstab"), now + 2);
	in = snmp("Tcp", "InSegs");
	out = snmp("Tcp", "OutSegs");
	EXPECT_EQ(send(c, "x", 1, 0), 1);
	SOON(snmp("Tcp", "InSegs") > in);
	EXPECT_GT(snmp("Tcp", "OutSegs"), out);
	resets = snmp("Tcp", "EstabResets");
	MUST(setsockopt(s, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)));
	close(s);
	SOON(snmp("Tcp", "CurrEstab") == now);
	EXPECT_GE(snmp("Tcp", "EstabResets"), resets + 1);
}

TEST(names_of_unix)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = "proc_net.sock" };
	int fd = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
	unsigned refs, protocol, flags, type, state;
	unsigned long inode, wanted = inode_of(fd);
	char path[128];

	SKIP_IN_EMULATOR("the host's sockets");
	MUST(bind(fd, ADDR(a), sizeof(a)));
	MUST(listen(fd, 1));
	get_file("/proc/net/unix", text, sizeof(text));
	for (char *s = strtok(text, "\n"); s; s = strtok(NULL, "\n")) {
		if (sscanf(s, "%*x: %x %x %x %x %x %lu %127s", &refs, &protocol, &flags, &type, &state, &inode,
			   path) != 7 || inode != wanted)
			continue;
		EXPECT_EQ(refs, 2);
		EXPECT_EQ(protocol, 0);
		EXPECT_EQ(flags, 0x10000);
		EXPECT_EQ(type, SOCK_STREAM);
		EXPECT_EQ(state, 1);
		EXPECT_STREQ(path, "proc_net.sock");
		return;
	}
	FAIL("no line of inode %lu", wanted);
}
