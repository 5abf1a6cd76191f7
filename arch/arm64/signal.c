/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The signal frame on the user stack. From high to low addresses: a frame
 * record, so that unwinders cross the handler, then struct rt_sigframe: siginfo
 * and ucontext, whose mcontext ends in tagged records (FP/SIMD, ESR, end).
 *
 * Everything read back in sigreturn comes from EL0 and is checked: of PSTATE
 * only the flags count.
 */
#include <arch/cpufeature.h>
#include <arch/current.h>
#include <arch/fpsimd.h>
#include <arch/frame.h>
#include <arch/signal.h>
#include <arch/uaccess.h>
#include <arch/vdso.h>
#include <kernel/sigset.h>
#include <kernel/task.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <asm/sigcontext.h>

/* struct ucontext of <asm/ucontext.h> with the kernel's own types. */
struct user_ucontext {
	u64 flags;
	u64 link;
	u64 ss_sp;
	u32 ss_flags;
	u32 ss_pad;
	u64 ss_size;
	u64 sigmask;
	u8 unused[1024 / 8 - sizeof(u64)];
	struct sigcontext mcontext;
};

struct rt_sigframe {
	u8 siginfo[128];
	struct user_ucontext uc;
};

struct frame_record {
	u64 fp;
	u64 lr;
};

static_assert(offsetof(struct rt_sigframe, uc) == 128);
static_assert(offsetof(struct user_ucontext, ss_sp) == 16);
static_assert(offsetof(struct user_ucontext, sigmask) == 40);
static_assert(offsetof(struct user_ucontext, mcontext) == 176);
static_assert(sizeof(struct rt_sigframe) % 16 == 0);

/* mcontext.regs, sp, pc, pstate are copied as one piece with our frame's. */
#define REGS_SIZE (34 * sizeof(u64))
static_assert(offsetof(struct sigcontext, pstate) == offsetof(struct sigcontext, regs) + 33 * 8);
static_assert(offsetof(struct trap_frame, pstate) == offsetof(struct trap_frame, regs) + 33 * 8);

/* What a program may set in PSTATE. */
#define PSR_USER_BITS (PSR_NZCV | PSR_SSBS | PSR_DIT | PSR_TCO | PSR_BTYPE)

static int put_fpsimd(struct fpsimd_context __user *to)
{
	const struct fp_state *state = fpsimd_save_current();
	const struct {
		struct _aarch64_ctx head;
		u32 fpsr, fpcr;
	} start = {
		.head = { FPSIMD_MAGIC, sizeof(struct fpsimd_context) },
		.fpsr = state ? state->fpsr : 0,
		.fpcr = state ? state->fpcr : 0,
	};

	if (copy_to_user(to, &start, sizeof(start)))
		return -EFAULT;
	if (state ? copy_to_user(to->vregs, state->vregs, sizeof(to->vregs)) :
	    clear_user(to->vregs, sizeof(to->vregs)))
		return -EFAULT;
	return 0;
}

/* The tagged records. */
static int put_records(struct sigcontext __user *sc)
{
	u8 __user *p = (u8 __user *)sc->__reserved;
	const struct esr_context esr = {
		.head = { ESR_MAGIC, sizeof(esr) },
		.esr = current->ctx.fault_esr,
	};
	static const struct _aarch64_ctx end;

	if (cpu_has(CPU_FEAT_FP)) {
		if (put_fpsimd((struct fpsimd_context __user *)p))
			return -EFAULT;
		p += sizeof(struct fpsimd_context);
	}
	if (esr.esr) {
		if (copy_to_user(p, &esr, sizeof(esr)))
			return -EFAULT;
		p += sizeof(esr);
	}
	return copy_to_user(p, &end, sizeof(end)) ? -EFAULT : 0;
}

static int put_frame(struct rt_sigframe __user *sf, const struct trap_frame *frame,
		     const struct sigframe_request *req)
{
	const struct {
		u64 flags, link, ss_sp;
		u32 ss_flags, pad;
		u64 ss_size, sigmask;
	} uc = {
		.ss_sp = req->ss_sp,
		.ss_flags = req->ss_flags,
		.ss_size = req->ss_size,
		.sigmask = req->oldmask,
	};
	int err;

	static_assert(sizeof(uc) == offsetof(struct user_ucontext, unused));
	err = copy_to_user(&sf->uc, &uc, sizeof(uc)) ? -EFAULT : 0;
	err |= put_user(current->ctx.fault_address, &sf->uc.mcontext.fault_address);
	err |= copy_to_user(sf->uc.mcontext.regs, frame->regs, REGS_SIZE) ? -EFAULT : 0;
	err |= put_records(&sf->uc.mcontext);
	if (req->sa_flags & SA_SIGINFO)
		err |= copy_to_user(sf->siginfo, req->siginfo, sizeof(sf->siginfo)) ? -EFAULT : 0;
	return err ? -EFAULT : 0;
}

int arch_setup_sigframe(struct trap_frame *frame, const struct sigframe_request *req)
{
	struct frame_record record = { frame->regs[29], frame->regs[30] };
	u64 record_at = (req->sp & ~15UL) - sizeof(record);
	u64 at = record_at - sizeof(struct rt_sigframe);
	struct rt_sigframe __user *sf = (struct rt_sigframe __user *)at;

	if (at > req->sp || !access_ok(sf, sizeof(*sf) + sizeof(record)))
		return -EFAULT;
	if (copy_to_user((void __user *)record_at, &record, sizeof(record)) ||
	    put_frame(sf, frame, req))
		return -EFAULT;

	frame->regs[0] = (u64)req->sig;
	if (req->sa_flags & SA_SIGINFO) {
		frame->regs[1] = (u64)&sf->siginfo;
		frame->regs[2] = (u64)&sf->uc;
	}
	frame->regs[29] = record_at;
	frame->regs[30] = req->sa_flags & SA_RESTORER ? req->restorer : vdso_sigreturn();
	frame->sp = at;
	frame->pc = req->handler;
	frame->pstate &= ~(PSR_BTYPE | PSR_TCO | PSR_SS);
	frame->syscallno = NO_SYSCALL;
	return 0;
}

/* ---- sigreturn ---- */

static int get_fpsimd(const struct fpsimd_context __user *from, u32 size, struct fp_state *state)
{
	if (size != sizeof(struct fpsimd_context))
		return -EINVAL;
	if (get_user(state->fpsr, &from->fpsr) || get_user(state->fpcr, &from->fpcr) ||
	    copy_from_user(state->vregs, from->vregs, sizeof(state->vregs)))
		return -EFAULT;
	return 0;
}

/* Walks the records; each may occur once, FP/SIMD must. `state` is filled in. */
static int get_records(struct sigcontext __user *sc, struct fp_state *state)
{
	u8 __user *base = (u8 __user *)sc->__reserved;
	size_t offset = 0, limit = sizeof(sc->__reserved);
	bool have_fp = false;
	struct _aarch64_ctx head;

	for (;;) {
		if (limit - offset < sizeof(head) ||
		    copy_from_user(&head, base + offset, sizeof(head)))
			return -EFAULT;
		if (!head.magic)
			return head.size || have_fp != cpu_has(CPU_FEAT_FP) ? -EINVAL : 0;
		if (head.size < sizeof(head) || head.size % 16 || head.size > limit - offset)
			return -EINVAL;
		switch (head.magic) {
		case FPSIMD_MAGIC:
			if (have_fp || !cpu_has(CPU_FEAT_FP) ||
			    get_fpsimd((void __user *)(base + offset), head.size, state))
				return -EINVAL;
			have_fp = true;
			break;
		case ESR_MAGIC:
			break;          /* information only */
		default:
			return -EINVAL;
		}
		offset += head.size;
	}
}

/* A thread that never used FP and gets zeros back goes on without a state. */
static int restore_fpsimd(const struct fp_state *state)
{
	if (!current->ctx.fpu && !memchr_inv(state, 0, offsetof(struct fp_state, pad)))
		return 0;
	return fpsimd_restore_current(state);
}

int arch_sigreturn(struct trap_frame *frame, struct sigreturn_result *out)
{
	struct rt_sigframe __user *sf = (struct rt_sigframe __user *)frame->sp;
	struct {
		u64 flags, link, ss_sp;
		u32 ss_flags, pad;
		u64 ss_size, sigmask;
	} uc;
	u64 regs[34];
	struct fp_state state;

	if (frame->sp & 15 || !access_ok(sf, sizeof(*sf)))
		return -EFAULT;
	if (copy_from_user(&uc, &sf->uc, sizeof(uc)) ||
	    copy_from_user(regs, sf->uc.mcontext.regs, REGS_SIZE))
		return -EFAULT;
	/* A program must not return to EL1, to AArch32 or with interrupts masked. */
	if (regs[33] & (PSR_MODE_MASK | PSR_MODE32 | PSR_D | PSR_A | PSR_I | PSR_F))
		return -EFAULT;
	if (get_records(&sf->uc.mcontext, &state))
		return -EFAULT;
	if (cpu_has(CPU_FEAT_FP) && restore_fpsimd(&state))
		return -EFAULT;

	memcpy(frame->regs, regs, REGS_SIZE);
	frame->pstate = (regs[33] & PSR_USER_BITS) | PSR_MODE_EL0t;
	frame->syscallno = NO_SYSCALL;
	out->mask = uc.sigmask;
	out->ss_sp = uc.ss_sp;
	out->ss_flags = uc.ss_flags;
	out->ss_size = uc.ss_size;
	return 0;
}
