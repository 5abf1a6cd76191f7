// SPDX-License-Identifier: BSD-2-Clause
/*
 * Frames from a hostile wire into lwIP. An input is a row of frames, each
 *
 *	kind, length (2 bytes, little endian), bytes
 *
 * raw, or with headers put in front that lead it deep: TCP of one connection whose numbers are
 * kept, UDP, IPv4, IPv6, a DHCP server's answers. Each frame lies in memory of just its size. One kind
 * lets time pass. Addresses are 10.0.2.15 and fe80::15; TCP port 7 listens and echoes, UDP port 7 echoes.
 * A second link asks for an address by DHCP.
 */
#include "lwip.h"
#include "lwip/dhcp.h"
#include "lwip/etharp.h"
#include "lwip/ethip6.h"
#include "lwip/igmp.h"
#include "lwip/init.h"
#include "lwip/ip4_frag.h"
#include "lwip/ip6_frag.h"
#include "lwip/memp.h"
#include "lwip/mem.h"
#include "lwip/mld6.h"
#include "lwip/nd6.h"
#include "lwip/priv/nd6_priv.h"
#include "lwip/prot/dhcp.h"
#include "lwip/prot/iana.h"
#include "lwip/prot/ip4.h"
#include "lwip/prot/tcp.h"
#include "lwip/timeouts.h"
#include "netif/ethernet.h"

#include <stdio.h>
#include <stdlib.h>

enum kind { RAW, IPV4, IPV6, UDP, TCP, TIME, DHCP, KINDS };

spinlock_t lw_core;
static struct netif wire, asking;
static struct dhcp dhcp;
static struct lw_sock listener;
static struct tcp_pcb_listen lpcb;
static u32 now_ms, their_seq, our_seq;	/* the connection's next numbers, as the other side knows */
static const u8 mac[6] = { 2, 0, 0, 0, 0, 15 };
static const u8 peer_mac[6] = { 2, 0, 0, 0, 0, 2 };

/* ---- what the kernel's files answer ---- */

static const u32 pool_size[MEMP_MAX] = {
#define LWIP_MEMPOOL(id, n, bytes, text) [MEMP_##id] = (u32)(bytes),
#include "lwip/priv/memp_std.h"
};
static u32 pool_used[MEMP_MAX];

void *memp_malloc(memp_t type)
{
	if (pool_used[type] >= 64)
		return NULL;
	pool_used[type]++;
	return malloc(pool_size[type]);
}

void memp_free(memp_t type, void *obj)
{
	if (!obj)
		return;
	if (type == MEMP_TCP_PCB)
		lw_pcb_freed(obj);
	pool_used[type]--;
	free(obj);
}

void mem_init(void) { }
void memp_init(void) { }
void *mem_malloc(mem_size_t n) { return malloc(n); }
void *mem_calloc(mem_size_t n, mem_size_t size) { return calloc(n, size); }
void mem_free(void *mem) { free(mem); }
void *mem_trim(void *mem, mem_size_t n) { return mem; }

u32_t lw_random(void) { return 4; }
u32_t sys_now(void) { return now_ms; }
u32_t lw_isn(const ip_addr_t *l, u16_t lp, const ip_addr_t *r, u16_t rp) { return 1000; }
void lw_assert_failed(const char *what, const char *file, int line)
{
	fprintf(stderr, "lwIP: %s (%s:%d)\n", what, file, line);
	abort();
}
struct netif *lw_netif_toward(struct netif *n, u32_t addr) { return n; }
bool lw_answers4(const ip4_addr_t *addr) { return ip4_addr_cmp(addr, netif_ip4_addr(&wire)); }
bool lw_accepts4(const struct netif *netif, const ip4_addr_t *dest) { return false; }
struct netif *lw_route4(const ip4_addr_t *src, const ip4_addr_t *dest) { return NULL; }
struct netif *lw_route6(const ip6_addr_t *src, const ip6_addr_t *dest) { return NULL; }
const ip4_addr_t *lw_gateway4(struct netif *n, const ip4_addr_t *dest) { return NULL; }
const ip6_addr_t *lw_gateway6(struct netif *n, const ip6_addr_t *dest) { return NULL; }
raw_input_state_t raw_input(struct pbuf *p, struct netif *inp) { return RAW_INPUT_NONE; }
void raw_netif_ip_addr_changed(const ip_addr_t *old_addr, const ip_addr_t *new_addr) { }
void dns_setserver(u8_t index, const ip_addr_t *server) { }
void tcp_timer_needed(void) { }
void sys_timeouts_init(void) { }
void lw_mark(struct lw_sock *o, u32 bits) { }
u32_t lw_tso_gather(struct tcp_pcb *pcb, struct tcp_seg *seg, u32_t wnd, struct netif *n) { return 0; }
u32_t lw_tso_went_along(void) { return 0; }
void lw_dgram_uncharge(struct pbuf *p) { }
void lw_state_entered(const struct tcp_pcb *pcb) { }
void lw_tcp_count(struct lw_sock *o) { }
void lw_retransmitted(const struct tcp_pcb *pcb, u16_t bytes) { }
void lw_unreachable(const struct pbuf *p) { }
struct inet_port *inet_port_find(u8 proto, u16 port) { return NULL; }
void inet_port_put(struct inet_port *p) { }
void lw_to_ip(ip_addr_t *to, const struct in6_addr *from) { }
void lw_from_ip(struct in6_addr *to, const ip_addr_t *from) { }

struct inet_sock *inet_lookup(u8 proto, const struct in6_addr *addr, u16 port,
			      const struct in6_addr *raddr, u16 rport, u32 ifindex)
{
	return port == 7 ? &listener.in : NULL;
}

/* ---- both ends ---- */

static err_t got(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
	if (!p) {
		tcp_arg(pcb, NULL);
		tcp_recv(pcb, NULL);
		if (tcp_close(pcb) != ERR_OK) {
			tcp_abort(pcb);
			return ERR_ABRT;
		}
		return ERR_OK;
	}
	tcp_recved(pcb, p->tot_len);
	for (struct pbuf *q = p; q; q = q->next)
		if (q->len && q->len <= tcp_sndbuf(pcb))
			tcp_write(pcb, q->payload, q->len, TCP_WRITE_FLAG_COPY);
	pbuf_free(p);
	return ERR_OK;
}

static err_t accepted(void *arg, struct tcp_pcb *pcb, err_t err)
{
	lw_half_done(pcb);
	pcb->listener = NULL;
	tcp_arg(pcb, NULL);
	tcp_recv(pcb, got);
	return ERR_OK;
}

static void udp_got(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *addr, u16_t port)
{
	udp_sendto_if(pcb, p, addr, port, ip_current_input_netif());
	pbuf_free(p);
}

/* What goes out is read for the numbers that the next segment has to have. */
static err_t sent(struct netif *n, struct pbuf *p)
{
	u8 frame[ETH_HLEN + IP_HLEN + TCP_HLEN];

	if (pbuf_copy_partial(p, frame, sizeof(frame), 0) == sizeof(frame) && frame[12] == 8 &&
	    frame[13] == 0 && frame[ETH_HLEN] == 0x45 && frame[ETH_HLEN + 9] == IP_PROTO_TCP) {
		struct tcp_hdr tcp;

		memcpy(&tcp, frame + ETH_HLEN + IP_HLEN, sizeof(tcp));
		our_seq = lwip_ntohl(tcp.seqno) + p->tot_len - (ETH_HLEN + IP_HLEN + TCPH_HDRLEN_BYTES(&tcp)) +
			  !!(TCPH_FLAGS(&tcp) & (TCP_SYN | TCP_FIN));
		if (TCPH_FLAGS(&tcp) & TCP_ACK)
			their_seq = lwip_ntohl(tcp.ackno);
	}
	return ERR_OK;
}

static err_t setup(struct netif *n)
{
	n->name[0] = 'w';
	n->output = etharp_output;
	n->output_ip6 = ethip6_output;
	n->linkoutput = sent;
	n->mtu = n->mtu6 = 1500;
	n->hwaddr_len = 6;
	memcpy(n->hwaddr, mac, 6);
	n->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_IGMP |
		   NETIF_FLAG_MLD6;
	NETIF_SET_CHECKSUM_CTRL(n, 0);	/* a fuzzer does not guess sums */
	return ERR_OK;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	ip4_addr_t addr, mask, gw;
	struct udp_pcb *udp;

	lw_conns_init();
	lwip_init();
	IP4_ADDR(&addr, 10, 0, 2, 15);
	IP4_ADDR(&mask, 255, 255, 255, 0);
	IP4_ADDR(&gw, 10, 0, 2, 2);
	netif_add(&wire, &addr, &mask, &gw, NULL, setup, ethernet_input);
	netif_set_default(&wire);
	netif_set_link_up(&wire);
	netif_set_up(&wire);
	netif_create_ip6_linklocal_address(&wire, 1);
	netif_ip6_addr_set_state(&wire, 0, IP6_ADDR_PREFERRED);
	netif_add(&asking, NULL, NULL, NULL, NULL, setup, ethernet_input);
	netif_set_link_up(&asking);
	netif_set_up(&asking);
	dhcp_set_struct(&asking, &dhcp);
	etharp_add_static_entry(&gw, (struct eth_addr *)peer_mac);
	INIT_LIST_HEAD(&listener.half);
	listener.in.backlog = 8;
	listener.lpcb = &lpcb;
	lpcb.state = LISTEN;
	lpcb.local_port = 7;
	lpcb.prio = TCP_PRIO_NORMAL;
	lpcb.ttl = 64;
	lpcb.callback_arg = &listener;
	lpcb.accept = accepted;
	udp = udp_new_ip_type(IPADDR_TYPE_ANY);
	udp_bind(udp, IP_ANY_TYPE, 7);
	udp_recv(udp, udp_got, NULL);
	return 0;
}

/* ---- frames ---- */

static void ip4_header(u8 *ip, u8 proto, size_t n)
{
	static const u8 addrs[8] = { 10, 0, 2, 2, 10, 0, 2, 15 };

	ip[0] = 0x45;
	ip[2] = (u8)((n + IP_HLEN) >> 8);
	ip[3] = (u8)(n + IP_HLEN);
	ip[8] = 64;
	ip[9] = proto;
	memcpy(ip + 12, addrs, 8);
}

/* `data` begins with flags and signed distances of the numbers from what they should be. */
static size_t tcp_header(u8 *tcp, const u8 *data, size_t n)
{
	u32 seq = their_seq + (n > 1 ? (u32)(s8)data[1] : 0), ack = our_seq + (n > 2 ? (u32)(s8)data[2] : 0);

	tcp[1] = 9;
	tcp[3] = 7;
	for (int i = 0; i < 4; i++) {
		tcp[4 + i] = (u8)(seq >> (24 - 8 * i));
		tcp[8 + i] = (u8)(ack >> (24 - 8 * i));
	}
	tcp[12] = n > 3 ? (u8)(0x50 + ((data[3] & 3) << 4)) : 0x50;
	tcp[13] = n ? data[0] : TCP_SYN;
	tcp[14] = n > 3 ? data[3] : 255;
	return n < 4 ? n : 4;
}

/* A frame from two pieces, in memory of just their size. */
static void put(struct netif *n, const u8 *head, size_t head_len, const u8 *data, size_t len)
{
	struct pbuf *p;

	if (head_len + len == 0)
		return;
	p = pbuf_alloc(PBUF_RAW, (u16)(head_len + len), PBUF_RAM);
	memcpy(p->payload, head, head_len);
	memcpy((u8 *)p->payload + head_len, data, len);
	p->if_idx = netif_get_index(n);
	if (n->input(p, n) != ERR_OK)
		pbuf_free(p);
}

/*
 * An answer to what the second link asked last. `data` begins with which address is offered and, in
 * units of 8 bytes, what a fragment of IP holds; then options, put into the other fields, too.
 */
static void answer(const u8 *data, size_t n)
{
	static const u8 offers[4][4] = { { 10, 9, 0, 2 }, { 0, 0, 0, 0 }, { 10, 0, 2, 15 }, { 255, 255, 255, 255 } };
	u8 head[ETH_HLEN + IP_HLEN] = { 0 }, whole[UDP_HLEN + DHCP_OPTIONS_OFS + 1500] = { 0 };
	struct dhcp_msg *msg = (struct dhcp_msg *)(whole + UDP_HLEN);
	size_t options = n > 2 ? n - 2 : 0, len = UDP_HLEN + DHCP_OPTIONS_OFS + options;
	size_t cut = n > 1 && data[1] ? 8 * (size_t)data[1] : len;
	u8 how = n ? data[0] : 0;

	whole[1] = LWIP_IANA_PORT_DHCP_SERVER;
	whole[3] = LWIP_IANA_PORT_DHCP_CLIENT;
	whole[4] = (u8)(len >> 8);
	whole[5] = (u8)len;
	msg->op = DHCP_BOOTREPLY;
	msg->xid = lwip_htonl(dhcp.xid);
	memcpy(&msg->yiaddr, offers[how & 3], 4);
	memcpy(msg->chaddr, mac, 6);
	msg->cookie = PP_HTONL(DHCP_MAGIC_COOKIE);
	if (how & 4)
		memcpy(msg->sname, data + 2, options < DHCP_SNAME_LEN ? options : DHCP_SNAME_LEN);
	if (how & 8)
		memcpy(msg->file, data + 2, options < DHCP_FILE_LEN ? options : DHCP_FILE_LEN);
	memcpy(msg->options, data + 2, options);
	if (how & 16)			/* cut short */
		len -= len < how ? 0 : how;
	memcpy(head, mac, 6);
	memcpy(head + 6, peer_mac, 6);
	head[12] = 8;
	for (size_t at = 0; at < len; at += cut) {
		size_t part = len - at < cut ? len - at : cut;

		ip4_header(head + ETH_HLEN, IP_PROTO_UDP, part);
		memset(head + ETH_HLEN + 16, 255, 4);
		head[ETH_HLEN + 6] = (u8)((at + part < len ? 0x20 : 0) | at >> 11);
		head[ETH_HLEN + 7] = (u8)(at >> 3);
		put(&asking, head, sizeof(head), whole + at, part);
	}
}

/* What is leased is the address of a host, with a mask that is one. */
static void check_lease(void)
{
	const ip4_addr_t *addr = netif_ip4_addr(&asking);

	if (ip4_addr1(addr) == 127 || ip4_addr1(addr) >= 224 || (dhcp_supplied_address(&asking) && !ip4_addr1(addr)) ||
	    !ip4_addr_netmask_valid(ip4_addr_get_u32(netif_ip4_netmask(&asking))))
		abort();
}

static void feed(enum kind kind, const u8 *data, size_t n)
{
	u8 frame[ETH_HLEN + 40 + TCP_HLEN] = { 0 };
	size_t head = kind == RAW ? 0 : ETH_HLEN, skip = 0;

	memcpy(frame, mac, 6);
	memcpy(frame + 6, peer_mac, 6);
	frame[12] = kind == IPV6 ? 0x86 : 0x08;
	frame[13] = kind == IPV6 ? 0xdd : 0x00;
	if (kind == IPV4) {
		u8 rest = n ? data[0] : 0;

		skip = n < 3 ? n : 3;
		ip4_header(frame + head, rest, n - skip);
		if (skip == 3) {		/* a fragment */
			frame[head + 6] = data[1] & 0x3f;
			frame[head + 7] = data[2];
		}
		head += IP_HLEN;
	} else if (kind == IPV6) {
		skip = n ? 1 : 0;
		frame[head] = 0x60;
		frame[head + 4] = (u8)((n - skip) >> 8);
		frame[head + 5] = (u8)(n - skip);
		frame[head + 6] = n ? data[0] : 0;
		frame[head + 7] = 255;		/* what neighbour discovery insists on */
		frame[head + 8] = 0xfe;
		frame[head + 9] = 0x80;
		frame[head + 23] = 2;
		memcpy(frame + head + 24, wire.ip6_addr[0].u_addr.ip6.addr, 16);
		head += 40;
	} else if (kind == UDP) {
		ip4_header(frame + head, IP_PROTO_UDP, n + 8);
		head += IP_HLEN;
		frame[head + 1] = 9;
		frame[head + 3] = 7;
		frame[head + 4] = (u8)((n + 8) >> 8);
		frame[head + 5] = (u8)(n + 8);
		head += 8;
	} else if (kind == TCP) {
		skip = n < 4 ? n : 4;
		ip4_header(frame + head, IP_PROTO_TCP, n - skip + TCP_HLEN);
		head += IP_HLEN;
		tcp_header(frame + head, data, n);
		head += TCP_HLEN;
	}
	put(&wire, frame, head, data + skip, n - skip);
}

static void let_time_pass(void)
{
	now_ms += TCP_SLOW_INTERVAL;
	tcp_ticks = now_ms / TCP_SLOW_INTERVAL;
	tcp_slowtmr();
	lw_conns_rest();
	tcp_fasttmr();
	etharp_tmr();
	ip_reass_tmr();
	ip6_reass_tmr();
	igmp_tmr();
	mld6_tmr();
	nd6_tmr();
	dhcp_fine_tmr();
	dhcp_coarse_tmr();
	check_lease();
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t n)
{
	struct tcp_pcb *pcb;

	their_seq = 100;
	dhcp_start(&asking);
	while (n >= 3) {
		enum kind kind = data[0] % KINDS;
		size_t len = (data[1] | (size_t)data[2] << 8) % 1500;

		data += 3;
		n -= 3;
		len = len < n ? len : n;
		if (kind == TIME)
			let_time_pass();
		else if (kind == DHCP)
			answer(data, len);
		else
			feed(kind, data, len);
		data += len;
		n -= len;
	}
	/* The next input begins with no connection and nothing to be put together. */
	while ((pcb = lw_pcb_next(NULL))) {
		tcp_recv(pcb, NULL);
		tcp_abort(pcb);
	}
	dhcp_release_and_stop(&asking);
	for (int i = 0; i < 64; i++) {
		ip_reass_tmr();
		ip6_reass_tmr();
	}
	return 0;
}
