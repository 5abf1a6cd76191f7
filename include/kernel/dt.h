/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading the device tree. A node is libfdt's offset into boot_fdt; the tree
 * never changes, so offsets stay good. Any context after setup_arch().
 */
#ifndef KERNEL_DT_H
#define KERNEL_DT_H

#include <lib/types.h>
#include <lib/compiler.h>
#include <arch/setup.h>
#include <libfdt.h>

/* The index-th `reg` pair, translated to CPU addresses through `ranges`. 0, -ENOENT, -EINVAL. */
int dt_reg(int node, unsigned int index, phys_addr_t *phys, u64 *size);

/*
 * The index-th interrupt as a virq, mapped and given its trigger type by the
 * controller it names. virq, or -ENOENT, -EINVAL, -EPROBE_DEFER (controller
 * not probed yet).
 */
int dt_irq(int node, unsigned int index);

/* First cell of a property; 0 or -ENOENT. */
int dt_prop_u32(int node, const char *name, u32 *value);
/* One or two cells as a number; 0, -ENOENT, -EINVAL. */
int dt_prop_u64(int node, const char *name, u64 *value);
/* A string property (its first string), NULL if absent or not terminated. */
const char *dt_string(int node, const char *name);
bool dt_has_prop(int node, const char *name);
/* status is absent, "ok" or "okay". */
bool dt_available(int node);
/* True if `compatible` lists the name. */
bool dt_compatible(int node, const char *name);
/* The node /chosen, or -ENOENT. */
int dt_chosen(void);
/* The node of stdout-path (options after ':' cut off), or -ENOENT. */
int dt_stdout_node(void);

/* Cell helpers: big-endian 32-bit cells at p. */
u64 dt_read_cells(const fdt32_t *p, int cells);

#endif
