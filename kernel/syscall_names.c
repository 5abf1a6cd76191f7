/* SPDX-License-Identifier: BSD-2-Clause */
/* What the system calls are called, for messages and traces. */
#include <kernel/boottest.h>
#include <kernel/syscall.h>
#include <lib/string.h>

/* Without "sys_", which comes off at run time to keep the macro simple. */
#define __SYSCALL(nr, name) [nr] = #name,
static const char *const syscall_names[NR_SYSCALLS] = {
#include <asm/unistd.h>
};
#undef __SYSCALL

const char *syscall_name(unsigned int nr)
{
	const char *name = nr < NR_SYSCALLS ? syscall_names[nr] : NULL;

	return name ? name + strlen("sys_") : "?";
}

BOOT_TEST(syscall, names)
{
	bt_expect(!strcmp(syscall_name(__NR_read), "read"));
	bt_expect(!strcmp(syscall_name(__NR_exit_group), "exit_group"));
	bt_expect(!strcmp(syscall_name(300), "?"));
	bt_expect(!strcmp(syscall_name(NR_SYSCALLS), "?"));
}
