/* SPDX-License-Identifier: BSD-2-Clause */
/* libFuzzer: any bytes as a deflate stream and as a gzip member. */
#include <stdlib.h>
#include <lib/inflate.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t room = 4096, used, got;
	void *out = malloc(room);

	inflate(data, size, &used, out, room, &got);
	if (used > size || got > room)
		abort();
	gunzip(data, size, &used, out, room, &got);
	if (used > size || got > room)
		abort();
	free(out);
	return 0;
}
