/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sending over TCP. Bytes are copied from the user into blocks without the lock; with it the
 * blocks become segments of the send queue as they are, and lwIP sends what it may.
 *
 * A block is a pbuf with room for all headers in front. One that starts a segment gets them
 * there; others of the segment hang behind it. Blocks are as large as the allocator's largest
 * class, or as a segment when that is smaller.
 */
#include "lwip.h"

#define ROUND_BYTES	(64u << 10)	/* copied before the lock is taken */
#define LEAST_BYTES	128u		/* of a block, on average, when a socket holds all it may */

/* Options in each segment of data: LWIP_TCP_OPT_LENGTH of TF_SEG_OPTS_TS. */
static u16 options_len(const struct tcp_pcb *pcb)
{
	return pcb->flags & TF_TIMESTAMP ? LWIP_TCP_OPT_LEN_TS_OUT : 0;
}

/* Bytes of data in a full segment. */
static u32 segment_room(const struct tcp_pcb *pcb)
{
	u32 mss = pcb->mss, half = pcb->snd_wnd_max / 2;

	if (half && half < mss)		/* the other side must be able to take two */
		mss = min(mss, max(half, 88u));
	return mss - options_len(pcb);
}

/* A block of up to n bytes from the user, with `hlen` bytes of TCP options in front. ERR_PTR. */
static struct pbuf *fill_block(struct net_msg *msg, u32 n, u16 hlen)
{
	struct pbuf *p = NULL;
	size_t copied;

	if (likely(!lw_mem_tight(lw_mem_send_max)))
		p = lw_block_alloc(PBUF_TRANSPORT, hlen + n);
	if (unlikely(!p))
		return ERR_PTR(-ENOBUFS);
	n = (u32)p->len - hlen;
	copied = copy_from_iter((u8 *)p->payload + hlen, n, msg->iter);
	if (unlikely(copied != n)) {
		iov_iter_revert(msg->iter, copied);
		mem_free(p);
		return ERR_PTR(-EFAULT);
	}
	return p;
}

/*
 * Copies up to n bytes; blocks are linked by pbuf.link. The first fills up the segment that has a
 * gap, if there is one. Returns bytes or -errno if none.
 */
static ssize_t fill_blocks(struct net_msg *msg, u32 n, u32 room, u32 gap, u16 hlen, struct lw_queue *q)
{
	u32 block = min(room, LW_BLOCK - LW_BLOCK_OVERHEAD), done = 0;

	while (done < n) {
		u32 step = min(n - done, block);
		struct pbuf *p;

		if (unlikely(gap)) {
			step = min(step, gap);
			gap = 0;
		}
		p = fill_block(msg, step, hlen);
		if (IS_ERR(p))
			return done ? (ssize_t)done : PTR_ERR(p);
		lw_queue_add(q, p);
		done += (u32)p->len - hlen;
	}
	return done;
}

/* ---- the send queue ---- */

static struct tcp_seg *last_unsent(const struct tcp_pcb *pcb)
{
	struct tcp_seg *seg = pcb->unsent;

	while (seg && seg->next)
		seg = seg->next;
	return seg;
}

/* p becomes a part of seg, which was not sent yet. */
static void extend(struct tcp_pcb *pcb, struct tcp_seg *seg, struct pbuf *p, u16 hlen)
{
	if (hlen)
		pbuf_remove_header(p, hlen);
	seg->len = (u16)(seg->len + p->tot_len);
	pcb->snd_lbb += p->tot_len;
	pcb->snd_queuelen++;
	pbuf_cat(seg->p, p);
}

/* p begins a segment. NULL: no memory, p is gone. */
static struct tcp_seg *begin(struct tcp_pcb *pcb, struct tcp_seg *last, struct pbuf *p, u16 hlen)
{
	u32 n = (u32)p->tot_len - hlen;
	struct tcp_seg *seg = tcp_create_segment(pcb, p, 0, pcb->snd_lbb, hlen ? TF_SEG_OPTS_TS : 0);

	if (unlikely(!seg))
		return NULL;
	if (last)
		last->next = seg;
	else
		pcb->unsent = seg;
	pcb->snd_lbb += n;
	pcb->snd_queuelen++;
	return seg;
}

/* A block costs much more than the few bytes in it: SO_SNDBUF limits the number, too. */
static u32 blocks_max(const struct lw_sock *o)
{
	return min(READ_ONCE(o->in.so.sndbuf) / LEAST_BYTES, (u32)TCP_SND_QUEUELEN);
}

/* Hangs the blocks on the send queue, which *last ends then. Returns the bytes that found a place. */
static u32 append(struct lw_sock *o, struct lw_queue *q, u16 hlen, bool push, struct tcp_seg **last)
	REQUIRES(lw_core)
{
	u32 room = o->seg_room, most = blocks_max(o);
	struct tcp_pcb *pcb = o->pcb;
	struct tcp_seg *seg = last_unsent(pcb);
	bool grows = seg && LWIP_TCP_ENDS_STREAM(pcb, seg);
	u32 done = 0;
	struct pbuf *p;

	pcb->unsent_oversize = 0;
	while ((p = lw_queue_take(q))) {
		u32 n = (u32)p->tot_len - hlen;

		if (unlikely(pcb->snd_queuelen >= most)) {
			pbuf_free(p);
			break;
		}
		if (grows && seg->len + n <= room && seg->p->ref == 1 &&
		    !(TCPH_FLAGS(seg->tcphdr) & (TCP_SYN | TCP_FIN))) {
			extend(pcb, seg, p, hlen);
		} else {
			seg = begin(pcb, seg, p, hlen);
			if (unlikely(!seg))
				break;
			grows = true;
		}
		done += n;
	}
	if (seg && done && push)
		TCPH_SET_FLAG(seg->tcphdr, TCP_PSH);
	*last = seg;
	return done;
}

/* How blocks have to be cut; what changed since is seen by commit(). */
static void note_segments(struct lw_sock *o, const struct tcp_pcb *pcb) REQUIRES(lw_core)
{
	WRITE_ONCE(o->seg_options, options_len(pcb));
	smp_store_release(&o->seg_room, segment_room(pcb));	/* 0: neither is known yet */
}

/* How much more would find room in the last segment, if it could not be sent yet. */
static u32 gap_behind(const struct tcp_pcb *pcb, const struct tcp_seg *last, u32 room)
{
	return pcb->unsent && last && last->len < room ? room - last->len : 0;
}

static bool learn_segments(struct lw_sock *o)
{
	bool there;

	lw_lock();
	there = o->pcb;
	if (there)
		note_segments(o, o->pcb);
	lw_unlock();
	return there;
}

/* The blocks go to the connection, if it is still there. Bytes or -errno. */
static ssize_t commit(struct lw_sock *o, struct net_msg *msg, struct lw_queue *q, u32 bytes,
		      u16 hlen)
{
	bool more = msg->flags & MSG_MORE;
	struct tcp_seg *last;
	struct tcp_pcb *pcb;
	ssize_t ret = -EPIPE;

	lw_lock();
	pcb = o->pcb;
	if (likely(pcb && options_len(pcb) == hlen && !(pcb->flags & TF_FIN) &&
		   (pcb->state == ESTABLISHED || pcb->state == CLOSE_WAIT))) {
		lw_pcb_touch(pcb);
		note_segments(o, pcb);
		ret = append(o, q, hlen, !more, &last);
		if (likely(ret > 0)) {
			o->charged += (u32)ret;
			atomic_add((int)ret, &o->in.so.wmem);
			TRACE(net_tx, (u32)ret, o->in.rport);
			if (more)
				tcp_set_flags(pcb, TF_CORK);
			else if (!inet_opt(&o->in, TCP_CORK))
				tcp_clear_flags(pcb, TF_CORK);
			tcp_output(pcb);
			WRITE_ONCE(o->seg_gap, (u16)gap_behind(pcb, last, o->seg_room));
		} else {
			ret = -ENOBUFS;
		}
	}
	lw_queue_free(q);
	lw_unlock();
	/* What found no place is still the caller's, also when nothing did: rounds before have sent some. */
	if (unlikely(ret != bytes))
		iov_iter_revert(msg->iter, bytes - (u32)max(ret, 0L));
	return ret;
}

/*
 * A stream that finds no memory, or has its number of blocks, waits, as on Linux: programs take any error
 * for its end. Until then it is not writable; the timers, to which it is of interest now, look at it with
 * each slow tick (limits.c), as each acknowledgement does.
 */
static void starve(struct lw_sock *o)
{
	lw_lock();
	if (o->pcb) {
		lw_pcb_touch(o->pcb);
		WRITE_ONCE(o->starved, true);
	}
	lw_unlock();
}

void lw_tcp_feed(struct lw_sock *o)
{
	if (!o->starved || atomic_read(&lw_mem_used) > lw_mem_send_max ||
	    o->pcb->snd_queuelen > blocks_max(o) / 2)
		return;
	WRITE_ONCE(o->starved, false);
	lw_mark(o, EPOLLOUT | EPOLLWRNORM);
}

bool lw_tcp_holds_back(struct lw_sock *o, bool half)
{
	u32 waits = 0;

	lw_lock();
	if (o->pcb)
		waits = o->pcb->snd_lbb - o->pcb->snd_nxt;
	lw_unlock();
	return inet_tcp_holds_back(&o->in, waits, half);
}

ssize_t lw_tcp_sendmsg(struct socket *so, struct net_msg *msg)
{
	struct lw_sock *o = lw_of(so);
	struct lw_queue q = { 0 };
	ssize_t done = 0, n;
	u32 room, space;
	u16 hlen;

	if (unlikely(msg->flags & MSG_OOB))
		return -EOPNOTSUPP;
	do {
		n = inet_tcp_may_send(so);
		if (n == -EAGAIN && !iov_iter_count(msg->iter) && so->state != INET_SYN_SENT)
			n = 0;
		if (!n && unlikely(inet_opt(&o->in, TCP_NOTSENT_LOWAT)) && lw_tcp_holds_back(o, false))
			n = -EAGAIN;
		if (unlikely(n) || unlikely(!iov_iter_count(msg->iter)))
			break;
		if (unlikely(!READ_ONCE(o->seg_room)) && !learn_segments(o)) {
			n = -EPIPE;
			break;
		}
		room = smp_load_acquire(&o->seg_room);
		hlen = READ_ONCE(o->seg_options);
		space = READ_ONCE(so->sndbuf) - min(socket_wmem(so), READ_ONCE(so->sndbuf));
		n = (ssize_t)min_t(size_t, iov_iter_count(msg->iter), min(max(space, 1u), ROUND_BYTES));
		n = fill_blocks(msg, (u32)n, room, READ_ONCE(o->seg_gap), hlen, &q);
		if (likely(n > 0))
			n = commit(o, msg, &q, (u32)n, hlen);
		if (likely(n > 0))
			done += n;
		else if (n == -ENOBUFS && !done) {
			starve(o);
			n = -EAGAIN;
		}
		/* An error that came meanwhile is for the next call. */
	} while (n > 0 && unlikely(iov_iter_count(msg->iter)) && !READ_ONCE(so->err));
	return done ? done : n;
}
