/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Start-up: from the first C function to PID 1.
 */
#include <arch/irqflags.h>
#include <arch/setup.h>
#include <arch/smp.h>
#include <fs/files.h>
#include <fs/fs.h>
#include <generated/compile.h>
#include <generated/utsrelease.h>
#include <kernel/boottest.h>
#include <kernel/clone.h>
#include <kernel/cpu.h>
#include <kernel/cred.h>
#include <kernel/driver.h>
#include <kernel/dt.h>
#include <kernel/exec.h>
#include <kernel/init.h>
#include <kernel/main.h>
#include <kernel/panic.h>
#include <kernel/pid.h>
#include <kernel/printk.h>
#include <kernel/random.h>
#include <kernel/sched.h>
#include <kernel/sched_policy.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/timer.h>
#include <lib/err.h>
#include <lib/string.h>
#include <mm/memblock.h>
#include <trace/trace.h>

struct cpu cpus[CONFIG_NR_CPUS];
unsigned nr_cpus_online = 1;

static const char *rdinit_path = "/init", *init_path;
static bool rdinit_given;

static int rdinit_param(char *value)
{
	rdinit_path = value;
	rdinit_given = true;
	return *value ? 0 : -EINVAL;
}
BOOT_PARAM(rdinit, "rdinit", rdinit_param);

static int init_param(char *value)
{
	init_path = value;
	return *value ? 0 : -EINVAL;
}
BOOT_PARAM(init, "init", init_param);

/* Words that Linux takes and that need no action here, so that init does not get them. */
static int accept_param(char *value)
{
	return 0;
}
BOOT_PARAM(rw, "rw", accept_param);
BOOT_PARAM(ro, "ro", accept_param);
BOOT_PARAM(root, "root", accept_param);
BOOT_PARAM(rootfstype, "rootfstype", accept_param);
BOOT_PARAM(rootflags, "rootflags", accept_param);
BOOT_PARAM(rootwait, "rootwait", accept_param);

/* Returns only if the program cannot be run. */
static int run_init(const char *path)
{
	int err;

	init_argv[0] = path;
	pr_info("Run %s as init process\n", path);
	err = kernel_execve(path, init_argv, init_envp);
	if (err && err != -ENOENT)
		pr_err("init: %s exists but cannot be run: error %d\n", path, err);
	return err;
}

static int find_init(void)
{
	static const char *const usual[] = { "/sbin/init", "/etc/init", "/bin/init", "/bin/sh" };
	int err;

	err = run_init(rdinit_path);
	if (!err)
		return 0;
	if (rdinit_given)
		pr_err("init: rdinit=%s failed: error %d\n", rdinit_path, err);
	if (init_path) {
		err = run_init(init_path);
		if (err)
			panic("Requested init %s failed (error %d).", init_path, err);
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(usual); i++)
		if (!run_init(usual[i]))
			return 0;
	panic("No working init found. Try passing rdinit= option to kernel.");
}

/* PID 1's first three descriptors; an initramfs need not have /dev/console. */
static void open_console(void)
{
	struct file *file;
	int err = files_unshare();	/* kernel threads keep the table without them */

	file = err ? ERR_PTR(err) : file_open("/dev/console", O_RDWR, 0);
	if (IS_ERR(file)) {
		pr_warn("init: cannot open /dev/console: error %ld\n", PTR_ERR(file));
		return;
	}
	for (int i = 0; i < 3; i++) {
		int fd = fd_alloc(0);

		if (fd >= 0)
			fd_install((unsigned)fd, file_get(file));
	}
	file_put(file);
}

/* PID 1 in the kernel: everything that may sleep, then the first program. */
static int kernel_init(void *unused)
{
	arch_smp_boot();
	driver_probe_all(DRIVER_CONSOLE);
	do_initcalls();
	driver_probe_all(DRIVER_DEVICE);
	if (IS_ENABLED(CONFIG_BOOT_TESTS))
		boot_tests_run();
	free_initmem();
	open_console();
	return find_init();
}

static void print_banner(void)
{
	pr_notice("Tessera version %s (%s)\n", UTS_RELEASE, COMPILER);
	pr_notice("Kernel command line: %s\n", boot_command_line);
}

static void __init find_irqchip(void)
{
	const char *name = NULL;
	u32 phandle;

	if (driver_probe_all(DRIVER_IRQCHIP))
		return;
	if (dt_prop_u32(0, "interrupt-parent", &phandle) == 0)
		name = dt_string(fdt_node_offset_by_phandle(boot_fdt, phandle), "compatible");
	panic("irq: no driver in this kernel for the machine's interrupt controller (%s)",
	      name ? name : "none in the device tree");
}

void start_kernel(void)
{
	struct task *init;

	setup_arch();
	cpus[cpu_id()].online = 1;
	time_init();
	print_banner();
	page_alloc_init();
	mm_init();
	trace_init();
	sched_init();
	timers_init();
	random_init();
	parse_boot_params();
	task_init();
	find_irqchip();
	driver_probe_all(DRIVER_TIMER);
	time_init();
	local_irq_enable();
	pr_info("sched: policy %s, HZ %d\n", sched_policy.name, CONFIG_HZ);
	vfs_init();
	init = task_create_init(kernel_init, NULL);
	if (IS_ERR(init))
		panic("init: cannot create PID 1: error %ld", PTR_ERR(init));
	/* With interrupts off, so that the first switch is cpu_idle()'s, which turns the tick on. */
	local_irq_disable();
	wake_up_new_task(init);
	cpu_idle();
}
