/* SPDX-License-Identifier: BSD-2-Clause */
/* Restartable sequences, see <kernel/rseq.h> and <linux/rseq.h>. */
#include <arch/frame.h>
#include <arch/uaccess.h>
#include <kernel/cpu.h>
#include <kernel/rseq.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <linux/rseq.h>

/* Flags of old that no kernel honours any more; a program that sets them must know. */
#define DEAD_FLAGS (RSEQ_CS_FLAG_NO_RESTART_ON_PREEMPT | RSEQ_CS_FLAG_NO_RESTART_ON_SIGNAL | \
		    RSEQ_CS_FLAG_NO_RESTART_ON_MIGRATE)

/* The sequence the thread says it is in. 0 and *cs (all zero: none), -EFAULT, -EINVAL. */
static int read_sequence(struct rseq_cs *cs)
{
	u64 where;
	u32 sig;

	*cs = (struct rseq_cs){ 0 };
	if (get_user(where, &current->rseq->rseq_cs))
		return -EFAULT;
	if (!where)
		return 0;
	if (copy_from_user(cs, (void __user *)where, sizeof(*cs)))
		return -EFAULT;
	if (cs->version || cs->start_ip >= TASK_SIZE || cs->abort_ip >= TASK_SIZE ||
	    cs->post_commit_offset >= TASK_SIZE - cs->start_ip)
		return -EINVAL;
	/* The abort address is outside, and the signature in front of it says that it is one. */
	if (cs->abort_ip - cs->start_ip < cs->post_commit_offset)
		return -EINVAL;
	if (get_user(sig, (u32 __user *)(cs->abort_ip - sizeof(sig))))
		return -EFAULT;
	return sig == current->rseq_sig ? 0 : -EINVAL;
}

static int leave_sequence(struct trap_frame *frame)
{
	struct rseq_cs cs;
	u32 flags;
	int err = read_sequence(&cs);

	if (err)
		return err;
	if (frame->pc - cs.start_ip >= cs.post_commit_offset)
		return put_user(0, &current->rseq->rseq_cs);
	if (get_user(flags, &current->rseq->flags))
		return -EFAULT;
	if ((flags | cs.flags) & DEAD_FLAGS)
		return -EINVAL;
	err = put_user(0, &current->rseq->rseq_cs);
	if (!err)
		frame->pc = cs.abort_ip;
	return err;
}

static int put_cpu(u32 start, u32 cpu)
{
	return put_user(start, &current->rseq->cpu_id_start) ?: put_user(cpu, &current->rseq->cpu_id);
}

void rseq_resume(struct trap_frame *frame)
{
	u32 cpu;

	/* A switch from here on sets the bit again, and the number is written once more. */
	task_clear_work(current, WORK_RSEQ);
	cpu = (u32)READ_ONCE(current->cpu);
	if (leave_sequence(frame) || put_cpu(cpu, cpu))
		signal_force_segv(0);
}

void rseq_forget(void)
{
	/* In this order: the bit without a structure would never be taken down. */
	current->rseq = NULL;
	task_clear_work(current, WORK_RSEQ);
}

static long unregister(struct rseq __user *rseq, u32 len, u32 sig)
{
	if (!current->rseq || current->rseq != rseq || len != sizeof(*rseq))
		return -EINVAL;
	if (current->rseq_sig != sig)
		return -EPERM;
	if (put_cpu(0, (u32)RSEQ_CPU_ID_UNINITIALIZED))
		return -EFAULT;
	rseq_forget();
	return 0;
}

SYSCALL_DEFINE4(rseq, struct rseq __user *, rseq, u32, len, int, flags, u32, sig)
{
	if (flags == RSEQ_FLAG_UNREGISTER)
		return unregister(rseq, len, sig);
	if (flags)
		return -EINVAL;
	if (current->rseq) {
		if (current->rseq != rseq || len != sizeof(*rseq))
			return -EINVAL;
		return current->rseq_sig != sig ? -EPERM : -EBUSY;
	}
	if ((u64)rseq % __alignof__(*rseq) || len != sizeof(*rseq))
		return -EINVAL;
	/* In no sequence yet; and memory that is not there is refused before it is relied on. */
	if (put_user(0, &rseq->rseq_cs))
		return -EFAULT;
	current->rseq_sig = sig;
	current->rseq = rseq;
	/* The number of the CPU is there before the call returns. */
	task_set_work(current, WORK_RSEQ);
	return 0;
}
