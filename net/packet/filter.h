/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Socket filters: programs of classic BPF that say how much of a frame a packet socket wants.
 * They never change; who replaces one frees the old one when no frame can be in it any more.
 */
#ifndef NET_PACKET_FILTER_H
#define NET_PACKET_FILTER_H

#include <linux/if_packet.h>
#include <net/netdev.h>

struct packet_filter;

/* From a struct sock_fprog (SO_ATTACH_FILTER). ERR_PTR(-EINVAL, -EFAULT, -ENOMEM). May sleep. */
struct packet_filter *packet_filter_make(const void *fprog, u32 len);
void packet_filter_free(struct packet_filter *filter);	/* NULL is fine */
/*
 * How many bytes from `skip` on are wanted of the frame: at most all `n` that there are, 0 none.
 * `name` is what the reader would be told of it. Under the stack's lock.
 */
u32 packet_filter_run(const struct packet_filter *filter, const struct netdev_frame *f, u32 skip,
		      u32 n, const struct sockaddr_ll *name);

#endif
