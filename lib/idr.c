/* SPDX-License-Identifier: BSD-2-Clause */
/* Ids with pointers, and bare small ids; see <lib/idr.h> and <lib/ida.h>. */
#include <lib/alloc.h>
#include <lib/ida.h>
#include <lib/idr.h>
#include <lib/string.h>

__weak void *lib_alloc(size_t size)
{
	return NULL;
}

__weak void lib_free(void *p)
{
}

static int idr_alloc_at(struct idr *idr, void *ptr, u64 min, u64 max)
{
	u64 id;
	int err;

	if (xa_find_free(&idr->xa, &id, min, max))
		return -ENOSPC;
	err = xa_store(&idr->xa, id, ptr);
	return err ? err : (int)id;
}

static u64 last_id(u32 end)
{
	return end && end <= INT_MAX ? end - 1 : INT_MAX;
}

int idr_alloc(struct idr *idr, void *ptr, u32 start, u32 end)
{
	return idr_alloc_at(idr, ptr, start, last_id(end));
}

int idr_alloc_cyclic(struct idr *idr, void *ptr, u32 start, u32 end)
{
	int id = idr_alloc_at(idr, ptr, max(idr->next, start), last_id(end));

	if (id == -ENOSPC && idr->next > start)
		id = idr_alloc_at(idr, ptr, start, last_id(end));
	if (id >= 0)
		idr->next = (u32)id + 1;
	return id;
}

/* Makes room for at least one id more than there is: 64 at first, then twice as many. */
static int ida_grow(struct ida *ida, unsigned int want)
{
	unsigned int bits = ida->bits ? ida->bits : BITS_PER_LONG;
	unsigned long *map;

	while (bits <= want)
		bits *= 2;
	map = lib_alloc(bitmap_bytes(bits));
	if (!map)
		return -ENOMEM;
	if (ida->map)
		memcpy(map, ida->map, bitmap_bytes(ida->bits));
	lib_free(ida->map);
	ida->map = map;
	ida->bits = bits;
	return 0;
}

int ida_alloc_range(struct ida *ida, unsigned int min, unsigned int max)
{
	unsigned int start = max(min, ida->hint), id;

	if (min > max || max >= IDA_MAX)
		return -EINVAL;
	id = start;
	if (start < ida->bits)
		id = (unsigned int)find_next_zero_bit(ida->map, ida->bits, start);
	if (id > max)
		return -ENOSPC;
	if (id >= ida->bits && ida_grow(ida, id))
		return -ENOMEM;
	__set_bit(id, ida->map);
	ida->used++;
	if (start == ida->hint)
		ida->hint = id + 1;
	return (int)id;
}

bool ida_test(const struct ida *ida, unsigned int id)
{
	return id < ida->bits && test_bit(id, ida->map);
}

bool ida_free(struct ida *ida, unsigned int id)
{
	if (!ida_test(ida, id))
		return false;
	__clear_bit(id, ida->map);
	ida->hint = min(ida->hint, id);
	if (!--ida->used)
		ida_destroy(ida);
	return true;
}

void ida_destroy(struct ida *ida)
{
	lib_free(ida->map);
	ida_init(ida);
}
