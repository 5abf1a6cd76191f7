/* SPDX-License-Identifier: BSD-2-Clause */
/* Taking in a program of classic BPF, for seccomp(2) and filters of sockets. */
#include <arch/uaccess.h>
#include <kernel/cbpf.h>
#include <lib/errno.h>
#include <mm/slab.h>

int cbpf_from_user(struct sock_filter *program, const void __user *from, u32 len)
{
	u16 *scratch;
	int err;

	if (copy_from_user(program, from, len * sizeof(*program)))
		return -EFAULT;
	scratch = kvmalloc(len * sizeof(*scratch), GFP_KERNEL);
	if (!scratch)
		return -ENOMEM;
	err = cbpf_check(program, len, scratch);
	kvfree(scratch);
	return err;
}
