/* SPDX-License-Identifier: BSD-2-Clause */
/* PL031 real-time clock (DDI 0224): read once, to set the time of day at boot. */
#include <arch/io.h>
#include <kernel/driver.h>
#include <kernel/dt.h>
#include <kernel/time.h>
#include <lib/errno.h>
#include <mm/vmap.h>

#define RTC_DR  0x00            /* seconds since 1970 */

static int rtc_probe(const void *fdt, int node)
{
	phys_addr_t phys;
	u64 size;
	u8 __iomem *base;

	if (dt_reg(node, 0, &phys, &size))
		return -EINVAL;
	base = ioremap(phys, size);
	if (!base)
		return -ENOMEM;
	rtc_set_epoch(readl(base + RTC_DR));
	iounmap(base);
	return 0;
}

DRIVER(pl031, "arm,pl031", rtc_probe);
