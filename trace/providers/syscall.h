/* SPDX-License-Identifier: BSD-2-Clause */
/* SYSCALL, 0x03xx: system calls. */
PROVIDER(SYSCALL, 0x03, syscall, "system call entry and exit")
EVENT(SYSCALL, 0x00, SYSCALL_ENTRY, syscall_entry, (u32, nr))
EVENT(SYSCALL, 0x01, SYSCALL_EXIT, syscall_exit, (u32, nr), (u64, ret))
