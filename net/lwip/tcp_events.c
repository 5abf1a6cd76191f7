/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What lwIP tells of a connection: it was made, bytes came, bytes were acknowledged, it is
 * over. All under the lock; nothing here wakes, it marks.
 */
#include "lwip.h"

/* lwIP's state as Linux numbers it. */
u8 lw_tcp_state(const struct tcp_pcb *pcb)
{
	static const u8 states[] = {
		[CLOSED] = INET_CLOSE, [LISTEN] = INET_LISTEN, [SYN_SENT] = INET_SYN_SENT,
		[SYN_RCVD] = INET_SYN_RECV, [ESTABLISHED] = INET_ESTABLISHED,
		[FIN_WAIT_1] = INET_FIN_WAIT1, [FIN_WAIT_2] = INET_FIN_WAIT2,
		[CLOSE_WAIT] = INET_CLOSE_WAIT, [CLOSING] = INET_CLOSING,
		[LAST_ACK] = INET_LAST_ACK, [TIME_WAIT] = INET_TIME_WAIT,
	};

	return states[pcb->state];
}

void lw_tcp_set_state(struct lw_sock *o, u8 state)
{
	if (o->in.so.state == state)
		return;
	/* Connections tell of theirs themselves, also when no socket has them any more. */
	if (state == INET_LISTEN || o->in.so.state == INET_LISTEN)
		TRACE(tcp_state, o->in.lport, state);
	WRITE_ONCE(o->in.so.state, state);
}

void lw_state_entered(const struct tcp_pcb *pcb) NO_THREAD_SAFETY_ANALYSIS
{
	struct lw_sock *o = pcb->callback_arg;

	TRACE(tcp_state, pcb->local_port, lw_tcp_state(pcb));
	/* The callbacks say of all other states. */
	if ((pcb->state == FIN_WAIT_2 || pcb->state == CLOSING) && o && o->pcb == pcb)
		lw_tcp_set_state(o, lw_tcp_state(pcb));
}

void lw_retransmitted(const struct tcp_pcb *pcb, u16_t bytes) NO_THREAD_SAFETY_ANALYSIS
{
	struct lw_sock *o = pcb->callback_arg;

	TRACE(tcp_retransmit, pcb->local_port, bytes);
	if (!o || o->pcb != pcb)
		return;
	o->bytes.segments_resent++;
	o->bytes.resent += bytes;
}

/*
 * Nothing is counted as it comes and goes: sequence numbers say it, whose wrapping around a
 * look at each slow tick notices.
 */
void lw_tcp_count(struct lw_sock *o)
{
	const struct tcp_pcb *pcb = o->pcb;
	struct lw_bytes *b = &o->bytes;
	/* lwIP puts a FIN into the last segment, beyond snd_lbb, or behind it. */
	bool fin_sent = pcb->flags & TF_FIN && (s32)(pcb->snd_nxt - pcb->snd_lbb) >= 0;

	b->acked += pcb->lastack - b->snd_base - (u32)b->acked;
	b->received += pcb->rcv_nxt - b->rcv_base - (u32)b->received;
	b->sent = b->acked + (pcb->snd_nxt - pcb->lastack) - b->opened - fin_sent;
}

/* Bytes in flight that are no longer the socket's affair. */
static void uncharge(struct lw_sock *o, u32 n) REQUIRES(lw_core)
{
	n = min(n, o->charged);
	o->charged -= n;
	atomic_sub((int)n, &o->in.so.wmem);
}

static void end_both(struct lw_sock *o) REQUIRES(lw_core)
{
	spin_lock(&o->in.so.lock);
	o->in.so.shutdown = SHUTDOWN_MASK;
	spin_unlock(&o->in.so.lock);
	lw_tcp_set_state(o, INET_CLOSE);
}

/* ---- callbacks ---- */

/* The other side will send no more. */
static void got_fin(struct lw_sock *o, struct tcp_pcb *pcb) REQUIRES(lw_core)
{
	smp_wmb();	/* the bytes before it: inet_tcp_nothing() */
	spin_lock(&o->in.so.lock);
	o->in.got_fin = true;
	o->in.so.shutdown |= RCV_SHUTDOWN;
	spin_unlock(&o->in.so.lock);
	lw_tcp_undefer(o);
	if (pcb->state == TIME_WAIT) {		/* and so do we: the rest is waiting */
		lw_tcp_detach(o);
		end_both(o);
	} else {
		lw_tcp_set_state(o, lw_tcp_state(pcb));
	}
	lw_mark(o, EPOLL_ALL_BITS);
}

/* What an option asked for when bytes come. */
static void first_bytes(struct lw_sock *o, struct tcp_pcb *pcb) REQUIRES(lw_core)
{
	lw_tcp_undefer(o);
	if (!(o->on_data & LW_QUICK))
		return;
	tcp_ack_now(pcb);
	if (!--o->quick_acks)
		o->on_data &= (u8)~LW_QUICK;
}

/* When so many pieces wait, further small ones are put together: each alone holds far more memory than its bytes. */
#define JOIN_FROM	16u
#define JOIN_BELOW	512u		/* bytes of a piece */
#define JOIN_BLOCK	((u16)(PAGE_SIZE - LW_BLOCK_OVERHEAD))	/* of a block for them: a page */

/* Adds p to the last piece. False: there is no memory for a block. */
static bool join(struct lw_sock *o, struct pbuf *p) REQUIRES(lw_core)
{
	struct pbuf *last = o->rxq.tail;

	if (!(last->flags & LW_JOINED) || last->len + p->len > JOIN_BLOCK) {
		last = pbuf_alloc(PBUF_RAW, JOIN_BLOCK, PBUF_RAM);
		if (!last)
			return false;
		last->flags |= LW_JOINED;
		last->len = last->tot_len = 0;
		lw_queue_add(&o->rxq, last);
	}
	memcpy((u8 *)last->payload + last->len, p->payload, p->len);
	last->len = last->tot_len = (u16)(last->len + p->len);
	pbuf_free(p);
	return true;
}

static err_t on_recv(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
	NO_THREAD_SAFETY_ANALYSIS
{
	struct lw_sock *o = arg;
	struct pbuf *next;

	if (!p) {
		got_fin(o, pcb);
		return ERR_OK;
	}
	TRACE(net_rx, p->tot_len, o->in.lport);
	o->in.q.bytes += p->tot_len;
	/* Pieces become packets of their own, so that each goes when it was read. */
	for (; p; p = next) {
		next = p->next;
		p->next = NULL;
		p->tot_len = p->len;
		if (unlikely(!p->len))
			pbuf_free(p);
		else if (likely(o->rxq.count < JOIN_FROM) || p->len > JOIN_BELOW || !join(o, p))
			lw_queue_add(&o->rxq, p);
	}
	if (unlikely(o->on_data))
		first_bytes(o, pcb);
	lw_mark(o, EPOLL_IN_BITS);
	return ERR_OK;
}

static err_t on_sent(void *arg, struct tcp_pcb *pcb, u16_t n) NO_THREAD_SAFETY_ANALYSIS
{
	struct lw_sock *o = arg;

	uncharge(o, n);
	if (!pcb->unsent)
		o->seg_gap = 0;
	if (unlikely(o->starved))
		lw_tcp_feed(o);
	if (inet_tcp_writable(&o->in.so) && wait_queue_has_sleepers(&o->in.so.wait))
		lw_mark(o, EPOLLOUT | EPOLLWRNORM);
	return ERR_OK;
}

/* The pcb is gone or about to go. */
static void on_error(void *arg, err_t err) NO_THREAD_SAFETY_ANALYSIS
{
	struct lw_sock *o = arg;
	u8 state = o->in.so.state;
	int code = 0;

	if (o->pcb)
		lw_tcp_count(o);
	o->pcb = NULL;
	uncharge(o, o->charged);
	if (state == INET_SYN_SENT)
		lw_counts.tcp_fails++;
	else if (state == INET_ESTABLISHED || state == INET_CLOSE_WAIT)
		lw_counts.tcp_resets++;
	if (err == ERR_RST)
		code = state == INET_SYN_SENT ? ECONNREFUSED :
		       state == INET_CLOSE_WAIT ? EPIPE : ECONNRESET;
	else if (err == ERR_ABRT)
		code = o->soft_error ? o->soft_error : ETIMEDOUT;
	if (code)
		WRITE_ONCE(o->in.so.err, code);
	lw_tcp_undefer(o);
	end_both(o);
	lw_mark(o, EPOLL_ALL_BITS);
}

/* ---- joining ---- */

void lw_tcp_attach(struct lw_sock *o, struct tcp_pcb *pcb)
{
	o->pcb = pcb;
	tcp_arg(pcb, o);
	tcp_recv(pcb, on_recv);
	tcp_sent(pcb, on_sent);
	tcp_err(pcb, on_error);
	pcb->stuck_ack = ~pcb->lastack;
	lw_tcp_options(o);
}

void lw_tcp_detach(struct lw_sock *o)
{
	struct tcp_pcb *pcb = o->pcb;

	if (!pcb)
		return;
	lw_tcp_count(o);
	o->pcb = NULL;
	uncharge(o, o->charged);
	tcp_arg(pcb, NULL);
	tcp_recv(pcb, NULL);
	tcp_sent(pcb, NULL);
	tcp_err(pcb, NULL);
	pcb->orphan = 1;
	lw_orphans++;
}

err_t lw_tcp_connected(void *arg, struct tcp_pcb *pcb, err_t err) NO_THREAD_SAFETY_ANALYSIS
{
	struct lw_sock *o = arg;

	o->bytes.rcv_base = pcb->rcv_nxt;
	spin_lock(&o->in.so.lock);
	o->in.so.shutdown = 0;
	o->in.got_fin = false;
	spin_unlock(&o->in.so.lock);
	lw_tcp_set_state(o, INET_ESTABLISHED);
	lw_mark(o, EPOLL_ALL_BITS);
	return ERR_OK;
}

static void show_to_listener(struct lw_sock *l, struct lw_sock *conn) REQUIRES(lw_core)
{
	list_add_tail(&conn->accepts, &l->accepts);
	lw_mark(l, EPOLL_IN_BITS);
}

void lw_tcp_undefer(struct lw_sock *o)
{
	if (!(o->on_data & LW_DEFERRED))
		return;
	o->on_data &= (u8)~LW_DEFERRED;
	list_del(&o->accepts);
	show_to_listener(o->listener, o);
}

/* A handshake with a listener is complete. */
err_t lw_tcp_accepted(void *arg, struct tcp_pcb *pcb, err_t err) NO_THREAD_SAFETY_ANALYSIS
{
	struct lw_sock *l = arg, *o;

	if (!pcb)
		return ERR_OK;
	o = lw_new(&lw_tcp_ops, l->in.so.family, SOCK_STREAM, IPPROTO_TCP, GFP_ATOMIC);
	if (!o)
		return ERR_MEM;
	lw_half_done(pcb);
	pcb->listener = NULL;
	inet_inherit(&o->in, &l->in);
	lw_from_ip(&o->in.laddr, &pcb->local_ip);
	lw_from_ip(&o->in.raddr, &pcb->remote_ip);
	o->in.lport = pcb->local_port;
	o->in.rport = pcb->remote_port;
	lw_tcp_attach(o, pcb);
	o->bytes.snd_base = pcb->snd_lbb;
	o->bytes.rcv_base = pcb->rcv_nxt;
	lw_tcp_set_state(o, INET_ESTABLISHED);
	lw_list(o);
	o->listener = l;
	WRITE_ONCE(l->in.nr_accepts, l->in.nr_accepts + 1);
	if (inet_opt(&l->in, TCP_DEFER_ACCEPT)) {
		o->on_data |= LW_DEFERRED;
		o->deferred_until = lw_tick_now() + lw_ticks((u32)inet_opt(&l->in, TCP_DEFER_ACCEPT) * 1000);
		list_add_tail(&o->accepts, &l->deferring);
	} else {
		show_to_listener(l, o);
	}
	return ERR_OK;
}
