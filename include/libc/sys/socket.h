/* SPDX-License-Identifier: BSD-2-Clause */
/* What <linux/if.h> and its kin want of the C library's header of this name. */
#ifndef LIBC_SYS_SOCKET_H
#define LIBC_SYS_SOCKET_H

#include <linux/socket.h>

struct sockaddr {
	__kernel_sa_family_t sa_family;
	char		     sa_data[14];
};

#endif
