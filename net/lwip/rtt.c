/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long TCP waits for an acknowledgement before it sends again (RFC 6298): the round trip as
 * smoothed, and four times its deviation. The first measurement is the handshake's; until then
 * it is a second. Each timeout doubles it. The bounds and how often are Linux's.
 *
 * All times are in ticks of TCP_SLOW_INTERVAL; pcb->sa is eight times the smoothed round trip,
 * pcb->sv four times the deviation. A tick is longer than most round trips, so the least is one
 * that a delayed acknowledgement does not exceed.
 */
#include "lwip.h"

#define RTO_MAX		(120 * 1000 / TCP_SLOW_INTERVAL)

/* Backing off ends there anyhow; it keeps the shift below within an int. */
#define DOUBLINGS_MAX	12u

static s32 time_out(const struct tcp_pcb *pcb)
{
	return clamp((pcb->sa >> 3) + pcb->sv, LWIP_TCP_RTO_MIN, RTO_MAX);
}

void lw_rto_reset(struct tcp_pcb *pcb)
{
	pcb->nrtx = 0;
	pcb->rto = (s16)time_out(pcb);
}

void lw_rto_back_off(struct tcp_pcb *pcb)
{
	pcb->rto = (s16)min(time_out(pcb) << min(pcb->nrtx + 1u, DOUBLINGS_MAX), RTO_MAX);
}

void lw_rtt_measured(struct tcp_pcb *pcb)
{
	s32 rtt = (s32)min(tcp_ticks - pcb->rttest, (u32)RTO_MAX);
	s32 smoothed = pcb->sa >> 3;
	bool first = !pcb->sa && pcb->sv == LWIP_TCP_RTO_FIRST;

	pcb->rttest = 0;
	pcb->sa = (s16)(first ? 8 * rtt : pcb->sa + rtt - smoothed);
	pcb->sv = (s16)(first ? 2 * rtt : pcb->sv + abs_diff(rtt, smoothed) - (pcb->sv >> 2));
	pcb->rto = (s16)time_out(pcb);
}
