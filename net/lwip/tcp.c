/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TCP sockets: connecting, listening, closing. The connection itself is lwIP's struct tcp_pcb,
 * which a socket has from connect() or accept() on, until lwIP says that it is over or the
 * socket is closed; what is then still to be sent, lwIP sends alone.
 */
#include "lwip.h"
#include "lwip/memp.h"

/* ---- connecting ---- */

static void stop_listening(struct lw_sock *l);

/* Dissolves whatever there is; the socket can be used anew. */
static void disconnect(struct inet_sock *in)
{
	struct lw_sock *o = lw_of(&in->so);
	u8 state = READ_ONCE(in->so.state);

	if (state == INET_LISTEN)
		stop_listening(o);
	mutex_lock(&o->in.so.reader);
	lw_lock();
	state = o->in.so.state;
	if (o->pcb) {
		struct tcp_pcb *pcb = o->pcb;

		lw_tcp_detach(o);
		tcp_abort(pcb);
	}
	lw_queue_free(&o->rxq);
	lw_queue_free(&o->rdq);
	o->in.q.bytes = 0;
	lw_tcp_set_state(o, INET_CLOSE);
	inet_tcp_forget(&o->in, state);
	o->seg_room = o->seg_gap = 0;
	memset(&o->bytes, 0, sizeof(o->bytes));
	inet_unbind_auto(&o->in);
	lw_mark(o, EPOLL_ALL_BITS);
	lw_unlock();
	mutex_unlock(&o->in.so.reader);
}

static int find_way(struct in6_addr *to)
{
	lw_fix_wildcard(to);
	return lw_is_group(to) ? -ENETUNREACH : 0;
}

/* Sends the SYN. */
static int send_syn(struct lw_sock *o, const struct in6_addr *raddr, u16 rport) REQUIRES(lw_core)
{
	struct in6_addr laddr = o->in.laddr;
	struct tcp_pcb *pcb;
	ip_addr_t remote;
	int err;

	if (inet_is_any(&laddr))
		inet_any(&laddr, inet_is_v4(raddr) ? AF_INET : AF_INET6);
	if (!lw_route(raddr, &laddr, o->in.so.bound_if))
		return -ENETUNREACH;
	lw_to_ip(&remote, raddr);
	pcb = tcp_new_ip_type(IP_GET_TYPE(&remote));
	if (!pcb)
		return -ENOBUFS;
	lw_to_ip(&pcb->local_ip, &laddr);
	pcb->local_port = o->in.lport;
	if (lw_pcb_find(&pcb->local_ip, pcb->local_port, &remote, rport)) {
		tcp_abort(pcb);
		return -EADDRNOTAVAIL;
	}
	o->in.laddr = laddr;
	o->in.raddr = *raddr;
	o->in.rport = rport;
	lw_tcp_attach(o, pcb);
	err = lw_errno(tcp_connect(pcb, &remote, rport, lw_tcp_connected));
	if (err) {
		lw_tcp_detach(o);
		memset(&o->bytes, 0, sizeof(o->bytes));
		tcp_abort(pcb);
		return err;
	}
	o->bytes.snd_base = pcb->lastack;
	o->bytes.opened = true;
	spin_lock(&o->in.so.lock);
	o->in.so.shutdown = 0;
	WRITE_ONCE(o->in.so.err, 0);
	o->in.got_fin = false;
	spin_unlock(&o->in.so.lock);
	o->in.connect = INET_CONNECTING;
	o->soft_error = 0;
	lw_tcp_set_state(o, INET_SYN_SENT);
	return 0;
}

static int start_connect(struct inet_sock *in, const struct in6_addr *to, u16 port)
{
	int err;

	lw_lock();
	err = inet_tcp_connect_again(in);
	if (err == 1)
		err = send_syn(lw_of(&in->so), to, port);
	lw_unlock();			/* over lo the whole handshake is done here */
	return err;
}

static void finish(struct inet_sock *in) NO_THREAD_SAFETY_ANALYSIS
{
	struct lw_sock *o = lw_of(&in->so);

	if (!o->pcb)
		return;
	lw_pcb_touch(o->pcb);
	tcp_shutdown(o->pcb, 0, 1);
	if (o->pcb)
		lw_tcp_set_state(o, lw_tcp_state(o->pcb));
}

static void mark_all(struct inet_sock *in) NO_THREAD_SAFETY_ANALYSIS
{
	lw_mark(lw_of(&in->so), EPOLL_ALL_BITS);
}

static const struct inet_tcp_connector lwip = {
	.disconnect = disconnect, .route = find_way, .start = start_connect, .finish = finish,
	.mark = mark_all,
};

static int connect_op(struct socket *so, const union sockaddr_any *to, u32 len, nsec_t *timeo)
{
	return inet_tcp_connect(so, to, len, timeo, &lwip);
}

/* ---- listening ---- */

static int listen_op(struct socket *so, int backlog)
{
	struct lw_sock *o = lw_of(so);
	struct tcp_pcb_listen *lpcb = NULL;
	int err = inet_tcp_before_listen(&o->in);

	if (err)
		return err;
	lw_lock();
	if (so->state == INET_CLOSE) {
		err = -EADDRINUSE;
		if (!o->in.port || !inet_may_listen(&o->in))
			goto out;
		err = -ENOBUFS;
		lpcb = memp_malloc(MEMP_TCP_PCB_LISTEN);
		if (!lpcb)
			goto out;
		memset(lpcb, 0, sizeof(*lpcb));
		lw_to_ip(&lpcb->local_ip, &o->in.laddr);
		lpcb->state = LISTEN;
		lpcb->local_port = o->in.lport;
		lpcb->prio = TCP_PRIO_NORMAL;
		lpcb->ttl = (u8)inet_opt(&o->in, IP_TTL);
		lpcb->tos = (u8)inet_opt(&o->in, IP_TOS);
		lpcb->callback_arg = o;
		lpcb->accept = lw_tcp_accepted;
		o->lpcb = lpcb;
		so->shutdown = 0;
		lw_tcp_set_state(o, INET_LISTEN);
		err = 0;
	}
	o->in.backlog = (u32)backlog;
out:
	lw_unlock();
	return err;
}

static int accept_op(struct socket *so, struct socket **out)
{
	struct lw_sock *l = lw_of(so), *o = NULL;
	int err = -EAGAIN;

	lw_lock();
	if (so->state != INET_LISTEN)
		err = -EINVAL;
	else
		o = list_first_entry_or_null(&l->accepts, struct lw_sock, accepts);
	if (o) {
		list_del_init(&o->accepts);
		o->listener = NULL;
		WRITE_ONCE(l->in.nr_accepts, l->in.nr_accepts - 1);
		err = 0;
	}
	lw_unlock();
	if (o)
		*out = &o->in.so;
	return err;
}

/* ---- closing ---- */

/* Ends a connection that nobody holds any more, by a FIN or a RST. */
static void close_pcb(struct lw_sock *o, bool reset) REQUIRES(lw_core)
{
	struct tcp_pcb *pcb = o->pcb;

	if (!pcb)
		return;
	lw_tcp_detach(o);
	if (reset) {
		tcp_abort(pcb);
		return;
	}
	lw_pcb_touch(pcb);		/* its FIN may be lost, or wait for room */
	/* What was not read was looked at before; lwIP would take a small window for that. */
	pcb->rcv_wnd = TCP_WND_MAX(pcb);
	pcb->tmr = tcp_ticks;
	if (tcp_close(pcb) != ERR_OK)
		tcp_abort(pcb);
}

/* Stops listening: half-open and unaccepted connections are reset. */
static void stop_listening(struct lw_sock *l)
{
	struct lw_sock *o;

	lw_lock();
	lw_tcp_set_state(l, INET_CLOSE);
	while (!list_empty(&l->half))
		tcp_abort(list_first_entry(&l->half, struct tcp_pcb, half));
	while (!list_empty(&l->deferring))
		lw_tcp_undefer(list_first_entry(&l->deferring, struct lw_sock, accepts));
	memp_free(MEMP_TCP_PCB_LISTEN, l->lpcb);
	l->lpcb = NULL;
	while ((o = list_first_entry_or_null(&l->accepts, struct lw_sock, accepts))) {
		list_del_init(&o->accepts);
		o->listener = NULL;
		WRITE_ONCE(l->in.nr_accepts, l->in.nr_accepts - 1);
		close_pcb(o, true);
		lw_unlock();
		o->in.so.ops->release(&o->in.so);
		socket_put(&o->in.so);
		lw_lock();
	}
	lw_unlock();
}

static void release_op(struct socket *so)
{
	struct lw_sock *o = lw_of(so);
	bool reset;

	if (so->state == INET_LISTEN)
		stop_listening(o);
	lw_lock();
	reset = o->in.q.bytes || ((so->flags & SOF_LINGER) && !so->linger);
	if (o->pcb && !reset && (so->flags & SOF_LINGER) && socket_wmem(so)) {
		lw_pcb_touch(o->pcb);
		tcp_shutdown(o->pcb, 0, 1);
		lw_unlock();
		inet_tcp_linger(so);
		lw_lock();
	}
	close_pcb(o, reset);
	lw_queue_free(&o->rxq);
	lw_queue_free(&o->rdq);
	o->in.q.bytes = 0;
	o->dead = true;
	lw_tcp_set_state(o, INET_CLOSE);
	inet_port_release(&o->in);
	list_del_init(&o->in.all_node);
	lw_unlock();
}

static int shutdown_op(struct socket *so, int how)
{
	return inet_tcp_shutdown(so, how, &lwip);
}

/* ---- asking ---- */

/* It has room for more, but not the memory, or TCP_NOTSENT_LOWAT forbids it. */
static bool holds_back(struct lw_sock *o)
{
	return unlikely(READ_ONCE(o->starved)) ||
	       (unlikely(inet_opt(&o->in, TCP_NOTSENT_LOWAT)) && lw_tcp_holds_back(o, true));
}

static u32 poll_op(struct socket *so, u32 lowat)
{
	struct lw_sock *o = lw_of(so);
	u32 bits;

	if (unlikely(READ_ONCE(so->state) == INET_LISTEN))
		return list_empty(&o->accepts) ? 0 : EPOLL_IN_BITS;
	bits = inet_tcp_poll(so, lowat);
	if (bits & EPOLL_OUT_BITS && !(READ_ONCE(so->shutdown) & SEND_SHUTDOWN) && holds_back(o))
		bits &= ~EPOLL_OUT_BITS;
	return bits;
}

static long ioctl_op(struct socket *so, unsigned cmd, unsigned long arg)
{
	struct lw_sock *o = lw_of(so);
	u32 sent = 0;

	if ((cmd != SIOCOUTQ && cmd != SIOCOUTQNSD) || so->state == INET_LISTEN)
		return inet_tcp_ioctl(so, cmd, arg);
	lw_lock();
	if (o->pcb && cmd == SIOCOUTQNSD)
		sent = o->pcb->snd_nxt - o->pcb->lastack;
	lw_unlock();
	return net_put_int(arg, (int)(socket_wmem(so) > sent ? socket_wmem(so) - sent : 0));
}

const struct net_ops lw_tcp_ops = {
	.release = release_op, .destroy = lw_destroy, .bind = inet_bind, .connect = connect_op,
	.listen = listen_op, .accept = accept_op, .shutdown = shutdown_op,
	.sendmsg = lw_tcp_sendmsg, .recvmsg = lw_tcp_recvmsg, .poll = poll_op,
	.getname = inet_getname, .setsockopt = lw_setsockopt, .getsockopt = lw_getsockopt,
	.option_changed = lw_option_changed, .ioctl = ioctl_op, .write_space = inet_tcp_write_space,
};
