/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading the device tree: addresses, numbers, strings. See <kernel/dt.h>. */
#include <kernel/dt.h>
#include <kernel/irq.h>
#include <lib/errno.h>
#include <lib/string.h>

#define MAX_DEPTH 8             /* buses above a device */
#define MAX_PATH  128
#define MAX_NODES 256           /* whose parents are noted */

u64 dt_read_cells(const fdt32_t *p, int cells)
{
	u64 value = 0;

	for (int i = 0; i < cells; i++)
		value = value << 32 | fdt32_to_cpu(p[i]);
	return value;
}

int dt_prop_u32(int node, const char *name, u32 *value)
{
	int len;
	const fdt32_t *p = fdt_getprop(boot_fdt, node, name, &len);

	if (!p || len < 4)
		return -ENOENT;
	*value = fdt32_to_cpu(p[0]);
	return 0;
}

int dt_prop_u64(int node, const char *name, u64 *value)
{
	int len;
	const fdt32_t *p = fdt_getprop(boot_fdt, node, name, &len);

	if (!p)
		return -ENOENT;
	if (len != 4 && len != 8)
		return -EINVAL;
	*value = dt_read_cells(p, len / 4);
	return 0;
}

const char *dt_string(int node, const char *name)
{
	int len;
	const char *s = fdt_getprop(boot_fdt, node, name, &len);

	if (!s || len <= 0 || strnlen(s, (size_t)len) == (size_t)len)
		return NULL;
	return s;
}

bool dt_has_prop(int node, const char *name)
{
	return fdt_getprop(boot_fdt, node, name, NULL) != NULL;
}

bool dt_available(int node)
{
	const char *status = dt_string(node, "status");

	return !status || !strcmp(status, "ok") || !strcmp(status, "okay");
}

bool dt_compatible(int node, const char *name)
{
	return fdt_node_check_compatible(boot_fdt, node, name) == 0;
}

int dt_chosen(void)
{
	int node = fdt_path_offset(boot_fdt, "/chosen");

	return node < 0 ? -ENOENT : node;
}

int dt_stdout_node(void)
{
	int chosen = dt_chosen();
	const char *path;
	char buf[MAX_PATH];
	size_t len;
	int node;

	if (chosen < 0)
		return -ENOENT;
	path = dt_string(chosen, "stdout-path");
	if (!path)
		path = dt_string(chosen, "linux,stdout-path");
	if (!path)
		return -ENOENT;
	len = (size_t)(strchrnul(path, ':') - path);
	if (len >= sizeof(buf))
		return -ENOENT;
	memcpy(buf, path, len);
	buf[len] = '\0';
	node = fdt_path_offset(boot_fdt, buf);
	return node < 0 ? -ENOENT : node;
}

/*
 * The parents of the first nodes, in the order of the tree. libfdt finds one by walking the tree
 * from its start: for the 32 virtio slots of QEMU's machine, three million instructions.
 */
static struct {
	int node, parent;
} noted[MAX_NODES];
static unsigned int nr_noted;

static void note_parents(void)
{
	int path[MAX_DEPTH + 1] = { -1 }, depth = 0;

	for (int node = fdt_next_node(boot_fdt, -1, &depth);
	     node >= 0 && nr_noted < MAX_NODES && depth >= 1;
	     node = fdt_next_node(boot_fdt, node, &depth)) {
		if (depth > MAX_DEPTH)
			continue;
		path[depth] = node;
		noted[nr_noted].node = node;
		noted[nr_noted++].parent = path[depth - 1];
	}
}

/* Or a negative error of libfdt. */
static int parent_of(int node)
{
	unsigned int low = 0, high;

	if (!nr_noted)
		note_parents();
	for (high = nr_noted; low < high;) {
		unsigned int middle = (low + high) / 2;

		if (noted[middle].node < node)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < nr_noted && noted[low].node == node)
		return noted[low].parent;
	return fdt_parent_offset(boot_fdt, node);
}

/*
 * Cells of an address or a size on a bus, -EINVAL if nonsense. libfdt's functions for that share an
 * object file with those that change trees, and would bring all of them along.
 */
static int bus_cells(int bus, const char *name, u32 missing)
{
	u32 cells;

	if (dt_prop_u32(bus, name, &cells))
		return (int)missing;
	return cells <= FDT_MAX_NCELLS ? (int)cells : -EINVAL;
}

static int address_cells(int bus)
{
	int cells = bus_cells(bus, "#address-cells", 2);

	return cells ? cells : -EINVAL;
}

static int size_cells(int bus)
{
	return bus_cells(bus, "#size-cells", 1);
}

/* One bus upwards through `ranges`; an empty property means the same addresses. */
static int translate(int bus, int child_cells, u64 *addr)
{
	int len, parent = parent_of(bus), parent_cells, width, row;
	const fdt32_t *ranges = fdt_getprop(boot_fdt, bus, "ranges", &len);

	if (!ranges || parent < 0)
		return -EINVAL;
	if (len == 0)
		return 0;
	parent_cells = address_cells(parent);
	width = size_cells(bus);
	if (child_cells < 0 || parent_cells < 0 || width < 0)
		return -EINVAL;
	row = child_cells + parent_cells + width;
	for (int n = len / 4 / row; n > 0; n--, ranges += row) {
		u64 from = dt_read_cells(ranges, child_cells);
		u64 to = dt_read_cells(ranges + child_cells, parent_cells);
		u64 size = dt_read_cells(ranges + child_cells + parent_cells, width);

		if (*addr >= from && *addr - from < size) {
			*addr = *addr - from + to;
			return 0;
		}
	}
	return -EINVAL;
}

int dt_reg(int node, unsigned int index, phys_addr_t *phys, u64 *size)
{
	int bus = parent_of(node), len, ac, sc, err;
	const fdt32_t *reg = fdt_getprop(boot_fdt, node, "reg", &len);
	u64 addr;

	if (!reg || bus < 0)
		return -ENOENT;
	ac = address_cells(bus);
	sc = size_cells(bus);
	if (ac < 1 || ac > 2 || sc < 0 || sc > 2)
		return -EINVAL;
	if ((u64)(index + 1) * (u64)(ac + sc) * 4 > (u64)len)
		return -ENOENT;
	reg += index * (unsigned int)(ac + sc);
	addr = dt_read_cells(reg, ac);
	*size = dt_read_cells(reg + ac, sc);
	for (int depth = 0; bus > 0; depth++) {
		if (depth == MAX_DEPTH)
			return -EINVAL;
		err = translate(bus, address_cells(bus), &addr);
		if (err)
			return err;
		bus = parent_of(bus);
	}
	*phys = addr;
	return 0;
}

/* The controller of a node: interrupt-parent of the nearest ancestor that names one. */
static int interrupt_parent(int node)
{
	u32 phandle;

	for (int depth = 0; node >= 0 && depth < MAX_DEPTH; depth++) {
		if (!dt_prop_u32(node, "interrupt-parent", &phandle))
			return fdt_node_offset_by_phandle(boot_fdt, phandle);
		node = node ? parent_of(node) : -1;
	}
	return -1;
}

/*
 * GIC cells: <kind number flags>; kind 0 is an SPI, 1 a PPI; flags 1 and 2 are
 * edges, 4 and 8 levels. A virq is the GIC's INTID.
 */
int dt_irq(int node, unsigned int index)
{
	int len, parent = interrupt_parent(node);
	const fdt32_t *cells = fdt_getprop(boot_fdt, node, "interrupts", &len);
	const struct irqchip *chip = irqchip_get();
	u32 width, kind, number, virq;

	if (!cells)
		return -ENOENT;
	if (parent < 0 || dt_prop_u32(parent, "#interrupt-cells", &width) || width < 3)
		return -EINVAL;
	if ((u64)(index + 1) * width * 4 > (u64)len)
		return -ENOENT;
	if (!chip)
		return -EPROBE_DEFER;
	cells += index * width;
	kind = fdt32_to_cpu(cells[0]);
	number = fdt32_to_cpu(cells[1]);
	if (kind > 1 || number >= (kind ? 16 : NR_IRQS - 32))
		return -EINVAL;
	virq = number + (kind ? 16 : 32);
	if (chip->set_edge && chip->set_edge(virq, fdt32_to_cpu(cells[2]) & 3))
		return -EINVAL;
	return (int)virq;
}
