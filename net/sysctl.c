/* SPDX-License-Identifier: BSD-2-Clause */
/* The limits of sockets that can be set, below /proc/sys/net. Servers look there for their backlog. */
#include <fs/sysctl.h>
#include <kernel/init.h>
#include "internal.h"

int net_somaxconn = SOMAXCONN;
int net_max_dgram_qlen = UNIX_MAX_DGRAM_QLEN;
int net_wmem_max = SOCK_BUF_MAX, net_rmem_max = SOCK_BUF_MAX;
int net_wmem_default = SOCK_BUF_DEFAULT, net_rmem_default = SOCK_BUF_DEFAULT;

static int __init net_sysctl_init(void)
{
	static const struct sysctl table[] = {
		{ "sys/net/core/somaxconn", 0644, SYSCTL_INT, &net_somaxconn, 0, SOMAXCONN },
		{ "sys/net/unix/max_dgram_qlen", 0644, SYSCTL_INT, &net_max_dgram_qlen, 0, INT_MAX },
		{ "sys/net/core/wmem_max", 0644, SYSCTL_INT, &net_wmem_max, SOCK_MIN_SNDBUF, INT_MAX / 2 },
		{ "sys/net/core/rmem_max", 0644, SYSCTL_INT, &net_rmem_max, SOCK_MIN_RCVBUF, INT_MAX / 2 },
		{ "sys/net/core/wmem_default", 0644, SYSCTL_INT, &net_wmem_default, SOCK_MIN_SNDBUF,
		  INT_MAX / 2 },
		{ "sys/net/core/rmem_default", 0644, SYSCTL_INT, &net_rmem_default, SOCK_MIN_RCVBUF,
		  INT_MAX / 2 },
	};

	return sysctl_register(table, ARRAY_SIZE(table));
}
device_initcall(net_sysctl_init);
