/* SPDX-License-Identifier: BSD-2-Clause */
/* What must hold of each connection at each step of the simulation, see sim_tcp.c. */
#include "lwip.h"
#include "lwip/memp.h"
#include "sim.h"

#define TICKS_BEHIND 70		/* the longest jump twice, as every other tick is the fast timers' */

#define check(cond) do { if (!(cond)) broken_rule(#cond, pcb); } while (0)

static void show_queue(const char *name, const struct tcp_seg *seg, u32 base)
{
	printf("  %s:", name);
	for (; seg; seg = seg->next)
		printf(" %d+%u%s", (int)(lwip_ntohl(seg->tcphdr->seqno) - base), seg->len,
		       TCPH_FLAGS(seg->tcphdr) & TCP_FIN ? "F" : "");
	printf("\n");
}

static void show_pcb(const struct tcp_pcb *pcb)
{
	printf("  %u to %u: state %d flags %x resting %u rtime %d rto %d nrtx %u persist %u; snd_nxt %u snd_lbb %u snd_wnd %u"
	       " cwnd %u; rcv_wnd %u of %u, told %u\n", pcb->local_port, pcb->remote_port, pcb->state, pcb->flags,
	       pcb->resting, pcb->rtime, pcb->rto, pcb->nrtx, pcb->persist_backoff, pcb->snd_nxt - pcb->lastack,
	       pcb->snd_lbb - pcb->lastack, pcb->snd_wnd, pcb->cwnd, pcb->rcv_wnd, TCP_WND_MAX(pcb),
	       pcb->rcv_ann_wnd);
	show_queue("unacked", pcb->unacked, pcb->lastack);
	show_queue("unsent", pcb->unsent, pcb->lastack);
}

void sim_show_queues(void)
{
	for (struct tcp_pcb *pcb = lw_pcb_next(NULL); pcb; pcb = lw_pcb_next(pcb))
		show_pcb(pcb);
}

static void broken_rule(const char *rule, const struct tcp_pcb *pcb)
{
	if (pcb)
		show_pcb(pcb);
	sim_fail("not so: %s", rule);
}

static u32 seq_of(const struct tcp_seg *seg)
{
	return lwip_ntohl(seg->tcphdr->seqno);
}

/* Both queues in their order are one stream. */
static void check_sending(const struct tcp_pcb *pcb)
{
	const struct tcp_seg *a = pcb->unacked, *b = pcb->unsent;
	const struct lw_sock *o = pcb->callback_arg;
	u32 at = 0, bytes = 0, pieces = 0;
	bool fin = false, first = true;

	while (a || b) {
		const struct tcp_seg **next = !b || (a && (s32)(seq_of(a) - seq_of(b)) < 0) ? &a : &b;
		const struct tcp_seg *seg = *next;

		check(first ? (s32)(seq_of(seg) - pcb->lastack) <= 0 : seq_of(seg) == at);
		check(!fin);
		fin = TCPH_FLAGS(seg->tcphdr) & TCP_FIN;
		at = seq_of(seg) + TCP_TCPLEN(seg);
		check(!first || (s32)(at - pcb->lastack) > 0);
		check(next == &b || (s32)(pcb->snd_nxt - at) >= 0);
		first = false;
		bytes += seg->len;
		pieces += pbuf_clen(seg->p);
		*next = seg->next;
	}
	check(first || at - pcb->snd_lbb <= fin);
	check(!first || pcb->lastack - pcb->snd_lbb <= 1);
	check(pcb->snd_queuelen == pieces);
	check(!(pcb->flags & TF_FIN) || fin || pcb->lastack == pcb->snd_nxt);
	if (o && o->pcb == pcb)
		check(o->charged == bytes && socket_wmem(&o->in.so) == bytes);
}

static void check_receiving(const struct tcp_pcb *pcb, bool resized)
{
	const struct lw_sock *o = pcb->callback_arg;
	u32 at = pcb->rcv_nxt;

	for (const struct tcp_seg *seg = pcb->ooseq; seg; seg = seg->next) {
		check((s32)(seg->tcphdr->seqno - at) >= (seg != pcb->ooseq ? 0 : 1));
		at = seg->tcphdr->seqno + seg->len;
		check(seg->p->tot_len == seg->len);
	}
	if (!o || o->pcb != pcb)
		return;
	check((s32)(pcb->rcv_nxt + pcb->rcv_wnd - pcb->rcv_ann_right_edge) >= 0);
	if (!resized)
		check(pcb->rcv_wnd + o->in.q.bytes == TCP_WND_MAX(pcb));
}

void sim_check(bool resized)
{
	const struct tcp_pcb *pcb = NULL;

	check(!lw_loop_queue.head);		/* else answers are answered */
	check(!tcp_active_pcbs || lw_tick_now() - tcp_ticks < TICKS_BEHIND);
	for (pcb = lw_pcb_next(NULL); pcb; pcb = lw_pcb_next((struct tcp_pcb *)pcb)) {
		if (pcb->state < ESTABLISHED || pcb->state == TIME_WAIT)
			continue;
		check_sending(pcb);
		check_receiving(pcb, resized);
	}
}

void sim_check_nothing_left(u32 objects)
{
	static const u8 pools[] = { MEMP_TCP_PCB, MEMP_TCP_SEG, MEMP_PBUF };
	u32 used, limit;
	u64 no;

	for (u32 i = 0; i < ARRAY_SIZE(pools); i++) {
		lw_pool_usage(pools[i], &used, &limit, &no);
		if (!used)
			continue;
		sim_show_queues();
		sim_fail("%u left of pool %u", used, pools[i]);
	}
	if (sim_frames || sim_objects != objects || atomic_read(&lw_mem_used) || lw_orphans)
		sim_fail("left: %u frames, %d objects, %d bytes, %u orphans", sim_frames,
			 (int)(sim_objects - objects), atomic_read(&lw_mem_used), lw_orphans);
}
