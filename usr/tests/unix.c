/* SPDX-License-Identifier: BSD-2-Clause */
/* AF_UNIX: names, streams, datagrams, sequenced packets, files and credentials in messages. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <linux/sockios.h>

#include "helpers.h"

#define ADDR(a) ((struct sockaddr *)&(a))

static struct sockaddr_un path_name(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	return a;
}

static socklen_t abstract_name(struct sockaddr_un *a, const char *name)
{
	memset(a, 0, sizeof(*a));
	a->sun_family = AF_UNIX;
	snprintf(a->sun_path + 1, sizeof(a->sun_path) - 1, "%s.%d", name, getppid());
	return offsetof(struct sockaddr_un, sun_path) + 1 + strlen(a->sun_path + 1);
}

static int listener(const char *path, int type)
{
	struct sockaddr_un a = path_name(path);
	int fd = MUST(socket(AF_UNIX, type, 0));

	MUST(bind(fd, ADDR(a), sizeof(a)));
	MUST(listen(fd, 4));
	return fd;
}

static int connected(const char *path, int type)
{
	struct sockaddr_un a = path_name(path);
	int fd = MUST(socket(AF_UNIX, type, 0));

	MUST(connect(fd, ADDR(a), sizeof(a)));
	return fd;
}

static int poll_bits(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT | POLLRDHUP | POLLPRI };

	MUST(poll(&p, 1, 0));
	return p.revents;
}

TEST(pair_stream)
{
	char buf[16], link[64];
	struct stat st;
	int s[2];

	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	EXPECT_EQ(write(s[0], "hello", 5), 5);
	EXPECT_EQ(write(s[0], "world", 5), 5);
	EXPECT_EQ(read(s[1], buf, 3), 3);
	EXPECT_EQ(read(s[1], buf, 16), 7); /* pieces join */
	EXPECT_MEMEQ(buf, "loworld", 7);
	MUST(fstat(s[0], &st));
	EXPECT(S_ISSOCK(st.st_mode));
	EXPECT_ERRNO(lseek(s[0], 0, SEEK_SET), ESPIPE);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", s[0]);
	ssize_t n = readlink(link, buf, sizeof(buf) - 1);
	EXPECT_GT(n, 9);
	EXPECT_MEMEQ(buf, "socket:[", 8);
}

TEST(bad_arguments)
{
	struct sockaddr_un a;
	socklen_t len = sizeof(a);
	int s[2], v;

	EXPECT_ERRNO(socket(AF_UNIX, SOCK_STREAM, 7), EPROTONOSUPPORT);
	EXPECT_ERRNO(socket(AF_UNIX, SOCK_RDM, 0), ESOCKTNOSUPPORT);
	EXPECT_ERRNO(socket(AF_UNIX, 77, 0), EINVAL);
	EXPECT_ERRNO(socket(99, SOCK_STREAM, 0), EAFNOSUPPORT);
	EXPECT_ERRNO(socketpair(AF_UNIX, SOCK_STREAM, 0, (int *)8), EFAULT);
	EXPECT_ERRNO(getsockname(0, ADDR(a), &len), ENOTSOCK);
	EXPECT_ERRNO(listen(99, 1), EBADF);
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	EXPECT_ERRNO(shutdown(s[0], 3), EINVAL);
	EXPECT_ERRNO(listen(s[0], 1), EINVAL);
	EXPECT_ERRNO(accept(s[0], NULL, NULL), EINVAL);
	len = sizeof(v);
	EXPECT_ERRNO(getsockopt(s[0], SOL_SOCKET, 9999, &v, &len), ENOPROTOOPT);
}

TEST(end_of_stream)
{
	char c;
	int s[2];

	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	EXPECT_EQ(write(s[0], "x", 1), 1);
	close(s[0]);
	EXPECT_EQ(read(s[1], &c, 1), 1);
	EXPECT_EQ(read(s[1], &c, 1), 0);
	EXPECT_EQ(poll_bits(s[1]), POLLIN | POLLOUT | POLLHUP | POLLRDHUP);
	EXPECT_ERRNO(send(s[1], "x", 1, MSG_NOSIGNAL), EPIPE);
	EXPECT_KILLED(IN_CHILD({ return_status = write(s[1], "x", 1) < 0; }), SIGPIPE);
}

TEST(unread_bytes_reset)
{
	char c;
	int s[2];

	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	EXPECT_EQ(write(s[0], "x", 1), 1);
	close(s[1]);
	EXPECT_EQ(poll_bits(s[0]), POLLIN | POLLOUT | POLLHUP | POLLRDHUP | POLLERR);
	EXPECT_ERRNO(read(s[0], &c, 1), ECONNRESET);
	EXPECT_EQ(read(s[0], &c, 1), 0);
}

TEST(half_close)
{
	char c;
	int s[2];

	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	EXPECT_EQ(poll_bits(s[0]), POLLOUT);
	MUST(shutdown(s[0], SHUT_WR));
	EXPECT_EQ(read(s[1], &c, 1), 0);
	EXPECT_EQ(poll_bits(s[1]), POLLIN | POLLOUT | POLLRDHUP);
	EXPECT_EQ(write(s[1], "y", 1), 1);
	EXPECT_EQ(read(s[0], &c, 1), 1);
	EXPECT_ERRNO(send(s[0], "x", 1, MSG_NOSIGNAL), EPIPE);
	MUST(shutdown(s[0], SHUT_RD));
	EXPECT_ERRNO(send(s[1], "x", 1, MSG_NOSIGNAL), EPIPE);
}

TEST(path_names)
{
	struct sockaddr_un a = path_name("sock"), b;
	socklen_t len = sizeof(b);
	int fd = listener("sock", SOCK_STREAM), other, conn;
	struct stat st;

	MUST(stat("sock", &st));
	EXPECT(S_ISSOCK(st.st_mode));
	EXPECT_ERRNO(open("sock", O_RDWR), ENXIO);
	EXPECT_ERRNO(bind(fd, ADDR(a), sizeof(a)), EADDRINUSE);
	b = path_name("second");
	EXPECT_ERRNO(bind(fd, ADDR(b), sizeof(b)), EINVAL); /* it has a name */
	EXPECT_ERRNO(stat("second", &st), ENOENT);
	other = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
	EXPECT_ERRNO(bind(other, ADDR(a), sizeof(a)), EADDRINUSE);
	EXPECT_ERRNO(bind(other, ADDR(a), 1), EINVAL);
	MUST(connect(other, ADDR(a), sizeof(a)));
	EXPECT_ERRNO(connect(other, ADDR(a), sizeof(a)), EISCONN);
	len = sizeof(b);
	conn = MUST(accept(fd, ADDR(b), &len));
	EXPECT_EQ(len, 2); /* the client has no name */
	len = sizeof(b);
	MUST(getsockname(conn, ADDR(b), &len));
	EXPECT_EQ(len, 2 + 4 + 1);
	EXPECT_STREQ(b.sun_path, "sock");
	len = sizeof(b);
	MUST(getpeername(other, ADDR(b), &len));
	EXPECT_STREQ(b.sun_path, "sock");
	close(fd);
	other = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
	EXPECT_ERRNO(connect(other, ADDR(a), sizeof(a)), ECONNREFUSED);
	MUST(unlink("sock"));
	EXPECT_ERRNO(connect(other, ADDR(a), sizeof(a)), ENOENT);
	put_text("file", "");
	a = path_name("file");
	EXPECT_ERRNO(connect(other, ADDR(a), sizeof(a)), ECONNREFUSED);
	EXPECT_ERRNO(getpeername(other, ADDR(b), &len), ENOTCONN);
}

TEST(wrong_type)
{
	struct sockaddr_un a = path_name("sock");
	int fd = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));

	listener("sock", SOCK_STREAM);
	EXPECT_ERRNO(connect(fd, ADDR(a), sizeof(a)), EPROTOTYPE);
	EXPECT_ERRNO(listen(fd, 1), EOPNOTSUPP);
	EXPECT_ERRNO(accept(fd, NULL, NULL), EOPNOTSUPP);
}

TEST(permissions)
{
	need_root();
	listener("sock", SOCK_STREAM);
	MUST(chmod("sock", 0755));
	MUST(chmod(".", 0755));
	EXPECT_EXIT(IN_CHILD({
		struct sockaddr_un a = path_name("sock");
		int fd = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
		MUST(setuid(1000));
		EXPECT_ERRNO(connect(fd, ADDR(a), sizeof(a)), EACCES);
	}), 0);
}

TEST(abstract_names)
{
	struct sockaddr_un a, b;
	socklen_t len = abstract_name(&a, "abstract"), blen = sizeof(b);
	int fd = MUST(socket(AF_UNIX, SOCK_STREAM, 0)), c = MUST(socket(AF_UNIX, SOCK_STREAM, 0));

	MUST(bind(fd, ADDR(a), len));
	EXPECT_ERRNO(bind(c, ADDR(a), len), EADDRINUSE);
	EXPECT_ERRNO(connect(c, ADDR(a), len), ECONNREFUSED); /* not listening */
	MUST(listen(fd, 1));
	EXPECT_ERRNO(connect(c, ADDR(a), len - 1), ECONNREFUSED); /* another name */
	MUST(connect(c, ADDR(a), len));
	MUST(getpeername(c, ADDR(b), &blen));
	EXPECT_EQ(blen, len);
	EXPECT_MEMEQ(&a, &b, len);
}

TEST(autobind)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	socklen_t len = sizeof(a);
	int fd = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));

	MUST(bind(fd, ADDR(a), 2));
	MUST(getsockname(fd, ADDR(a), &len));
	EXPECT_EQ(len, 8);
	EXPECT_EQ(a.sun_path[0], 0);
}

TEST(backlog)
{
	struct sockaddr_un a = path_name("sock");
	int fd = MUST(socket(AF_UNIX, SOCK_STREAM, 0)), c;

	MUST(bind(fd, ADDR(a), sizeof(a)));
	MUST(listen(fd, 1));
	EXPECT_EQ(poll_bits(fd), 0);
	connected("sock", SOCK_STREAM);
	EXPECT_EQ(poll_bits(fd), POLLIN);
	connected("sock", SOCK_STREAM);
	c = MUST(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
	EXPECT_EQ(poll_bits(c), POLLOUT | POLLHUP);
	EXPECT_ERRNO(connect(c, ADDR(a), sizeof(a)), EAGAIN);
	close(MUST(accept(fd, NULL, NULL)));
	MUST(connect(c, ADDR(a), sizeof(a)));
	MUST(fcntl(fd, F_SETFL, O_NONBLOCK));
	close(MUST(accept4(fd, NULL, NULL, SOCK_CLOEXEC)));
	close(MUST(accept(fd, NULL, NULL)));
	EXPECT_ERRNO(accept(fd, NULL, NULL), EAGAIN);
}

TEST(accept_blocks)
{
	int fd = listener("sock", SOCK_STREAM), conn;
	pid_t pid = must_fork();
	char c;

	if (pid == 0) {
		sleep_ms(30);
		int s = connected("sock", SOCK_STREAM);
		_exit(write(s, "z", 1) != 1);
	}
	conn = MUST(accept(fd, NULL, NULL));
	EXPECT_EQ(read(conn, &c, 1), 1);
	EXPECT_EXIT(wait_status(pid), 0);
}

TEST(unaccepted_is_reset)
{
	int fd = listener("sock", SOCK_STREAM), c = connected("sock", SOCK_STREAM);
	char b;

	close(fd);
	EXPECT_ERRNO(read(c, &b, 1), ECONNRESET);
	EXPECT_EQ(read(c, &b, 1), 0);
}

TEST(stream_fills_and_drains)
{
	static char block[8192];
	size_t total = 0, back = 0;
	ssize_t n;
	int s[2];

	MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, s));
	while ((n = write(s[0], block, sizeof(block))) > 0)
		total += n;
	EXPECT_EQ(errno, EAGAIN);
	EXPECT_GT(total, 65536);
	EXPECT_EQ(poll_bits(s[0]), 0);
	while ((n = read(s[1], block, 1000)) > 0)
		back += n;
	EXPECT_EQ(errno, EAGAIN);
	EXPECT_EQ(back, total);
	EXPECT_EQ(poll_bits(s[0]), POLLOUT);
}

TEST(big_transfer)
{
	enum { SIZE = 3000001 };
	unsigned char *data = malloc(SIZE), *got = calloc(1, SIZE);
	size_t have = 0;
	int s[2];
	pid_t pid;

	for (int i = 0; i < SIZE; i++)
		data[i] = i * 7 + (i >> 9);
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	pid = must_fork();
	if (pid == 0)
		_exit(write(s[0], data, SIZE) != SIZE);
	close(s[0]);
	while (have < SIZE) {
		ssize_t n = MUST(read(s[1], got + have, SIZE - have > 50000 ? 50000 : SIZE - have));

		EXPECT_GT(n, 0);
		have += n;
	}
	EXPECT_MEMEQ(data, got, SIZE);
	EXPECT_EXIT(wait_status(pid), 0);
	EXPECT_EQ(read(s[1], got, 1), 0);
}

TEST(peek_and_waitall)
{
	char buf[16];
	int s[2], n;
	pid_t pid;

	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	EXPECT_EQ(send(s[0], "abc", 3, 0), 3);
	EXPECT_EQ(recv(s[1], buf, 16, MSG_PEEK), 3);
	MUST(ioctl(s[1], FIONREAD, &n));
	EXPECT_EQ(n, 3);
	pid = must_fork();
	if (pid == 0) {
		sleep_ms(20);
		write(s[0], "defgh", 5);
		_exit(0);
	}
	EXPECT_EQ(recv(s[1], buf, 6, MSG_WAITALL), 6);
	EXPECT_MEMEQ(buf, "abcdef", 6);
	EXPECT_EXIT(wait_status(pid), 0);
	EXPECT_EQ(recv(s[1], buf, 6, MSG_DONTWAIT), 2);
	EXPECT_ERRNO(recv(s[1], buf, 6, MSG_DONTWAIT), EAGAIN);
}

TEST(datagrams)
{
	struct sockaddr_un a = path_name("srv"), b = path_name("cli"), from;
	int srv = MUST(socket(AF_UNIX, SOCK_DGRAM, 0)), cli = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
	socklen_t len = sizeof(from);
	char buf[16];

	MUST(bind(srv, ADDR(a), sizeof(a)));
	EXPECT_ERRNO(send(cli, "x", 1, 0), ENOTCONN);
	EXPECT_EQ(sendto(cli, "hello", 5, 0, ADDR(a), sizeof(a)), 5);
	EXPECT_EQ(sendto(cli, "", 0, 0, ADDR(a), sizeof(a)), 0);
	EXPECT_EQ(recvfrom(srv, buf, 3, MSG_TRUNC, ADDR(from), &len), 5); /* true length */
	EXPECT_EQ(len, 0);
	EXPECT_EQ(recv(srv, buf, 3, 0), 0);
	MUST(bind(cli, ADDR(b), sizeof(b)));
	MUST(connect(cli, ADDR(a), sizeof(a)));
	EXPECT_EQ(write(cli, "named", 5), 5);
	len = sizeof(from);
	EXPECT_EQ(recvfrom(srv, buf, 16, 0, ADDR(from), &len), 5);
	EXPECT_STREQ(from.sun_path, "cli");
	EXPECT_EQ(sendto(srv, "re", 2, 0, ADDR(from), len), 2);
	EXPECT_EQ(read(cli, buf, 16), 2);
	close(srv);
	EXPECT_ERRNO(write(cli, "x", 1), ECONNREFUSED);
	EXPECT_ERRNO(write(cli, "x", 1), ENOTCONN);
}

TEST(datagram_queue_limit)
{
	struct sockaddr_un a = path_name("srv");
	int srv = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
	int cli = MUST(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)), n = 0;
	char c;

	MUST(bind(srv, ADDR(a), sizeof(a)));
	MUST(connect(cli, ADDR(a), sizeof(a)));
	EXPECT_EQ(poll_bits(cli), POLLOUT);
	while (write(cli, "x", 1) == 1)
		n++;
	EXPECT_EQ(errno, EAGAIN);
	EXPECT_GE(n, 10);
	EXPECT_LE(n, 600);
	EXPECT_EQ(poll_bits(cli), 0);
	EXPECT_EQ(read(srv, &c, 1), 1);
	EXPECT_EQ(poll_bits(cli), POLLOUT);
}

TEST(datagram_may_send)
{
	struct sockaddr_un a = path_name("a"), b = path_name("b");
	int x = MUST(socket(AF_UNIX, SOCK_DGRAM, 0)), y = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
	int z = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));

	MUST(bind(x, ADDR(a), sizeof(a)));
	MUST(bind(y, ADDR(b), sizeof(b)));
	MUST(connect(x, ADDR(b), sizeof(b)));
	EXPECT_ERRNO(sendto(z, "x", 1, 0, ADDR(a), sizeof(a)), EPERM); /* x talks to y only */
	EXPECT_ERRNO(connect(z, ADDR(a), sizeof(a)), EPERM);
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	MUST(connect(x, &none, sizeof(none)));
	EXPECT_EQ(sendto(z, "x", 1, 0, ADDR(a), sizeof(a)), 1);
}

TEST(too_long)
{
	int s[2], size = 4096;
	static char big[70000];

	MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, s));
	MUST(setsockopt(s[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)));
	EXPECT_ERRNO(send(s[0], big, sizeof(big), 0), EMSGSIZE);
}

TEST(seqpacket)
{
	int fd = listener("sock", SOCK_SEQPACKET), c = connected("sock", SOCK_SEQPACKET);
	int conn = MUST(accept(fd, NULL, NULL));
	char buf[8];
	struct iovec v = { buf, 3 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };

	EXPECT_EQ(write(c, "hello", 5), 5);
	EXPECT_EQ(write(c, "abc", 3), 3);
	EXPECT_EQ(recvmsg(conn, &m, 0), 3);
	EXPECT_EQ(m.msg_flags & MSG_TRUNC, MSG_TRUNC);
	EXPECT_EQ(read(conn, buf, 8), 3);
	EXPECT_MEMEQ(buf, "abc", 3);
	close(c);
	EXPECT_EQ(read(conn, buf, 8), 0);
	c = MUST(socket(AF_UNIX, SOCK_SEQPACKET, 0));
	EXPECT_ERRNO(read(c, buf, 8), ENOTCONN);
	EXPECT_ERRNO(write(c, buf, 8), ENOTCONN);
}

/* ---- files and credentials ---- */

static void send_files(int s, const int *fds, int n, const char *text)
{
	char control[CMSG_SPACE(sizeof(int) * 253)] = { 0 };
	struct iovec v = { (void *)text, strlen(text) };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = CMSG_SPACE(sizeof(int) * n) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int) * n);
	memcpy(CMSG_DATA(c), fds, sizeof(int) * n);
	EXPECT_EQ(sendmsg(s, &m, 0), (ssize_t)v.iov_len);
}

/* Returns the number of files received; text gets the bytes. */
static int recv_files(int s, int *fds, int room, char *text, size_t size, int flags, int *out_flags)
{
	char control[CMSG_SPACE(sizeof(int) * 253)];
	struct iovec v = { text, size - 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = room ? CMSG_LEN(sizeof(int) * room) : 0 };
	struct cmsghdr *c;
	ssize_t n = MUST(recvmsg(s, &m, flags));
	int count;

	text[n] = 0;
	*out_flags = m.msg_flags;
	c = CMSG_FIRSTHDR(&m);
	if (!c || c->cmsg_type != SCM_RIGHTS)
		return 0;
	count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	memcpy(fds, CMSG_DATA(c), count * sizeof(int));
	return count;
}

TEST(pass_files)
{
	int s[2], ends[2], got[4], flags;
	char text[16], c;

	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	MUST(pipe(ends));
	send_files(s[0], ends, 2, "ab");
	close(ends[1]);
	EXPECT_EQ(recv_files(s[1], got, 4, text, sizeof(text), MSG_CMSG_CLOEXEC, &flags), 2);
	EXPECT_STREQ(text, "ab");
	EXPECT_EQ(fcntl(got[0], F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(write(got[1], "q", 1), 1);
	EXPECT_EQ(read(ends[0], &c, 1), 1);
	close(got[1]);
	EXPECT_EQ(read(ends[0], &c, 1), 0); /* nobody else held it */
	EXPECT_EQ(flags & MSG_CTRUNC, 0);
}

TEST(files_without_room)
{
	int s[2], ends[2], got[4], flags;
	char text[16], c;

	MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, s));
	MUST(pipe(ends));
	send_files(s[0], ends, 2, "x");
	EXPECT_EQ(recv_files(s[1], got, 1, text, sizeof(text), 0, &flags), 1);
	EXPECT_EQ(flags & MSG_CTRUNC, MSG_CTRUNC);
	send_files(s[0], &ends[1], 1, "y");
	close(ends[1]);
	EXPECT_EQ(recv_files(s[1], got, 0, text, sizeof(text), 0, &flags), 0);
	EXPECT_EQ(flags & MSG_CTRUNC, MSG_CTRUNC);
	EXPECT_EQ(read(ends[0], &c, 1), 0);
}

TEST(files_split_a_stream)
{
	int s[2], got[4], flags;
	char text[16];

	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	send_files(s[0], &s[0], 1, "ab");
	EXPECT_EQ(write(s[0], "cd", 2), 2);
	EXPECT_EQ(recv_files(s[1], got, 4, text, sizeof(text), 0, &flags), 1);
	EXPECT_STREQ(text, "ab");
	EXPECT_EQ(recv_files(s[1], got, 4, text, sizeof(text), 0, &flags), 0);
	EXPECT_STREQ(text, "cd");
}

TEST(peek_files)
{
	int s[2], ends[2], got[4], flags;
	char text[16];

	MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, s));
	MUST(pipe(ends));
	send_files(s[0], ends, 1, "x");
	EXPECT_EQ(recv_files(s[1], got, 4, text, sizeof(text), MSG_PEEK, &flags), 1);
	close(got[0]);
	EXPECT_EQ(recv_files(s[1], got, 4, text, sizeof(text), 0, &flags), 1);
}

TEST(bad_file)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec v = { "x", 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	int s[2], bad = 99;

	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &bad, sizeof(bad));
	EXPECT_ERRNO(sendmsg(s[0], &m, 0), EBADF);
	c->cmsg_len = 3;
	EXPECT_ERRNO(sendmsg(s[0], &m, 0), EINVAL);
}

/* A cycle of sockets in flight is collected: the pipe that rides along closes. */
TEST(cycle_is_collected)
{
	int ends[2], s[2], t[2];
	char c;

	MUST(pipe(ends));
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, t));
	send_files(s[0], (int[]){ s[1], ends[1] }, 2, "self"); /* in its own queue */
	send_files(s[0], &t[1], 1, "x");
	send_files(t[0], &s[1], 1, "y"); /* and around t */
	close(ends[1]);
	close(s[0]);
	close(s[1]);
	close(t[0]);
	close(t[1]);
	close(MUST(socket(AF_UNIX, SOCK_STREAM, 0))); /* collection may run now */
	struct pollfd p = { .fd = ends[0], .events = POLLIN };
	EXPECT_EQ(MUST(poll(&p, 1, 3000)), 1);
	EXPECT_EQ(p.revents & POLLHUP, POLLHUP);
	EXPECT_EQ(read(ends[0], &c, 1), 0);
}

/* A chain of 200 pairs, each in the queue of the next, closes without trouble. */
TEST(deep_chain)
{
	int prev[2], next[2];

	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, prev));
	for (int i = 0; i < 200; i++) {
		MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, next));
		send_files(next[0], prev, 2, "x");
		close(prev[0]);
		close(prev[1]);
		memcpy(prev, next, sizeof(prev));
	}
	close(prev[0]);
	close(prev[1]);
}

TEST(credentials)
{
	char control[CMSG_SPACE(sizeof(struct ucred))], buf[4];
	struct iovec v = { buf, 4 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct ucred cred;
	socklen_t len = sizeof(cred);
	int s[2], on = 1;

	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	MUST(getsockopt(s[0], SOL_SOCKET, SO_PEERCRED, &cred, &len));
	EXPECT_EQ(cred.pid, getpid());
	EXPECT_EQ(cred.uid, geteuid());
	MUST(setsockopt(s[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)));
	EXPECT_EXIT(IN_CHILD({ return_status = write(s[0], "kid", 3) != 3; }), 0);
	EXPECT_EQ(write(s[0], "x", 1), 1); /* another writer: not joined */
	EXPECT_EQ(recvmsg(s[1], &m, 0), 3);
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	EXPECT(c && c->cmsg_type == SCM_CREDENTIALS);
	memcpy(&cred, CMSG_DATA(c), sizeof(cred));
	EXPECT_NE(cred.pid, getpid());
	EXPECT_EQ(cred.uid, getuid());
}

TEST(peercred_of_connection)
{
	int fd = listener("sock", SOCK_STREAM);
	struct ucred cred;
	socklen_t len = sizeof(cred);
	pid_t pid = must_fork();

	if (pid == 0) {
		int c = connected("sock", SOCK_STREAM);
		MUST(getsockopt(c, SOL_SOCKET, SO_PEERCRED, &cred, &len));
		char b;
		read(c, &b, 1);
		_exit(cred.pid != getppid());
	}
	int conn = MUST(accept(fd, NULL, NULL));
	MUST(getsockopt(conn, SOL_SOCKET, SO_PEERCRED, &cred, &len));
	EXPECT_EQ(cred.pid, pid);
	close(conn);
	EXPECT_EXIT(wait_status(pid), 0);
}

TEST(out_queue)
{
	int s[2], n;
	char c;

	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	MUST(ioctl(s[0], SIOCOUTQ, &n));
	EXPECT_EQ(n, 0);
	EXPECT_EQ(write(s[0], "x", 1), 1);
	MUST(ioctl(s[0], SIOCOUTQ, &n));
	EXPECT_GT(n, 0);
	EXPECT_EQ(read(s[1], &c, 1), 1);
	MUST(ioctl(s[0], SIOCOUTQ, &n));
	EXPECT_EQ(n, 0);
}
