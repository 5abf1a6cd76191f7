/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sparse array as a radix tree; see <lib/xarray.h>.
 *
 * Shape: all leaves are at the same depth; levels is as small as the largest
 * present index allows and no node but a lone root chain is ever empty, so the
 * tree of a given set of indexes is always the same. Summaries: present, full
 * and marks of a node say about each slot what a search must know to skip it;
 * in a leaf, full equals present. Removal shrinks from both ends.
 */
#include <lib/alloc.h>
#include <lib/xarray.h>

__weak struct xa_node *xa_node_alloc(void)
{
	return lib_alloc(sizeof(struct xa_node));
}

__weak void xa_node_free(struct xa_node *node)
{
	lib_free(node);
}

/* Index bits covered by a node's subtree, as a mask. */
static __always_inline u64 node_mask(const struct xa_node *n)
{
	unsigned int bits = n->shift + XA_SHIFT;

	return bits >= 64 ? U64_MAX : (1ULL << bits) - 1;
}

static __always_inline u64 max_index(const struct xarray *xa)
{
	return xa->levels ? node_mask(xa->root) : 0;
}

static __always_inline unsigned int slot_of(const struct xa_node *n, u64 index)
{
	return (index >> n->shift) & (XA_SLOTS - 1);
}

/* index with its bits at and below this node replaced: the first one under slot off. */
static __always_inline u64 slot_index(const struct xa_node *n, u64 index, unsigned int off)
{
	return (index & ~node_mask(n)) | ((u64)off << n->shift);
}

static struct xa_node *find_leaf(const struct xarray *xa, u64 index)
{
	struct xa_node *n;

	if (!xa->levels || index > max_index(xa))
		return NULL;
	for (n = xa->root; n && n->shift; n = n->slots[slot_of(n, index)])
		;
	return n;
}

void *xa_load(const struct xarray *xa, u64 index)
{
	struct xa_node *leaf;

	if (!xa->levels)
		return index ? NULL : xa->root;
	leaf = find_leaf(xa, index);
	return leaf ? leaf->slots[slot_of(leaf, index)] : NULL;
}

/* Summaries upwards. */

static void mark_full(struct xa_node *n, unsigned int off)
{
	for (;;) {
		n->full |= 1ULL << off;
		if (n->full != U64_MAX || !n->parent)
			return;
		off = n->offset;
		n = n->parent;
	}
}

static void mark_not_full(struct xa_node *n, unsigned int off)
{
	for (; n && (n->full & (1ULL << off)); n = n->parent) {
		n->full &= ~(1ULL << off);
		off = n->offset;
	}
}

static void clear_mark_up(struct xarray *xa, struct xa_node *n, unsigned int off, xa_mark_t mark)
{
	for (; n; n = n->parent) {
		n->marks[mark] &= ~(1ULL << off);
		if (n->marks[mark])
			return;
		off = n->offset;
	}
	xa->root_marks &= (u8)~(1U << mark);
}

/* Growing and shrinking. */

/* Puts a new root above the old one (or above the entry of index 0). */
static int add_level(struct xarray *xa)
{
	struct xa_node *n = xa_node_alloc();

	if (!n)
		return -ENOMEM;
	n->shift = (u8)(xa->levels * XA_SHIFT);
	n->slots[0] = xa->root;
	n->present = 1;
	for (xa_mark_t m = 0; m < XA_MARKS; m++)
		n->marks[m] = xa_marked(xa, m);
	if (xa->levels) {
		struct xa_node *old = xa->root;

		old->parent = n;
		old->offset = 0;
		n->full = old->full == U64_MAX;
	} else {
		n->full = 1;
	}
	xa->root = n;
	xa->levels++;
	return 0;
}

/* While only slot 0 of the root is used, its content is a sufficient root. */
static void shrink(struct xarray *xa)
{
	while (xa->levels) {
		struct xa_node *n = xa->root;

		if (n->present != 1)
			return;
		xa->root = n->slots[0];
		if (--xa->levels)
			((struct xa_node *)xa->root)->parent = NULL;
		xa_node_free(n);
	}
}

/* Frees n and its ancestors as long as they are empty, then shrinks. */
static void prune(struct xarray *xa, struct xa_node *n)
{
	while (n && !n->present) {
		struct xa_node *parent = n->parent;

		if (parent) {
			parent->slots[n->offset] = NULL;
			parent->present &= ~(1ULL << n->offset);
		} else {
			xa_init(xa);
		}
		xa_node_free(n);
		n = parent;
	}
	shrink(xa);
}

/* The leaf for index, made if need be; NULL without memory (and nothing changed). */
static struct xa_node *make_leaf(struct xarray *xa, u64 index)
{
	struct xa_node *n, *child;

	while (!xa->levels || index > max_index(xa)) {
		if (!xa->root) {
			/* Empty: start with a root of the right height, no chain of slot 0. */
			n = xa_node_alloc();
			if (!n)
				return NULL;
			xa->levels = 1;
			while (xa->levels * XA_SHIFT < 64 && index >> (xa->levels * XA_SHIFT))
				xa->levels++;
			n->shift = (u8)((xa->levels - 1) * XA_SHIFT);
			xa->root = n;
		} else if (add_level(xa)) {
			shrink(xa);
			return NULL;
		}
	}
	for (n = xa->root; n->shift; n = child) {
		unsigned int off = slot_of(n, index);

		child = n->slots[off];
		if (child)
			continue;
		child = xa_node_alloc();
		if (!child) {
			prune(xa, n);
			return NULL;
		}
		child->parent = n;
		child->offset = (u8)off;
		child->shift = (u8)(n->shift - XA_SHIFT);
		n->slots[off] = child;
		n->present |= 1ULL << off;
	}
	return n;
}

int xa_store(struct xarray *xa, u64 index, void *entry)
{
	struct xa_node *leaf;
	unsigned int off;

	if (!entry) {
		xa_erase(xa, index);
		return 0;
	}
	if (!xa->levels && !index) {
		xa->root = entry;
		return 0;
	}
	leaf = make_leaf(xa, index);
	if (!leaf)
		return -ENOMEM;
	off = slot_of(leaf, index);
	leaf->slots[off] = entry;
	if (!(leaf->present & (1ULL << off))) {
		leaf->present |= 1ULL << off;
		mark_full(leaf, off);
	}
	return 0;
}

int xa_insert(struct xarray *xa, u64 index, void *entry)
{
	return xa_load(xa, index) ? -EBUSY : xa_store(xa, index, entry);
}

void *xa_replace(struct xarray *xa, u64 index, void *entry)
{
	struct xa_node *leaf;
	void **slot, *old;

	if (!xa->levels) {
		slot = index ? NULL : &xa->root;
	} else {
		leaf = find_leaf(xa, index);
		slot = leaf ? &leaf->slots[slot_of(leaf, index)] : NULL;
	}
	if (!slot || !*slot)
		return NULL;
	if (!entry)
		return xa_erase(xa, index);
	old = *slot;
	*slot = entry;
	return old;
}

void *xa_erase(struct xarray *xa, u64 index)
{
	struct xa_node *leaf;
	unsigned int off;
	void *old;

	if (!xa->levels) {
		old = index ? NULL : xa->root;
		if (old)
			xa_init(xa);
		return old;
	}
	leaf = find_leaf(xa, index);
	if (!leaf)
		return NULL;
	off = slot_of(leaf, index);
	old = leaf->slots[off];
	if (!old)
		return NULL;
	for (xa_mark_t m = 0; m < XA_MARKS; m++)
		if (leaf->marks[m] & (1ULL << off))
			clear_mark_up(xa, leaf, off, m);
	leaf->slots[off] = NULL;
	leaf->present &= ~(1ULL << off);
	mark_not_full(leaf, off);
	prune(xa, leaf);
	return old;
}

void xa_destroy(struct xarray *xa)
{
	struct xa_node *n = xa->levels ? xa->root : NULL;

	while (n) {
		struct xa_node *parent = n->parent;

		if (n->shift && n->present) {
			unsigned int off = __ffs(n->present);

			n->present &= n->present - 1;
			n = n->slots[off];
			continue;
		}
		xa_node_free(n);
		n = parent;
	}
	xa_init(xa);
}

/* Searching. */

/* mark < 0: any present entry. */
static void *find_from(const struct xarray *xa, u64 *indexp, u64 max, int mark)
{
	const struct xa_node *n;
	u64 index = *indexp;
	unsigned int off;

	if (!xa->root || index > max || index > max_index(xa))
		return NULL;
	if (!xa->levels)
		return mark < 0 || xa_marked(xa, (xa_mark_t)mark) ? xa->root : NULL;
	n = xa->root;
	off = slot_of(n, index);
	for (;;) {
		u64 set = (mark < 0 ? n->present : n->marks[mark]) & (U64_MAX << off);
		unsigned int found;

		if (!set) {
			/* Nothing here: go on behind this node in its parent. */
			do {
				off = n->offset + 1U;
				n = n->parent;
				if (!n)
					return NULL;
			} while (off >= XA_SLOTS);
			index = slot_index(n, index, off);
			continue;
		}
		found = __ffs(set);
		if (found != slot_of(n, index))
			index = slot_index(n, index, found);
		if (index > max)
			return NULL;
		if (!n->shift) {
			*indexp = index;
			return n->slots[found];
		}
		n = n->slots[found];
		off = slot_of(n, index);
	}
}

void *xa_find(const struct xarray *xa, u64 *index, u64 max)
{
	return find_from(xa, index, max, -1);
}

void *xa_find_marked(const struct xarray *xa, u64 *index, u64 max, xa_mark_t mark)
{
	return find_from(xa, index, max, (int)mark);
}

static void *find_after(const struct xarray *xa, u64 *index, u64 max, int mark)
{
	u64 i = *index + 1;
	void *entry = i ? find_from(xa, &i, max, mark) : NULL;

	if (entry)
		*index = i;
	return entry;
}

void *xa_find_after(const struct xarray *xa, u64 *index, u64 max)
{
	return find_after(xa, index, max, -1);
}

void *xa_find_marked_after(const struct xarray *xa, u64 *index, u64 max, xa_mark_t mark)
{
	return find_after(xa, index, max, (int)mark);
}

void *xa_find_last(const struct xarray *xa, u64 *indexp)
{
	const struct xa_node *n;
	u64 index = min(*indexp, max_index(xa));
	unsigned int off;

	if (!xa->root)
		return NULL;
	if (!xa->levels) {
		*indexp = 0;
		return xa->root;
	}
	n = xa->root;
	off = slot_of(n, index);
	for (;;) {
		u64 set = n->present & (U64_MAX >> (63 - off));
		unsigned int found;

		if (!set) {
			do {
				if (!n->parent)
					return NULL;
				off = n->offset;
				n = n->parent;
			} while (!off);
			off--;
			index = slot_index(n, index, off) | ((1ULL << n->shift) - 1);
			continue;
		}
		found = __fls(set);
		if (found != slot_of(n, index))
			index = slot_index(n, index, found) | ((1ULL << n->shift) - 1);
		if (!n->shift) {
			*indexp = index;
			return n->slots[found];
		}
		n = n->slots[found];
		off = slot_of(n, index);
	}
}

/* The first free index from min on; *end tells that the whole u64 range is taken. */
static u64 next_free(const struct xarray *xa, u64 min, bool *end)
{
	const struct xa_node *n = xa->root;
	u64 index = min;
	unsigned int off;

	*end = false;
	if (!n || index > max_index(xa))
		return index;
	if (!xa->levels)
		return 1;
	off = slot_of(n, index);
	for (;;) {
		u64 open = ~n->full & (U64_MAX << off);
		unsigned int found;

		if (!open) {
			do {
				off = n->offset + 1U;
				n = n->parent;
			} while (n && off >= XA_SLOTS);
			if (!n) {
				*end = max_index(xa) == U64_MAX;
				return max_index(xa) + 1;
			}
			index = slot_index(n, index, off);
			continue;
		}
		found = __ffs(open);
		if (found != slot_of(n, index))
			index = slot_index(n, index, found);
		if (!n->slots[found])
			return index;
		n = n->slots[found];
		off = slot_of(n, index);
	}
}

int xa_find_free(const struct xarray *xa, u64 *index, u64 min, u64 max)
{
	bool end;
	u64 i = next_free(xa, min, &end);

	if (end || min > max || i > max)
		return -EBUSY;
	*index = i;
	return 0;
}

/* Marks. */

bool xa_get_mark(const struct xarray *xa, u64 index, xa_mark_t mark)
{
	struct xa_node *leaf;

	if (!xa->levels)
		return !index && xa_marked(xa, mark);
	leaf = find_leaf(xa, index);
	return leaf && (leaf->marks[mark] & (1ULL << slot_of(leaf, index)));
}

void xa_set_mark(struct xarray *xa, u64 index, xa_mark_t mark)
{
	struct xa_node *n;
	unsigned int off;

	if (!xa_load(xa, index))
		return;
	xa->root_marks |= (u8)(1U << mark);
	n = find_leaf(xa, index);
	for (; n; n = n->parent) {
		off = slot_of(n, index);
		if (n->marks[mark] & (1ULL << off))
			return;
		n->marks[mark] |= 1ULL << off;
	}
}

void xa_clear_mark(struct xarray *xa, u64 index, xa_mark_t mark)
{
	struct xa_node *leaf;

	if (!xa_get_mark(xa, index, mark))
		return;
	leaf = find_leaf(xa, index);
	clear_mark_up(xa, leaf, leaf ? slot_of(leaf, index) : 0, mark);
}
