/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reboot(2), and the orderly end of the machine for everybody else.
 */
#include <arch/power.h>
#include <arch/uaccess.h>
#include <fs/fs.h>
#include <kernel/cred.h>
#include <kernel/mutex.h>
#include <kernel/pid.h>
#include <kernel/printk.h>
#include <kernel/reboot.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/workqueue.h>
#include <linux/reboot.h>

static DEFINE_MUTEX(reboot_lock);
static LIST_HEAD(notifiers);		/* reboot_lock */
static bool cad_restarts = true;	/* ^Alt-Del restarts at once; else PID 1 is asked */

void reboot_notifier_register(struct reboot_notifier *notifier)
{
	mutex_lock(&reboot_lock);
	list_add_tail(&notifier->node, &notifiers);
	mutex_unlock(&reboot_lock);
}

static void notify(enum reboot_kind kind)
{
	struct reboot_notifier *notifier;

	list_for_each_entry(notifier, &notifiers, node)
		notifier->fn(kind);
}

void kernel_restart(const char *cmd)
{
	notify(REBOOT_RESTART);
	if (cmd)
		pr_emerg("reboot: Restarting system with command '%s'\n", cmd);
	else
		pr_emerg("reboot: Restarting system\n");
	arch_reboot();
}

void kernel_power_off(void)
{
	notify(REBOOT_POWER_OFF);
	pr_emerg("reboot: Power down\n");
	arch_poweroff();
}

void kernel_halt(void)
{
	notify(REBOOT_HALT);
	pr_emerg("reboot: System halted\n");
	arch_halt();
}

static void cad_work_fn(struct work *work)
{
	kernel_restart(NULL);
}

static struct work cad_work = WORK_INIT(cad_work, cad_work_fn);

void ctrl_alt_del(void)
{
	if (cad_restarts)
		schedule_work(&cad_work);
	else if (init_proc)
		signal_send_process(SIGINT, SEND_SIG_KERNEL, init_proc);
}

SYSCALL_DEFINE4(reboot, int, magic1, int, magic2, unsigned int, cmd, void __user *, arg)
{
	char text[256];
	long len;

	if (!capable(CAP_SYS_BOOT))
		return -EPERM;
	if (magic1 != (int)LINUX_REBOOT_MAGIC1 ||
	    (magic2 != LINUX_REBOOT_MAGIC2 && magic2 != LINUX_REBOOT_MAGIC2A &&
	     magic2 != LINUX_REBOOT_MAGIC2B && magic2 != LINUX_REBOOT_MAGIC2C))
		return -EINVAL;
	switch (cmd) {
	case LINUX_REBOOT_CMD_CAD_ON:
		cad_restarts = true;
		return 0;
	case LINUX_REBOOT_CMD_CAD_OFF:
		cad_restarts = false;
		return 0;
	case LINUX_REBOOT_CMD_RESTART:
	case LINUX_REBOOT_CMD_HALT:
	case LINUX_REBOOT_CMD_POWER_OFF:
		break;
	case LINUX_REBOOT_CMD_RESTART2:
		len = strncpy_from_user(text, arg, sizeof(text) - 1);
		if (len < 0)
			return -EFAULT;
		text[len] = '\0';
		break;
	default:
		return -EINVAL;
	}
	mutex_lock(&reboot_lock);	/* never released: the first one wins */
	sync_filesystems(true);
	if (cmd == LINUX_REBOOT_CMD_HALT)
		kernel_halt();
	if (cmd == LINUX_REBOOT_CMD_POWER_OFF)
		kernel_power_off();
	kernel_restart(cmd == LINUX_REBOOT_CMD_RESTART2 ? text : NULL);
}
