/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Small facts about the system and the caller: uname, host name, sysinfo, times, getrusage,
 * personality.
 */
#include <arch/uaccess.h>
#include <generated/compile.h>
#include <generated/utsrelease.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/sched.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/uts.h>
#include <lib/string.h>
#include <linux/personality.h>
#include <linux/sysinfo.h>
#include <linux/times.h>
#include <mm/mm.h>
#include <mm/page.h>
#include "task_internal.h"

struct new_utsname uts_name = {
	.sysname	= "Linux",	/* what programs test for */
	.nodename	= CONFIG_DEFAULT_HOSTNAME,
	.release	= UTS_RELEASE,
	.version	= UTS_VERSION,
	.machine	= UTS_MACHINE,
	.domainname	= "(none)",
};
DEFINE_MUTEX(uts_lock);

const char linux_banner[] = "Linux version " UTS_RELEASE " (" COMPILE_BY "@" COMPILE_HOST ") ("
			    COMPILER ") " UTS_VERSION "\n";

SYSCALL_DEFINE1(newuname, struct new_utsname __user *, name)
{
	struct new_utsname copy;

	mutex_lock(&uts_lock);
	copy = uts_name;
	mutex_unlock(&uts_lock);
	/* Programs from before Linux 3 count in their own way. */
	if (current->proc->personality & UNAME26)
		strscpy(copy.release, "2.6.60", sizeof(copy.release));
	return copy_to_user(name, &copy, sizeof(copy)) ? -EFAULT : 0;
}

static long set_uts_field(char *field, const char __user *name, int len)
{
	char buf[__NEW_UTS_LEN];

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (len < 0 || len > __NEW_UTS_LEN)
		return -EINVAL;
	if (copy_from_user(buf, name, (size_t)len))
		return -EFAULT;
	mutex_lock(&uts_lock);
	memcpy(field, buf, (size_t)len);
	memset(field + len, 0, sizeof(uts_name.nodename) - (size_t)len);
	mutex_unlock(&uts_lock);
	return 0;
}

SYSCALL_DEFINE2(sethostname, const char __user *, name, int, len)
{
	return set_uts_field(uts_name.nodename, name, len);
}

SYSCALL_DEFINE2(setdomainname, const char __user *, name, int, len)
{
	return set_uts_field(uts_name.domainname, name, len);
}

SYSCALL_DEFINE1(sysinfo, struct sysinfo __user *, uinfo)
{
	struct meminfo mem;
	struct sysinfo info;
	unsigned long load[3];

	memset(&info, 0, sizeof(info));
	meminfo_get(&mem);
	loadavg_get(load);
	info.uptime = (long)((ktime_get() + NSEC_PER_SEC - 1) / NSEC_PER_SEC);
	for (int i = 0; i < 3; i++)
		info.loads[i] = load[i] << (SI_LOAD_SHIFT - 11);
	info.procs = (u16)min(atomic_read(&nr_threads), 0xffff);
	info.mem_unit = 1;
	info.totalram = mem.total * PAGE_SIZE;
	info.freeram = mem.free * PAGE_SIZE;
	info.sharedram = mem.shmem * PAGE_SIZE;
	info.bufferram = mem.buffers * PAGE_SIZE;
	return copy_to_user(uinfo, &info, sizeof(info)) ? -EFAULT : 0;
}

static __kernel_clock_t ns_to_ticks(u64 ns)
{
	return (__kernel_clock_t)(ns / (NSEC_PER_SEC / USER_HZ));
}

SYSCALL_DEFINE1(times, struct tms __user *, utms)
{
	struct process *proc = current->proc;
	struct usage self;
	struct tms tms;

	if (utms) {
		process_usage(proc, &self);
		tms.tms_utime = ns_to_ticks(self.utime);
		tms.tms_stime = ns_to_ticks(self.stime);
		spin_lock_irq(&proc->siglock);
		tms.tms_cutime = ns_to_ticks(proc->children_usage.utime);
		tms.tms_cstime = ns_to_ticks(proc->children_usage.stime);
		spin_unlock_irq(&proc->siglock);
		if (copy_to_user(utms, &tms, sizeof(tms)))
			return -EFAULT;
	}
	return ns_to_ticks(ktime_get());
}

SYSCALL_DEFINE2(getrusage, int, who, struct rusage __user *, uru)
{
	struct process *proc = current->proc;
	struct usage usage;
	struct rusage ru;
	u64 peak = current->mm ? mm_rss_peak(current->mm) : 0;

	switch (who) {
	case RUSAGE_SELF:
		process_usage(proc, &usage);
		usage.maxrss = max(usage.maxrss, peak);
		break;
	case RUSAGE_THREAD:
		task_usage(current, &usage);
		usage.maxrss = peak;
		break;
	case RUSAGE_CHILDREN:
		spin_lock_irq(&proc->siglock);
		usage = proc->children_usage;
		spin_unlock_irq(&proc->siglock);
		break;
	default:
		return -EINVAL;
	}
	usage_to_rusage(&usage, &ru);
	return copy_to_user(uru, &ru, sizeof(ru)) ? -EFAULT : 0;
}

SYSCALL_DEFINE1(personality, unsigned int, persona)
{
	unsigned int old = current->proc->personality;

	if (persona != 0xffffffff) {
		/* There are no 32-bit programs here. */
		if ((persona & PER_MASK) == PER_LINUX32)
			return -EINVAL;
		current->proc->personality = persona;
	}
	return old;
}
