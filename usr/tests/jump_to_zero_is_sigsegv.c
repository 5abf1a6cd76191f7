/* SPDX-License-Identifier: BSD-2-Clause */
/* A jump to an address that has no code is SIGSEGV of that process and nothing else. */
#include <sys/mman.h>

#include "faults.h"

/* In assembly: to the compiler a call of address 0 cannot happen. */
static void jump(uintptr_t address)
{
	__asm__ volatile("blr %0" :: "r"(address) : "x30", "memory");
}

TEST(jump_to_zero)
{
	EXPECT_FAULT(SIGSEGV, SEGV_MAPERR, 0, jump(0););
	EXPECT_KILLED(IN_CHILD(jump(0);), SIGSEGV);
}

TEST(jump_to_zero_many_times)
{
	for (int i = 0; i < 200; i++)
		EXPECT_KILLED(IN_CHILD(jump(0);), SIGSEGV);
}

TEST(jump_by_return)
{
	EXPECT_FAULT(SIGSEGV, SEGV_MAPERR, 0, __asm__ volatile("mov x30, xzr\n\tret" ::: "x30"););
}

TEST(jump_to_unmapped_and_data)
{
	char *data = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	EXPECT_NE(data, MAP_FAILED);
	EXPECT_FAULT(SIGSEGV, SEGV_MAPERR, 0x7000000000, jump(0x7000000000););
	EXPECT_FAULT(SIGSEGV, SEGV_ACCERR, data, jump((uintptr_t)data););
	data[0] = 1;
	EXPECT_FAULT(SIGSEGV, SEGV_ACCERR, data, jump((uintptr_t)data););
	EXPECT_FAULT(SIGSEGV, SEGV_ACCERR, ANY_ADDRESS, {
		char stack[64] = { 0 };

		jump((uintptr_t)stack & ~3UL);
	});
}

TEST(jump_into_the_kernel)
{
	static const uintptr_t addresses[] = { 0xffff000000000000, 0xffff800008000000,
		0xffff800010000000, 0xfffffffffffffffc, 0x0001000000000000, 0x8000000000000000 };

	SKIP_IN_EMULATOR("addresses of another machine");
	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++)
		EXPECT_KILLED(IN_CHILD(jump(addresses[i]);), SIGSEGV);
}

TEST(jump_to_odd_address)
{
	SKIP_IN_EMULATOR("alignment");
	EXPECT_FAULT(SIGBUS, BUS_ADRALN, ANY_ADDRESS, jump((uintptr_t)handle + 2););
}

static volatile int caught;

static void return_to_caller(int sig, siginfo_t *info, void *context)
{
	ucontext_t *c = context;

	caught++;
	c->uc_mcontext.pc = c->uc_mcontext.regs[30];
}

/* A handler can repair it: the frame's pc is 0 and x30 is where the call came from. */
TEST(handler_returns_to_caller)
{
	handle(SIGSEGV, return_to_caller, SA_SIGINFO);
	for (int i = 1; i <= 100; i++) {
		jump(0);
		EXPECT_EQ(caught, i);
	}
}

TEST(code_written_at_run_time)
{
	uint32_t *code =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	EXPECT_NE(code, MAP_FAILED);
	for (int i = 0; i < 50; i++) {
		MUST(mprotect(code, 4096, PROT_READ | PROT_WRITE));
		code[0] = 0x52800000 | i << 5; /* mov w0, #i */
		code[1] = 0xd65f03c0;          /* ret */
		MUST(mprotect(code, 4096, PROT_READ | PROT_EXEC));
		__builtin___clear_cache((char *)code, (char *)(code + 2));
		EXPECT_EQ(((int (*)(void))code)(), i);
	}
	EXPECT_FAULT(SIGSEGV, SEGV_ACCERR, code, *(volatile uint32_t *)code = 0;);
}
