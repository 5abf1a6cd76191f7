/* SPDX-License-Identifier: BSD-2-Clause */
/* lib's memory hooks on malloc, with a budget to make allocations fail. */
#include <stdlib.h>
#include <lib/alloc.h>

extern long alloc_budget, alloc_live;
long alloc_budget = -1, alloc_live;

void *lib_alloc(size_t size)
{
	if (alloc_budget == 0)
		return NULL;
	if (alloc_budget > 0)
		alloc_budget--;
	alloc_live++;
	return calloc(1, size);
}

void lib_free(void *p)
{
	alloc_live -= p != NULL;
	free(p);
}
