/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory of one command line: handed out piece by piece, given back all at once. */
#include <stdlib.h>
#include <string.h>

#include "say.h"
#include "shell.h"

#define BLOCK_SIZE 4096

struct block {
	struct block *next;
	size_t used, size;
	_Alignas(16) char data[];
};

static struct block *blocks;

static struct block *block_new(size_t size)
{
	struct block *block = malloc(sizeof(*block) + size);

	if (!block) {
		say("out of memory");
		abort();
	}
	block->next = blocks;
	block->used = 0;
	block->size = size;
	blocks = block;
	return block;
}

void *arena_alloc(size_t size)
{
	struct block *block = blocks;
	void *piece;

	size = (size + 15) & ~(size_t)15;
	if (!block || block->size - block->used < size)
		block = block_new(size > BLOCK_SIZE ? size : BLOCK_SIZE);
	piece = block->data + block->used;
	block->used += size;
	return memset(piece, 0, size);
}

char *arena_copy(const char *text, size_t len)
{
	char *copy = arena_alloc(len + 1);

	return memcpy(copy, text, len);
}

void arena_reset(void)
{
	while (blocks) {
		struct block *next = blocks->next;

		free(blocks);
		blocks = next;
	}
}
