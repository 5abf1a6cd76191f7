/* SPDX-License-Identifier: BSD-2-Clause */
/* The frame of a signal: what a handler finds in its ucontext, and what changing it does. */
#include <sys/mman.h>
#include <sys/syscall.h>

#include "helpers.h"

/* The kernel's layout, as <asm/ucontext.h> has it; that header clashes with the C library's. */
struct frame_context {
	unsigned long flags;
	struct frame_context *link;
	stack_t stack;
	uint64_t sigmask;
	uint8_t unused[120];
	struct { /* struct sigcontext */
		uint64_t fault_address;
		uint64_t regs[31];
		uint64_t sp, pc, pstate;
		_Alignas(16) uint8_t records[4096];
	} mc;
};

static volatile int count;

static struct fpsimd_context *fpsimd_record(struct frame_context *c)
{
	struct _aarch64_ctx *head = (void *)c->mc.records;

	while (head->magic) {
		if (head->magic == FPSIMD_MAGIC)
			return (struct fpsimd_context *)head;
		head = (void *)((char *)head + head->size);
	}
	return NULL;
}

static struct {
	uint64_t sigmask, pc, sp, lr, pstate;
	int fp_size;
	uintptr_t frame_address, info_address;
} seen;

static void look(int sig, siginfo_t *info, void *context)
{
	struct frame_context *c = context;
	struct fpsimd_context *fp = fpsimd_record(c);

	seen.sigmask = c->sigmask;
	seen.pc = c->mc.pc;
	seen.sp = c->mc.sp;
	seen.pstate = c->mc.pstate;
	seen.fp_size = fp ? fp->head.size : 0;
	seen.frame_address = (uintptr_t)context;
	seen.info_address = (uintptr_t)info;
	count++;
}

TEST(frame_contents)
{
	sigset_t block;
	uint64_t sp;

	sigemptyset(&block);
	sigaddset(&block, SIGHUP);
	sigprocmask(SIG_BLOCK, &block, NULL);
	handle(SIGUSR1, look, SA_SIGINFO);
	__asm__ volatile("mov %0, sp" : "=r"(sp));
	raise(SIGUSR1);
	EXPECT_EQ(count, 1);
	EXPECT_EQ(seen.fp_size, sizeof(struct fpsimd_context));
	EXPECT_LT(seen.frame_address, seen.sp);
	EXPECT_EQ(seen.frame_address - seen.info_address, 128); /* siginfo, then ucontext */
	EXPECT_EQ(seen.info_address % 16, 0);
	EXPECT_LE(seen.sp, sp);
	EXPECT_EQ(seen.pstate & 0xf, 0); /* EL0t */
	EXPECT_NE(seen.pc, 0);
	EXPECT_EQ(seen.sigmask & (1 << (SIGHUP - 1)), 1 << (SIGHUP - 1));
	EXPECT_EQ(seen.sigmask & (1 << (SIGUSR1 - 1)), 0);
}

/* --- FP registers ---------------------------- */

static void spoil_fp(int sig)
{
	__asm__ volatile("movi v0.16b, #0xee\n\tmovi v8.16b, #0xee\n\tmovi v31.16b, #0xee\n\t"
			 "mov x9, #(3 << 22)\n\tmsr fpcr, x9\n\tmov x9, #0x1f\n\tmsr fpsr, x9"
			 ::: "v0", "v8", "v31", "x9");
	count++;
}

/* Loads v0, v8, v31; raises; stores them. */
static void raise_with_fp(const uint64_t in[6], uint64_t out[6], uint64_t *fpcr)
{
	register long x0 __asm__("x0") = getpid();
	register long x1 __asm__("x1") = SIGUSR1;
	register long x8 __asm__("x8") = SYS_kill;

	__asm__ volatile("ldp q0, q8, [%3]\n\tldr q31, [%3, #32]\n\tsvc #0\n\t"
			 "stp q0, q8, [%4]\n\tstr q31, [%4, #32]\n\tmrs x9, fpcr\n\tstr x9, [%5]"
			 : "+r"(x0) : "r"(x1), "r"(x8), "r"(in), "r"(out), "r"(fpcr)
			 : "v0", "v8", "v31", "x9", "memory");
}

TEST(fp_registers_survive_a_handler)
{
	const uint64_t in[6] = { 1, 2, 3, 4, 0x123456789abcdef0, 6 };
	uint64_t out[6], fpcr;

	handle(SIGUSR1, spoil_fp, 0);
	for (int i = 0; i < 100; i++) {
		raise_with_fp(in, out, &fpcr);
		EXPECT_EQ(count, i + 1);
		EXPECT_MEMEQ(in, out, sizeof(in));
		EXPECT_EQ(fpcr, 0);
	}
}

static void change_fp(int sig, siginfo_t *info, void *context)
{
	struct fpsimd_context *fp = fpsimd_record(context);

	fp->vregs[0] = 111;
	fp->vregs[8] = ((__uint128_t)0xabc << 64) | 222;
	fp->fpcr = 1 << 22;
}

TEST(handler_changes_fp_registers)
{
	const uint64_t in[6] = { 1, 2, 3, 4, 5, 6 };
	uint64_t out[6], fpcr;

	SKIP_IN_EMULATOR("does not restore a changed record");
	handle(SIGUSR1, change_fp, SA_SIGINFO);
	raise_with_fp(in, out, &fpcr);
	__asm__ volatile("msr fpcr, xzr");
	EXPECT_EQ(out[0], 111);
	EXPECT_EQ(out[1], 0);
	EXPECT_EQ(out[2], 222);
	EXPECT_EQ(out[3], 0xabc);
	EXPECT_EQ(out[4], 5);
	EXPECT_EQ(fpcr, 1 << 22);
}

/* --- general registers ---------------------------- */

static void change_regs(int sig, siginfo_t *info, void *context)
{
	struct frame_context *c = context;

	c->mc.regs[0] = 4711;
	c->mc.regs[20] += 5;
	c->mc.pstate ^= 0xf0000000;
}

TEST(handler_changes_registers)
{
	uint64_t x0, x20, nzcv;

	handle(SIGUSR1, change_regs, SA_SIGINFO);
	__asm__ volatile("mov x20, #1000\n\tmov x0, %3\n\tmov x1, %4\n\tmov x8, %5\n\t"
			 "msr nzcv, xzr\n\tsvc #0\n\t"
			 "mov %0, x0\n\tmov %1, x20\n\tmrs %2, nzcv"
			 : "=&r"(x0), "=&r"(x20), "=&r"(nzcv)
			 : "r"((long)getpid()), "r"((long)SIGUSR1), "r"((long)SYS_kill)
			 : "x0", "x1", "x8", "x20", "cc", "memory");
	EXPECT_EQ(x0, 4711);
	EXPECT_EQ(x20, 1005);
	EXPECT_EQ(nzcv, 0xf0000000);
}

static void skip_fault(int sig, siginfo_t *info, void *context)
{
	struct frame_context *c = context;

	c->mc.pc += 4;
	c->mc.regs[3] = c->mc.fault_address;
	count++;
}

TEST(handler_skips_a_faulting_instruction)
{
	register uint64_t x3 __asm__("x3") = 0;

	handle(SIGSEGV, skip_fault, SA_SIGINFO);
	for (uint64_t i = 0; i < 200; i++) {
		__asm__ volatile("str xzr, [%1]" : "+r"(x3) : "r"(0x100 + i * 8) : "memory");
		EXPECT_EQ(x3, 0x100 + i * 8);
		EXPECT_EQ(count, i + 1);
	}
}

static void change_mask(int sig, siginfo_t *info, void *context)
{
	((struct frame_context *)context)->sigmask |= 1 << (SIGTERM - 1);
}

TEST(handler_changes_mask_to_return_to)
{
	sigset_t now;

	handle(SIGUSR1, change_mask, SA_SIGINFO);
	raise(SIGUSR1);
	sigprocmask(SIG_SETMASK, NULL, &now);
	EXPECT_EQ(sigismember(&now, SIGTERM), 1);
	EXPECT_EQ(sigismember(&now, SIGUSR1), 0);
}

/* --- bad frames must kill the process, never more ---------------------------- */

static void privileged_pstate(int sig, siginfo_t *info, void *context)
{
	((struct frame_context *)context)->mc.pstate = 0x3c5; /* EL1h, interrupts masked */
}

static void wild_pc(int sig, siginfo_t *info, void *context)
{
	((struct frame_context *)context)->mc.pc = 0xffff800008000000;
}

static void broken_record(int sig, siginfo_t *info, void *context)
{
	struct _aarch64_ctx *head = (void *)((struct frame_context *)context)->mc.records;

	head->size = 3;
}

static void endless_record(int sig, siginfo_t *info, void *context)
{
	struct _aarch64_ctx *head = (void *)((struct frame_context *)context)->mc.records;

	head->magic = 0x12345678;
	head->size = 0xfffffff0;
}

TEST(bad_frames)
{
	static void (*const bad[])(int, siginfo_t *, void *) = {
		privileged_pstate, wild_pc, broken_record, endless_record,
	};

	SKIP_IN_EMULATOR("has its own sigreturn");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_KILLED(IN_CHILD({
			handle(SIGUSR1, bad[i], SA_SIGINFO);
			raise(SIGUSR1);
		}), SIGSEGV);
}

TEST(sigreturn_without_frame)
{
	SKIP_IN_EMULATOR("has its own sigreturn");
	EXPECT_KILLED(IN_CHILD({
			      __asm__ volatile("mov x10, sp\n\tmov sp, %0\n\tmov x8, #139\n\tsvc "
					       "#0\n\tmov sp, x10" ::"r"(0L)
					       : "x0", "x8", "x10", "memory");
		      }),
		      SIGSEGV);
	EXPECT_KILLED(IN_CHILD({
			      __asm__ volatile("mov x10, sp\n\tmov sp, %0\n\tmov x8, #139\n\tsvc "
					       "#0\n\tmov sp, x10" ::"r"(0xffff000000000000)
					       : "x0", "x8", "x10", "memory");
		      }),
		      SIGSEGV);
}
