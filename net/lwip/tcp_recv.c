/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Receiving over TCP. The reader takes all pieces that arrived off the shared queue at once,
 * copies without the lock, and gives what it read back together with the window.
 */
#include "lwip.h"

/* Moves what arrived to the reader's own queue. */
static void take_arrived(struct lw_sock *o) REQUIRES(lw_core)
{
	if (!o->rxq.head)
		return;
	if (o->rdq.head)
		o->rdq.tail->link = o->rxq.head;
	else
		o->rdq.head = o->rxq.head;
	o->rdq.tail = o->rxq.tail;
	o->rdq.count += o->rxq.count;
	o->rxq = (struct lw_queue){ 0 };
}

/* Copies from one piece; bytes, or -EFAULT if none. */
static ssize_t copy_piece(const struct pbuf *p, struct net_msg *msg)
{
	size_t n = min_t(size_t, p->len, iov_iter_count(msg->iter));

	if (unlikely(msg->flags & MSG_TRUNC)) {	/* TCP: throw away */
		iov_iter_advance(msg->iter, n);
		return (ssize_t)n;
	}
	return copy_to_iter(p->payload, n, msg->iter) == n ? (ssize_t)n : -EFAULT;
}

static ssize_t peek(struct lw_sock *o, struct net_msg *msg)
{
	ssize_t done = 0, n = 0;

	for (struct pbuf *p = o->rdq.head; p && iov_iter_count(msg->iter); p = p->link) {
		n = copy_piece(p, msg);
		if (n < 0)
			break;
		done += n;
	}
	msg->stop = true;
	return done ? done : n;
}

/* Copies and moves what was read whole to `read`. */
static ssize_t take(struct lw_sock *o, struct net_msg *msg, struct lw_queue *read)
{
	ssize_t done = 0, n = 0;
	struct pbuf *p;

	while ((p = o->rdq.head) && iov_iter_count(msg->iter)) {
		n = copy_piece(p, msg);
		if (n < 0)
			break;
		done += n;
		if (n == p->len) {
			lw_queue_add(read, lw_queue_take(&o->rdq));
		} else {
			p->payload = (u8 *)p->payload + n;
			p->len = p->tot_len = (u16)(p->len - n);
		}
	}
	return done ? done : n;
}

/*
 * The window is what the receive buffer has room for, which SO_RCVBUF may have changed. What was told of
 * it stays told; what was not is taken back if there is less room now.
 */
void lw_tcp_open_window(struct lw_sock *o)
{
	struct tcp_pcb *pcb = o->pcb;
	u32 most = TCP_WND_MAX(pcb), told = pcb->rcv_ann_right_edge - pcb->rcv_nxt;
	u32 room = most - min(most, o->in.q.bytes);

	if (unlikely((s32)told > (s32)room))
		room = told;
	if (unlikely(pcb->rcv_wnd > room)) {
		pcb->rcv_wnd = room;
		tcp_update_rcv_ann_wnd(pcb);
	}
	if (unlikely(room > most))
		return;
	do
		tcp_recved(pcb, (u16)min(room - pcb->rcv_wnd, 0xffffu));
	while (unlikely(pcb->rcv_wnd < room));
}

/* n bytes were read: their memory and the window go back. */
static void give_back(struct lw_sock *o, struct lw_queue *read, u32 n) REQUIRES(lw_core)
{
	lw_queue_free(read);
	o->in.q.bytes -= n;
	if (!o->pcb)
		return;
	lw_pcb_touch(o->pcb);
	lw_tcp_open_window(o);
}

static noinline ssize_t read_queue(struct socket *so, struct net_msg *msg)
{
	struct lw_sock *o = lw_of(so);
	struct lw_queue read = { 0 };
	ssize_t n;

	mutex_lock(&so->reader);
	if (!o->rdq.head || unlikely(msg->flags & MSG_PEEK)) {
		lw_lock();
		take_arrived(o);
		lw_unlock();
	}
	if (unlikely(msg->flags & MSG_PEEK)) {
		n = peek(o, msg);
	} else {
		n = take(o, msg, &read);
		if (n > 0) {
			lw_lock();
			give_back(o, &read, (u32)n);
			lw_unlock();
		}
	}
	mutex_unlock(&so->reader);
	return n;
}

ssize_t lw_tcp_recvmsg(struct socket *so, struct net_msg *msg)
{
	return inet_tcp_recvmsg(so, msg, read_queue);
}
