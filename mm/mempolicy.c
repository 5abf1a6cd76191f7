/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * set_mempolicy(2) and its family, see <mm/mempolicy.h>. What is refused is what Linux refuses
 * on a machine with one node: a set of nodes without that one, above all.
 */
#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <lib/err.h>
#include <linux/capability.h>
#include <linux/mempolicy.h>
#include "fault.h"
#include "internal.h"

#define MAX_NODES	16	/* that can be named, as on Debian's arm64 kernel */
#define NODE_0		1u	/* the one there is, as a set */
#define NAMED_FLAGS	(MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES)

/* ---- sets of nodes ---- */

/*
 * A set of user space: `maxnode` is one more than its bits. Bits beyond MAX_NODES must be zero.
 * 0, -EFAULT, -EINVAL.
 */
static int nodes_from_user(u16 *nodes, const u64 __user *mask, unsigned long maxnode)
{
	unsigned long bits = maxnode - 1;
	u64 word, first = 0;

	*nodes = 0;
	if (!bits || !mask)
		return 0;
	if (bits > PAGE_SIZE * 8)
		return -EINVAL;
	for (unsigned long i = 0; i * 64 < bits; i++) {
		if (get_user(word, mask + i))
			return -EFAULT;
		if (bits - i * 64 < 64)
			word &= BIT_ULL(bits - i * 64) - 1;
		if (i ? word : word >> MAX_NODES)
			return -EINVAL;
		first |= word;
	}
	*nodes = (u16)first;
	return 0;
}

static int nodes_to_user(u64 __user *mask, unsigned long maxnode, u16 nodes)
{
	size_t bytes = ALIGN(maxnode - 1, 64) / 8;

	if (bytes > sizeof(*mask)) {
		if (bytes > PAGE_SIZE)
			return -EINVAL;
		if (clear_user(mask + 1, bytes - sizeof(*mask)))
			return -EFAULT;
	}
	return bytes && put_user((u64)nodes, mask) ? -EFAULT : 0;
}

/* ---- making one ---- */

static int split_mode(int mode, unsigned *kind, unsigned *flags)
{
	*flags = (unsigned)mode & MPOL_MODE_FLAGS;
	*kind = (unsigned)mode & ~(unsigned)MPOL_MODE_FLAGS;
	if (*kind >= MPOL_MAX || (*flags & NAMED_FLAGS) == NAMED_FLAGS)
		return -EINVAL;
	return (*flags & MPOL_F_NUMA_BALANCING) && *kind != MPOL_BIND ? -EINVAL : 0;
}

static int policy_make(struct mempolicy *policy, int mode, u16 nodes)
{
	unsigned kind, flags;
	u16 there;
	int err = split_mode(mode, &kind, &flags);

	if (err)
		return err;
	*policy = (struct mempolicy){ 0 };
	if (kind == MPOL_DEFAULT)
		return nodes ? -EINVAL : 0;
	if (kind == MPOL_LOCAL ? nodes || (flags & NAMED_FLAGS) : !nodes && kind != MPOL_PREFERRED)
		return -EINVAL;
	if (kind == MPOL_PREFERRED && !nodes) {
		if (flags & NAMED_FLAGS)
			return -EINVAL;
		kind = MPOL_LOCAL;
	}
	policy->mode = (u16)(kind | flags);
	if (kind == MPOL_LOCAL)
		return 0;
	/* Relative sets are folded onto what is there: any set is node 0. */
	there = flags & MPOL_F_RELATIVE_NODES ? NODE_0 : nodes & NODE_0;
	policy->nodes = flags ? nodes : there;
	return there ? 0 : -EINVAL;
}

SYSCALL_DEFINE3(set_mempolicy, int, mode, const u64 __user *, mask, unsigned long, maxnode)
{
	unsigned kind, flags;
	struct mempolicy policy;
	u16 nodes;
	int err = split_mode(mode, &kind, &flags);

	if (!err)
		err = nodes_from_user(&nodes, mask, maxnode);
	if (!err)
		err = policy_make(&policy, mode, nodes);
	if (!err)
		current->mempolicy = policy;
	return err;
}

/* ---- mappings ---- */

static int policy_range(struct mm *mm, vaddr_t start, vaddr_t end, struct mempolicy policy)
{
	struct vma *vma = vma_tree_find(mm, start);
	int err;

	while (vma && vma->start < end) {
		vaddr_t from = max(start, vma->start);

		if (!mempolicy_equal(vma->policy, policy)) {
			err = vma_split_at(mm, from);
			if (!err)
				err = vma_split_at(mm, end);
			if (err)
				return err;
			vma = vma_tree_find(mm, from);
			vma->policy = policy;
			vma = vma_merge(vma);
		}
		vma = vma_next(vma);
	}
	return 0;
}

/* Is [start, end) mapped: all of it, or (`holes`) anything? */
static bool range_mapped(struct mm *mm, vaddr_t start, vaddr_t end, bool holes)
{
	struct vma *vma = vma_tree_find(mm, start);

	if (!vma || vma->start >= end)
		return false;
	while (!holes && start < end) {
		if (!vma || vma->start > start)
			return false;
		start = vma->end;
		vma = vma_next(vma);
	}
	return true;
}

static bool range_has_pages(struct mm *mm, vaddr_t start, vaddr_t end)
{
	pte_t *ptep;

	for (; (start = pte_next_table(mm, start, end, &ptep)) < end; start += PAGE_SIZE)
		if (pte_present(read_pte(ptep)))
			return true;
	return false;
}

static int mbind_locked(struct mm *mm, vaddr_t start, vaddr_t end, struct mempolicy policy,
			u16 nodes, unsigned flags)
{
	unsigned kind = policy.mode & ~(unsigned)MPOL_MODE_FLAGS;

	if (!range_mapped(mm, start, end, kind == MPOL_DEFAULT))
		return -EFAULT;
	/* Linux holds against the pages that they are not on a node that was named. */
	if ((flags & (MPOL_MF_STRICT | MPOL_MF_MOVE | MPOL_MF_MOVE_ALL)) == MPOL_MF_STRICT &&
	    kind != MPOL_DEFAULT && !(nodes & NODE_0) && range_has_pages(mm, start, end))
		return -EIO;
	return policy_range(mm, start, end, policy);
}

SYSCALL_DEFINE6(mbind, vaddr_t, start, u64, len, int, mode, const u64 __user *, mask,
		unsigned long, maxnode, unsigned, flags)
{
	vaddr_t end = start + PAGE_ALIGN(len);
	struct mm *mm = current->mm;
	struct mempolicy policy;
	unsigned kind, mode_flags;
	u16 nodes;
	int err = split_mode(mode, &kind, &mode_flags);

	if (!err)
		err = nodes_from_user(&nodes, mask, maxnode);
	if (err)
		return err;
	if (flags & ~(unsigned)MPOL_MF_VALID)
		return -EINVAL;
	if ((flags & MPOL_MF_MOVE_ALL) && !capable(CAP_SYS_NICE))
		return -EPERM;
	if ((start & ~PAGE_MASK) || end < start)
		return -EINVAL;
	if (end == start)
		return 0;
	err = policy_make(&policy, mode, nodes);
	if (err)
		return err;
	if (down_write_killable(&mm->mmap_lock))
		return -EINTR;
	err = mbind_locked(mm, start, end, policy, nodes, flags);
	up_write(&mm->mmap_lock);
	return err;
}

/* The node that new memory should come from first: kept for what binds to nodes, 0 as it is. */
SYSCALL_DEFINE4(set_mempolicy_home_node, vaddr_t, start, u64, len, unsigned long, node,
		unsigned long, flags)
{
	vaddr_t end = start + PAGE_ALIGN(len);
	struct mm *mm = current->mm;
	int err = -ENOENT;

	if ((start & ~PAGE_MASK) || flags || node || end < start)
		return -EINVAL;
	if (end == start)
		return 0;
	down_read(&mm->mmap_lock);
	for (struct vma *vma = vma_tree_find(mm, start); vma && vma->start < end;
	     vma = vma_next(vma)) {
		unsigned kind = vma->policy.mode & ~(unsigned)MPOL_MODE_FLAGS;

		if (kind == MPOL_DEFAULT)
			continue;
		err = kind == MPOL_BIND || kind == MPOL_PREFERRED_MANY ? 0 : -EOPNOTSUPP;
		if (err)
			break;
	}
	up_read(&mm->mmap_lock);
	return err;
}

/* ---- asking ---- */

static int policy_at(vaddr_t addr, struct mempolicy *policy)
{
	struct mm *mm = current->mm;
	struct vma *vma;

	down_read(&mm->mmap_lock);
	vma = mm_find_vma_at(mm, addr);
	if (vma)
		*policy = vma->policy;
	up_read(&mm->mmap_lock);
	return vma ? 0 : -EFAULT;
}

/* MPOL_F_NODE: where the page is, or where the next one would come from. */
static int node_asked(vaddr_t addr, unsigned long flags, struct mempolicy policy)
{
	u8 byte;
	ssize_t n;

	if (flags & MPOL_F_ADDR) {
		n = mm_access(current->mm, addr, &byte, 1, 0);
		return n < 0 ? (int)n : 0;
	}
	return (policy.mode & ~(unsigned)MPOL_MODE_FLAGS) == MPOL_INTERLEAVE ? 0 : -EINVAL;
}

static int policy_asked(vaddr_t addr, unsigned long flags, int *mode, u16 *nodes)
{
	struct mempolicy policy = current->mempolicy;
	int err = 0;

	if (flags & ~(unsigned long)(MPOL_F_NODE | MPOL_F_ADDR | MPOL_F_MEMS_ALLOWED))
		return -EINVAL;
	*mode = 0;
	*nodes = NODE_0;
	if (flags & MPOL_F_MEMS_ALLOWED)
		return flags & (MPOL_F_NODE | MPOL_F_ADDR) ? -EINVAL : 0;
	if (flags & MPOL_F_ADDR)
		err = policy_at(addr, &policy);
	else if (addr)
		err = -EINVAL;
	if (err)
		return err;
	*nodes = policy.nodes;
	if (flags & MPOL_F_NODE)
		return node_asked(addr, flags, policy);
	*mode = policy.mode;
	return 0;
}

SYSCALL_DEFINE5(get_mempolicy, int __user *, umode, u64 __user *, mask, unsigned long, maxnode,
		vaddr_t, addr, unsigned long, flags)
{
	u16 nodes;
	int mode, err;

	if (mask && maxnode < 1)
		return -EINVAL;
	err = policy_asked(addr, flags, &mode, &nodes);
	if (!err && umode)
		err = put_user(mode, umode);
	if (!err && mask)
		err = nodes_to_user(mask, maxnode, nodes);
	return err;
}

/* ---- moving: everything is where it can be ---- */

/* The memory of another process, for somebody who may move it. ERR_PTR. */
static struct mm *mm_to_move(pid_t pid)
{
	struct task *task;
	struct mm *mm;
	int err;

	if (!pid)
		return mm_get(current->mm);
	task = task_find(pid);
	if (!task)
		return ERR_PTR(-ESRCH);
	err = task_may_attach(task);
	mm = err ? ERR_PTR(err) : task_mm_get(task) ?: ERR_PTR(-EINVAL);
	task_put(task);
	return mm;
}

SYSCALL_DEFINE4(migrate_pages, pid_t, pid, unsigned long, maxnode, const u64 __user *, from,
		const u64 __user *, to)
{
	u16 old, new;
	struct mm *mm;
	int err = nodes_from_user(&old, from, maxnode);

	if (!err)
		err = nodes_from_user(&new, to, maxnode);
	if (err)
		return err;
	mm = mm_to_move(pid);
	if (IS_ERR(mm))
		return PTR_ERR(mm);
	mm_put(mm);
	if ((new & ~NODE_0) && !capable(CAP_SYS_NICE))
		return -EPERM;
	return new & NODE_0 ? 0 : -EINVAL;
}

/* The node of the page at addr, or why there is none: no address, or no page there yet. */
static int page_node(struct mm *mm, vaddr_t addr)
{
	int node = -EFAULT;
	struct vma *vma;
	pte_t *ptep, pte;

	down_read(&mm->mmap_lock);
	vma = mm_find_vma_at(mm, addr);
	/* Of private memory that was never touched Linux says that it is not there. */
	if (vma && !vma_is_anonymous(vma))
		node = -ENOENT;
	if (vma && !(vma->flags & (VM_PFNMAP | VM_IO)) && (ptep = pte_lookup(mm, addr))) {
		spin_lock(&mm->page_table_lock);
		pte = read_pte(ptep);
		/* The page of zeros is nobody's. */
		if (pte_present(pte))
			node = pte_special(pte) ? -EFAULT : 0;
		spin_unlock(&mm->page_table_lock);
	}
	up_read(&mm->mmap_lock);
	return node;
}

static int move_one(struct mm *mm, vaddr_t __user *pages, const int __user *nodes,
		    int __user *status)
{
	vaddr_t addr;
	int node;

	if (get_user(addr, pages) || (nodes && get_user(node, nodes)))
		return -EFAULT;
	if (nodes && node)
		return -ENODEV;
	return put_user(page_node(mm, addr), status);
}

SYSCALL_DEFINE6(move_pages, pid_t, pid, unsigned long, count, vaddr_t __user *, pages,
		const int __user *, nodes, int __user *, status, int, flags)
{
	struct mm *mm;
	int err = 0;

	if (flags & ~(MPOL_MF_MOVE | MPOL_MF_MOVE_ALL))
		return -EINVAL;
	if ((flags & MPOL_MF_MOVE_ALL) && !capable(CAP_SYS_NICE))
		return -EPERM;
	mm = mm_to_move(pid);
	if (IS_ERR(mm))
		return PTR_ERR(mm);
	for (unsigned long i = 0; i < count && !err; i++) {
		err = move_one(mm, pages + i, nodes ? nodes + i : NULL, status + i);
		if (fault_should_stop())
			err = -EINTR;
		cond_resched();
	}
	mm_put(mm);
	return err;
}
