/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arm PrimeCell UART (PL011): the terminals ttyAMA0..13, and the kernel's console.
 * Register names and bits: PrimeCell UART (PL011) Technical Reference Manual, r1p5.
 *
 * Output goes from the terminal's queue straight into the FIFO while there is room; only
 * what does not fit waits for the transmit interrupt. The console's messages poll the
 * FIFO, after what the queue still holds, so that both come out in the order written.
 * Input comes by the receive and the receive timeout interrupts; when the line discipline
 * has no room they are masked and the FIFO (and the other side) holds the bytes.
 *
 * Lock: tty->lock guards the registers but for the console's polled writes of data.
 */
#include <arch/barrier.h>
#include <arch/io.h>
#include <fs/fs.h>
#include <kernel/driver.h>
#include <kernel/dt.h>
#include <kernel/irq.h>
#include <kernel/printk.h>
#include <kernel/sysrq.h>
#include <kernel/time.h>
#include <kernel/tty.h>
#include <lib/printf.h>
#include <mm/slab.h>
#include <mm/vmap.h>

#define UART_DR		0x00
#define   DR_FE		BIT(8)
#define   DR_PE		BIT(9)
#define   DR_BE		BIT(10)
#define   DR_OE		BIT(11)
#define UART_FR		0x18
#define   FR_CTS	BIT(0)
#define   FR_DSR	BIT(1)
#define   FR_DCD	BIT(2)
#define   FR_BUSY	BIT(3)
#define   FR_RXFE	BIT(4)
#define   FR_TXFF	BIT(5)
#define   FR_TXFE	BIT(7)
#define   FR_RI		BIT(8)
#define UART_IBRD	0x24
#define UART_FBRD	0x28
#define UART_LCRH	0x2c
#define   LCRH_BRK	BIT(0)
#define   LCRH_PEN	BIT(1)
#define   LCRH_EPS	BIT(2)
#define   LCRH_STP2	BIT(3)
#define   LCRH_FEN	BIT(4)
#define   LCRH_WLEN(n)	((u32)((n) - 5) << 5)
#define   LCRH_SPS	BIT(7)
#define UART_CR		0x30
#define   CR_UARTEN	BIT(0)
#define   CR_TXE	BIT(8)
#define   CR_RXE	BIT(9)
#define   CR_DTR	BIT(10)
#define   CR_RTS	BIT(11)
#define   CR_RTSEN	BIT(14)
#define   CR_CTSEN	BIT(15)
#define UART_IFLS	0x34
#define   IFLS_HALF	0x12		/* both FIFOs at half */
#define UART_IMSC	0x38
#define UART_MIS	0x40
#define UART_ICR	0x44
#define   INT_RX	BIT(4)
#define   INT_TX	BIT(5)
#define   INT_RT	BIT(6)
#define   INT_ALL	0x7ff

#define FIFO_DEPTH	16u		/* the smallest of all revisions */
#define RX_BATCH	64
#define TTYAMA_MAJOR	204
#define TTYAMA_MINOR	64
#define TTYAMA_MAX	14
#define SYSRQ_WINDOW	(5 * NSEC_PER_SEC)

struct pl011 {
	void __iomem  *base;
	struct tty    *tty;
	u32            imsc;		/* tty->lock: what UART_IMSC holds */
	u32            clock;		/* Hz, 0: unknown */
	nsec_t         sysrq_until;	/* a BREAK came: the next byte is a command */
	struct console console;
	char           name[12];
};

static inline u32 rd(const struct pl011 *p, u32 reg)
{
	return readl_relaxed(p->base + reg);
}
static inline void wr(struct pl011 *p, u32 reg, u32 value)
{
	writel_relaxed(value, p->base + reg);
}
static void set_imsc(struct pl011 *p, u32 imsc)
{
	if (imsc != p->imsc) {
		p->imsc = imsc;
		wr(p, UART_IMSC, imsc);
	}
}

/* ---- output ---- */

/* Bytes the FIFO takes now. */
static u32 tx_room(const struct pl011 *p)
{
	u32 fr = rd(p, UART_FR);

	return fr & FR_TXFE ? FIFO_DEPTH : fr & FR_TXFF ? 0 : 1;
}

static void fill_fifo(struct pl011 *p, struct tty *tty) REQUIRES(&tty->lock)
{
	u8 buf[FIFO_DEPTH];
	u32 room;

	while (tty_tx_pending(tty) && (room = tx_room(p))) {
		size_t n = tty_tx_pull(tty, buf, room);

		for (size_t i = 0; i < n; i++)
			wr(p, UART_DR, buf[i]);
	}
	set_imsc(p, tty_tx_pending(tty) ? p->imsc | INT_TX : p->imsc & ~(u32)INT_TX);
}

static void pl011_start_tx(struct tty *tty)
{
	spin_assert_held(&tty->lock);
	fill_fifo(tty->driver_data, tty);
}

static void poll_putc(struct pl011 *p, u8 c)
{
	while (rd(p, UART_FR) & FR_TXFF)
		cpu_relax();
	wr(p, UART_DR, c);
}

static void pl011_send_xchar(struct tty *tty, u8 c)
{
	poll_putc(tty->driver_data, c);
}

static bool pl011_tx_empty(struct tty *tty)
{
	return !(rd(tty->driver_data, UART_FR) & FR_BUSY);
}

/* Any context with IRQs off. May be inside tty->lock (a warning there): so it is not taken. */
static void pl011_console_write(struct console *con, const char *text, size_t len)
	NO_THREAD_SAFETY_ANALYSIS
{
	struct pl011 *p = container_of(con, struct pl011, console);
	struct tty *tty = p->tty;
	u8 c;

	/* The terminal's backlog goes first, unless another CPU is at work on it. */
	if (!tty->stopped && !ring_empty(&tty->out) && spin_trylock(&tty->lock)) {
		while (tty_tx_pull(tty, &c, 1))
			poll_putc(p, c);
		spin_unlock(&tty->lock);
	}
	for (size_t i = 0; i < len;) {
		u32 room = tx_room(p);

		/* One look at the flags serves a whole FIFO; a newline takes two places. */
		while (room && i < len) {
			c = (u8)text[i++];
			if (c == '\n') {
				wr(p, UART_DR, '\r');
				room--;
				if (!room)
					while (!(room = tx_room(p)))
						cpu_relax();
			}
			wr(p, UART_DR, c);
			room--;
		}
	}
}

/* ---- input ---- */

static u8 flag_of(u32 dr)
{
	if (dr & DR_BE)
		return TTY_BREAK;
	if (dr & DR_PE)
		return TTY_PARITY;
	if (dr & DR_FE)
		return TTY_FRAME;
	return TTY_NORMAL;
}

/* Swallows a BREAK on the console's line and the command letter after it. */
static bool is_sysrq(struct pl011 *p, u8 c, u8 flag)
{
	if (!p->console.write)
		return false;
	if (flag == TTY_BREAK && !p->sysrq_until) {
		p->sysrq_until = ktime_get() + SYSRQ_WINDOW;
		return true;
	}
	if (!p->sysrq_until)
		return false;
	if (flag == TTY_NORMAL && ktime_get() < p->sysrq_until) {
		p->sysrq_until = 0;
		sysrq_handle((char)c);
		return true;
	}
	p->sysrq_until = 0;
	return false;
}

static void receive(struct pl011 *p)
{
	u8 bytes[RX_BATCH], flags[RX_BATCH];
	struct tty *tty = p->tty;

	while (!(rd(p, UART_FR) & FR_RXFE)) {
		size_t room = min_t(size_t, tty_receive_room(tty), RX_BATCH), n = 0;
		bool flagged = false;

		if (!room) {
			tty_receive(tty, NULL, NULL, 0);	/* masks us by throttle() */
			return;
		}
		while (n < room && !(rd(p, UART_FR) & FR_RXFE)) {
			u32 dr = rd(p, UART_DR);
			u8 flag = flag_of(dr);

			if (IS_ENABLED(CONFIG_MAGIC_SYSRQ) && is_sysrq(p, (u8)dr, flag))
				continue;
			flagged |= flag != TTY_NORMAL;
			bytes[n] = (u8)dr;
			flags[n++] = flag;
		}
		if (n)
			tty_receive(tty, bytes, flagged ? flags : NULL, n);
	}
}

static void pl011_irq(unsigned virq, void *arg)
{
	struct pl011 *p = arg;
	struct tty *tty = p->tty;
	u32 mis = rd(p, UART_MIS);

	if (mis & (INT_RX | INT_RT)) {
		wr(p, UART_ICR, INT_RX | INT_RT);
		receive(p);
	}
	if (mis & INT_TX) {
		wr(p, UART_ICR, INT_TX);
		spin_lock(&tty->lock);
		fill_fifo(p, tty);
		tty_tx_wakeup(tty);
		spin_unlock(&tty->lock);
	}
}

static void pl011_throttle(struct tty *tty)
{
	struct pl011 *p = tty->driver_data;

	set_imsc(p, p->imsc & ~(u32)(INT_RX | INT_RT));
}

static void pl011_unthrottle(struct tty *tty)
{
	struct pl011 *p = tty->driver_data;

	/* What waits in the FIFO raises the interrupt at once: it is a level. */
	set_imsc(p, p->imsc | INT_RX | INT_RT);
}

/* ---- line settings ---- */

static void pl011_set_termios(struct tty *tty, const struct ktermios *old)
{
	static const u8 bits[] = { 5, 6, 7, 8 };
	struct pl011 *p = tty->driver_data;
	u32 cflag = tty->termios.c_cflag, speed = tty->termios.c_ospeed, cr;
	u32 lcrh = LCRH_FEN | LCRH_WLEN(bits[(cflag & CSIZE) / CS6]);

	if (cflag & CSTOPB)
		lcrh |= LCRH_STP2;
	if (cflag & PARENB)
		lcrh |= LCRH_PEN | (cflag & PARODD ? 0 : LCRH_EPS) | (cflag & CMSPAR ? LCRH_SPS : 0);
	cr = rd(p, UART_CR) & ~(u32)(CR_RTSEN | CR_CTSEN);
	if (cflag & CRTSCTS)
		cr |= CR_RTSEN | CR_CTSEN;
	wr(p, UART_CR, 0);
	if (p->clock && speed && speed <= p->clock / 16) {
		u32 divisor = (u32)(((u64)p->clock * 4 + speed / 2) / speed);	/* in 1/64 */

		wr(p, UART_IBRD, divisor >> 6);
		wr(p, UART_FBRD, divisor & 63);
	}
	wr(p, UART_LCRH, lcrh);		/* also takes the divisor over */
	wr(p, UART_CR, cr | CR_UARTEN | CR_TXE | CR_RXE);
}

static int pl011_break_ctl(struct tty *tty, bool on)
{
	struct pl011 *p = tty->driver_data;
	unsigned long flags;
	u32 lcrh;

	spin_lock_irqsave(&tty->lock, flags);
	lcrh = rd(p, UART_LCRH);
	wr(p, UART_LCRH, on ? lcrh | LCRH_BRK : lcrh & ~(u32)LCRH_BRK);
	spin_unlock_irqrestore(&tty->lock, flags);
	return 0;
}

static int pl011_get_mctrl(struct tty *tty)
{
	struct pl011 *p = tty->driver_data;
	u32 fr = rd(p, UART_FR), cr = rd(p, UART_CR);

	return (fr & FR_CTS ? TIOCM_CTS : 0) | (fr & FR_DSR ? TIOCM_DSR : 0) |
	       (fr & FR_DCD ? TIOCM_CAR : 0) | (fr & FR_RI ? TIOCM_RNG : 0) |
	       (cr & CR_RTS ? TIOCM_RTS : 0) | (cr & CR_DTR ? TIOCM_DTR : 0);
}

static int pl011_set_mctrl(struct tty *tty, unsigned set, unsigned clear)
{
	struct pl011 *p = tty->driver_data;
	unsigned long flags;
	u32 cr;

	spin_lock_irqsave(&tty->lock, flags);
	cr = rd(p, UART_CR);
	if (clear & TIOCM_RTS)
		cr &= ~(u32)CR_RTS;
	if (clear & TIOCM_DTR)
		cr &= ~(u32)CR_DTR;
	if (set & TIOCM_RTS)
		cr |= CR_RTS;
	if (set & TIOCM_DTR)
		cr |= CR_DTR;
	wr(p, UART_CR, cr);
	spin_unlock_irqrestore(&tty->lock, flags);
	return 0;
}

/* ---- opening, probing ---- */

/* Bytes that came before anybody opened the line wait in the FIFO and are read now. */
static int pl011_open(struct tty *tty)
{
	struct pl011 *p = tty->driver_data;

	spin_lock_irq(&tty->lock);
	set_imsc(p, p->imsc | INT_RX | INT_RT);
	spin_unlock_irq(&tty->lock);
	return 0;
}

static void pl011_close(struct tty *tty)
{
	struct pl011 *p = tty->driver_data;

	spin_lock_irq(&tty->lock);
	set_imsc(p, p->imsc & ~(u32)(INT_RX | INT_RT));
	spin_unlock_irq(&tty->lock);
}

static const struct tty_ops pl011_ops = {
	.open = pl011_open, .close = pl011_close, .start_tx = pl011_start_tx,
	.send_xchar = pl011_send_xchar, .throttle = pl011_throttle,
	.unthrottle = pl011_unthrottle, .set_termios = pl011_set_termios,
	.break_ctl = pl011_break_ctl, .tx_empty = pl011_tx_empty,
	.get_mctrl = pl011_get_mctrl, .set_mctrl = pl011_set_mctrl,
};

/* The rate of the first clock the node names. */
static u32 uart_clock(const void *fdt, int node)
{
	int len, clock;
	const fdt32_t *prop = fdt_getprop(fdt, node, "clocks", &len);
	u32 rate;

	if (!prop || len < (int)sizeof(*prop))
		return 0;
	clock = fdt_node_offset_by_phandle(fdt, fdt32_to_cpu(*prop));
	return clock >= 0 && !dt_prop_u32(clock, "clock-frequency", &rate) ? rate : 0;
}

static void hardware_init(struct pl011 *p)
{
	wr(p, UART_IMSC, 0);
	wr(p, UART_ICR, INT_ALL & ~(u32)(INT_RX | INT_RT));
	wr(p, UART_IFLS, IFLS_HALF);
	wr(p, UART_CR, CR_RTS | CR_DTR);
	spin_lock_irq(&p->tty->lock);
	pl011_set_termios(p->tty, NULL);
	spin_unlock_irq(&p->tty->lock);
}

static int pl011_probe(const void *fdt, int node)
{
	static unsigned count;
	static bool have_console;
	unsigned index = count;
	struct pl011 *p;
	phys_addr_t phys;
	u64 size;
	int irq, err;

	if (index >= TTYAMA_MAX)
		return -ENOSPC;
	err = dt_reg(node, 0, &phys, &size);
	if (err)
		return err;
	irq = dt_irq(node, 0);
	if (irq < 0)
		return irq;
	p = kzalloc(sizeof(*p), GFP_KERNEL);
	if (!p)
		return -ENOMEM;
	scnprintf(p->name, sizeof(p->name), "ttyAMA%u", index);
	p->clock = uart_clock(fdt, node);
	p->base = ioremap(phys, size);
	err = -ENOMEM;
	if (!p->base)
		goto out_free;
	p->tty = tty_create(p->name, MKDEV(TTYAMA_MAJOR, TTYAMA_MINOR + index), &pl011_ops, p, 0);
	if (IS_ERR(p->tty)) {
		err = (int)PTR_ERR(p->tty);
		goto out_unmap;
	}
	hardware_init(p);
	err = irq_request((unsigned)irq, pl011_irq, p, "uart-pl011");
	if (err)
		goto out_tty;
	count++;
	pr_info("%s: MMIO 0x%llx, irq %d, a PL011\n", p->name, (unsigned long long)phys, irq);
	if (tty_wanted_console(p->name) && !have_console) {
		have_console = true;
		p->console.name = p->name;
		p->console.write = pl011_console_write;
		console_register(&p->console);
	}
	return 0;
out_tty:
	tty_destroy(p->tty);
out_unmap:
	iounmap(p->base);
out_free:
	kfree(p);
	return err;
}
DRIVER(pl011, "arm,pl011", pl011_probe, DRIVER_CONSOLE);
