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

/* The state when it is not in the registers: in memory, or none yet. */
static noinline int put_fpsimd_memory(struct fpsimd_context __user *to)
{
	const struct fp_state *state = fpsimd_save_current();

	if (put_user(state ? state->fpsr : 0, &to->fpsr) ||
	    put_user(state ? state->fpcr : 0, &to->fpcr))
		return -EFAULT;
	if (state ? copy_to_user(to->vregs, state->vregs, sizeof(to->vregs)) :
	    clear_user(to->vregs, sizeof(to->vregs)))
		return -EFAULT;
	return 0;
}

/* A record's magic and size as the one word they are stored with. */
static int put_head(u32 magic, u32 size, void __user *at)
{
	return put_user(magic | (u64)size << 32, (u64 __user *)at);
}

/* The tagged records. */
static int put_records(struct sigcontext __user *sc)
{
	u8 __user *p = (u8 __user *)sc->__reserved;
	struct fpsimd_context __user *fp = (void __user *)p;
	u64 esr = current->ctx.fault_esr;

	if (cpu_has(CPU_FEAT_FP)) {
		if (put_head(FPSIMD_MAGIC, sizeof(*fp), fp) ||
		    (!fpsimd_save_user(fp) && put_fpsimd_memory(fp)))
			return -EFAULT;
		p += sizeof(*fp);
	}
	if (unlikely(esr)) {
		struct esr_context __user *ec = (void __user *)p;

		if (put_head(ESR_MAGIC, sizeof(*ec), ec) || put_user(esr, &ec->esr))
			return -EFAULT;
		p += sizeof(*ec);
	}
	return put_head(0, 0, p);
}

static int put_frame(struct rt_sigframe __user *sf, const struct trap_frame *frame,
		     const struct sigframe_request *req)
{
	struct user_ucontext __user *uc = &sf->uc;

	if (put_user(0ul, &uc->flags) || put_user(0ul, &uc->link) ||
	    put_user(req->ss_sp, &uc->ss_sp) ||
	    put_user((u64)req->ss_flags, (u64 __user *)&uc->ss_flags) ||
	    put_user(req->ss_size, &uc->ss_size) || put_user(req->oldmask, &uc->sigmask) ||
	    put_user(current->ctx.fault_address, &uc->mcontext.fault_address) ||
	    copy_to_user(uc->mcontext.regs, frame->regs, REGS_SIZE) ||
	    put_records(&uc->mcontext))
		return -EFAULT;
	if ((req->sa_flags & SA_SIGINFO) &&
	    copy_to_user(sf->siginfo, req->siginfo, sizeof(sf->siginfo)))
		return -EFAULT;
	return 0;
}

int arch_setup_sigframe(struct trap_frame *frame, const struct sigframe_request *req)
{
	u64 record_at = (req->sp & ~15UL) - sizeof(struct frame_record);
	u64 at = record_at - sizeof(struct rt_sigframe);
	struct rt_sigframe __user *sf = (struct rt_sigframe __user *)at;
	struct frame_record __user *record = (struct frame_record __user *)record_at;

	if (at > req->sp || !access_ok(sf, sizeof(*sf) + sizeof(*record)))
		return -EFAULT;
	if (put_user(frame->regs[29], &record->fp) || put_user(frame->regs[30], &record->lr) ||
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

/*
 * Walks the records; each may occur once, FP/SIMD must. *fp becomes that one's place, or
 * NULL on a CPU without.
 */
static noinline int walk_records(struct sigcontext __user *sc, struct fpsimd_context __user **fp)
{
	u8 __user *base = (u8 __user *)sc->__reserved;
	size_t offset = 0, limit = sizeof(sc->__reserved);
	u32 magic, size;
	u64 head;

	*fp = NULL;
	for (;;) {
		if (limit - offset < sizeof(head) ||
		    get_user(head, (u64 __user *)(base + offset)))
			return -EFAULT;
		magic = (u32)head;
		size = (u32)(head >> 32);
		if (!magic)
			return size || (*fp != NULL) != cpu_has(CPU_FEAT_FP) ? -EINVAL : 0;
		if (size < sizeof(head) || size % 16 || size > limit - offset)
			return -EINVAL;
		switch (magic) {
		case FPSIMD_MAGIC:
			if (*fp || !cpu_has(CPU_FEAT_FP) || size != sizeof(**fp))
				return -EINVAL;
			*fp = (void __user *)(base + offset);
			break;
		case ESR_MAGIC:
			break;          /* information only */
		default:
			return -EINVAL;
		}
		offset += size;
	}
}

/* The same at once for what put_records() writes when there is no ESR: FP/SIMD and the end. */
static __always_inline int find_records(struct sigcontext __user *sc,
					struct fpsimd_context __user **fp)
{
	const u64 fp_head = FPSIMD_MAGIC | (u64)sizeof(**fp) << 32;
	u64 head, end;

	*fp = (void __user *)sc->__reserved;
	if (likely(cpu_has(CPU_FEAT_FP) && !get_user(head, (u64 __user *)*fp) && head == fp_head &&
		   !get_user(end, (u64 __user *)(*fp + 1)) && !end))
		return 0;
	return walk_records(sc, fp);
}

/* By way of memory. A thread that never used FP and gets zeros back goes on without a state. */
static noinline int get_fpsimd_memory(const struct fpsimd_context __user *from)
{
	struct fp_state state;

	if (get_user(state.fpsr, &from->fpsr) || get_user(state.fpcr, &from->fpcr) ||
	    copy_from_user(state.vregs, from->vregs, sizeof(state.vregs)))
		return -EFAULT;
	if (!current->ctx.fpu && !memchr_inv(&state, 0, offsetof(struct fp_state, pad)))
		return 0;
	return fpsimd_restore_current(&state);
}

int arch_sigreturn(struct trap_frame *frame, struct sigreturn_result *out)
{
	struct rt_sigframe __user *sf = (struct rt_sigframe __user *)frame->sp;
	struct user_ucontext __user *uc = &sf->uc;
	struct fpsimd_context __user *fp;
	u64 pstate;

	if (frame->sp & 15 || !access_ok(sf, sizeof(*sf)))
		return -EFAULT;
	if (get_user(out->mask, &uc->sigmask) || get_user(out->ss_sp, &uc->ss_sp) ||
	    get_user(out->ss_flags, &uc->ss_flags) || get_user(out->ss_size, &uc->ss_size) ||
	    get_user(pstate, &uc->mcontext.pstate))
		return -EFAULT;
	/* A program must not return to EL1, to AArch32 or with interrupts masked. */
	if (pstate & (PSR_MODE_MASK | PSR_MODE32 | PSR_D | PSR_A | PSR_I | PSR_F))
		return -EFAULT;
	if (find_records(&uc->mcontext, &fp))
		return -EFAULT;
	if (fp && !fpsimd_load_user(fp) && get_fpsimd_memory(fp))
		return -EFAULT;
	/* Should another thread take the memory away just now, part of them is restored. */
	if (copy_from_user(frame->regs, uc->mcontext.regs, REGS_SIZE - sizeof(pstate)))
		return -EFAULT;
	frame->pstate = (pstate & PSR_USER_BITS) | PSR_MODE_EL0t;
	frame->syscallno = NO_SYSCALL;
	return 0;
}
