/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * membarrier(2): memory barriers on all CPUs that run threads of a process (or any at all),
 * so that the fast side of a lock-free scheme needs none.
 *
 * Each CPU is interrupted and makes a barrier; the return to EL0 also synchronises its
 * instruction stream (SYNC_CORE).
 */
#include <arch/atomic.h>
#include <kernel/smp.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <linux/membarrier.h>
#include <mm/mm.h>

#define RSEQ_COMMANDS (MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ |				\
		       MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ)
#define COMMANDS (MEMBARRIER_CMD_GLOBAL | MEMBARRIER_CMD_GLOBAL_EXPEDITED |			\
		  MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED | MEMBARRIER_CMD_PRIVATE_EXPEDITED |	\
		  MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED |					\
		  MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE |					\
		  MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE |				\
		  (IS_ENABLED(CONFIG_RSEQ) ? RSEQ_COMMANDS : 0))

static void barrier_here(void *unused)
{
	smp_mb();
}

/* The sequence that runs here, if any, begins again. */
static void restart_here(void *unused)
{
	smp_mb();
	if (current->rseq)
		task_set_work(current, WORK_RSEQ);
}

/* Every other CPU has taken an interrupt when this returns. */
static void barrier_everywhere(void)
{
	smp_mb();
	smp_call_function(barrier_here, NULL, true);
	smp_mb();
}

/* The registration is the command's own bit in mm->membarrier. */
static long register_mm(int cmd)
{
	__atomic_fetch_or(&current->mm->membarrier, (u32)cmd, __ATOMIC_SEQ_CST);
	barrier_everywhere();
	return 0;
}

/* On all CPUs, even if one was named: that more sequences begin again does not matter. */
static long restart_sequences(void)
{
	if (!(READ_ONCE(current->mm->membarrier) & MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ))
		return -EPERM;
	smp_call_function(restart_here, NULL, true);
	smp_mb();
	return 0;
}

static long expedited(int registration)
{
	if (!(READ_ONCE(current->mm->membarrier) & (u32)registration))
		return -EPERM;
	if (atomic_read(&current->mm->users) > 1)
		barrier_everywhere();
	else
		smp_mb();
	return 0;
}

SYSCALL_DEFINE3(membarrier, int, cmd, unsigned int, flags, int, cpu)
{
	if (flags && (flags != MEMBARRIER_CMD_FLAG_CPU ||
		      cmd != MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ))
		return -EINVAL;
	if (cmd & ~COMMANDS)
		return -EINVAL;
	switch (cmd) {
	case MEMBARRIER_CMD_QUERY:
		return COMMANDS;
	case MEMBARRIER_CMD_GLOBAL:
	case MEMBARRIER_CMD_GLOBAL_EXPEDITED:
		barrier_everywhere();
		return 0;
	case MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED:
	case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED:
	case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE:
	case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ:
		return register_mm(cmd);
	case MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ:
		return restart_sequences();
	case MEMBARRIER_CMD_PRIVATE_EXPEDITED:
		return expedited(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED);
	case MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE:
		return expedited(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE);
	default:
		return -EINVAL;
	}
}
