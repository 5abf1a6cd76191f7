/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The set of a process's mappings: a red-black tree by address, a list in the same
 * order, and in each node the largest gap below any vma of its subtree.
 *
 * A vma's gap is what lies free between the end of its predecessor (or 0) and its own
 * start, less the guard gap if it is a stack: the room a neighbour may use. The room
 * above the last vma belongs to no node and is looked at separately.
 */
#include <lib/errno.h>
#include <mm/mm.h>
#include "internal.h"

#define NO_PLACE ((vaddr_t)-ENOMEM)

static struct vma *vma_of(struct rb_node *node)
{
	return rb_entry(node, struct vma, node);
}

static bool update_max_gap(struct rb_node *node)
{
	struct vma *vma = vma_of(node);
	u64 before = vma->max_gap, most = vma->gap;

	if (node->rb_left)
		most = max(most, vma_of(node->rb_left)->max_gap);
	if (node->rb_right)
		most = max(most, vma_of(node->rb_right)->max_gap);
	vma->max_gap = most;
	return most != before;
}

static u64 gap_below(const struct vma *vma, const struct vma *prev)
{
	vaddr_t from = prev ? prev->end : 0, to = vma_guarded_start(vma);

	return to > from ? to - from : 0;
}

static struct vma *list_before(struct mm *mm, struct vma *vma)
{
	return vma->link.prev == &mm->vmas ? NULL : list_prev_entry(vma, link);
}

static struct vma *list_after(struct mm *mm, struct vma *vma)
{
	return vma->link.next == &mm->vmas ? NULL : list_next_entry(vma, link);
}

/* vma's predecessor or its own start changed. */
static void refresh_gap(struct mm *mm, struct vma *vma)
{
	vma->gap = gap_below(vma, list_before(mm, vma));
	rb_propagate(&vma->node, update_max_gap);
}

static void link_node(struct mm *mm, struct vma *vma, struct rb_node *parent,
		      struct rb_node **link)
{
	struct vma *next;

	vma->gap = gap_below(vma, list_before(mm, vma));
	vma->max_gap = vma->gap;
	rb_link_node(&vma->node, parent, link);
	rb_insert_augmented(&vma->node, &mm->vma_tree, update_max_gap);
	next = list_after(mm, vma);
	if (next)
		refresh_gap(mm, next);
}

void vma_tree_insert(struct mm *mm, struct vma *vma)
{
	struct rb_node **link = &mm->vma_tree.rb_node, *parent = NULL;
	struct list_head *before = &mm->vmas;

	while (*link) {
		parent = *link;
		if (vma->start < vma_of(parent)->start) {
			link = &parent->rb_left;
		} else {
			before = &vma_of(parent)->link;
			link = &parent->rb_right;
		}
	}
	list_add(&vma->link, before);
	link_node(mm, vma, parent, link);
}

void vma_tree_append(struct mm *mm, struct vma *vma)
{
	struct vma *last = list_empty(&mm->vmas) ? NULL :
		list_last_entry(&mm->vmas, struct vma, link);

	list_add_tail(&vma->link, &mm->vmas);
	/* The highest vma has no right child. */
	link_node(mm, vma, last ? &last->node : NULL,
		  last ? &last->node.rb_right : &mm->vma_tree.rb_node);
}

void vma_tree_erase(struct mm *mm, struct vma *vma)
{
	struct vma *next = list_after(mm, vma);

	rb_erase_augmented(&vma->node, &mm->vma_tree, update_max_gap);
	list_del(&vma->link);
	if (next)
		refresh_gap(mm, next);
	if (mm->vma_last == vma)
		mm->vma_last = NULL;
}

void vma_tree_resize(struct mm *mm, struct vma *vma, vaddr_t start, vaddr_t end)
{
	struct vma *next = list_after(mm, vma);

	vma->start = start;
	vma->end = end;
	refresh_gap(mm, vma);
	if (next)
		refresh_gap(mm, next);
}

struct vma *vma_tree_find(struct mm *mm, vaddr_t addr)
{
	struct rb_node *node = mm->vma_tree.rb_node;
	struct vma *best = NULL;

	while (node) {
		struct vma *vma = vma_of(node);

		if (vma->end > addr) {
			best = vma;
			if (vma->start <= addr)
				break;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return best;
}

/*
 * Both searches go down only where max_gap promises room, and past at most the two
 * gaps that the bounds cut: O(log n). The recursion is as deep as the tree.
 */
static vaddr_t search_low(struct rb_node *node, u64 len, vaddr_t lo, vaddr_t hi)
{
	while (node && vma_of(node)->max_gap >= len) {
		struct vma *vma = vma_of(node);

		if (vma->start > lo) {
			vaddr_t ge = vma_guarded_start(vma), gs = ge - min(ge, vma->gap);
			vaddr_t at = search_low(node->rb_left, len, lo, hi);

			if (at != NO_PLACE)
				return at;
			if (gs >= hi)
				return NO_PLACE;
			gs = max(gs, lo);
			ge = min(ge, hi);
			if (vma->gap && ge > gs && ge - gs >= len)
				return gs;
		}
		node = node->rb_right;
	}
	return NO_PLACE;
}

static vaddr_t search_high(struct rb_node *node, u64 len, vaddr_t lo, vaddr_t hi)
{
	while (node && vma_of(node)->max_gap >= len) {
		struct vma *vma = vma_of(node);
		vaddr_t ge = vma_guarded_start(vma), gs = ge - min(ge, vma->gap);

		if (vma->end < hi) {
			vaddr_t at = search_high(node->rb_right, len, lo, hi);

			if (at != NO_PLACE)
				return at;
		}
		if (vma->start <= lo)
			return NO_PLACE;
		gs = max(gs, lo);
		ge = min(ge, hi);
		if (vma->gap && ge > gs && ge - gs >= len)
			return ge - len;
		node = node->rb_left;
	}
	return NO_PLACE;
}

static vaddr_t top_gap(struct mm *mm)
{
	return list_empty(&mm->vmas) ? 0 : list_last_entry(&mm->vmas, struct vma, link)->end;
}

vaddr_t vma_tree_gap_low(struct mm *mm, u64 len, vaddr_t lo, vaddr_t hi)
{
	vaddr_t at = search_low(mm->vma_tree.rb_node, len, lo, hi);
	vaddr_t gs = max(top_gap(mm), lo);

	if (at != NO_PLACE)
		return at;
	return gs < hi && hi - gs >= len ? gs : NO_PLACE;
}

vaddr_t vma_tree_gap_high(struct mm *mm, u64 len, vaddr_t lo, vaddr_t hi)
{
	vaddr_t gs = max(top_gap(mm), lo);

	if (gs < hi && hi - gs >= len)
		return hi - len;
	return search_high(mm->vma_tree.rb_node, len, lo, hi);
}
