/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lock order checker: a graph of lock classes. A node is a class, an edge A -> B
 * says that B was taken while A was held. All held locks get an edge to the new one,
 * so `known` answers nearly every acquisition with a few bit tests and no lock; only
 * a new edge takes graph_lock and searches for a way back.
 */
#include <arch/irqflags.h>
#include <kernel/boottest.h>
#include <kernel/kallsyms.h>
#include <kernel/lockdep.h>
#include <kernel/mutex.h>
#include <kernel/panic.h>
#include <kernel/preempt.h>
#include <kernel/printk.h>
#include <kernel/spinlock.h>
#include <kernel/task.h>
#include <lib/bitmap.h>

#define MAX_CLASSES	512
#define MAX_EDGES	4096

#define USED_IN_IRQ	1u
#define USED_IRQS_ON	2u

#define NESTED_UP	1u	/* the one with the higher address second */
#define NESTED_DOWN	2u

struct class {
	const char *name;	/* NULL: by address */
	const void *lock;	/* the first of the class */
	u64	    ip[2];	/* where it was first used: in an interrupt, with them on */
	u32	    usage;	/* atomic */
	u16	    first_edge;
	u8	    nested;	/* NESTED_*: two of the class were held at once, in this order */
};

struct edge {
	u16 to, next;
	u64 held_ip, taken_ip;
};

static spinlock_t graph_lock;	/* raw: taken by ticket, IRQs off; guards all below for writing */
static struct class classes[MAX_CLASSES];
static struct edge edges[MAX_EDGES];
static u16 nr_classes = 1, nr_edges = 1;
static DECLARE_BITMAP(known, MAX_CLASSES * MAX_CLASSES);
static u16 came_by[MAX_CLASSES];	/* search: edge that led here */
static u16 came_from[MAX_CLASSES];
static u16 search_queue[MAX_CLASSES];
static bool off;
static u32 *expected;		/* a test counts reports instead of seeing them: */
static struct task *expecting;	/* this one, which runs it */

struct lock_key lockdep_ignore;
extern const char _data[], _end[];

static void graph_enter(void) NO_THREAD_SAFETY_ANALYSIS
{
	ticket_acquire(&graph_lock);
}

static void graph_leave(void) NO_THREAD_SAFETY_ANALYSIS
{
	ticket_release(&graph_lock);
}

/* True for the one who may report. The report itself takes locks: nothing is checked any more. */
static bool turn_off(void)
{
	if (unlikely(expected) && current == expecting) {
		++*expected;
		return false;
	}
	return !__atomic_exchange_n(&off, true, __ATOMIC_SEQ_CST);
}

static void show_class(const char *what, u16 c, u64 ip)
{
	if (classes[c].name)
		pr_err("  %s (%s) at %pS\n", what, classes[c].name, (void *)ip);
	else
		pr_err("  %s (lock %px) at %pS\n", what, classes[c].lock, (void *)ip);
}

static void show_held(void)
{
	struct held_locks *held = &current->held;

	pr_err("held by %s/%d:\n", current->comm, current->tid);
	for (u32 i = 0; i < held->nr; i++)
		show_class("held", held->at[i].class, held->at[i].ip);
}

static void finish_report(void)
{
	show_held();
	dump_stack();
}

static u16 new_class(const void *lock, struct lock_key *key)
{
	u16 c = 0;

	graph_enter();
	if (key && key->class) {
		c = key->class;
	} else if (nr_classes < MAX_CLASSES) {
		c = nr_classes++;
		classes[c].name = key ? key->name : NULL;
		classes[c].lock = lock;
		if (key)
			key->class = c;
	}
	graph_leave();
	if (!c && turn_off())
		pr_warn("lockdep: more than %d lock classes: checking ends\n", MAX_CLASSES);
	return c;
}

/* 0: not checked. */
static u16 class_of(const void *lock, struct lock_dep *dep)
{
	bool is_static = (const char *)lock >= _data && (const char *)lock < _end;

	if (dep->key == &lockdep_ignore)
		return 0;
	if (unlikely(!dep->class)) {
		if (!dep->key && !is_static)
			return 0;	/* on a stack, by *_INIT */
		dep->class = dep->key && dep->key->class ? dep->key->class :
			     new_class(lock, dep->key);
	}
	return dep->class;
}

/*
 * Breadth first from `from`, which does not count: the first class that is `to`, or was
 * used in one of the ways `usage`. 0: none. graph_lock held.
 */
static u16 search(u16 from, u16 to, u32 usage)
{
	unsigned head = 0, tail = 0;

	for (unsigned i = 0; i < nr_classes; i++)
		came_by[i] = 0;
	search_queue[tail++] = from;
	while (head < tail) {
		u16 c = search_queue[head++];

		for (u16 e = classes[c].first_edge; e; e = edges[e].next) {
			u16 next = edges[e].to;

			if (came_by[next] || next == from)
				continue;
			came_by[next] = e;
			came_from[next] = c;
			if (next == to || READ_ONCE(classes[next].usage) & usage)
				return next;
			search_queue[tail++] = next;
		}
	}
	return 0;
}

static bool reaches(u16 from, u16 to)
{
	return from == to || search(from, to, 0);
}

/* The steps that search() found, from the last back to the first, `from`. */
static void show_path(u16 from, u16 to)
{
	for (u16 c = to; c != from; c = came_from[c]) {
		show_class("taken", c, edges[came_by[c]].taken_ip);
		show_class("  while held", came_from[c], edges[came_by[c]].held_ip);
	}
}

/*
 * Two CPUs and an interrupt: one holds `unsafe`, with interrupts on, and is interrupted by what
 * takes `safe`; another holds `safe`, and waits for `unsafe`. graph_lock held; lets it go.
 */
static void report_inversion(u16 safe, u16 unsafe)
{
	bool mine = turn_off();

	if (mine)
		search(safe, unsafe, 0);
	graph_leave();
	if (!mine)
		return;
	pr_err("WARNING: possible interrupt lock inversion: one that interrupts take waits for one "
	       "held with them on\n");
	show_class("taken in an interrupt", safe, classes[safe].ip[0]);
	show_class("taken with interrupts on", unsafe, classes[unsafe].ip[1]);
	pr_err("from the second back to the first:\n");
	show_path(safe, unsafe);
	finish_report();
}

/* A path over held -> taken may lead from a lock that interrupts take to one held with them on. */
static bool find_inversion(u16 held, u16 taken, u16 *safe, u16 *unsafe)
{
	u16 c = classes[taken].usage & USED_IRQS_ON ? taken : search(taken, 0, USED_IRQS_ON);

	*unsafe = c;
	if (!c)
		return false;
	for (c = 1; c < nr_classes; c++) {
		*safe = c;
		if (classes[c].usage & USED_IN_IRQ && reaches(c, held))
			return true;
	}
	return false;
}

/* The class has just been used in a new way: what does that make of the paths from it or to it? */
static void check_paths(u16 c, u32 bit)
{
	u16 safe, unsafe = c;

	graph_enter();
	if (bit == USED_IN_IRQ) {
		safe = c;
		unsafe = search(c, 0, USED_IRQS_ON);
	} else {
		for (safe = nr_classes - 1; safe; safe--)
			if (classes[safe].usage & USED_IN_IRQ && safe != c && search(safe, c, 0))
				break;
	}
	if (safe && unsafe)
		report_inversion(safe, unsafe);
	else
		graph_leave();
}

static void check_irq_use(u16 c, unsigned how, bool irqs_on, u64 ip)
{
	u32 bit = in_irq() ? USED_IN_IRQ : irqs_on ? USED_IRQS_ON : 0, before;

	if (!(how & LOCK_SPINS) || !bit || classes[c].usage & bit ||
	    (bit == USED_IN_IRQ && how & LOCK_TRIED))
		return;
	classes[c].ip[bit - 1] = ip;
	before = __atomic_fetch_or(&classes[c].usage, bit, __ATOMIC_SEQ_CST);
	if (before & bit)
		return;
	if (!before) {
		check_paths(c, bit);
	} else if (turn_off()) {
		pr_err("WARNING: inconsistent lock state: an interrupt can find the lock taken\n");
		show_class("taken in an interrupt", c, classes[c].ip[0]);
		show_class("taken with interrupts on", c, classes[c].ip[1]);
		finish_report();
	}
}

static void report_circle(u16 held, u64 held_ip, u16 taken, u64 ip)
{
	pr_err("WARNING: possible circular locking dependency detected\n");
	pr_err("now:\n");
	show_class("held", held, held_ip);
	show_class("taken", taken, ip);
	pr_err("before, from the last step back to the first:\n");
	show_path(taken, held);
	finish_report();
}

static void add_edge(u16 held, u64 held_ip, u16 taken, u64 ip)
{
	u16 safe, unsafe;
	bool circle, full;

	graph_enter();
	if (test_bit(held * MAX_CLASSES + taken, known)) {
		graph_leave();
		return;
	}
	circle = search(taken, held, 0);
	full = nr_edges == MAX_EDGES;
	if (!full) {
		edges[nr_edges] = (struct edge){ taken, classes[held].first_edge, held_ip, ip };
		classes[held].first_edge = nr_edges++;
		__set_bit(held * MAX_CLASSES + taken, known);
	}
	if (circle && turn_off()) {
		graph_leave();
		report_circle(held, held_ip, taken, ip);
		return;
	}
	if (!full && find_inversion(held, taken, &safe, &unsafe))
		report_inversion(safe, unsafe);
	else
		graph_leave();
	if (full && turn_off())
		pr_warn("lockdep: more than %d dependencies: checking ends\n", MAX_EDGES);
}

static void report_pair(const char *what, u16 c, u64 first_ip, u64 ip)
{
	if (!turn_off())
		return;
	pr_err("WARNING: possible recursive locking detected: %s\n", what);
	show_class("held", c, first_ip);
	show_class("taken", c, ip);
	finish_report();
}

/*
 * A second lock of a class. Spinning ones need an order of their own, and the only one that can be
 * told from here is that of their addresses: it has to be the same each time.
 */
static void check_nesting(const void *lock, u16 c, unsigned how, const void *held, u64 held_ip, u64 ip)
{
	u8 order = (u64)lock > (u64)held ? NESTED_UP : NESTED_DOWN;

	if (lock == held)
		report_pair("a lock is taken twice", c, held_ip, ip);
	else if (how & LOCK_SPINS && __atomic_fetch_or(&classes[c].nested, order, __ATOMIC_RELAXED) ==
		 (NESTED_UP | NESTED_DOWN) - order)
		report_pair("two of a class, in either order of their addresses", c, held_ip, ip);
}

noinline void lockdep_acquire(const void *lock, struct lock_dep *dep, unsigned how)
{
	u64 ip = (u64)__builtin_return_address(0);
	struct held_locks *held = &current->held;
	bool irqs_on = !irqs_disabled();
	unsigned long flags;
	u16 c;

	if (READ_ONCE(off))
		return;
	local_irq_save(flags);
	c = class_of(lock, dep);
	if (!c)
		goto out;
	check_irq_use(c, how, irqs_on, ip);
	for (u32 i = 0; i < held->nr && !(how & LOCK_TRIED) && !off; i++) {
		u16 h = held->at[i].class;

		if (h == c)
			check_nesting(lock, c, how, held->at[i].lock, held->at[i].ip, ip);
		else if (!test_bit(h * MAX_CLASSES + c, known))
			add_edge(h, held->at[i].ip, c, ip);
	}
	if (held->nr < LOCKDEP_DEPTH) {
		held->at[held->nr].lock = lock;
		held->at[held->nr].ip = ip;
		held->at[held->nr++].class = c;
	} else if (turn_off()) {
		pr_warn("lockdep: more than %d locks held at once: checking ends\n", LOCKDEP_DEPTH);
		finish_report();
	}
out:
	local_irq_restore(flags);
}

void lockdep_release(const void *lock)
{
	struct held_locks *held = &current->held;
	unsigned long flags;

	if (READ_ONCE(off))
		return;
	local_irq_save(flags);
	for (u32 i = held->nr; i-- > 0;) {
		if (held->at[i].lock != lock)
			continue;
		held->nr--;
		for (; i < held->nr; i++)
			held->at[i] = held->at[i + 1];
		break;
	}
	local_irq_restore(flags);
}

void lockdep_check_none_held(const char *where)
{
	if (likely(!current->held.nr) || !turn_off())
		return;
	pr_err("WARNING: lock held when %s\n", where);
	finish_report();
}

#ifdef CONFIG_BOOT_TESTS

static void take_both(struct mutex *a, struct mutex *b) NO_THREAD_SAFETY_ANALYSIS
{
	mutex_lock(a);
	mutex_lock(b);
	mutex_unlock(b);
	mutex_unlock(a);
}

BOOT_TEST(lockdep, order_inversion_is_seen)
{
	static struct mutex a, b, c;
	u32 reports = 0;

	bt_expect(!off);
	mutex_init(&a);
	mutex_init(&b);
	mutex_init(&c);
	take_both(&a, &b);
	take_both(&b, &c);
	expecting = current;
	expected = &reports;
	take_both(&a, &c);
	bt_expect_eq(reports, 0);
	take_both(&c, &a);
	expected = NULL;
	bt_expect_eq(reports, 1);
	bt_expect_eq(current->held.nr, 0);
}

BOOT_TEST(lockdep, taking_twice_is_seen)
{
	static DEFINE_MUTEX(m);
	u32 reports = 0;

	mutex_lock(&m);
	expecting = current;
	expected = &reports;
	lockdep_acquire(&m, &m.dep, 0);
	lockdep_release(&m);
	expected = NULL;
	bt_expect_eq(reports, 1);
	mutex_unlock(&m);
	bt_expect_eq(current->held.nr, 0);
}

BOOT_TEST(lockdep, irq_unsafe_use_is_seen)
{
	static DEFINE_SPINLOCK(lock);
	unsigned long flags;
	u32 reports = 0;

	spin_lock(&lock);
	spin_unlock(&lock);
	expecting = current;
	expected = &reports;
	local_irq_save(flags);
	current_hot()->preempt_count += HARDIRQ_OFFSET;
	spin_lock(&lock);
	spin_unlock(&lock);
	current_hot()->preempt_count -= HARDIRQ_OFFSET;
	local_irq_restore(flags);
	expected = NULL;
	bt_expect_eq(reports, 1);
}

/* As irq_unsafe_use_is_seen, with another lock between the interrupt's and the unsafe one. */
BOOT_TEST(lockdep, irq_inversion_is_seen)
{
	static DEFINE_SPINLOCK(safe);
	static DEFINE_SPINLOCK(between);
	static DEFINE_SPINLOCK(unsafe);
	unsigned long flags;
	u32 reports = 0;

	spin_lock_irqsave(&safe, flags);
	spin_lock(&between);
	spin_unlock(&between);
	current_hot()->preempt_count += HARDIRQ_OFFSET;
	spin_unlock(&safe);
	spin_lock(&safe);
	current_hot()->preempt_count -= HARDIRQ_OFFSET;
	spin_unlock_irqrestore(&safe, flags);
	spin_lock(&unsafe);
	spin_unlock(&unsafe);
	expecting = current;
	expected = &reports;
	spin_lock_irqsave(&between, flags);
	spin_lock(&unsafe);
	spin_unlock(&unsafe);
	spin_unlock_irqrestore(&between, flags);
	expected = NULL;
	bt_expect_eq(reports, 1);
}

BOOT_TEST(lockdep, either_order_of_a_class_is_seen) NO_THREAD_SAFETY_ANALYSIS
{
	static spinlock_t of_a_class[2];
	u32 reports = 0;

	for (int i = 0; i < 2; i++)
		spin_lock_init(&of_a_class[i]);
	for (int first = 0; first < 2; first++) {
		expecting = current;
		expected = &reports;
		spin_lock(&of_a_class[first]);
		spin_lock(&of_a_class[!first]);
		spin_unlock(&of_a_class[!first]);
		spin_unlock(&of_a_class[first]);
		expected = NULL;
		bt_expect_eq(reports, first);
	}
}

/* Nothing before this test, start-up included, was reported. */
BOOT_TEST(lockdep, still_checking)
{
	bt_expect(!off);
}

#endif
