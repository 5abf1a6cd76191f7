/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any load, store or instruction of user space that cannot be done is a signal of that process
 * and nothing else, with the right code and address; the kernel and everybody else live on.
 */
#include <stdio.h>
#include <sys/mman.h>

#include "faults.h"

static char *map(int prot)
{
	char *area = mmap(NULL, 4096, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	EXPECT_NE(area, MAP_FAILED);
	return area;
}

TEST(null_pointer)
{
	EXPECT_FAULT(SIGSEGV, SEGV_MAPERR, 0, READ_AT(0););
	EXPECT_FAULT(SIGSEGV, SEGV_MAPERR, 0, WRITE_AT(0););
	EXPECT_FAULT(SIGSEGV, SEGV_MAPERR, 0xff8, WRITE_AT(0xff8););
	EXPECT_KILLED(IN_CHILD(WRITE_AT(0);), SIGSEGV);
}

TEST(unmapped)
{
	char *area = map(PROT_READ);

	munmap(area, 4096);
	EXPECT_FAULT(SIGSEGV, SEGV_MAPERR, area + 123, READ_AT(area + 123););
	EXPECT_FAULT(SIGSEGV, SEGV_MAPERR, area + 4095, WRITE_AT(area + 4095););
	EXPECT_FAULT(SIGSEGV, SEGV_MAPERR, 0x7000000000, READ_AT(0x7000000000););
}

TEST(wrong_access)
{
	char *none = map(PROT_NONE), *readonly = map(PROT_READ),
	     *data = map(PROT_READ | PROT_WRITE);

	EXPECT_FAULT(SIGSEGV, SEGV_ACCERR, none + 1, READ_AT(none + 1););
	EXPECT_FAULT(SIGSEGV, SEGV_ACCERR, none + 2, WRITE_AT(none + 2););
	EXPECT_FAULT(SIGSEGV, SEGV_ACCERR, readonly + 3, WRITE_AT(readonly + 3););
	EXPECT_FAULT(SIGSEGV, SEGV_ACCERR, readonly + 3, READ_AT(readonly + 3);
		     WRITE_AT(readonly + 3););
	EXPECT_FAULT(SIGSEGV, SEGV_ACCERR, data, WRITE_AT(data); ((void (*)(void))data)(););
}

static const char constant[16] = "read-only data";

TEST(program_text_and_constants)
{
	EXPECT_FAULT(SIGSEGV, SEGV_ACCERR, &constant[2], WRITE_AT(&constant[2]););
	EXPECT_FAULT(SIGSEGV, SEGV_ACCERR, map, WRITE_AT(map););
	EXPECT_STREQ(constant, "read-only data");
}

TEST(kernel_addresses)
{
	static const uint64_t addresses[] = {
		0xffff000000000000, 0xffff000000001000, 0xffff800008000000, 0xffff800010000000,
		0xfffffffffffffff8, 0xffffffffffffffff, 0xffffffff80000000, 0x0001000000000000,
		0x0008000000000000, 0x00ffffffffffff00, 0xfff0000000000000, 0x8000000000000000,
	};

	SKIP_IN_EMULATOR("addresses of another machine");
	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++) {
		EXPECT_KILLED(IN_CHILD(READ_AT(addresses[i]);), SIGSEGV);
		EXPECT_KILLED(IN_CHILD(WRITE_AT(addresses[i]);), SIGSEGV);
	}
	EXPECT_FAULT(SIGSEGV, SEGV_MAPERR, ANY_ADDRESS, READ_AT(0xffff000000000000););
	EXPECT_FAULT(SIGSEGV, SEGV_MAPERR, ANY_ADDRESS, WRITE_AT(0xffff800008000000););
}

/* The top byte of an address is ignored by the machine; si_addr comes without it. */
TEST(tagged_pointer)
{
	char *data = map(PROT_READ | PROT_WRITE);

	SKIP_IN_EMULATOR("tags");
	*(volatile char *)((uintptr_t)data | 0x5a00000000000000) = 7;
	EXPECT_EQ(*data, 7);
	munmap(data, 4096);
	EXPECT_FAULT(SIGSEGV, SEGV_MAPERR, data + 8,
		     WRITE_AT(((uintptr_t)data + 8) | 0x5a00000000000000););
}

TEST(after_mprotect)
{
	char *data = map(PROT_READ | PROT_WRITE);

	data[0] = 5;
	MUST(mprotect(data, 4096, PROT_READ));
	EXPECT_EQ(data[0], 5);
	EXPECT_FAULT(SIGSEGV, SEGV_ACCERR, data, WRITE_AT(data););
	MUST(mprotect(data, 4096, PROT_NONE));
	EXPECT_FAULT(SIGSEGV, SEGV_ACCERR, data, READ_AT(data););
	MUST(mprotect(data, 4096, PROT_READ | PROT_WRITE));
	EXPECT_EQ(data[0], 5);
}

#define INSTRUCTION_FAULT(sig, code, instruction)                                                \
	EXPECT_EXIT(IN_CHILD({                                                                   \
		uintptr_t at_;                                                                   \
		__asm__ volatile("adr %0, 1f" : "=r"(at_));                                      \
		catch_fault(sig, code, at_);                                                     \
		__asm__ volatile("adr x9, 1f\n\tstr x9, %0\n1:\t" instruction                    \
				 : "=m"(wanted_address) :: "x0", "x9", "memory");                \
	}), 42)

TEST(undefined_instructions)
{
	SKIP_IN_EMULATOR("si_code differs");
	INSTRUCTION_FAULT(SIGILL, ILL_ILLOPC, ".inst 0x00000000");
	INSTRUCTION_FAULT(SIGILL, ILL_ILLOPC, ".inst 0xffffffff");
	INSTRUCTION_FAULT(SIGILL, ILL_ILLOPC, "mrs x0, sctlr_el1");
	INSTRUCTION_FAULT(SIGILL, ILL_ILLOPC, "msr ttbr0_el1, x0");
	INSTRUCTION_FAULT(SIGILL, ILL_ILLOPC, "mrs x0, spsr_el1");
	INSTRUCTION_FAULT(SIGILL, ILL_ILLOPC, "eret");
	INSTRUCTION_FAULT(SIGILL, ILL_ILLOPC, "hvc #0");
	INSTRUCTION_FAULT(SIGILL, ILL_ILLOPC, "smc #0");
	INSTRUCTION_FAULT(SIGILL, ILL_ILLOPC, "msr daifset, #2");
	INSTRUCTION_FAULT(SIGILL, ILL_ILLOPC, "tlbi vmalle1");
	INSTRUCTION_FAULT(SIGILL, ILL_ILLOPC, "at s1e1r, x0");
}

TEST(breakpoint)
{
	INSTRUCTION_FAULT(SIGTRAP, TRAP_BRKPT, "brk #0");
	INSTRUCTION_FAULT(SIGTRAP, TRAP_BRKPT, "brk #0x1234");
	EXPECT_KILLED(IN_CHILD(__asm__ volatile("brk #1");), SIGTRAP);
}

TEST(cache_maintenance_of_bad_address)
{
	SKIP_IN_EMULATOR("cache maintenance");
	EXPECT_FAULT(SIGSEGV, SEGV_MAPERR, ANY_ADDRESS,
		     __asm__ volatile("dc zva, %0" :: "r"(0x7000000000) : "memory"););
	EXPECT_KILLED(IN_CHILD(__asm__ volatile("dc zva, %0" ::"r"(0xffff800008000000)
						: "memory");),
		      SIGSEGV);
}

/* The immediate of SVC means nothing. */
TEST(svc_immediate_is_ignored)
{
	register long x8 __asm__("x8") = 172; /* getpid */
	register long x0 __asm__("x0");

	__asm__ volatile("svc #0xffff" : "=r"(x0) : "r"(x8) : "memory");
	EXPECT_EQ(x0, getpid());
}

/* Wide accesses that straddle the end of a mapping fault, at an address on the missing page. */
TEST(straddling_access)
{
	char *two = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	EXPECT_NE(two, MAP_FAILED);
	munmap(two + 4096, 4096);
	EXPECT_FAULT(SIGSEGV, SEGV_MAPERR, ANY_ADDRESS,
		     *(volatile uint64_t *)(two + 4092) = 1;);
	EXPECT_EQ(*(uint64_t *)(two + 1), 0); /* unaligned within is fine */
}

/* Faults by the thousand leave nothing behind. */
TEST(many_faults)
{
	for (int i = 0; i < 300; i++)
		EXPECT_KILLED(IN_CHILD(WRITE_AT(i * 4096L % 65536);), SIGSEGV);
}

/* A crash says nothing about anybody else. */
TEST(neighbours_live)
{
	pid_t neighbour = must_fork();

	if (neighbour == 0)
		for (;;)
			pause();
	for (int i = 0; i < 20; i++)
		EXPECT_KILLED(IN_CHILD(WRITE_AT(8);), SIGSEGV);
	EXPECT_EQ(waitpid(neighbour, NULL, WNOHANG), 0);
	kill(neighbour, SIGKILL);
	wait_status(neighbour);
}
