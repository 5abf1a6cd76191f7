/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_TASK_H
#define KERNEL_TASK_H

/*
 * Tasks (threads) and processes.
 *
 * A task is what the scheduler runs; a process is what the user sees: one or more
 * tasks that share an address space, signal actions and a parent. The process object
 * outlives its tasks: it is the zombie that wait4(2) collects, and its siglock can be
 * taken for as long as somebody holds a reference. Kernel threads are processes of one
 * task with PF_KTHREAD and no mm.
 *
 * Lifetime: a task has one reference while the scheduler may run it (dropped by
 * task_dead(), after the last switch away), one while it is in its process's list;
 * others take task_get(). A process has one reference a task and one while it is in
 * the tree (dropped when it is reaped).
 */
#include <lib/types.h>
#include <lib/list.h>
#include <arch/atomic.h>
#include <arch/context.h>
#include <arch/current.h>
#include <arch/layout.h>
#include <kernel/sigset.h>
#include <kernel/spinlock.h>
#include <kernel/wait.h>
#include <kernel/sched_policy.h>
#include <linux/resource.h>
#include <mm/mempolicy.h>

struct mm;
struct files;
struct fs_context;
struct cred;
struct pid;
struct tty;
struct timer;
struct completion;
struct process;
struct pi_waiter;
struct robust_list_head;
struct rq;
struct seccomp_filter;
struct sem_undo_list;
struct sigqueue;
struct core_dump;

#define TASK_COMM_LEN 16

/* task->flags: set by the task itself, or before it first runs. */
#define PF_KTHREAD		(1u << 0)
#define PF_EXITING		(1u << 1)	/* in task_exit(): no signals, no new resources */
#define PF_FORKNOEXEC		(1u << 2)	/* forked, has not exec'd: setpgid(2) allowed */
#define PF_SIGNALED		(1u << 3)	/* killed by a signal */
#define PF_SUPERPRIV		(1u << 4)
#define PF_IDLE			(1u << 5)
#define PF_DUMPCORE		(1u << 6)
#define PF_MEMALLOC		(1u << 7)	/* may use reserves: it is freeing memory */
#define PF_OOM_VICTIM		(1u << 8)	/* set by the OOM killer under siglock */
#define PF_NPROC_EXCEEDED	(1u << 9)	/* set*uid went over RLIMIT_NPROC: exec fails */

/* process->sig_flags */
#define SIGNAL_STOP_STOPPED	(1u << 0)	/* all threads are stopped */
#define SIGNAL_STOP_CONTINUED	(1u << 1)	/* continued, not yet waited for */
#define SIGNAL_GROUP_EXIT	(1u << 2)	/* exit_group, a fatal signal or exec in progress */
#define SIGNAL_CLD_STOPPED	(1u << 4)	/* the parent is to be told, by a thread's next delivery */
#define SIGNAL_CLD_CONTINUED	(1u << 5)
#define SIGNAL_UNKILLABLE	(1u << 6)	/* PID 1: default actions do nothing */
#define SIGNAL_CLD_MASK		(SIGNAL_CLD_STOPPED | SIGNAL_CLD_CONTINUED)

/* task->jobctl: progress of a group stop */
#define JOBCTL_STOP_SIGMASK	0xffu		/* the signal that caused it */
#define JOBCTL_STOP_PENDING	(1u << 8)	/* this thread has yet to stop */
#define JOBCTL_STOP_CONSUME	(1u << 9)	/* it counts in group_stop_count */
#define JOBCTL_STOP_DEQUEUED	(1u << 10)	/* a stop signal was taken; SIGCONT clears it */
#define JOBCTL_TRAP_STOP	(1u << 11)	/* is to stop for its tracer (kernel/ptrace.h) */
#define JOBCTL_TRAP_NOTIFY	(1u << 12)	/* the same, since its group's stop changed */
#define JOBCTL_TRAPPING		(1u << 13)	/* goes from a group stop to a trap */
#define JOBCTL_LISTENING	(1u << 14)	/* PTRACE_LISTEN: stopped, but not its tracer's */
#define JOBCTL_TRAP_MASK	(JOBCTL_TRAP_STOP | JOBCTL_TRAP_NOTIFY)

/* Queued signals of a task or a process. Lock: the process's siglock. */
struct sigpending {
	struct list_head	list;		/* struct sigqueue */
	sigset_t		set;
	struct sigqueue		*spare;		/* the last one taken, for the next; or NULL */
};

/* The action for one signal, as rt_sigaction(2) passes it. */
struct k_sigaction {
	void	*handler;			/* user address, SIG_DFL or SIG_IGN */
	u64	flags;
	void	*restorer;
	sigset_t mask;
};
_Static_assert(sizeof(struct k_sigaction) == sizeof(struct sigaction), "sigaction is the ABI's");

/* Signal actions; shared by CLONE_SIGHAND. */
struct sighand {
	refcount_t		refs;
	spinlock_t		lock;		/* inside siglock */
	struct k_sigaction	action[_NSIG];	/* lock; index is sig - 1 */
};

/* sigaltstack(2) of a task; flags are 0, SS_DISABLE, plus SS_AUTODISARM. */
struct sigaltstack_state {
	unsigned long	sp;
	size_t		size;
	u32		flags;
};

/* What restart_syscall(2) goes on with. */
struct restart_block {
	long (*fn)(struct restart_block *);
	union {
		struct {
			u32 __user *uaddr;
			u32 val, flags, bitset;
			u64 deadline;		/* absolute ns of the clock in flags */
		} futex;
		struct {
			int clockid;
			bool compat;
			void __user *rmtp;	/* struct timespec, or NULL */
			u64 expires;		/* absolute ns */
		} nanosleep;
		struct {
			void __user *ufds;
			u32 nfds;
			bool has_timeout;
			u64 deadline;		/* absolute monotonic ns */
		} poll;
	};
};

/* Resource use, summed over threads or children. */
struct io_usage {
	struct io_calls {
		u64 bytes, calls;
	} read, write;				/* by system calls that move bytes of files */
	u64	read_bytes;			/* from disks */
	u64	write_bytes;			/* of pages made dirty that a disk gets */
};

struct usage {
	u64	utime, stime;			/* ns */
	u64	nvcsw, nivcsw;
	u64	min_flt, maj_flt;
	u64	maxrss;				/* pages, the highest */
	struct io_usage io;
};

/*
 * Locks:  c  only by the task itself
 *         w  atomic
 *         a  written by the task itself under task->lock; others read under it
 *         s  proc->siglock
 *         t  tasklist_lock
 *         r  runqueue lock (owned by kernel/sched)
 *         i  never changes after the task first runs
 *
 * The order of the first four fields is known to assembly (arch/offsets.h); what follows
 * up to `cpu` is what entry, exit and the hot system calls touch. WORK_* is in preempt.h.
 */
struct task {
	u32			work;		/* w  WORK_* */
	u32			preempt_count;	/* c */
	void			*kstack;	/* i  lowest address; KSTACK_SIZE bytes */
	struct thread_ctx	ctx;		/* r  registers of a task that does not run */
	u32			state;		/* r  TASK_*; see sched.h */
	u32			flags;		/* c  PF_* */
	struct process		*proc;		/* i */
	struct mm		*mm;		/* a  NULL for kernel threads and the exited */
	struct mm		*active_mm;	/* r  whose tables are loaded */
	struct files		*files;		/* a */
	struct fs_context	*fs;		/* a */
	struct cred		*cred;		/* s to write, c or s to read */
	pid_t			tid;		/* t  (exec may exchange it) */
	int			cpu;		/* r */
	struct rq		*rq;		/* r  that CPU's */
	struct io_usage		io;		/* c */

	/* Scheduling. se has the run time, and the nice value that the policy goes by. */
	struct sched_entity	se;		/* r */
	int			prio;		/* r  in effect: PRIO_* of sched.h */
	int			policy;		/* r  SCHED_*, as it was set */
	int			nice;		/* r  the same */
	int			rt_priority;	/* r  the same; 1..99, 0 for all but FIFO and RR */
	int			lent_prio;	/* r  by those that wait for it: kernel/pi.h */
	struct list_head	rt_link;	/* r */
	struct list_head	rq_link;	/* r  in rq->tasks while se.on_rq */
	u64			rt_slice;	/* r  ns of its turn that an RR task has used */
	u64			cpus_allowed;	/* r  one bit a CPU */
	bool			reset_on_fork;	/* r */
	u16			ioprio;		/* w  IOPRIO_PRIO_VALUE(); 0: by nice */
	struct mempolicy	mempolicy;	/* c */
	u64			utime, stime;	/* c  ns by sampling: task_cputime() has the truth */
	u64			start_time;	/* i  monotonic ns */
	u64			nvcsw, nivcsw;	/* r */
	u64			run_delay;	/* r  ns that it was ready without running */
	u64			wake_stamp;	/* r  CNTVCT when woken, for TRACE_HISTOGRAMS; or 0 */
	u64			min_flt, maj_flt; /* c */
	u64			timer_slack;	/* c  ns */
#ifdef CONFIG_LOCKDEP
	struct held_locks	held;		/* c */
#endif
#ifdef CONFIG_DETECT_LOCKUP
	u64			hung_switches;	/* by khungtaskd only: switches at the last look */
	u64			hung_since;	/* by khungtaskd only: ns */
#endif

	/* Signals. */
	sigset_t		blocked;	/* s to write, c or s to read */
	sigset_t		real_blocked;	/* s  during rt_sigtimedwait */
	sigset_t		saved_sigmask;	/* c  with WORK_RESTORE_SIGMASK */
	struct sigpending	pending;	/* s */
	u32			jobctl;		/* s  JOBCTL_* */
	struct sigaltstack_state sas;		/* c */
	struct restart_block	restart;	/* c */
	int			pdeath_signal;	/* c */

#ifdef CONFIG_FAULT_INJECTION
	u32			fail_nth;	/* c  allocations until one fails; 0: none does */
#endif

	/* Tracing, see kernel/ptrace.h. */
	u32			ptrace;		/* s + t  PT_*; 0: not traced */
	int			ptrace_code;	/* s  of its stop; when it goes on, a signal */
	unsigned long		ptrace_message;	/* c  of its stop */
	siginfo_t		*ptrace_info;	/* s  of its stop, on its stack; NULL */
	struct task		*tracer;	/* s + t */
	struct list_head	ptraced;	/* t  whom it traces */
	struct list_head	ptrace_node;	/* t  in tracer->ptraced */

	/* What it has given up, see kernel/seccomp.h; a thread may do so for others. */
	struct seccomp_filter	*seccomp;	/* s to write, c or s to read */
	u8			seccomp_mode;	/* s to write, c or s to read  SECCOMP_MODE_* */
	bool			no_new_privs;	/* w  only ever set */

	/* Life. */
	spinlock_t		lock;		/* guards the fields marked a, and comm */
	refcount_t		refs;		/* w */
	char			comm[TASK_COMM_LEN]; /* a */
	struct list_head	thread_node;	/* t + s  in proc->threads */
	struct pid		*pid_ref;	/* t  the tid */
	int			exit_signal;	/* t  to the parent; -1 none (threads) */
	int			exit_code;	/* c */
	pid_t			parent_tid;	/* t  creator's tid, for PDEATHSIG, __WNOTHREAD */
	struct completion	*vfork_done;	/* a  the creator waits here until exec or exit */
	struct sem_undo_list	*sem_undo;	/* c  SEM_UNDO (ipc/sem_undo.c); NULL: none */
	void			*kthread;	/* i  struct kthread, for PF_KTHREAD */

	/* User-space pointers, all of them untrusted. */
	int __user		*set_child_tid;	/* c */
	int __user		*clear_child_tid; /* c */
	struct robust_list_head __user *robust_list; /* c */
	struct rseq __user	*rseq;		/* c  rseq(2); NULL: none */
	u32			rseq_sig;	/* c */

	/* Priority inheritance, under pi_graph. */
	struct rb_root_cached	pi_owned;	/* of pi_lock.node: locks that others wait for */
	struct pi_waiter	*pi_blocked;	/* what it waits for itself */
	bool			pi_gone;	/* it exits: can own nothing any more */

	u32			lock_depth;	/* c  LOCKDEP */
	void			*debug;		/* c  LOCKDEP, DEBUG_EL0_RETURN */
};

/* process->state */
#define PROC_ALIVE	0
#define PROC_ZOMBIE	1
#define PROC_REAPED	2

/*
 * Locks:  s  siglock
 *         t  tasklist_lock
 *         i  never changes after creation
 *         w  atomic
 */
struct process {
	refcount_t		refs;		/* w */
	pid_t			pid;		/* i */
	pid_t			pgrp, session;	/* t  numbers of the next two */
	bool			leader;		/* t  session leader */
	u8			state;		/* t  PROC_* */
	bool			child_subreaper; /* t */
	bool			has_subreaper;	/* t  an ancestor is a subreaper */
	bool			did_exec;	/* t */
	bool			thp_disable;	/* PR_SET_THP_DISABLE: kept, acts on nothing */
	struct pid		*pid_ref, *pgrp_ref, *session_ref; /* t; NULL for init_process */
	struct pid		*tty_old_pgrp;	/* t  leader: a use of the group in front at a hangup */
	struct list_head	pgrp_node;	/* t */
	struct list_head	session_node;	/* t */
	struct list_head	all_node;	/* t  in process_list */

	/* Family. */
	struct process		*parent;	/* t  never NULL */
	pid_t			ppid;		/* t  its number, so that getppid(2) needs no lock */
	struct list_head	children;	/* t */
	struct list_head	sibling;	/* t */
	struct wait_queue	child_wait;	/* sleepers in wait4/waitid of this process */

	/* Threads. */
	struct task		*group_leader;	/* t  tid == pid; a dead one stays until reaped */
	struct list_head	threads;	/* t + s  not yet dead */
	int			nr_threads;	/* s  length of threads */
	atomic_t		live;		/* w  threads not yet in task_exit() */

	/* Signals. */
	spinlock_t		siglock;
	struct sighand		*sighand;	/* s  (exec may unshare it) */
	struct sigpending	shared_pending;	/* s */
	u32			sig_flags;	/* s  SIGNAL_* */
	int			group_exit_code; /* s  wait status of the group, or the stop signal */
	struct task		*group_exec_task; /* s  the thread that waits to be alone */
	int			notify_count;	/* s  how many it still waits for */
	int			group_stop_count; /* s */
	struct core_dump	*core;		/* s  exiting threads stop for it (coredump.c) */
	struct task		*curr_target;	/* s  next thread to get a shared signal */
	struct wait_queue	sigfd_wait;	/* signalfd and sigtimedwait sleepers */

	/* Resources. */
	struct rlimit		rlim[RLIM_NLIMITS]; /* siglock to write; words read singly */
	struct usage		dead_threads;	/* s  sums of threads that are gone */
	struct usage		children_usage;	/* s  sums of reaped children */
	u64			start_time;	/* i  monotonic ns */
	u64			start_boottime;	/* i */
	u32			personality;	/* c */
	int			exit_code;	/* t  wait status once a zombie */
	int			oom_score_adj;	/* s */
	struct tty		*tty;		/* s  controlling terminal, a counted reference */
	void			*itimers;	/* owned by itimer.c */
	void			*posix_timers;	/* owned by posix_timer.c */
	u32			nr_cpu_timers;	/* armed timers on its CPU clocks (cpu_timer.c) */
	struct wait_queue	exit_wait;	/* pidfds: woken when it becomes a zombie */
};

extern struct task init_task;		/* the boot CPU's idle task, "swapper/0" */
extern struct process init_process;	/* its process, pid 0; parent of kernel threads and of 1 */
extern struct process *init_proc;	/* PID 1, NULL before it exists */

static inline void task_set_work(struct task *task, u32 bits)
{
	__atomic_fetch_or(&task->work, bits, __ATOMIC_SEQ_CST);
}

static inline void task_clear_work(struct task *task, u32 bits)
{
	__atomic_fetch_and(&task->work, ~bits, __ATOMIC_SEQ_CST);
}

static inline bool task_has_work(const struct task *task, u32 bits)
{
	return (__atomic_load_n(&task->work, __ATOMIC_RELAXED) & bits) != 0;
}

static inline struct task *task_get(struct task *task)
{
	refcount_inc(&task->refs);
	return task;
}

/* Any context but a runqueue lock held. The last one frees the stack and the object. */
void task_put(struct task *task);

static inline struct process *process_get(struct process *proc)
{
	refcount_inc(&proc->refs);
	return proc;
}

void process_put(struct process *proc);

/*
 * For the scheduler: drops the running reference of `prev`, which was in TASK_DEAD when
 * it was switched away from. Called on the next task's stack, no runqueue lock held.
 */
void task_dead(struct task *prev);

static inline bool task_is_user(const struct task *task)
{
	return !(task->flags & PF_KTHREAD);
}

/* Soft limit `which` (RLIMIT_*) of the current process. */
static inline unsigned long rlimit(unsigned int which)
{
	return __atomic_load_n(&current->proc->rlim[which].rlim_cur, __ATOMIC_RELAXED);
}

static inline unsigned long task_rlimit(const struct task *task, unsigned int which)
{
	return __atomic_load_n(&task->proc->rlim[which].rlim_cur, __ATOMIC_RELAXED);
}

/* References on another task's resources, or NULL when it has none (any more). */
struct mm *task_mm_get(struct task *task);		/* drop by mm_put */
struct files *task_files_get(struct task *task);	/* drop by files_put */
struct fs_context *task_fs_get(struct task *task);	/* drop by fs_context_put */

/* Copies the name out (TASK_COMM_LEN bytes, terminated). */
void task_comm(struct task *task, char *buf);
void task_set_comm(struct task *task, const char *name);

/* Adds up a process: living threads and dead ones. Takes siglock. */
void process_usage(struct process *proc, struct usage *sum);
void usage_to_rusage(const struct usage *usage, struct rusage *out);

/* The state letter of /proc/PID/stat (R S D T t Z X) and whether the process is a zombie. */
char task_state_char(const struct task *task);

void task_init(void);		/* caches; after the slab is up */

#endif
