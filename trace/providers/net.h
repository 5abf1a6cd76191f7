/* SPDX-License-Identifier: BSD-2-Clause */
/* NET, 0x09xx: messages of sockets and packets of devices. */
PROVIDER(NET, 0x09, net, "packets, drops and connections")
EVENT(NET, 0x00, NET_RX, net_rx, (u32, bytes), (u32, port))
EVENT(NET, 0x01, NET_TX, net_tx, (u32, bytes), (u32, port))
EVENT(NET, 0x02, NET_DROP, net_drop, (u32, bytes), (u32, reason))
EVENT(NET, 0x03, TCP_STATE, tcp_state, (u32, port), (u32, state))
/* A segment with `bytes` of data (0: a SYN or FIN alone) went out again: lwIP's, the loopback backend loses none. */
EVENT(NET, 0x04, TCP_RETRANSMIT, tcp_retransmit, (u32, port), (u32, bytes))
