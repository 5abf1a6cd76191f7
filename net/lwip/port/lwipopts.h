/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How lwIP is built: raw API without threads of its own, one lock (lw_lock) around all of it,
 * memory from our allocator within the limits of Kconfig (memory.c), timers by timers.c.
 */
#ifndef LWIPOPTS_H
#define LWIPOPTS_H

#include <lib/types.h>

struct lw_sock;

/* ---- the frame it runs in ---- */
#define NO_SYS				1
#define SYS_LIGHTWEIGHT_PROT		0
#define LWIP_NETCONN			0
#define LWIP_SOCKET			0
#define LWIP_TIMERS			1
#define LWIP_TIMERS_CUSTOM		1
#ifndef LWIP_CHECKED
#define LWIP_NOASSERT			1
#endif

/* ---- memory ---- */
#define MEM_LIBC_MALLOC			1	/* mem_malloc() is memory.c's */
#define MEMP_MEM_MALLOC			1
#define MEM_ALIGNMENT			8
#define LWIP_SUPPORT_CUSTOM_PBUF	1
#define LWIP_PBUF_REF_T			u16_t
/*
 * The link of socket queues, and of frames out; where the IP header is; when it came; what its
 * socket had lost by then. On the way out: who sent it, and what is charged for it. rx buffers
 * have room for this.
 */
#define LWIP_PBUF_CUSTOM_DATA		struct pbuf *link; \
	union { void *iphdr; struct lw_sock *sender; }; u64 stamp; \
	union { u32 drops; u32 charge; };
#define LW_CHARGED			0x80u	/* pbuf.flags: sender and charge are set */
#define LW_JOINED			0x40u	/* pbuf.flags: small pieces of a stream, put together */
#define LWIP_HOOK_PBUF_FREED(p) \
	do { \
		if ((p)->flags & LW_CHARGED) \
			lw_dgram_uncharge(p); \
	} while (0)
#define PBUF_POOL_BUFSIZE		2048
#define MEMP_NUM_REASSDATA		CONFIG_NET_LWIP_REASSEMBLIES
#define IP_REASS_MAX_PBUFS		(CONFIG_NET_LWIP_REASSEMBLIES * 16)
#define MEMP_NUM_FRAG_PBUF		256
#define MEMP_NUM_UDP_PCB		4	/* DHCP; sockets have none */
#define MEMP_NUM_RAW_PCB		1
#define MEMP_NUM_TCP_PCB		CONFIG_NET_LWIP_CONNECTIONS
#define MEMP_NUM_TCP_PCB_LISTEN		CONFIG_NET_LWIP_LISTENERS
#define MEMP_NUM_TCP_SEG		262144	/* as many as the largest memory for packets has */
#define MEMP_NUM_PBUF			65536
#define PBUF_POOL_SIZE			1024
#define MEMP_NUM_IGMP_GROUP		CONFIG_NET_LWIP_GROUPS
#define MEMP_NUM_MLD6_GROUP		CONFIG_NET_LWIP_GROUPS

/* ---- protocols ---- */
#define LWIP_IPV4			1
#define LWIP_IPV6			1
#define LWIP_ETHERNET			1
#define LWIP_ARP			1
#define LWIP_ICMP			1
#define LWIP_ICMP6			1
#define LWIP_RAW			1	/* lw_raw_input(); raw.c is not built */
#define LWIP_UDP			1
#define LWIP_TCP			1
#ifndef LWIP_DNS
#define LWIP_DNS			0	/* the C library's; DHCP notes servers (Makefile) */
#endif
#define LWIP_DHCP			1
#define DNS_MAX_SERVERS			3
#define LWIP_IGMP			1
#define LWIP_IPV6_MLD			1
#define LWIP_IPV6_AUTOCONFIG		1
#define LWIP_IPV6_DHCP6			0
#define IP_FORWARD			0
#define IP_REASSEMBLY			1
#define IP_FRAG				1
#define LWIP_BROADCAST_PING		0
#define LWIP_MULTICAST_PING		0
#define ARP_TABLE_SIZE			CONFIG_NET_LWIP_NEIGHBOURS
#define ARP_QUEUEING			1
#define ARP_QUEUE_LEN			128
#define MEMP_NUM_ARP_QUEUE		1024
#define ETHARP_SUPPORT_STATIC_ENTRIES	1
#define ETHARP_TRUST_IP_MAC		0
#define LWIP_ND6_NUM_NEIGHBORS		CONFIG_NET_LWIP_NEIGHBOURS
#define LWIP_ND6_NUM_DESTINATIONS	64
#define LWIP_ND6_QUEUEING		1
#define ND6_QUEUE_LEN			128
#define MEMP_NUM_ND6_QUEUE		1024
#define LWIP_IPV6_NUM_ADDRESSES		6
#define LWIP_IPV6_SCOPES		0
#define LWIP_HAVE_LOOPIF		0	/* loop.c */
#define LWIP_NETIF_LOOPBACK		0
#define LWIP_NETIF_HOSTNAME		1
#define LWIP_NETIF_EXT_STATUS_CALLBACK	1
#define LWIP_NUM_NETIF_CLIENT_DATA	1
#define LWIP_SINGLE_NETIF		0
#define LWIP_CHECKSUM_CTRL_PER_NETIF	1
#define LWIP_CHECKSUM_ON_COPY		0
#define IP_DEFAULT_TTL			64
#define LWIP_IPV6_REASS			1
#define IPV6_FRAG_COPYHEADER		1	/* a pointer is longer than the header it replaces */

/* ---- TCP ---- */
#define LWIP_WND_SCALE			1
#define TCP_RCV_SCALE			7
#define TCP_WND				(4u << 20)	/* the most; each has its own (SO_RCVBUF) */
#define TCP_WND_DEFAULT			(212992u / 2)
#define TCP_MSS				65483
#define TCP_MSS_LEAST			48	/* that a peer may ask for: Linux's tcp_min_snd_mss */
#define TCP_SND_BUF			(64u << 20)	/* SO_SNDBUF is kept by tcp_send.c */
#define TCP_SND_QUEUELEN		0xfff0
#define TCP_SNDLOWAT			2048
#define TCP_SNDQUEUELOWAT		0x7fff
#define TCP_WND_UPDATE_THRESHOLD	(pcb->wnd_limit / 4)
#define LWIP_DISABLE_TCP_SANITY_CHECKS	1
#define TCP_OVERSIZE			1
#define TCP_LISTEN_BACKLOG		1
#define LWIP_TCP_TIMESTAMPS		1
#define LWIP_TCP_SACK_OUT		1
#define LWIP_TCP_MAX_SACK_NUM		4
#define LWIP_TCP_KEEPALIVE		1
#define TCP_QUEUE_OOSEQ			1
#define TCP_OOSEQ_BYTES_LIMIT(pcb)	((pcb)->wnd_limit)
#define TCP_OOSEQ_PBUFS_LIMIT(pcb)	1024
#define TCP_CALCULATE_EFF_SEND_MSS	1
#define TCP_TMR_INTERVAL		50	/* delayed acknowledgements after 40 to 50 ms */
#define TCP_MSL				30000
#define LWIP_TCP_RTO_FIRST		10	/* ticks of TCP_SLOW_INTERVAL: a second */
#define LWIP_TCP_RTO_MIN		3	/* 200 to 300 ms */
#define LWIP_TCP_RETRIES(pcb)		((pcb)->state == SYN_SENT ? (pcb)->syn_retries : \
					 (pcb)->state == SYN_RCVD ? 5 : (pcb)->orphan ? 8 : 15)
#define LWIP_TCP_GIVES_UP(pcb)		((pcb)->nrtx >= LWIP_TCP_RETRIES(pcb) && \
					 (pcb)->rtime + 1 >= (pcb)->rto)
#define LWIP_TCP_FIN_WAIT(pcb)		((u32)((pcb)->linger2 > 0 ? (pcb)->linger2 : 60) * 1000u)
#define SO_REUSE			1
#define LWIP_TCP_PCB_NUM_EXT_ARGS	0

/* ---- counting ---- */
#define LWIP_STATS			1
#define MIB2_STATS			1
/* Nobody shows these. */
#define LINK_STATS			0
#define IP_STATS			0
#define IP6_STATS			0
#define IPFRAG_STATS			0
#define IP6_FRAG_STATS			0
#define ICMP_STATS			0
#define ICMP6_STATS			0
#define IGMP_STATS			0
#define MLD6_STATS			0
#define ND6_STATS			0
#define ETHARP_STATS			0
#define UDP_STATS			0
#define TCP_STATS			0
#define MEM_STATS			0
#define MEMP_STATS			0
#define SYS_STATS			0
#define LWIP_STATS_LARGE		1

/* ---- the port's own, see lwip.h ---- */
struct pbuf;
void lw_dgram_uncharge(struct pbuf *p);
struct tcp_pcb;
struct tcp_pcb_listen;
struct ip_addr;
struct inet_port;
/*
 * pprev: in its list. hash_*: among the connections. over: in TIME_WAIT, of its port. limit: of the receive window. The second
 * half is limits.c's: user_timeout in ms, 0 none; the acknowledgement that nothing followed, and
 * since which tick; linger2 in seconds, 0 as configured; ticks with a held back segment. answered:
 * the tick of the last answer to a segment that was not acceptable.
 */
#define LWIP_TCP_PCB_LINKS		struct tcp_pcb **pprev; struct tcp_pcb *hash_next; \
	struct tcp_pcb **hash_pprev; u32 wnd_limit; u8 syn_retries; \
	u8 resting; u8 orphan; u8 reuse; \
	struct inet_port *port; struct list_head half; struct hlist_node over; \
	u32 user_timeout; u32 stuck_ack; u32 stuck_since; s16 linger2; u8 corked; u32 answered;
void lw_pcb_add(struct tcp_pcb **list, struct tcp_pcb *pcb);
void lw_pcb_del(struct tcp_pcb *pcb);
struct tcp_pcb *lw_pcb_find(const struct ip_addr *local, u16 lport, const struct ip_addr *remote,
			    u16 rport);
struct tcp_pcb_listen *lw_listener_find(const struct ip_addr *local, u16 lport,
					const struct ip_addr *remote, u16 rport);
bool lw_listener_admits(struct tcp_pcb_listen *l);
#define LWIP_TCP_PCB_ADD(list, pcb)	lw_pcb_add(list, pcb)
#define LWIP_TCP_PCB_DEL(pcb)		lw_pcb_del(pcb)
#define LWIP_TCP_LOOKUP(local, lport, remote, rport) lw_pcb_find(local, lport, remote, rport)
#define LWIP_TCP_LISTENER(local, lport, remote, rport) lw_listener_find(local, lport, remote, rport)
#define LWIP_TCP_ADMIT(l)		lw_listener_admits(l)
#define LWIP_HOOK_IP4_ROUTE_SRC(src, dest) lw_route4(src, dest)
#define LWIP_HOOK_IP4_ACCEPT(netif, dest) lw_accepts4(netif, dest)
#define LWIP_HOOK_FILENAME		"lwip_hooks.h"

/* A sum over 16-bit words, carried by adds of eight bytes (checksum.c). */
u16 lw_checksum(const void *data, int len);
#define LWIP_CHKSUM			lw_checksum

#endif
