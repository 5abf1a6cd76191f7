/* SPDX-License-Identifier: BSD-2-Clause */
/* Finding things in the tables of a backend's configuration; see lookup.h. */
#include <lib/bitops.h>
#include "lookup.h"

DEFINE_MUTEX(net_config_lock);
const char *net_config_words;

bool config_link_by_name(const char *name, struct net_link *l)
{
	size_t len = strcspn(name, ":");
	u32 pos = 0;

	while (net_backend.config->next_link(&pos, l))
		if (!strncmp(l->name, name, len) && !l->name[len])
			return true;
	return false;
}

bool config_link_by_index(int ifindex, struct net_link *l)
{
	u32 pos = 0;

	while (net_backend.config->next_link(&pos, l))
		if (l->index == ifindex)
			return true;
	return false;
}

bool config_addr4(const struct net_link *l, const char *label, u32 ip, struct net_addr *a)
{
	const struct net_config_ops *ops = net_backend.config;
	bool any = !strcmp(label, l->name);
	u32 pos = 0;

	while (ops->next_addr && ops->next_addr(&pos, a))
		if (a->ifindex == l->index && a->family == AF_INET &&
		    (any || !strcmp(a->label, label)) && (!ip || ip_v4(&a->local) == ip))
			return true;
	return false;
}

int mask_len(u32 mask)
{
	u32 m = be32_to_cpu(mask), holes = ~m;

	return holes & (holes + 1) ? -EINVAL : 32 - fls(holes);
}
