/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel log.
 *
 * printk() formats into a ring of records and copies them to the consoles whose
 * level allows. It may be called from any context, but it takes a lock and a
 * console is slow: nothing on a fault, switch or interrupt path calls it (the
 * trace is for those; a test checks). Lines read "subsystem: what happened".
 */
#ifndef KERNEL_PRINTK_H
#define KERNEL_PRINTK_H

#include <lib/compiler.h>
#include <lib/list.h>
#include <lib/types.h>

#define LOGLEVEL_EMERG	0
#define LOGLEVEL_ALERT	1
#define LOGLEVEL_CRIT	2
#define LOGLEVEL_ERR	3
#define LOGLEVEL_WARN	4
#define LOGLEVEL_NOTICE	5
#define LOGLEVEL_INFO	6
#define LOGLEVEL_DEBUG	7

#define KERN_EMERG	"\0010"
#define KERN_ALERT	"\0011"
#define KERN_CRIT	"\0012"
#define KERN_ERR	"\0013"
#define KERN_WARNING	"\0014"
#define KERN_NOTICE	"\0015"
#define KERN_INFO	"\0016"
#define KERN_DEBUG	"\0017"

/* A leading KERN_x sets the level (default LOGLEVEL_WARN). Returns the length of the text. */
int __printf(1, 2) printk(const char *fmt, ...);
int vprintk(const char *fmt, __builtin_va_list args);

#ifndef pr_fmt
#define pr_fmt(fmt) fmt
#endif
#define pr_emerg(fmt, ...)	printk(KERN_EMERG pr_fmt(fmt), ##__VA_ARGS__)
#define pr_crit(fmt, ...)	printk(KERN_CRIT pr_fmt(fmt), ##__VA_ARGS__)
#define pr_err(fmt, ...)	printk(KERN_ERR pr_fmt(fmt), ##__VA_ARGS__)
#define pr_warn(fmt, ...)	printk(KERN_WARNING pr_fmt(fmt), ##__VA_ARGS__)
#define pr_notice(fmt, ...)	printk(KERN_NOTICE pr_fmt(fmt), ##__VA_ARGS__)
#define pr_info(fmt, ...)	printk(KERN_INFO pr_fmt(fmt), ##__VA_ARGS__)
#define pr_debug(fmt, ...)	printk(KERN_DEBUG pr_fmt(fmt), ##__VA_ARGS__)
/* Goes on where the last line stopped. */
#define pr_cont(fmt, ...)	printk("\001c" fmt, ##__VA_ARGS__)

#define printk_once(fmt, ...) \
	do { \
		static bool __done; \
		if (!__atomic_exchange_n(&__done, true, __ATOMIC_RELAXED)) \
			printk(fmt, ##__VA_ARGS__); \
	} while (0)

/* At most `burst` lines every 5 s for each place that asks. */
struct ratelimit {
	nsec_t begin;
	u32    printed;
	u32    missed;
};
bool ratelimit_ok(struct ratelimit *rl, const char *who);
#define printk_ratelimited(fmt, ...) \
	do { \
		static struct ratelimit __rl; \
		if (ratelimit_ok(&__rl, __func__)) \
			printk(fmt, ##__VA_ARGS__); \
	} while (0)
#define pr_info_ratelimited(fmt, ...)	printk_ratelimited(KERN_INFO pr_fmt(fmt), ##__VA_ARGS__)
#define pr_warn_ratelimited(fmt, ...)	printk_ratelimited(KERN_WARNING pr_fmt(fmt), ##__VA_ARGS__)

/* Where log text goes. `write` is called from any context with IRQs off, and may poll the device. */
struct console {
	const char	*name;		/* "ttyAMA", matched against console= */
	void		 (*write)(struct console *con, const char *text, size_t len);
	bool		 early;		/* gives way to the first real console */
	struct list_head link;
};
/* The new console first prints what is already in the log, unless an early one did. */
void console_register(struct console *con);

/*
 * Readers of the log. A record's sequence number never repeats. klog_read() copies
 * the first record with number >= *seq into `rec`, sets *seq to the one after and
 * returns the length of its text, or 0 when there is none. *lost counts records
 * overwritten in between.
 */
struct klog_record {
	u64	seq;
	nsec_t	ts;
	u8	level;
	u16	len;
	char	text[480];
};
size_t klog_read(u64 *seq, struct klog_record *rec, u64 *lost);
u64 klog_first_seq(void);
u64 klog_next_seq(void);
struct wait_queue *klog_wait_queue(void);
extern int dmesg_restrict;		/* /proc/sys/kernel/dmesg_restrict */
/* May current see it? `harmless`: everybody may, unless dmesg_restrict is set. */
bool klog_may_read(bool harmless);

extern int console_loglevel;

/* Panic only: ignore locks from here on. */
void printk_panic_mode(void);

#endif
