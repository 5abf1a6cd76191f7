/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls that are refused with more thought than "not implemented": programs ask for them at
 * each start, or the answer says what the machine does not have.
 */
#include <fs/files.h>
#include <kernel/syscall.h>

/* No filters: as a kernel built without CONFIG_SECCOMP_FILTER, of which nothing else is there. */
SYSCALL_DEFINE3(seccomp, unsigned int, op, unsigned int, flags, void __user *, args)
{
	return -EINVAL;
}

/* There are no namespaces to join. */
SYSCALL_DEFINE2(setns, int, fd, int, flags)
{
	struct fd f = fdget_raw((unsigned)fd);

	if (!f.file)
		return -EBADF;
	fdput(f);
	return -EINVAL;
}
