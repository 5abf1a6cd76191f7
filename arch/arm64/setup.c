/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * setup_arch(): reads the device tree and turns the early page tables into the
 * final ones. Order matters: everything that must survive is reserved first, and
 * RAM goes to memblock only once it is mapped (see mmu.c).
 */
#include <arch/barrier.h>
#include <arch/cpufeature.h>
#include <arch/earlycon.h>
#include <arch/extable.h>
#include <arch/context.h>
#include <arch/mmu.h>
#include <arch/patch.h>
#include <arch/power.h>
#include <arch/setup.h>
#include <arch/smp.h>
#include <arch/sysreg.h>
#include <kernel/cpu.h>
#include <kernel/dt.h>
#include <kernel/init.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/task.h>
#include <lib/parse.h>
#include <lib/string.h>
#include <mm/memblock.h>

#define FDT_MAX_SIZE    SZ_2M           /* boot protocol */
#define MAX_BANKS       32
#define MAX_PHYS        (LINEAR_END - PAGE_OFFSET)

char boot_command_line[COMMAND_LINE_SIZE] __ro_after_init;
phys_addr_t initrd_start __ro_after_init, initrd_end __ro_after_init;
const void *boot_fdt __ro_after_init;

static struct mem_region banks[MAX_BANKS] __initdata;
static unsigned int nr_banks __initdata;
static u64 mem_limit __initdata = ~0ULL;

/* There is no tree to find a console by: nothing can be said, so stop where a debugger looks. */
static void __init __noreturn no_device_tree(const char *why)
{
	pr_emerg("Error: invalid device tree blob at physical address 0x%llx: %s\n", fdt_phys, why);
	arch_halt();
}

/* Maps the tree read-only through the fixmap and checks it before anything believes it. */
static void __init map_device_tree(void)
{
	phys_addr_t base = fdt_phys & ~(SZ_2M - 1);
	const void *fdt = (const void *)(FIX_FDT + (fdt_phys - base));
	int err;

	if (!fdt_phys || fdt_phys & 7)
		no_device_tree("x0 is not the address of one");
	kernel_map(FIX_FDT, base, FIX_FDT_SIZE, PROT_KERNEL_RO, true);
	if (fdt_check_header(fdt) || fdt_totalsize(fdt) > FDT_MAX_SIZE)
		no_device_tree("bad header");
	boot_fdt = fdt;
	early_console_init();
	err = fdt_check_full(fdt, fdt_totalsize(fdt));
	if (err)
		no_device_tree(fdt_strerror(err));
}

/* Bytes of the tree that mean something; QEMU pads its own to a megabyte. */
static u32 __init fdt_used_size(const void *fdt)
{
	u32 end = fdt_off_dt_struct(fdt) + fdt_size_dt_struct(fdt);

	return max(end, fdt_off_dt_strings(fdt) + fdt_size_dt_strings(fdt));
}

static void __init read_command_line(int chosen)
{
	const char *args = chosen < 0 ? NULL : dt_string(chosen, "bootargs");

	if (args && strscpy(boot_command_line, args, sizeof(boot_command_line)) < 0)
		pr_warn("setup: command line cut after %d bytes\n", COMMAND_LINE_SIZE - 1);
}

/* mem=nn[KMG]; other forms are not ours. */
static int mem_param(char *value)
{
	char *end;
	u64 limit = memparse(value, &end) & PAGE_MASK;

	if (!limit || *end)
		return -EINVAL;
	mem_limit = limit;
	return 0;
}
EARLY_PARAM(mem, "mem", mem_param);

static void __init read_initrd(int chosen)
{
	u64 start, end;

	if (chosen < 0 || dt_prop_u64(chosen, "linux,initrd-start", &start) ||
	    dt_prop_u64(chosen, "linux,initrd-end", &end))
		return;
	if (start >= end || end > MAX_PHYS) {
		pr_err("setup: initrd 0x%llx-0x%llx makes no sense; ignored\n", start, end);
		return;
	}
	initrd_start = start;
	initrd_end = end;
}

/* ---- RAM ---- */

static void __init add_bank(phys_addr_t base, u64 size)
{
	phys_addr_t start = PAGE_ALIGN(base), end = base + size;

	if (end < base || end > MAX_PHYS)
		end = MAX_PHYS;
	end &= PAGE_MASK;
	if (start >= end)
		return;
	if (nr_banks == MAX_BANKS) {
		pr_warn("setup: more than %d memory banks; 0x%llx-0x%llx ignored\n", MAX_BANKS,
			start, end);
		return;
	}
	banks[nr_banks++] = (struct mem_region){ .base = start, .size = end - start };
}

/* Cuts [start, end) out of the banks: no-map regions must not even be mapped. */
static void __init cut_banks(phys_addr_t start, phys_addr_t end)
{
	unsigned int n = nr_banks;

	start &= PAGE_MASK;
	end = PAGE_ALIGN(end);
	for (unsigned int i = 0; i < n; i++) {
		phys_addr_t lo = banks[i].base, hi = lo + banks[i].size;

		if (end <= lo || start >= hi)
			continue;
		banks[i].size = start > lo ? start - lo : 0;
		if (end < hi)
			add_bank(end, hi - end);
	}
}

static void __init read_memory_nodes(void)
{
	phys_addr_t base;
	u64 size;
	int node;

	fdt_for_each_subnode(node, boot_fdt, 0) {
		const char *type = dt_string(node, "device_type");

		if (!type || strcmp(type, "memory") || !dt_available(node))
			continue;
		for (unsigned int i = 0; !dt_reg(node, i, &base, &size); i++)
			add_bank(base, size);
	}
}

static void __init read_reserved_memory(void)
{
	int parent = fdt_path_offset(boot_fdt, "/reserved-memory"), node;
	uint64_t rsv_base, rsv_size;
	phys_addr_t base;
	u64 size;

	for (int i = 0; i < fdt_num_mem_rsv(boot_fdt); i++) {
		if (!fdt_get_mem_rsv(boot_fdt, i, &rsv_base, &rsv_size) && rsv_size)
			memblock_reserve(rsv_base, rsv_size);
	}
	if (parent < 0)
		return;
	fdt_for_each_subnode(node, boot_fdt, parent) {
		if (!dt_available(node))
			continue;
		for (unsigned int i = 0; !dt_reg(node, i, &base, &size); i++) {
			if (dt_has_prop(node, "no-map"))
				cut_banks(base, base + size);
			else
				memblock_reserve(base, size);
		}
	}
}

static bool __init in_banks(phys_addr_t start, phys_addr_t end)
{
	for (unsigned int i = 0; i < nr_banks; i++) {
		if (start >= banks[i].base && end <= banks[i].base + banks[i].size)
			return true;
	}
	return false;
}

/* mem=: keeps the lowest bytes, and beyond them only what the initrd lies in. */
static void __init limit_banks(void)
{
	u64 left = mem_limit;

	for (unsigned int pass = 0; pass < nr_banks; pass++) {
		struct mem_region *low = &banks[pass];

		for (unsigned int i = pass; i < nr_banks; i++) {
			if (banks[i].base < low->base)
				low = &banks[i];
		}
		swap(*low, banks[pass]);
	}
	for (unsigned int i = 0; i < nr_banks; i++) {
		u64 keep = min(banks[i].size, left);

		left -= keep;
		banks[i].size = keep;
	}
	if (mem_limit != ~0ULL && initrd_end && !in_banks(initrd_start, initrd_end))
		add_bank(initrd_start & PAGE_MASK,
			 PAGE_ALIGN(initrd_end) - (initrd_start & PAGE_MASK));
	if (!in_banks(kimage_to_phys(_text), kimage_to_phys(_end)))
		panic("setup: the kernel at 0x%llx-0x%llx is not inside a memory node and mem=",
		      kimage_to_phys(_text), kimage_to_phys(_end));
}

static void __init map_bank(const struct mem_region *bank)
{
	if (!bank->size)
		return;
	linear_map(bank->base, bank->base + bank->size);
	memblock_add(bank->base, bank->size);
}

/* The bank with the kernel first: the pool of tables suffices for it, the rest asks memblock. */
static void __init map_ram(void)
{
	phys_addr_t kernel = kimage_to_phys(_text);
	unsigned int home = 0;

	while (kernel < banks[home].base || kernel - banks[home].base >= banks[home].size)
		home++;                 /* limit_banks() found it */
	map_bank(&banks[home]);
	for (unsigned int i = 0; i < nr_banks; i++) {
		if (i != home)
			map_bank(&banks[i]);
	}
}

/* A copy of the used part stays; the blob's memory is free again. */
static void __init keep_device_tree(void)
{
	u32 size = fdt_used_size(boot_fdt);
	phys_addr_t pa = memblock_alloc(PAGE_ALIGN((u64)size), PAGE_SIZE);
	void *copy = (void *)(PAGE_OFFSET + pa);

	memcpy(copy, boot_fdt, size);
	fdt_set_totalsize(copy, size);
	memblock_free(fdt_phys, size);
	boot_fdt = copy;
}

/* Unused pages of the table pool. (The identity map below them is for the other CPUs.) */
static void __init free_table_pool(void)
{
	phys_addr_t end = kimage_to_phys(early_pt_pool) + EARLY_PT_PAGES * PAGE_SIZE;

	if (early_pt_next < end)
		memblock_free(early_pt_next, end - early_pt_next);
}

static void __init announce(void)
{
	const char *model = dt_string(0, "model");

	pr_info("Booting on physical CPU 0x%010llx [0x%08llx], entered at EL%u\n",
		read_sysreg(mpidr_el1) & MPIDR_HWID_MASK, read_sysreg(midr_el1), boot_el);
	if (model)
		pr_info("Machine model: %s\n", model);
}

void __init setup_arch(void)
{
	int chosen;

	extable_init();
	cpufeature_init();
	alternatives_apply();
	arch_task_init_boot(&init_task);
	fixmap_init();
	map_device_tree();

	chosen = dt_chosen();
	read_command_line(chosen);
	announce();
	parse_early_params();
	read_initrd(chosen);

	memblock_reserve(kimage_to_phys(_text), (u64)(_end - _text));
	memblock_reserve(fdt_phys, fdt_used_size(boot_fdt));
	if (initrd_end)
		memblock_reserve(initrd_start, initrd_end - initrd_start);
	read_memory_nodes();
	read_reserved_memory();
	limit_banks();
	map_ram();
	kimage_protect();
	keep_device_tree();
	free_table_pool();

	psci_init();
	smp_find_cpus();
}
