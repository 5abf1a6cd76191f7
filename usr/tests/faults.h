/* SPDX-License-Identifier: BSD-2-Clause */
/* Catching faults: do something that faults in a child and compare the siginfo. */
#ifndef USR_TESTS_FAULTS_H
#define USR_TESTS_FAULTS_H

#include "helpers.h"

/* What the handler must see; address ANY_ADDRESS is not compared. */
#define ANY_ADDRESS (~(uintptr_t)0)

static int wanted_signal, wanted_code;
static uintptr_t wanted_address;

static void fault_handler(int sig, siginfo_t *info, void *context)
{
	if (sig != wanted_signal || info->si_signo != sig)
		FAIL("signal %d, wanted %d", sig, wanted_signal);
	if (info->si_code != wanted_code)
		FAIL("signal %d: si_code %d, wanted %d (address %p)", sig, info->si_code,
		     wanted_code, info->si_addr);
	if (wanted_address != ANY_ADDRESS && (uintptr_t)info->si_addr != wanted_address)
		FAIL("signal %d: si_addr %p, wanted %#lx", sig, info->si_addr,
		     (unsigned long)wanted_address);
	_exit(42);
}

static void catch_fault(int sig, int code, uintptr_t address)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE };

	wanted_signal = sig;
	wanted_code = code;
	wanted_address = address;
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++)
		handle(faults[i], fault_handler, SA_SIGINFO);
}

/* The statements, in a child, must fault with this signal, si_code and si_addr. */
#define EXPECT_FAULT(sig, code, address, ...)                                                    \
	EXPECT_EXIT(IN_CHILD(catch_fault(sig, code, (uintptr_t)(address)); __VA_ARGS__), 42)

#define READ_AT(address) (void)*(volatile char *)(uintptr_t)(address)
#define WRITE_AT(address) (*(volatile char *)(uintptr_t)(address) = 1)

#endif
