/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupt dispatch: from the root controller's numbers to handlers.
 */
#include <arch/atomic.h>
#include <arch/frame.h>
#include <fs/seq_file.h>
#include <kernel/cpu.h>
#include <kernel/irq.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/spinlock.h>
#include <lib/errno.h>
#include <trace/counters.h>
#include <trace/hist.h>
#include <trace/irq.h>

/* Locks:  l  irq_lock to write; a handler reads without it, so `handler` is set last */
struct irq_desc {
	irq_handler_t handler;		/* l  NULL: free */
	void	     *arg;		/* l */
	const char   *name;		/* l */
};

static DEFINE_SPINLOCK(irq_lock);
static struct irq_desc irq_descs[NR_IRQS];
static DEFINE_PER_CPU(struct irq_stat { u32 count[NR_IRQS]; }, irq_stats);
static const struct irqchip *chip;

/* Whether the interrupt being handled on this CPU hit EL0; set by irq_handle(). */
static DEFINE_PER_CPU(bool, hit_user);

void irqchip_register(const struct irqchip *root)
{
	BUG_ON(chip);
	chip = root;
	pr_info("irq: root controller is %s\n", root->name);
}

const struct irqchip *irqchip_get(void)
{
	return chip;
}

int irq_request(unsigned virq, irq_handler_t handler, void *arg, const char *name)
{
	unsigned long flags;
	int ret = 0;

	if (virq >= NR_IRQS || !chip)
		return -EINVAL;
	spin_lock_irqsave(&irq_lock, flags);
	if (irq_descs[virq].handler) {
		ret = -EBUSY;
	} else {
		irq_descs[virq].arg = arg;
		irq_descs[virq].name = name;
		smp_store_release(&irq_descs[virq].handler, handler);
	}
	spin_unlock_irqrestore(&irq_lock, flags);
	if (!ret)
		chip->unmask(virq);
	return ret;
}

void irq_free(unsigned virq)
{
	unsigned long flags;

	chip->mask(virq);
	spin_lock_irqsave(&irq_lock, flags);
	WRITE_ONCE(irq_descs[virq].handler, NULL);
	spin_unlock_irqrestore(&irq_lock, flags);
}

void irq_enable(unsigned virq)
{
	chip->unmask(virq);
}

void irq_disable(unsigned virq)
{
	chip->mask(virq);
}

void irq_dispatch(unsigned virq)
{
	irq_handler_t handler;
	u64 start = hist_start();

	if (unlikely(virq >= NR_IRQS))
		return;
	count_event(IRQ_TOTAL);
	this_cpu_ptr(irq_stats)->count[virq]++;
	TRACE(irq_entry, virq);
	handler = smp_load_acquire(&irq_descs[virq].handler);
	if (likely(handler))
		handler(virq, irq_descs[virq].arg);
	else
		chip->mask(virq);	/* nobody listens: one is enough */
	TRACE(irq_exit, virq);
	hist_end(HIST_IRQ, start);
}

bool irq_hit_user(void)
{
	return *this_cpu_ptr(hit_user);
}

void irq_handle(struct trap_frame *frame)
{
	struct task_hot *hot = current_hot();

	hot->preempt_count += HARDIRQ_OFFSET;
	*this_cpu_ptr(hit_user) = user_mode(frame);
	chip->handle();
	hot->preempt_count -= HARDIRQ_OFFSET;
}

u64 irq_total(void)
{
	return trace_counter_sum(IRQ_TOTAL);
}

static void show_line(struct seq_file *seq, unsigned virq)
{
	bool ipi = virq < IPI_KINDS;

	if (!READ_ONCE(irq_descs[virq].handler))
		return;
	seq_printf(seq, ipi ? "IPI%u: " : "%4u: ", virq);
	for_each_online_cpu(n)
		seq_printf(seq, "%10u ", per_cpu(irq_stats, n).count[virq]);
	seq_printf(seq, "%s %s\n", ipi ? "    " : chip->name, irq_descs[virq].name);
}

/* In columns as wide as Linux's: lsirq and irqtop count the letters. */
void irq_show(struct seq_file *seq)
{
	seq_printf(seq, "%12s", "");
	for_each_online_cpu(n)
		seq_printf(seq, "CPU%-8u", n);
	seq_puts(seq, "\n");
	for (unsigned i = IPI_KINDS; i < NR_IRQS; i++)
		show_line(seq, i);
	for (unsigned i = 0; i < IPI_KINDS; i++)
		show_line(seq, i);
}
