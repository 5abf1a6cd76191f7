/* SPDX-License-Identifier: BSD-2-Clause */
/* Boot tests of the socket layer, of AF_UNIX and of whatever backend is built. */
#include <kernel/boottest.h>
#include <lib/byteorder.h>
#include <linux/in.h>
#include "internal.h"

/* A pair of files of AF_UNIX. */
static bool make_pair(int type, struct file *f[2])
{
	struct socket *a, *b;

	if (unix_create(type, 0, &a))
		return false;
	if (unix_create(type, 0, &b)) {
		a->ops->release(a);
		socket_put(a);
		return false;
	}
	unix_pair(a, b);
	f[0] = socket_file(a, O_NONBLOCK);
	f[1] = socket_file(b, O_NONBLOCK);
	return !IS_ERR(f[0]) && !IS_ERR(f[1]);
}

static ssize_t put(struct file *f, const char *text)
{
	loff_t pos = 0;

	return kernel_write(f, text, strlen(text), &pos);
}

static ssize_t get(struct file *f, char *buf, size_t n)
{
	loff_t pos = 0;

	return kernel_read(f, buf, n, &pos);
}

BOOT_TEST(net, stream_joins_pieces)
{
	struct file *f[2];
	char buf[8] = "";

	bt_assert(make_pair(SOCK_STREAM, f));
	bt_expect_eq(put(f[0], "ab"), 2);
	bt_expect_eq(put(f[0], "cd"), 2);
	bt_expect_eq(get(f[1], buf, 3), 3);
	bt_expect(!memcmp(buf, "abc", 3));
	bt_expect_eq(get(f[1], buf, 8), 1);
	bt_expect_eq(get(f[1], buf, 8), -EAGAIN);
	file_put(f[0]);
	bt_expect_eq(get(f[1], buf, 8), 0);
	file_put(f[1]);
}

BOOT_TEST(net, datagrams_keep_boundaries)
{
	struct file *f[2];
	char buf[8];

	bt_assert(make_pair(SOCK_DGRAM, f));
	bt_expect_eq(put(f[0], "abc"), 3);
	bt_expect_eq(put(f[0], "d"), 1);
	bt_expect_eq(get(f[1], buf, 2), 2);	/* the rest is lost */
	bt_expect_eq(get(f[1], buf, 8), 1);
	file_put(f[0]);
	file_put(f[1]);
}

BOOT_TEST(net, sender_is_charged)
{
	struct file *f[2];
	struct socket *so;
	char buf[8];

	bt_assert(make_pair(SOCK_STREAM, f));
	so = socket_of(f[0]);
	bt_expect_eq(socket_wmem(so), 0);
	put(f[0], "x");
	bt_expect_eq(socket_wmem(so), NET_BUF_SMALL);
	get(f[1], buf, 1);
	bt_expect_eq(socket_wmem(so), 0);
	put(f[0], "x");
	file_put(f[0]);		/* the buffer outlives the sender */
	bt_expect_eq(get(f[1], buf, 8), 1);
	file_put(f[1]);
}

BOOT_TEST(net, stream_fills_up)
{
	struct file *f[2];
	char *block = kzalloc(4096, GFP_KERNEL);
	u64 in = 0, out = 0;
	ssize_t n;
	loff_t pos = 0;

	bt_assert(block && make_pair(SOCK_STREAM, f));
	while ((n = kernel_write(f[0], block, 4096, &pos)) > 0)
		in += (u64)n;
	bt_expect_eq(n, -EAGAIN);
	bt_expect(!(vfs_poll(f[0], NULL) & EPOLLOUT));
	while ((n = get(f[1], block, 4096)) > 0)
		out += (u64)n;
	bt_expect_eq(in, out);
	bt_expect(vfs_poll(f[0], NULL) & EPOLLOUT);
	file_put(f[0]);
	file_put(f[1]);
	kfree(block);
}

BOOT_TEST(net, poll_bits_of_a_pair)
{
	struct file *f[2];

	bt_assert(make_pair(SOCK_STREAM, f));
	bt_expect_eq(vfs_poll(f[0], NULL), EPOLL_OUT_BITS);
	put(f[1], "x");
	bt_expect_eq(vfs_poll(f[0], NULL), EPOLL_OUT_BITS | EPOLL_IN_BITS);
	file_put(f[1]);
	bt_expect_eq(vfs_poll(f[0], NULL),
		     EPOLL_OUT_BITS | EPOLL_IN_BITS | EPOLLHUP | EPOLLRDHUP);
	file_put(f[0]);
}

BOOT_TEST(net, unread_bytes_reset_the_peer)
{
	struct file *f[2];
	char buf[4];

	bt_assert(make_pair(SOCK_STREAM, f));
	put(f[0], "x");
	file_put(f[1]);
	bt_expect_eq(get(f[0], buf, 4), -ECONNRESET);
	bt_expect_eq(get(f[0], buf, 4), 0);
	file_put(f[0]);
}

BOOT_TEST(net, abstract_name_is_found)
{
	union sockaddr_any name = { .un = { AF_UNIX, "\0boot test" } };
	u32 len = sizeof(__kernel_sa_family_t) + 10;
	struct socket *l, *c, *conn;
	nsec_t timeo = 0;

	bt_assert(!unix_create(SOCK_STREAM, 0, &l) && !unix_create(SOCK_STREAM, 0, &c));
	bt_expect_eq(l->ops->bind(l, &name, len), 0);
	bt_expect_eq(c->ops->bind(c, &name, len), -EADDRINUSE);
	bt_expect_eq(c->ops->connect(c, &name, len, &timeo), -ECONNREFUSED);
	bt_expect_eq(l->ops->listen(l, 1), 0);
	bt_expect_eq(c->ops->connect(c, &name, len, &timeo), 0);
	bt_expect_eq(c->ops->connect(c, &name, len, &timeo), -EISCONN);
	if (bt_expect_eq(l->ops->accept(l, &conn), 0)) {
		conn->ops->release(conn);
		socket_put(conn);
	}
	l->ops->release(l);
	socket_put(l);
	c->ops->release(c);
	socket_put(c);
}

BOOT_TEST(net, buffers_are_one_block)
{
	struct net_buf *b = net_buf_alloc(NET_BUF_ROOM(NET_BUF_SMALL));

	bt_assert(b);
	bt_expect_eq(b->size, NET_BUF_SMALL);
	net_buf_free(b);
	b = net_buf_alloc(NET_BUF_STREAM_MAX);
	bt_assert(b);
	bt_expect_eq(b->size, NET_BUF_LARGE);
	net_buf_free(b);
}

BOOT_TEST(net, backend_answers)
{
	struct socket *so;
	int err = net_backend.create(AF_INET, SOCK_DGRAM, 0, &so);

	if (IS_ENABLED(CONFIG_NET_NONE)) {
		bt_expect_eq(err, -EAFNOSUPPORT);
		return;
	}
	bt_assert(!err);
	bt_expect_eq(so->family, AF_INET);
	bt_expect_eq(so->ops->poll(so, 1) & EPOLLIN, 0);
	so->ops->release(so);
	socket_put(so);
}

BOOT_TEST(net, udp_goes_around)
{
	union sockaddr_any addr = { 0 };
	struct sockaddr_in *in = (void *)&addr;
	struct socket *so;
	struct file *f;
	char buf[8];

	if (IS_ENABLED(CONFIG_NET_NONE)) {
		bt_skip("no backend");
		return;
	}
	bt_assert(!net_backend.create(AF_INET, SOCK_DGRAM, 0, &so));
	in->sin_family = AF_INET;
	in->sin_addr.s_addr = cpu_to_be32(INADDR_LOOPBACK);
	f = socket_file(so, O_NONBLOCK);
	bt_assert(!IS_ERR(f));
	bt_expect_eq(so->ops->bind(so, &addr, sizeof(*in)), 0);
	bt_expect_eq(so->ops->getname(so, &addr, false), sizeof(*in));
	bt_expect_eq(so->ops->connect(so, &addr, sizeof(*in), &(nsec_t){ 0 }), 0);
	bt_expect_eq(put(f, "self"), 4);
	bt_expect_eq(get(f, buf, 8), 4);
	bt_expect(!memcmp(buf, "self", 4));
	file_put(f);
}
