/* SPDX-License-Identifier: BSD-2-Clause */
/* netdevice(7): the ioctls of links and addresses, on lo, and how they refuse. */
#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "helpers.h"

static int up_socket(void)
{
	struct ifreq ifr = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 && errno == EAFNOSUPPORT)
		SKIP("no Internet protocols in this kernel");
	need_root();
	MUST(ioctl(MUST(fd), SIOCGIFFLAGS, &ifr));
	ifr.ifr_flags |= IFF_UP;
	MUST(ioctl(fd, SIOCSIFFLAGS, &ifr));
	return fd;
}

static uint32_t ip_of(const struct sockaddr *sa)
{
	EXPECT_EQ(sa->sa_family, AF_INET);
	return ntohl(((const struct sockaddr_in *)(const void *)sa)->sin_addr.s_addr);
}

TEST(what_lo_is)
{
	struct ifreq ifr = { .ifr_name = "lo" };
	int fd = up_socket();

	MUST(ioctl(fd, SIOCGIFINDEX, &ifr));
	EXPECT_EQ(ifr.ifr_ifindex, 1);
	MUST(ioctl(fd, SIOCGIFFLAGS, &ifr));
	EXPECT_EQ(ifr.ifr_flags & (IFF_UP | IFF_LOOPBACK | IFF_RUNNING | IFF_BROADCAST),
		  IFF_UP | IFF_LOOPBACK | IFF_RUNNING);
	MUST(ioctl(fd, SIOCGIFMTU, &ifr));
	EXPECT_EQ(ifr.ifr_mtu, 65536);
	MUST(ioctl(fd, SIOCGIFHWADDR, &ifr));
	EXPECT_EQ(ifr.ifr_hwaddr.sa_family, ARPHRD_LOOPBACK);
	MUST(ioctl(fd, SIOCGIFADDR, &ifr));
	EXPECT_EQ(ip_of(&ifr.ifr_addr), INADDR_LOOPBACK);
	MUST(ioctl(fd, SIOCGIFNETMASK, &ifr));
	EXPECT_EQ(ip_of(&ifr.ifr_netmask), 0xff000000);
	MUST(ioctl(fd, SIOCGIFMETRIC, &ifr));
	EXPECT_EQ(ifr.ifr_metric, 0);
	memset(&ifr, 0, sizeof(ifr));
	ifr.ifr_ifindex = 1;
	MUST(ioctl(fd, SIOCGIFNAME, &ifr));
	EXPECT_STREQ(ifr.ifr_name, "lo");
}

/* The calls about links work on every kind of socket. */
TEST(any_socket_will_do)
{
	struct ifreq ifr = { .ifr_name = "lo" };
	int fd;

	close(up_socket());
	fd = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
	MUST(ioctl(fd, SIOCGIFINDEX, &ifr));
	EXPECT_EQ(ifr.ifr_ifindex, 1);
	EXPECT_EQ(if_nametoindex("lo"), 1);
}

TEST(list_of_addresses)
{
	struct ifreq all[16];
	struct ifconf conf = { .ifc_len = sizeof(all), .ifc_req = all };
	int fd = up_socket(), len;

	MUST(ioctl(fd, SIOCGIFCONF, &conf));
	EXPECT_GE(conf.ifc_len, sizeof(all[0]));
	EXPECT_EQ(conf.ifc_len % sizeof(all[0]), 0);
	EXPECT_STREQ(all[0].ifr_name, "lo");
	EXPECT_EQ(ip_of(&all[0].ifr_addr), INADDR_LOOPBACK);
	len = conf.ifc_len;
	conf = (struct ifconf){ .ifc_len = 0, .ifc_buf = NULL };
	MUST(ioctl(fd, SIOCGIFCONF, &conf));
	EXPECT_EQ(conf.ifc_len, len);
	conf = (struct ifconf){ .ifc_len = 5, .ifc_req = all };
	MUST(ioctl(fd, SIOCGIFCONF, &conf));
	EXPECT_EQ(conf.ifc_len, 0);
}

TEST(nobody_there)
{
	struct ifreq ifr = { .ifr_name = "nosuch0" };
	int fd = up_socket();

	EXPECT_ERRNO(ioctl(fd, SIOCGIFFLAGS, &ifr), ENODEV);
	EXPECT_ERRNO(ioctl(fd, SIOCGIFADDR, &ifr), ENODEV);
	EXPECT_ERRNO(ioctl(fd, SIOCSIFFLAGS, &ifr), ENODEV);
	EXPECT_ERRNO(ioctl(fd, SIOCGIFINDEX, &ifr), ENODEV);
	memset(ifr.ifr_name, 'x', sizeof(ifr.ifr_name));
	EXPECT_ERRNO(ioctl(fd, SIOCGIFFLAGS, &ifr), ENODEV);
	ifr.ifr_ifindex = 4711;
	EXPECT_ERRNO(ioctl(fd, SIOCGIFNAME, &ifr), ENODEV);
	EXPECT_ERRNO(ioctl(fd, SIOCGIFFLAGS, (void *)8), EFAULT);
	EXPECT_ERRNO(ioctl(fd, SIOCGIFCONF, (void *)8), EFAULT);
	EXPECT_ERRNO(ioctl(fd, 0x89ef, &ifr), ENOTTY);
}

TEST(changes_are_an_administrators)
{
	close(up_socket());
	EXPECT_EXIT(IN_CHILD({
		struct ifreq ifr = { .ifr_name = "lo" };
		struct rtentry rt = { .rt_flags = RTF_UP };
		int fd = MUST(socket(AF_INET, SOCK_DGRAM, 0));

		MUST(setuid(1000));
		EXPECT_ERRNO(ioctl(fd, SIOCSIFFLAGS, &ifr), EPERM);
		EXPECT_ERRNO(ioctl(fd, SIOCADDRT, &rt), EPERM);
		MUST(ioctl(fd, SIOCGIFFLAGS, &ifr));
	}), 0);
}

TEST(the_same_address_again)
{
	struct ifreq ifr = { .ifr_name = "lo" };
	struct sockaddr_in *in = (void *)&ifr.ifr_addr;
	int fd = up_socket();

	in->sin_family = AF_INET;
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	MUST(ioctl(fd, SIOCSIFADDR, &ifr));
	MUST(ioctl(fd, SIOCGIFNETMASK, &ifr));
	EXPECT_EQ(ip_of(&ifr.ifr_netmask), 0xff000000);
	in->sin_family = AF_INET6;
	EXPECT_ERRNO(ioctl(fd, SIOCSIFADDR, &ifr), EINVAL);
}

TEST(routes_refused)
{
	struct rtentry rt = { .rt_flags = RTF_UP };
	struct sockaddr_in *dst = (void *)&rt.rt_dst, *mask = (void *)&rt.rt_genmask;
	int fd = up_socket();

	EXPECT_ERRNO(ioctl(fd, SIOCADDRT, &rt), EAFNOSUPPORT);
	dst->sin_family = mask->sin_family = AF_INET;
	dst->sin_addr.s_addr = htonl(0x0a000001);
	mask->sin_addr.s_addr = htonl(0xff000000);
	rt.rt_dev = "lo";
	EXPECT_ERRNO(ioctl(fd, SIOCADDRT, &rt), EINVAL); /* a host in a net's place */
	mask->sin_addr.s_addr = htonl(0xff00ff00);
	EXPECT_ERRNO(ioctl(fd, SIOCADDRT, &rt), EINVAL);
	mask->sin_addr.s_addr = htonl(0xffffffff);
	rt.rt_dev = "nosuch0";
	EXPECT_ERRNO(ioctl(fd, SIOCADDRT, &rt), ENODEV);
}

TEST(no_such_neighbour)
{
	struct arpreq arp = { 0 };
	struct sockaddr_in *ip = (void *)&arp.arp_pa;
	int fd = up_socket();

	EXPECT_ERRNO(ioctl(fd, SIOCGARP, &arp), EPFNOSUPPORT);
	ip->sin_family = AF_INET;
	ip->sin_addr.s_addr = htonl(0xc0000201);
	strcpy(arp.arp_dev, "nosuch0");
	EXPECT_ERRNO(ioctl(fd, SIOCGARP, &arp), ENODEV);
	strcpy(arp.arp_dev, "lo");
	EXPECT_ERRNO(ioctl(fd, SIOCGARP, &arp), ENXIO);
}
