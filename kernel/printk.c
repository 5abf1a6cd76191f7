/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel log: a ring of text records, and the consoles that show it.
 *
 * A record is a header and its text, padded to 8 bytes. The ring overwrites its
 * oldest records. `log_lock` guards the ring and is held only for a copy; consoles
 * are written outside of it by whoever gets `console_owner`: a second printer only
 * leaves its record behind, and the owner prints that too before it lets go. So no
 * CPU waits for a slow console that another one feeds, and a printk from an
 * interrupt inside a printk is simply printed a moment later.
 */
#include <arch/irqflags.h>
#include <kernel/init.h>
#include <kernel/printk.h>
#include <kernel/spinlock.h>
#include <kernel/time.h>
#include <kernel/wait.h>
#include <lib/errno.h>
#include <lib/parse.h>
#include <lib/printf.h>
#include <lib/string.h>

#define LOG_SIZE	(CONFIG_PRINTK_BUFFER_KB * 1024u)
#define TEXT_MAX	(sizeof(((struct klog_record *)0)->text))

struct header {
	nsec_t ts;
	u16    len;		/* of the text */
	u8     level;
	u8     flags;
};
#define HDR_WRAP	1u	/* nothing more up to the end of the ring */
#define HDR_CONT	2u	/* continues the line of the record before */

static DEFINE_SPINLOCK(log_lock);	/* innermost; IRQs off */
static u8 log_buf[LOG_SIZE] __aligned(8);
/* All under log_lock: the oldest record and the place of the next one. */
static u64 first_seq, next_seq;
static u32 first_off, next_off;

static DEFINE_WAIT_QUEUE(log_wait);
static LIST_HEAD(consoles);		/* changed only while the system boots */
static u32 console_owner;		/* atomic: somebody prints */
static u64 console_seq;			/* the owner's: next record to show */
static u32 console_off;
static bool line_open;			/* the owner's: the last text had no newline */
static bool panic_mode;

int console_loglevel = LOGLEVEL_INFO + 1;
/* As on Debian. The log tells where things are that somebody may be looking for. */
int dmesg_restrict = 1;

static u32 record_size(u32 len)
{
	return ALIGN((u32)sizeof(struct header) + len, 8u);
}

static struct header *header_at(u32 off)
{
	return (struct header *)(log_buf + off);
}

/* The offset after the record at off, wrapped. */
static u32 after(u32 off)
{
	off += record_size(header_at(off)->len);
	if (off == LOG_SIZE || header_at(off)->flags & HDR_WRAP)
		return 0;
	return off;
}

/* The record at off is about to be overwritten. log_lock held. */
static void drop_oldest(void)
{
	first_off = after(first_off);
	first_seq++;
}

static bool overlaps_oldest(u32 start, u32 end)
{
	return first_seq != next_seq && first_off >= start && first_off < end;
}

static void log_store(u8 level, u8 flags, nsec_t ts, const char *text, u32 len)
{
	u32 size = record_size(len);
	/* Room for the wrap mark after it, too. */
	u32 need = size + sizeof(struct header);

	if (next_off + need > LOG_SIZE) {
		while (overlaps_oldest(next_off, LOG_SIZE))
			drop_oldest();
		if (next_off < LOG_SIZE)
			*header_at(next_off) = (struct header){ .flags = HDR_WRAP };
		next_off = 0;
	}
	while (overlaps_oldest(next_off, next_off + need))
		drop_oldest();
	*header_at(next_off) = (struct header){ .ts = ts, .len = len, .level = level, .flags = flags };
	memcpy(log_buf + next_off + sizeof(struct header), text, len);
	if (first_seq == next_seq)
		first_off = next_off;
	next_off += size;
	/* Whoever looks here next finds either a record or the mark. */
	*header_at(next_off) = (struct header){ .flags = HDR_WRAP };
	next_seq++;
}

static unsigned long log_enter(void) NO_THREAD_SAFETY_ANALYSIS
{
	unsigned long flags;

	local_irq_save(flags);
	if (!panic_mode)
		spin_lock(&log_lock);
	return flags;
}

static void log_leave(unsigned long flags) NO_THREAD_SAFETY_ANALYSIS
{
	if (!panic_mode)
		spin_unlock(&log_lock);
	local_irq_restore(flags);
}

/* Copies the record *seq at *off out and moves on. log_lock held. False: none. */
static bool copy_record(u64 *seq, u32 *off, struct klog_record *rec, u8 *flags, u64 *lost)
{
	struct header *h;

	if (*seq < first_seq) {
		*lost += first_seq - *seq;
		*seq = first_seq;
		*off = first_off;
	}
	if (*seq >= next_seq)
		return false;
	/* A wrap mark may have been written here after *off was computed. */
	if (*off == LOG_SIZE || header_at(*off)->flags & HDR_WRAP)
		*off = 0;
	h = header_at(*off);
	rec->seq = *seq;
	rec->ts = h->ts;
	rec->level = h->level;
	rec->len = h->len;
	*flags = h->flags;
	memcpy(rec->text, h + 1, h->len);
	*off += record_size(h->len);
	++*seq;
	return true;
}

size_t klog_read(u64 *seq, struct klog_record *rec, u64 *lost)
{
	unsigned long flags = log_enter();
	u64 at = first_seq;
	u32 off = first_off;
	u8 ignored;
	bool found;

	*lost = 0;
	if (*seq < first_seq) {
		*lost = first_seq - *seq;
		*seq = first_seq;
	}
	/* Walk from the oldest: readers are rare, and offsets cannot be kept for them. */
	while (at < *seq && at < next_seq) {
		off = after(off);
		at++;
	}
	found = copy_record(seq, &off, rec, &ignored, lost);
	log_leave(flags);
	return found ? rec->len : 0;
}

u64 klog_first_seq(void)
{
	return READ_ONCE(first_seq);
}

u64 klog_next_seq(void)
{
	return READ_ONCE(next_seq);
}

struct wait_queue *klog_wait_queue(void)
{
	return &log_wait;
}

/* Consoles. */

static void emit(const char *text, size_t len)
{
	struct console *con;

	list_for_each_entry(con, &consoles, link)
		con->write(con, text, len);
}

static void show_record(const struct klog_record *rec, u8 flags)
{
	char prefix[32];
	int n;

	if (rec->level >= console_loglevel && !panic_mode)
		return;
	if (!(flags & HDR_CONT)) {
		if (line_open)
			emit("\n", 1);
		n = scnprintf(prefix, sizeof(prefix), "[%5llu.%06llu] ",
			      (unsigned long long)(rec->ts / NSEC_PER_SEC),
			      (unsigned long long)(rec->ts % NSEC_PER_SEC / NSEC_PER_USEC));
		emit(prefix, n);
	}
	emit(rec->text, rec->len);
	line_open = !rec->len || rec->text[rec->len - 1] != '\n';
}

/* Shows what is new, unless somebody is at it already and will. */
static void console_flush(void)
{
	static struct klog_record rec;	/* the owner's */
	u8 rec_flags;
	u64 lost;

	if (list_empty(&consoles))
		return;
	do {
		unsigned long irq;

		local_irq_save(irq);
		if (__atomic_exchange_n(&console_owner, 1, __ATOMIC_ACQUIRE) && !panic_mode) {
			local_irq_restore(irq);
			return;
		}
		for (;;) {
			unsigned long flags = log_enter();
			bool more;

			lost = 0;
			more = copy_record(&console_seq, &console_off, &rec, &rec_flags, &lost);
			log_leave(flags);
			if (!more)
				break;
			show_record(&rec, rec_flags);
		}
		__atomic_store_n(&console_owner, 0, __ATOMIC_RELEASE);
		local_irq_restore(irq);
		/* A record that came in between found the owner still there. */
		smp_mb();
	} while (READ_ONCE(next_seq) != READ_ONCE(console_seq));
}

void console_register(struct console *con)
{
	struct console *old, *next;
	bool had_early = false;

	list_for_each_entry_safe(old, next, &consoles, link) {
		if (old->early && !con->early) {
			list_del(&old->link);
			had_early = true;
		}
	}
	list_add_tail(&con->link, &consoles);
	if (!had_early)
		console_flush();
}

/* Splits off KERN_x. Returns the level; *flags gets HDR_CONT. */
static u8 parse_level(const char **text, u32 *len, u8 *flags)
{
	u8 level = LOGLEVEL_WARN;

	while (*len >= 2 && (*text)[0] == '\001') {
		char c = (*text)[1];

		if (c >= '0' && c <= '7')
			level = c - '0';
		else if (c == 'c')
			*flags |= HDR_CONT;
		*text += 2;
		*len -= 2;
	}
	return level;
}

int vprintk(const char *fmt, __builtin_va_list args)
{
	static u8 last_level = LOGLEVEL_WARN;
	char buf[TEXT_MAX];
	const char *text = buf;
	u32 len = vscnprintf(buf, sizeof(buf), fmt, args);
	u8 flags = 0, level = parse_level(&text, &len, &flags);
	nsec_t ts = ktime_get();
	unsigned long irq = log_enter();

	if (flags & HDR_CONT)
		level = last_level;
	last_level = level;
	log_store(level, flags, ts, text, len);
	log_leave(irq);
	console_flush();
	/* Early, and from inside a run queue's lock, there is nobody to wake. */
	if (!wait_queue_empty(&log_wait))
		wake_up_interruptible_all(&log_wait);
	return (int)len;
}

int printk(const char *fmt, ...)
{
	__builtin_va_list args;
	int len;

	__builtin_va_start(args, fmt);
	len = vprintk(fmt, args);
	__builtin_va_end(args);
	return len;
}

void printk_panic_mode(void)
{
	panic_mode = true;
}

#define RATELIMIT_INTERVAL	(5 * NSEC_PER_SEC)
#define RATELIMIT_BURST		10

bool ratelimit_ok(struct ratelimit *rl, const char *who)
{
	nsec_t now = ktime_get();

	if (!rl->begin || now - rl->begin >= RATELIMIT_INTERVAL) {
		u32 missed = rl->missed;

		rl->begin = now;
		rl->printed = rl->missed = 0;
		if (missed)
			pr_warn("%s: %u messages suppressed\n", who, missed);
	}
	if (rl->printed < RATELIMIT_BURST) {
		rl->printed++;
		return true;
	}
	rl->missed++;
	return false;
}

static int loglevel_param(char *value)
{
	unsigned int level;

	if (kstrtouint(value, 10, &level) || level > 15)
		return -EINVAL;
	console_loglevel = (int)level;
	return 0;
}
EARLY_PARAM(loglevel, "loglevel", loglevel_param);

static int quiet_param(char *value)
{
	console_loglevel = LOGLEVEL_WARN;
	return 0;
}
EARLY_PARAM(quiet, "quiet", quiet_param);

static int debug_param(char *value)
{
	console_loglevel = 10;
	return 0;
}
EARLY_PARAM(debug, "debug", debug_param);

