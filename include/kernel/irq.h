/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts: from a line of the controller to a handler.
 *
 * One root controller registers itself; its `handle` op acknowledges, calls
 * irq_dispatch() for each interrupt and ends it. A handler runs with IRQs off,
 * does the minimum and never sleeps or switches; the rest goes to a work item.
 *
 * Numbers: a virq is the GIC's own INTID (0-15 SGI, 16-31 PPI, 32.. SPI).
 */
#ifndef KERNEL_IRQ_H
#define KERNEL_IRQ_H

#include <lib/types.h>

struct trap_frame;
struct seq_file;

#define NR_IRQS		1020

/* Software-generated interrupts between CPUs. */
#define IPI_RESCHED	0	/* look at your run queue */
#define IPI_CALL	1	/* run the queued function calls */
#define IPI_STOP	2	/* halt: the machine panics or goes down */
#define IPI_KINDS	3

typedef void (*irq_handler_t)(unsigned virq, void *arg);

struct irqchip {
	const char *name;
	void (*handle)(void);			/* drain pending interrupts into irq_dispatch() */
	void (*unmask)(unsigned virq);
	void (*mask)(unsigned virq);
	/* Edge (true) or level; from the device tree. -EINVAL if the line cannot. */
	int (*set_edge)(unsigned virq, bool edge);
	void (*send_ipi)(unsigned cpu, unsigned sgi);
	void (*cpu_init)(void);			/* a secondary CPU's interface */
};

/* The root controller; once, at probe. */
void irqchip_register(const struct irqchip *chip);
const struct irqchip *irqchip_get(void);

/*
 * Installs a handler and unmasks the line. 0, -EINVAL for a bad number, -EBUSY if
 * taken. PPIs are unmasked on the calling CPU only. Task context or boot.
 */
int irq_request(unsigned virq, irq_handler_t handler, void *arg, const char *name);
void irq_free(unsigned virq);
void irq_enable(unsigned virq);
void irq_disable(unsigned virq);

/* From the exception vectors: IRQs off. */
void irq_handle(struct trap_frame *frame);
/* From irqchip->handle. */
void irq_dispatch(unsigned virq);
/* True if the interrupt being handled on this CPU hit EL0. */
bool irq_hit_user(void);

/* Text of /proc/interrupts. */
void irq_show(struct seq_file *seq);
u64 irq_total(void);

#endif
