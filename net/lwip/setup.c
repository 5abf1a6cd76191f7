/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Addresses at boot: net.ip=dhcp (the default), net.ip=off, or
 * net.ip=10.0.2.15/24,gw=10.0.2.2,dns=10.0.2.3 for the first device. What became known of name
 * servers is in /proc/net/pnp, in the form of resolv.conf(5). net.connections=N and net.memory=KB
 * are other limits than Kconfig's, within the same bounds.
 */
#include <lib/parse.h>
#include "config.h"

static enum { IP_DHCP, IP_OFF, IP_STATIC } how;		/* i  after boot */
static ip4_addr_t address, netmask, gateway;		/* i */
static ip_addr_t servers[DNS_MAX_SERVERS];		/* L */

/* ---- net.ip= ---- */

static int parse_prefix(char *text)
{
	unsigned len = 32;
	char *slash = strchr(text, '/');

	if (slash) {
		*slash = 0;
		if (kstrtouint(slash + 1, 10, &len) || len > 32)
			return -EINVAL;
	}
	ip4_addr_set_u32(&netmask, lw_mask_of(len));
	return ip4addr_aton(text, &address) ? 0 : -EINVAL;
}

static int parse_word(char *word)
{
	if (!strncmp(word, "gw=", 3))
		return ip4addr_aton(word + 3, &gateway) ? 0 : -EINVAL;
	if (strncmp(word, "dns=", 4))
		return -EINVAL;
	for (int i = 0; i < DNS_MAX_SERVERS; i++)
		if (ip_addr_isany_val(servers[i]))
			return ipaddr_aton(word + 4, &servers[i]) ? 0 : -EINVAL;
	return -EINVAL;
}

static int parse_ip(char *value)
{
	char *next;

	if (!strcmp(value, "dhcp") || !strcmp(value, "off")) {
		how = value[0] == 'd' ? IP_DHCP : IP_OFF;
		return 0;
	}
	next = strchr(value, ',');
	if (next)
		*next++ = 0;
	if (parse_prefix(value))
		return -EINVAL;
	while (next) {
		char *word = next;

		next = strchr(word, ',');
		if (next)
			*next++ = 0;
		if (parse_word(word))
			return -EINVAL;
	}
	how = IP_STATIC;
	return 0;
}
BOOT_PARAM(net_ip, "net.ip", parse_ip);

/* ---- limits ---- */

static int parse_connections(char *value)
{
	unsigned n;

	if (kstrtouint(value, 10, &n) || n < 16 || n > 262144)
		return -EINVAL;
	lw_limit_connections(n);
	return 0;
}
BOOT_PARAM(net_connections, "net.connections", parse_connections);

static int parse_memory(char *value)
{
	unsigned kb;

	if (kstrtouint(value, 10, &kb) || kb < 128 || kb > 1048576)
		return -EINVAL;
	lw_limit_memory(kb);
	return 0;
}
BOOT_PARAM(net_memory, "net.memory", parse_memory);

/* ---- using it ---- */

void lw_dev_configure(struct lw_dev *d)
{
	int err;

	if (how == IP_OFF || d->dev->ifindex != 2)
		return;
	if (how == IP_STATIC)
		netif_set_addr(&d->netif, &address, &netmask, &gateway);
	else
		d->dhcp = true;
	netif_set_default(&d->netif);
	err = netdev_up(d->dev);
	if (err)
		pr_err("net: %s does not start: error %d\n", d->dev->name, err);
}

void dns_setserver(u8_t index, const ip_addr_t *server)
{
	if (index < DNS_MAX_SERVERS)
		servers[index] = server ? *server : *IP4_ADDR_ANY;
}

void lw_show_pnp(struct seq_file *m)
{
	char text[IPADDR_STRLEN_MAX];

	seq_puts(m, how == IP_STATIC ? "#MANUAL\n" : "#PROTO: DHCP\n");
	lw_lock();
	for (int i = 0; i < DNS_MAX_SERVERS; i++)
		if (!ip_addr_isany_val(servers[i]))
			seq_printf(m, "nameserver %s\n", ipaddr_ntoa_r(&servers[i], text, sizeof(text)));
	lw_unlock();
}
