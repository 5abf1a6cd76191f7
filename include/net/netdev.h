/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Network devices: what a driver of frames offers, and what the stack above it promises.
 *
 * One stack (a backend of net/) registers itself with its lock. Everything a device does with
 * frames happens under that lock: xmit, poll, the done() of a frame sent and the rx() of a
 * frame that came. So a driver needs no lock of its own but for what its interrupt touches,
 * and a stack that frees buffers in done() needs no second one either.
 *
 * The worker. A device's interrupt handler only turns its interrupts off and calls
 * netdev_schedule(). One kernel thread then takes the stack's lock, polls each device that is
 * up for at most a budget of frames, runs the stack's timers, and drops the lock; it
 * comes back for what is left, so that a flood leaves room for others. A device turns its
 * interrupts on again when poll() finds nothing more.
 *
 * Frames in. The driver owns its buffers and hands them up as they are: struct net_rxbuf with
 * room for the stack's own header (`stack`: a pbuf_custom fits), linked by `next` when a frame
 * came in several. The stack gives each back by net_rxbuf_free(), from any context that may
 * free memory, with or without its lock, in any order, as late as it likes; the driver
 * meanwhile receives into new ones. `truesize` is what one holds of memory, for charging:
 * copy what is much smaller and is to be kept.
 *
 * Frames out. struct net_txframe names pieces of the caller's memory, which must stay as they
 * are until done(). No copy is made. Everything up to the link header is in the frame.
 *
 * Locks, outermost first: config changes (rtnl), the stack's lock, a device's own. Nothing
 * here is called from interrupts but netdev_schedule() and netdev_link_event().
 */
#ifndef NET_NETDEV_H
#define NET_NETDEV_H

#include <lib/compiler.h>
#include <lib/list.h>
#include <lib/types.h>

#define NETDEV_NAME	16		/* IFNAMSIZ */
#define ETH_ALEN	6
#define ETH_HLEN	14
#define NETDEV_TX_PIECES 20		/* of one frame */
#define NETDEV_MCAST	32		/* multicast addresses a device filters by */

/* dev->features: what the device does so that the stack need not. */
#define NETDEV_TX_CSUM	(1u << 0)	/* fills in TCP's and UDP's checksum (NET_TX_CSUM) */
#define NETDEV_RX_CSUM	(1u << 1)	/* may say NET_RX_CSUM_OK */
#define NETDEV_TSO4	(1u << 2)	/* cuts NET_TX_TSO frames of TCP over IPv4; needs TX_CSUM */
#define NETDEV_TSO6	(1u << 3)
#define NETDEV_TSO_ECN	(1u << 4)	/* also with CWR set in the first segment */
#define NETDEV_RX_LARGE	(1u << 5)	/* may hand up TCP segments of up to 64 KB, joined by the other side */

/* frame->flags */
#define NET_TX_CSUM	(1u << 0)	/* sum from csum_start to the end into csum_start + csum_offset */
#define NET_TX_TSO	(1u << 1)	/* with CSUM: cut into gso_size bytes of payload each */
#define NET_TX_TSO6	(1u << 2)	/* with TSO: it is IPv6 */
#define NET_TX_ECN	(1u << 3)	/* with TSO: CWR is set */

/* rx->flags, in the first buffer of a frame */
#define NET_RX_CSUM_OK	(1u << 0)	/* TCP's or UDP's checksum was found good, or never left this machine */
#define NET_RX_LARGE	(1u << 1)	/* several segments in one; gso_size of payload each */

/* Why a NET_DROP event: a port, whose socket had no room, or one of these. */
#define NET_DROP_ERRNO	0x10000u	/* + errno: it could not be sent, or had no memory */
#define NET_DROP_FOREIGN 0x20000u	/* not for this machine */
#define NET_DROP_BAD	0x20001u	/* malformed, or nobody speaks its protocol */

struct net_device;

/* A piece of memory in the linear map (kmalloc, slab and page allocator; not vmalloc, not the image). */
struct net_piece {
	const void	*data;
	u32		len;		/* not 0 */
};

/*
 * One frame to send, link header first. The struct itself is the caller's until the call
 * returns; the pieces until done(token, sent), which comes once for each frame accepted: from
 * a later xmit or poll, soon, also when nothing else is sent. sent is false if the device died.
 * With NET_TX_CSUM the checksum field holds the sum of the pseudo header, not inverted; with
 * NET_TX_TSO that of the one long segment, its whole length included. The IPv4 header's own
 * checksum is always there.
 */
struct net_txframe {
	struct net_piece pieces[NETDEV_TX_PIECES];
	u32		nr, len;	/* pieces; bytes in all */
	u32		flags;		/* NET_TX_* */
	u16		csum_start, csum_offset;
	u16		gso_size, hdr_len; /* TSO: payload of a segment; all headers */
	void		(*done)(void *token, bool sent);	/* NULL: nobody cares */
	void		*token;
};

/* One received buffer. */
struct net_rxbuf {
	struct net_rxbuf *next;		/* of the same frame */
	u8		*data;
	u32		len;
	u32		truesize;	/* bytes of memory it holds */
	u32		flags;		/* NET_RX_*; first buffer */
	u32		frame_len;	/* first buffer: bytes in all */
	u16		gso_size;
	void		(*recycle)(struct net_rxbuf *b);
	u64		stack[9];	/* the stack's, as long as it has the buffer */
};

/* Gives one buffer (not its `next`) back. Any context that may free memory. */
static inline void net_rxbuf_free(struct net_rxbuf *b)
{
	b->recycle(b);
}
void net_rxbuf_free_frame(struct net_rxbuf *b);	/* all of a frame */

/* Counted by the device's side under the stack's lock; read by anybody. */
struct netdev_stats {
	u64 rx_packets, tx_packets, rx_bytes, tx_bytes, multicast;
	u64 rx_errors, rx_length_errors, rx_crc_errors, tx_errors;	/* length, crc: part of rx_errors */
	u64 rx_dropped;		/* no memory, nobody to take it, not for us */
	u64 tx_dropped;		/* the queue was full, or the link or device down */
};

/* What a driver fills in. Each with the stack's lock held, not sleeping, unless it says otherwise. */
struct netdev_ops {
	/*
	 * Starts and stops receiving and sending: IFF_UP. After stop() no rx() comes, and each
	 * frame accepted had its done().
	 */
	int (*open)(struct net_device *dev);
	void (*stop)(struct net_device *dev);
	/*
	 * Accepts a frame (0), or not: -ENOBUFS the queue is full, tx_ready() comes when there
	 * is room; -EINVAL it cannot be sent ever. The other side may learn of it only at flush().
	 */
	int (*xmit)(struct net_device *dev, const struct net_txframe *frame);
	/* Tells the other side of the frames since the last flush. */
	void (*flush)(struct net_device *dev);
	/*
	 * Takes at most `budget` frames in (netdev_rx) and all finished ones out (done). Returns
	 * true if there may be more; false after it has turned interrupts on and looked again.
	 * Comes for each device that is up whenever the worker runs, scheduled or not.
	 */
	bool (*poll)(struct net_device *dev, unsigned budget);
	/* dev->promisc became 0 or ceased to be. A device that cannot filter has none. */
	void (*set_rx_mode)(struct net_device *dev);
	/* -EADDRNOTAVAIL not a station's address, -EOPNOTSUPP. */
	int (*set_mac)(struct net_device *dev, const u8 *mac);
};

/*
 * Locks:  i  never changes after registration   s  the stack's lock (words may be read without)
 *         a  atomic
 */
struct net_device {
	const struct netdev_ops *ops;	/* i */
	void		*priv;		/* i  the driver's */
	const char	*device;	/* i  what it drives, of the device tree; NULL nothing */
	char		name[NETDEV_NAME]; /* i  eth0, ... : given at registration */
	int		ifindex;	/* i  from 2: 1 is lo */
	u32		features;	/* i  NETDEV_* */
	u16		min_mtu, max_mtu; /* i */
	u8		mac[ETH_ALEN];	/* s */
	u16		mtu;		/* s */
	bool		link;		/* s  the other side is there (IFF_RUNNING) */
	bool		up;		/* s  netdev_up() */
	bool		tx_full;	/* s  -ENOBUFS was said and tx_ready() is owed */
	bool		unflushed;	/* s  frames wait for flush() */
	u32		promisc, allmulti; /* s  how many want it */
	struct {
		u8	mac[ETH_ALEN];
		u16	users;		/* 0: a free place */
	} mcast[NETDEV_MCAST];		/* s  multicast addresses wanted */
	u32		mcast_more;	/* s  wanted and without a place: all are let through */
	bool		link_new;	/* a  link state as the interrupt saw it */
	bool		link_changed;	/* a */
	struct netdev_stats stats;	/* s */
	void		*stack;		/* s  the stack's (a netif) */
	struct list_head node;		/* i  of netdev_list */
};

/* ---- the stack's side ---- */

struct netdev_stack {
	/* The one lock. unlock() wakes whoever became ready, after dropping it. May sleep. */
	void (*lock)(void);
	void (*unlock)(void);
	/* The rest with it held. A device is there, down; once for each, also those there before. */
	void (*attach)(struct net_device *dev);
	/* One frame, which now belongs to the stack. */
	void (*rx)(struct net_device *dev, struct net_rxbuf *frame);
	/* xmit has room again. */
	void (*tx_ready)(struct net_device *dev);
	/* dev->link or dev->up changed. */
	void (*link)(struct net_device *dev);
	/* Does what is due at `now` (monotonic); returns when it wants to be called next, NSEC_MAX never. */
	nsec_t (*timers)(nsec_t now);
};

/* Once, from the backend's init. 0 or -ENOMEM. */
int netdev_stack_register(const struct netdev_stack *stack);
/* The next timers() should come no later than `when`. Any context but interrupts. */
void netdev_timer_before(nsec_t when);

void netdev_lock(void);
void netdev_unlock(void);

/* With the stack's lock held: */

/*
 * Sends. 0, -ENETDOWN (not up), -ENOBUFS, -EINVAL (no or too many pieces, or longer than MTU and
 * link header and not TSO). Counts; taps (AF_PACKET) see it. Not accepted: no done().
 */
int netdev_xmit(struct net_device *dev, const struct net_txframe *frame);
/* All devices' flush(), cheap if nothing waits: before the stack drops its lock, always. */
extern bool netdev_unflushed;		/* s  a device has frames that wait for it */
void __netdev_flush(void);
static inline void netdev_flush(void)
{
	if (unlikely(netdev_unflushed))
		__netdev_flush();
}
/* IFF_UP on and off. 0 or what the driver says. */
int netdev_up(struct net_device *dev);
void netdev_down(struct net_device *dev);
/* -EINVAL outside min_mtu..max_mtu. */
int netdev_set_mtu(struct net_device *dev, unsigned mtu);
int netdev_set_mac(struct net_device *dev, const u8 *mac);
/* One more (+1) or fewer (-1) that wants every frame, or every multicast frame. */
void netdev_promisc(struct net_device *dev, int change);
void netdev_allmulti(struct net_device *dev, int change);
/*
 * The stack's own multicast filter: frames to `mac` are wanted, once for each add. Without a
 * place (NETDEV_MCAST) all multicast is let through.
 */
void netdev_mcast_add(struct net_device *dev, const u8 *mac);
void netdev_mcast_del(struct net_device *dev, const u8 *mac);
struct net_device *netdev_by_index(int ifindex);	/* any context: devices never go */
struct net_device *netdev_by_name(const char *name);

/*
 * Who looks at every frame that comes (as far as it is wanted) or is sent, with the stack's lock
 * held: AF_PACKET. Copies with netdev_frame_copy() and keeps nothing.
 */
struct netdev_frame {
	const struct net_txframe *tx;	/* one of both */
	const struct net_rxbuf	 *rx;
	u32 len;
};
void netdev_frame_copy(const struct netdev_frame *f, u32 offset, void *to, u32 n);
typedef void (*netdev_tap_t)(struct net_device *dev, const struct netdev_frame *f);
void netdev_set_tap(netdev_tap_t tap);	/* NULL: nobody looks */

/* ---- the driver's side ---- */

/* Task context. `name` is a format with one %u ("eth%u"). The device is down. 0, -ENOMEM, -ENFILE. */
int netdev_register(struct net_device *dev, const char *name);
/* There is something to poll. Any context. */
void netdev_schedule(void);
/* From poll(): a frame that came. Filters by address, counts, hands it to taps and the stack. */
void netdev_rx(struct net_device *dev, struct net_rxbuf *frame);
/* From poll(): there is room in the queue again. */
void netdev_tx_room(struct net_device *dev);
/* The link came or went; the stack hears of it from the worker. Any context. */
void netdev_link_event(struct net_device *dev, bool link);

#endif
