/* SPDX-License-Identifier: BSD-2-Clause */
/* Network devices below lwIP, and how they get their addresses. */
#ifndef NET_LWIP_DEV_H
#define NET_LWIP_DEV_H

#include "lwip.h"
#include "lwip/dhcp.h"

struct lw_dev {
	struct netif	   netif;	/* L  its state, and that of each alias, is this */
	struct lw_alias   *aliases;	/* L  further addresses (addrs.c), the oldest first */
	struct net_device *dev;		/* i */
	bool		   dhcp;	/* L  wanted; runs when the link is up */
	struct dhcp	   dhcp_state;	/* L */
};

/* The link's netif has other switches, MTU or MAC: so have its aliases. */
void lw_aliases_follow(struct lw_dev *d) REQUIRES(lw_core);

/* netdev.c's side of things, under the lock. */
int  lw_devs_init(void);
static inline struct lw_dev *lw_dev_of(struct netif *n)
{
	return n->state;	/* NULL: lo */
}
/* NULL for lo and what is not there. */
struct lw_dev *lw_dev_by_index(int ifindex) REQUIRES(lw_core);

/* Hangs p's bytes but its first `skip`, which lie in its first piece, behind those of the frame. */
void lw_frame_add(struct net_txframe *f, const struct pbuf *p, u32 skip);
/* tso.c: if p is what segments were gathered for, the frame becomes theirs, too. */
void lw_tso_extend(struct pbuf *p, struct net_txframe *f) REQUIRES(lw_core);

/* setup.c: net.ip= */
void lw_dev_configure(struct lw_dev *d) REQUIRES(lw_core);
/* Text of /proc/net/pnp. */
void lw_show_pnp(struct seq_file *m);

#endif
