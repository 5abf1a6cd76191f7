/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Byte streams of TCP through the kernel's network stack as it is, from the socket's operations down
 * to the device's, by lot: a simulation that a seed decides to the last step.
 *
 * A seed is a machine of its own (a process). It has a few connections, over lo or by a device
 * that stalls and whose wire loses, repeats and reorders (sim_wire.c), and two programs for each, which write,
 * read, shut down and close in pieces of any size and in any order, change options, and sleep
 * until they are woken. Between any two steps time may pass: none, a tick, or seconds at once, as
 * on a guest whose host was busy. Some seeds have little memory, or allocations that fail.
 *
 * Where a connection is over another begins. Then the world turns kind, and all must end soon. What
 * must hold (sim_check.c):
 *
 *	each byte read is the one written there, and the end comes behind the last;
 *	nobody gets an error who was not reset by a program that closed too early;
 *	at each step the send queue is the stream from what was acknowledged to what was written,
 *	  without gap or overlap, its FIN at the end, and all of it is charged to the socket;
 *	the window that is told and what waits to be read make up the receive buffer;
 *	afterwards nothing is left: connections, segments, packets, charged bytes.
 *
 *	sim_tcp FIRST COUNT		these seeds; tells which failed
 *	sim_tcp FIRST -SECONDS		from there as many as there is time for
 */
#include <lib/list.h>
#include "config.h"
#include "sim.h"

long strtol(const char *, char **, int);
int fflush(void *);
int fork(void);
int waitpid(int, int *, int);
unsigned alarm(unsigned);
long time(long *);

#define PORT		7
#define STEPS		4000u
#define SECONDS_MAX	3600u		/* of a machine, for all to end when the world is kind */
#define CONNS		8

struct end {				/* a program and its socket */
	struct conn	*conn;
	struct socket	*so;		/* NULL: not there yet, or closed */
	struct wait_entry entry;
	u32		waits;		/* EPOLL* bits it sleeps for */
	u32		to_write, written, got, piece; /* most of a call */
	u32		patience;	/* one in so many times it says at once that it is done */
	bool		shut, eof, over; /* wrote all and said so; read all; has closed */
};

static struct conn {
	struct end	ends[2];	/* who connects; who accepts */
	u16		port;		/* of the first */
	bool		wire, hurried;	/* somebody may close too early */
	bool		broken;		/* it ended by an error that was to be expected */
} conns[CONNS];
static u32 nr_conns;
static struct socket *listener;
static bool kind, sleepy, nodelay, hurried, small_windows, stalls, resized, refused;
static u64 seed;
static u32 haste;				/* time passes slower compared with what is done */

static struct end *other(struct end *e)
{
	return &e->conn->ends[e == e->conn->ends];
}

static u32 index_of(const struct end *e)
{
	return (u32)(e->conn - conns) * 2 + (e != e->conn->ends);
}

/* ---- what the streams carry: a circle of bytes, each from another place on ---- */

#define CIRCLE 65521u			/* a prime */
#define MOST 70000u			/* bytes of a call */
static u8 circle[CIRCLE + MOST], buffer[MOST];

static u8 *content(const struct end *from, u32 at)
{
	return circle + (at + index_of(from) * 4099u) % CIRCLE;
}

/* ---- sleeping ---- */

void sim_woken(struct wait_queue *wq, u32 bits)
{
	struct wait_entry *entry, *next;

	list_for_each_entry_safe(entry, next, &wq->list, link) {
		struct end *e = entry->private;

		if (bits && !(bits & (e->waits | EPOLLERR | EPOLLHUP)))
			continue;
		e->waits = 0;
		list_del_init(&entry->link);
	}
}

/* As poll(2) does: to sleep for both is to be woken by either. */
static void sleep_for(struct end *e, u32 bits)
{
	if (!sleepy)
		return;
	if (!e->waits)
		list_add_tail(&e->entry.link, &e->so->wait.list);
	e->waits |= bits;
	if (e->so->ops->poll(e->so, 1) & (e->waits | EPOLLERR | EPOLLHUP))
		sim_woken(&e->so->wait, 0);
}

/* ---- what a program does ---- */

static void leave(struct end *e)
{
	sim_woken(&e->so->wait, 0);
	e->so->ops->release(e->so);
	socket_put(e->so);
	e->so = NULL;
	e->over = true;
}

static void failed(struct end *e, const char *what, long err)
{
	if (!e->conn->hurried && !(refused && !other(e)->so && !other(e)->over))
		sim_fail("%s of end %u: error %d; written %u of %u, read %u of %u, other has shut %u over %u",
			 what, index_of(e), (int)-err, e->written, e->to_write, e->got, other(e)->written,
			 other(e)->shut, other(e)->over);
	e->conn->broken = true;
	leave(e);
}

static void write_some(struct end *e)
{
	u32 n = min(1 + lot(e->piece), e->to_write - e->written);
	struct iov_iter it;
	struct net_msg msg = { .iter = &it, .flags = chance(8) ? MSG_MORE : 0 };
	ssize_t ret;

	iov_iter_kbuf(&it, ITER_SOURCE, content(e, e->written), n);
	ret = e->so->ops->sendmsg(e->so, &msg);
	if (ret > 0)
		e->written += (u32)ret;
	if (ret == -EAGAIN)
		sleep_for(e, EPOLL_OUT_BITS);
	else if (ret < 0)
		failed(e, "write", ret);
	else if (it.count != n - (size_t)ret)
		sim_fail("%u of %u bytes were taken, %u reported", (u32)(n - it.count), n, (u32)ret);
}

static void read_some(struct end *e)
{
	struct end *from = other(e);
	u32 n = 1 + lot(e->piece);
	struct iov_iter it;
	struct net_msg msg = { .iter = &it, .flags = chance(16) ? MSG_PEEK : 0 };
	ssize_t ret;

	iov_iter_kbuf(&it, ITER_DEST, buffer, n);
	ret = e->so->ops->recvmsg(e->so, &msg);
	if (ret == -EAGAIN)
		return sleep_for(e, EPOLL_IN_BITS);
	if (ret < 0)
		return failed(e, "read", ret);
	if (memcmp(buffer, content(from, e->got), (size_t)ret))
		sim_fail("end %u: wrong bytes from %u on", index_of(e), e->got);
	if (!(msg.flags & MSG_PEEK))
		e->got += (u32)ret;
	if (e->got > from->written)
		sim_fail("end %u has read %u, more than the %u written", index_of(e), e->got, from->written);
	if (ret)
		return;
	if ((e->got != from->written || !(from->shut || from->over)) && !e->conn->broken && !e->conn->hurried)
		sim_fail("end %u: the stream ends after %u bytes of %u, shut %u", index_of(e), e->got,
			 from->written, from->shut);
	e->eof = true;
}

static void set(struct end *e, int name, int value)
{
	e->so->ops->setsockopt(e->so, SOL_TCP, name, &value, sizeof(value));
}

static void set_rcvbuf(struct end *e, u32 bytes)
{
	resized = true;
	e->so->rcvbuf = bytes;
	e->so->ops->option_changed(e->so);
}

static void change_option(struct end *e)
{
	switch (lot(8)) {
	case 0 ... 1: return set(e, TCP_NODELAY, chance(2));
	case 2 ... 3: return set(e, TCP_CORK, chance(3));
	case 4: return set(e, TCP_QUICKACK, chance(2));
	case 5: return set(e, TCP_NOTSENT_LOWAT, chance(2) ? 0 : (int)lot_size(100000));
	case 6:
		e->so->sndbuf = max(lot_size(2 * SOCK_BUF_MAX), SOCK_MIN_SNDBUF);
		return e->so->ops->write_space(e->so);
	case 7:
		return set_rcvbuf(e, max(lot_size(2 * SOCK_BUF_MAX), SOCK_MIN_RCVBUF));
	}
}

static void connect_one(struct end *e)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = cpu_to_be16(PORT) };
	nsec_t no_time = 0;
	int err;

	to.sin_addr.s_addr = e->conn->wire ? WIRE_THEIRS : cpu_to_be32(INADDR_LOOPBACK);
	net_backend.create(AF_INET, SOCK_STREAM, 0, &e->so);
	set(e, TCP_NODELAY, nodelay);
	err = e->so->ops->connect(e->so, (void *)&to, sizeof(to), &no_time);
	e->conn->port = inet_of(e->so)->lport;
	if (err == -ENOBUFS || err == -ENOMEM) {
		leave(e);
		e->over = false;	/* to be tried again */
	} else if (err && err != -EINPROGRESS) {
		failed(e, "connect", err);
	}
}

/* Whose it is, says where it comes from; a port may have been another's before who is over now. */
static struct end *whose(const struct inet_sock *in)
{
	struct end *e = NULL;

	for (struct conn *c = conns; c < conns + nr_conns; c++)
		if (c->port == in->rport && c->wire == (inet_v4(&in->raddr) == WIRE_THEIRS) &&
		    !c->ends[1].so && !c->ends[1].over && (!e || !c->ends[0].over))
			e = &c->ends[1];
	return e;
}

static void accept_one(void)
{
	struct socket *so;
	struct end *e;

	if (listener->ops->accept(listener, &so))
		return;
	e = whose(inet_of(so));
	if (!e)
		sim_fail("a connection from port %u that nobody made", inet_of(so)->rport);
	e->so = so;
	set(e, TCP_NODELAY, nodelay);
	if (small_windows)
		set_rcvbuf(e, SOCK_MIN_RCVBUF + lot(6000));
	if (small_windows && other(e)->so && other(e)->so->state == INET_ESTABLISHED)
		set_rcvbuf(other(e), SOCK_MIN_RCVBUF + lot(6000));
}

/* The client's program was told how connect() ended before it does anything else. */
static void step(struct end *e)
{
	u32 what = kind ? lot(2) : lot(5);

	if (e->over)
		return;
	if (!e->so) {
		if (e == e->conn->ends)
			connect_one(e);
		return;
	}
	if (!kind && chance(20))
		change_option(e);
	if (e->conn->hurried && chance(100))
		return leave(e);
	if (e->waits & EPOLL_IN_BITS && e->waits & EPOLL_OUT_BITS)
		return;
	if (e->shut && e->eof) {
		if (kind || chance(3))
			leave(e);
		return;
	}
	if (what % 2 && e->written < e->to_write) {
		if (!(e->waits & EPOLL_OUT_BITS))
			write_some(e);
	} else if (e->written == e->to_write && !e->shut && e->so->state != INET_SYN_SENT && (kind || chance(e->patience))) {
		e->shut = true;
		if (e->eof && chance(2))
			leave(e);
		else
			e->so->ops->shutdown(e->so, SHUT_WR);
	} else if (!e->eof && !(e->waits & EPOLL_IN_BITS)) {
		read_some(e);
	}
}

/* ---- the machine ---- */

static void show_all(void)
{
	for (u32 i = 0; i < nr_conns * 2; i++) {
		const struct end *e = &conns[i / 2].ends[i % 2];

		printf("  end %u: written %u of %u, read %u, shut %u eof %u over %u waits %x wire %u\n", i,
		       e->written, e->to_write, e->got, e->shut, e->eof, e->over, e->waits, e->conn->wire);
	}
	sim_show_queues();
}

static void pass(u64 ms)
{
	sim_now += ms * NSEC_PER_MSEC;
	sim_worker();
}

static void pass_some(void)
{
	static const u32 most[] = { 1, 10, 50, 50, 100, 300 };

	pass(lot(chance(30) ? 3000 : most[lot(ARRAY_SIZE(most))]) / haste);
}

static void boot(void)
{
	static const struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = cpu_to_be16(PORT) };
	static const u32 features[] = {
		0, NETDEV_TX_CSUM | NETDEV_RX_CSUM, NETDEV_TX_CSUM | NETDEV_TSO4 | NETDEV_RX_LARGE,
	};

	net_backend.init();
	sim_wire_add(chance(2) ? 1500 : 576 + lot(1425), features[lot(3)]);
	sim_wire = (struct sim_wire){ .ring = 64, .step = 64, .whole = chance(2) };
	sim_worker();
	net_backend.create(AF_INET, SOCK_STREAM, 0, &listener);
	listener->ops->bind(listener, (void *)&any, sizeof(any));
	listener->ops->listen(listener, CONNS);
	for (u32 i = 0; i < 100; i++)	/* what a link does first is over */
		pass(100);
}

/* Two programs that have something to say to each other, or one to the other. */
static void begin(struct conn *c)
{
	*c = (struct conn){ .wire = !chance(3), .hurried = hurried && chance(2) };
	for (struct end *e = c->ends; e < c->ends + 2; e++) {
		e->conn = c;
		e->to_write = chance(4) ? 0 : chance(3) ? lot_size(1000000) : lot(chance(3) ? 100000 : 10000);
		e->patience = 1 + lot(chance(2) ? 2 : 40);
		e->piece = 1 + lot(chance(3) ? MOST : chance(6) ? 3 : 2000);
		init_wait_func(&e->entry, NULL, NULL);
		e->entry.private = e;
	}
}

/* How this seed is. */
static void choose(void)
{
	nr_conns = 1 + lot(chance(3) ? CONNS : 3);
	sleepy = chance(2);
	nodelay = chance(2);
	hurried = chance(5);
	small_windows = chance(3);
	stalls = chance(3);
	haste = chance(2) ? 1 : 10;
	sim_wire.ring = 1 + lot(1u << lot(6));
	sim_wire.step = 1 + lot(1u << lot(6));
	if (!chance(4)) {
		sim_wire.lose = chance(4) ? 0 : 8 + lot(100);
		sim_wire.repeat = chance(2) ? 5 + lot(100) : 0;
		sim_wire.swap = chance(2) ? 3 + lot(100) : 0;
		sim_wire.refuse = chance(3) ? 0 : 4 + lot(20);
	}
	if (chance(4)) {
		refused = true;
		sim_refuse = 10 + lot(1u << lot(10));
	}
	if (chance(6)) {
		lw_mem_limit = (int)(500000 + lot(1000000));
		lw_mem_send_max = lw_mem_limit / 4 * 3;
		lw_mem_keep_max = lw_mem_limit / 8 * 7;
		refused = true;
	}
	for (struct conn *c = conns; c < conns + nr_conns; c++)
		begin(c);
}

static bool all_over(void)
{
	for (struct conn *c = conns; c < conns + nr_conns; c++)
		if (!c->ends[0].over || c->ends[1].so || (!c->ends[1].over && !c->broken && !c->hurried))
			return false;
	return true;
}

/* A program, rather where something is wrong, since the rare is what counts. */
static struct end *who_is_next(void)
{
	struct end *e = NULL;

	for (u32 tries = 1 + lot(4); tries--;) {
		const struct lw_sock *o;

		e = &conns[lot(nr_conns)].ends[lot(2)];
		o = e->so ? lw_of(e->so) : NULL;
		if (o && o->pcb && o->pcb->flags & (TF_NAGLEMEMERR | TF_INFR | TF_RTO))
			break;
	}
	return e;
}

static void one_step(void)
{
	struct conn *c = &conns[lot(nr_conns)];

	if (c->ends[0].over && c->ends[1].over)
		begin(c);
	if (stalls && chance(300))
		sim_wire.stalled = sim_now + lot(5000) * NSEC_PER_MSEC;
	switch (lot(10)) {
	case 0: pass_some(); break;
	case 1 ... 2: sim_worker(); netdev_schedule(); sim_worker(); break;
	case 3: accept_one(); break;
	default: step(who_is_next());
	}
	sim_check(resized);
}

static void turn_kind(void)
{
	kind = true;
	sim_refuse = 0;
	sim_wire.lose = sim_wire.repeat = sim_wire.swap = sim_wire.refuse = 0;
	sim_wire.ring = sim_wire.step = 64;
	sim_wire.stalled = 0;
	for (u32 i = 0; i < nr_conns; i++)
		conns[i].ends[0].piece = conns[i].ends[1].piece = MOST;
}

static void run(void)
{
	u64 end;
	u32 objects;

	sim_seed(seed);
	for (u32 i = 0; i < sizeof(circle); i++)
		circle[i] = i < CIRCLE ? (u8)lot(256) : circle[i - CIRCLE];
	boot();
	objects = sim_objects - 2;	/* the listener's */
	choose();
	for (u32 i = 0; i < STEPS; i++)
		one_step();
	turn_kind();
	for (end = sim_now + SECONDS_MAX * NSEC_PER_SEC; !all_over(); pass(1 + lot(50))) {
		for (u32 i = 0; i < nr_conns * 4; i++)
			step(&conns[lot(nr_conns)].ends[lot(2)]);
		accept_one();
		netdev_schedule();
		sim_check(resized);
		if (sim_now > end) {
			show_all();
			sim_fail("it does not end");
		}
	}
	listener->ops->release(listener);
	socket_put(listener);
	for (end = sim_now + SECONDS_MAX * NSEC_PER_SEC; (lw_pcb_next(NULL) || sim_frames || atomic_read(&lw_mem_used)) &&
	     sim_now < end; pass(50))
		netdev_schedule();
	sim_check_nothing_left(objects);
}

int main(int argc, char **argv)
{
	u64 first = argc > 1 ? (u64)strtol(argv[1], NULL, 10) : 1, bad = 0;
	long count = argc > 2 ? strtol(argv[2], NULL, 10) : 1, until = time(NULL) - count;

	for (seed = first; count < 0 ? time(NULL) < until : seed < first + (u64)count; seed++) {
		int status, pid;

		fflush(NULL);
		pid = fork();
		if (!pid) {
			alarm(20);
			run();
			_exit(0);
		}
		waitpid(pid, &status, 0);
		if (!status)
			continue;
		printf("not ok seed %lu (status %x)\n", (unsigned long)seed, status);
		bad++;
	}
	printf("%lu seeds, %lu failed\n", (unsigned long)(seed - first), (unsigned long)bad);
	return bad ? 1 : 0;
}
