/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of Internet sockets have in common. */
#ifndef USR_TESTS_INET_H
#define USR_TESTS_INET_H

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <sys/socket.h>

#define ADDR(a) ((struct sockaddr *)&(a))

/* `host` in the order of this machine. */
struct sockaddr_in v4(uint32_t host, int port);

/* A socket of AF_INET or AF_INET6, with Linux's "lo" up; the test is skipped where there are none. */
int inet_socket(int family, int type);

/* One of IPv4; skipped where there are no packets, whose sending could be put off or chosen. */
int inet_packet_socket(int type);

/* The port a socket of either family is bound to. */
int port_of(int fd);

/* A socket of IPv4 bound to 127.0.0.1 and a port of the kernel's choice. */
int inet_bound(int type);
/* TCP over IPv4's loopback: a listener, a connection to one, both ends of a connection. */
int inet_listener(void);
int inet_connected(int listener);
void inet_connection(int *client, int *server);

/* Sends until there is room for no more; reads to the end. Bytes. */
uint64_t inet_fill(int fd);
uint64_t inet_drain(int fd);

/* TCP_INFO of a socket. */
struct tcp_info inet_tcp_info(int fd);

/* The state column of /proc/net/tcp for the connection between these two ports; 0: none. */
unsigned inet_state_of(int local, int remote);

/* What /proc/net/lwip says of a pool; -1 with another backend, and on Linux. */
enum pool_column { POOL_USED, POOL_LIMIT, POOL_REFUSED };
long lwip_pool(const char *name, enum pool_column column);

#endif
