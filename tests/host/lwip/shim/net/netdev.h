/* SPDX-License-Identifier: BSD-2-Clause */
/* What net/lwip/lwip.h wants of network devices, on the host: nothing but names. */
#ifndef SHIM_NETDEV_H
#define SHIM_NETDEV_H
#define ETH_HLEN 14
struct netdev_stats { int unused; };
static const _Bool netdev_unflushed;
#endif
