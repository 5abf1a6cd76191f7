/* SPDX-License-Identifier: BSD-2-Clause */
/* Early console: a PL011 by polling, mapped in the fixmap. See <arch/earlycon.h>. */
#include <arch/earlycon.h>
#include <arch/io.h>
#include <arch/mmu.h>
#include <kernel/dt.h>
#include <kernel/init.h>
#include <kernel/printk.h>

#define UART_DR         0x00
#define UART_FR         0x18
#define UART_FR_TXFF    BIT(5)
#define SPIN_LIMIT      1000000         /* a UART that never drains must not stop the boot */

static void __iomem *uart;

static void put_byte(u8 c)
{
	for (unsigned int i = 0; i < SPIN_LIMIT; i++) {
		if (!(readl_relaxed(uart + UART_FR) & UART_FR_TXFF))
			break;
	}
	writel_relaxed(c, uart + UART_DR);
}

static void early_write(struct console *con, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\n')
			put_byte('\r');
		put_byte((u8)text[i]);
	}
}

static struct console early_console = {
	.name = "earlycon",
	.write = early_write,
	.early = true,
};

void __init early_console_init(void)
{
	int node = dt_stdout_node();
	phys_addr_t phys;
	u64 size;

	if (node < 0 || !dt_compatible(node, "arm,pl011") || dt_reg(node, 0, &phys, &size))
		return;
	fixmap_set(FIX_UART, phys & PAGE_MASK, PROT_KERNEL_DEVICE);
	uart = (void __iomem *)(FIX_UART + (phys & ~PAGE_MASK));
	console_register(&early_console);
}

/* It is there anyway. */
static int earlycon_param(char *value)
{
	return 0;
}
EARLY_PARAM(earlycon, "earlycon", earlycon_param);
