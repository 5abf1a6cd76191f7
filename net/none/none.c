/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The backend of a machine without Internet protocols.
 */
#include <net/backend.h>

static int none_create(int family, int type, int protocol, struct socket **out)
{
	return -EAFNOSUPPORT;
}

const struct net_backend net_backend = { .name = "none", .create = none_create };
