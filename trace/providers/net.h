/* SPDX-License-Identifier: BSD-2-Clause */
/* NET, 0x09xx: messages of sockets and packets of devices. */
PROVIDER(NET, 0x09, net, "packets, drops and connections")
/* Bytes of payload, and the port of the socket that gets them or of whom they are for. */
EVENT(NET, 0x00, NET_RX, net_rx, (u32, bytes), (u32, port))
EVENT(NET, 0x01, NET_TX, net_tx, (u32, bytes), (u32, port))
/* Of a frame or packet; reason: NET_DROP_* of <net/netdev.h>. */
EVENT(NET, 0x02, NET_DROP, net_drop, (u32, bytes), (u32, reason))
/* Numbers of the states as in /proc/net/tcp; 7, the end, also of what no socket has any more. */
EVENT(NET, 0x03, TCP_STATE, tcp_state, (u32, port), (u32, state))
/* A segment with `bytes` of data (0: a SYN or FIN alone) went out again: lwIP's, the loopback backend loses none. */
EVENT(NET, 0x04, TCP_RETRANSMIT, tcp_retransmit, (u32, port), (u32, bytes))
