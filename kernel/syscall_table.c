/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The system call table, made from the ABI header itself: each entry of <asm/unistd.h>
 * is a weak alias of one function until somebody defines the handler. The header names
 * sys_ni_syscall() itself, for numbers that are retired.
 */
#include <arch/atomic.h>
#include <arch/frame.h>
#include <kernel/boottest.h>
#include <kernel/printk.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <lib/bitops.h>

/* One bit a number: its absence has been logged. */
static unsigned long ni_logged[(NR_SYSCALLS + 63) / 64];

static __used long not_implemented(u64 a, u64 b, u64 c, u64 d, u64 e, u64 f)
{
	s64 nr = current->flags & PF_KTHREAD ? NO_SYSCALL : current_frame()->syscallno;

	if (nr >= 0 && nr < NR_SYSCALLS && !test_and_set_bit((unsigned long)nr, ni_logged))
		pr_debug("syscall: %s (%d) is not implemented, wanted by %s[%d]\n",
			syscall_name((unsigned)nr), (int)nr, current->comm, current->tid);
	return -ENOSYS;
}

#define __SYSCALL(nr, name) long name(u64, u64, u64, u64, u64, u64) \
	__attribute__((weak, alias("not_implemented")));
#include <asm/unistd.h>
#undef __SYSCALL

_Static_assert(NR_SYSCALLS == __NR_syscalls, "syscall.h knows the size of the table");

#define __SYSCALL(nr, name) [nr] = name,
const syscall_fn syscall_table[NR_SYSCALLS] = {
	[0 ... NR_SYSCALLS - 1] = sys_ni_syscall,
#include <asm/unistd.h>
};
#undef __SYSCALL

BOOT_TEST(syscall, table_has_no_holes)
{
	int implemented = 0;

	for (unsigned int nr = 0; nr < NR_SYSCALLS; nr++) {
		bt_expect(syscall_table[nr] != NULL);
		implemented += syscall_table[nr] != sys_ni_syscall;
	}
	bt_expect(implemented > 100);
}

BOOT_TEST(syscall, table_is_in_order)
{
	bt_expect(syscall_table[__NR_getpid] == sys_getpid);
	bt_expect(syscall_table[__NR_clone] == sys_clone);
	bt_expect(syscall_table[__NR_execve] == sys_execve);
	bt_expect(syscall_table[__NR_rt_sigreturn] == sys_rt_sigreturn);
	bt_expect(syscall_table[__NR_rt_sigaction] != sys_ni_syscall);
	bt_expect(syscall_table[__NR_wait4] != sys_ni_syscall);
	bt_expect_eq(syscall_table[__NR_getpid](0, 0, 0, 0, 0, 0), current->proc->pid);
}

BOOT_TEST(syscall, unimplemented_is_enosys)
{
	bt_expect_eq(sys_ni_syscall(1, 2, 3, 4, 5, 6), -ENOSYS);
	/* io_uring is not there, nor anything in the hole before 403. */
	bt_expect_eq(syscall_table[__NR_io_uring_setup](0, 0, 0, 0, 0, 0), -ENOSYS);
	bt_expect_eq(syscall_table[300](0, 0, 0, 0, 0, 0), -ENOSYS);
}
