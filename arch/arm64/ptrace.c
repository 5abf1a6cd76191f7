/* SPDX-License-Identifier: BSD-2-Clause */
/* Register sets of a traced thread, and its single steps. arch/ptrace.h has the story. */
#include <arch/barrier.h>
#include <arch/fpsimd.h>
#include <arch/frame.h>
#include <arch/ptrace.h>
#include <arch/sysreg.h>
#include <arch/uaccess.h>
#include <kernel/task.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <linux/elf.h>
#include <asm/ptrace.h>

#define MDSCR_SS	BIT(0)

void arch_enable_step(struct task *task)
{
	task_frame(task)->pstate |= PSR_SS;
	task_set_work(task, WORK_SINGLESTEP);
}

void arch_disable_step(struct task *task)
{
	task_clear_work(task, WORK_SINGLESTEP);
	task_frame(task)->pstate &= ~PSR_SS;
}

void arch_step_arm(void)
{
	u64 mdscr = read_sysreg(mdscr_el1);

	if (mdscr & MDSCR_SS)
		return;
	write_sysreg(0, oslar_el1);	/* locked at reset: no debug exceptions then */
	write_sysreg(mdscr | MDSCR_SS, mdscr_el1);
	isb();
}

void arch_step_disarm(void)
{
	write_sysreg(read_sysreg(mdscr_el1) & ~MDSCR_SS, mdscr_el1);
	isb();
}

/* --- Register sets --- */

static_assert(offsetof(struct user_pt_regs, pstate) == offsetof(struct trap_frame, pstate));
static_assert(sizeof(struct user_pt_regs) == 34 * sizeof(u64));
static_assert(sizeof(struct user_fpsimd_state) == sizeof(struct fp_state));
static_assert(offsetof(struct user_fpsimd_state, fpcr) == offsetof(struct fp_state, fpcr));

/* What a debugger may set in PSTATE; the rest of it stays as it is at EL0. */
#define PSR_USER_BITS	(PSR_NZCV | PSR_SSBS | PSR_DIT | PSR_TCO | PSR_BTYPE)

static int gpr_get(struct task *task, void *buf)
{
	memcpy(buf, task_frame(task), sizeof(struct user_pt_regs));
	return 0;
}

static int gpr_set(struct task *task, const void *buf)
{
	struct trap_frame *frame = task_frame(task);
	struct user_pt_regs regs;

	memcpy(&regs, buf, sizeof(regs));
	if (regs.pstate & (PSR_MODE_MASK | PSR_MODE32 | PSR_D | PSR_A | PSR_I | PSR_F))
		return -EINVAL;
	/* Whether it is stepped is said by how it is resumed. */
	regs.pstate = (regs.pstate & PSR_USER_BITS) | (frame->pstate & PSR_SS);
	memcpy(frame, &regs, sizeof(regs));
	return 0;
}

static int fpr_get(struct task *task, void *buf)
{
	const struct fp_state *state = fpsimd_peek(task);

	if (state)
		memcpy(buf, state, sizeof(*state));
	else
		memset(buf, 0, sizeof(*state));
	((struct fp_state *)buf)->pad = 0;
	return 0;
}

static int fpr_set(struct task *task, const void *buf)
{
	return fpsimd_poke(task, buf);
}

/* TPIDR_EL0, and TPIDR2_EL0 of CPUs that have it, which is zero. */
static int tls_get(struct task *task, void *buf)
{
	const u64 values[2] = { task->ctx.tpidr_el0, 0 };

	memcpy(buf, values, sizeof(values));
	return 0;
}

static int tls_set(struct task *task, const void *buf)
{
	memcpy(&task->ctx.tpidr_el0, buf, sizeof(u64));
	return 0;
}

static int syscall_get(struct task *task, void *buf)
{
	int number = (int)task_frame(task)->syscallno;

	memcpy(buf, &number, sizeof(number));
	return 0;
}

static int syscall_set(struct task *task, const void *buf)
{
	int number;

	memcpy(&number, buf, sizeof(number));
	task_frame(task)->syscallno = number;
	return 0;
}

/* No hardware breakpoints or watchpoints are given out: the architecture's version, 0 slots. */
static int debug_get(struct task *task, void *buf)
{
	struct user_hwdebug_state state = { .dbg_info = 6 << 8 };

	memcpy(buf, &state, sizeof(state));
	return 0;
}

static int debug_set(struct task *task, const void *buf)
{
	const struct user_hwdebug_state *state = buf;

	for (size_t i = 0; i < sizeof(state->dbg_regs) / sizeof(state->dbg_regs[0]); i++)
		if (state->dbg_regs[i].addr || state->dbg_regs[i].ctrl)
			return -ENOSPC;
	return 0;
}

static const struct regset {
	unsigned int type, unit, size;
	int (*get)(struct task *task, void *buf);
	int (*set)(struct task *task, const void *buf);
} regsets[] = {
	{ NT_PRSTATUS, 8, sizeof(struct user_pt_regs), gpr_get, gpr_set },
	{ NT_PRFPREG, 4, sizeof(struct user_fpsimd_state), fpr_get, fpr_set },
	{ NT_ARM_TLS, 8, 16, tls_get, tls_set },
	{ NT_ARM_SYSTEM_CALL, 4, 4, syscall_get, syscall_set },
	{ NT_ARM_HW_BREAK, 4, sizeof(struct user_hwdebug_state), debug_get, debug_set },
	{ NT_ARM_HW_WATCH, 4, sizeof(struct user_hwdebug_state), debug_get, debug_set },
};

/* The largest of them. */
union regset_buffer {
	struct user_pt_regs	  gpr;
	struct user_fpsimd_state  fpr;
	struct user_hwdebug_state debug;
};

static const struct regset *find(unsigned int type, struct iovec *iov)
{
	for (size_t i = 0; i < ARRAY_SIZE(regsets); i++) {
		if (regsets[i].type != type)
			continue;
		if (iov->iov_len % regsets[i].unit)
			return NULL;
		iov->iov_len = min_t(size_t, iov->iov_len, regsets[i].size);
		return &regsets[i];
	}
	return NULL;
}

int arch_regset_get(struct task *task, unsigned int type, struct iovec *iov)
{
	const struct regset *set = find(type, iov);
	union regset_buffer buf;
	int error = set ? set->get(task, &buf) : -EINVAL;

	if (!error && copy_to_user((__force void __user *)iov->iov_base, &buf, iov->iov_len))
		error = -EFAULT;
	return error;
}

int arch_regset_set(struct task *task, unsigned int type, struct iovec *iov)
{
	const struct regset *set = find(type, iov);
	union regset_buffer buf;
	int error = set ? set->get(task, &buf) : -EINVAL;

	/* What iov is too short for stays as it is. */
	if (!error && copy_from_user(&buf, (__force void __user *)iov->iov_base, iov->iov_len))
		error = -EFAULT;
	return error ? error : set->set(task, &buf);
}
