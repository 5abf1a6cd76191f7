/* SPDX-License-Identifier: BSD-2-Clause */
/* libFuzzer: sequences of file operations and paths (first byte 0), or cpio archives. */
#include <stdint.h>
#include <stdlib.h>
#include "host.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int ready;
	size_t n;

	if (!ready) {
		host_init();
		ready = 1;
	}
	if (size < 2)
		return 0;
	host_fuzz_begin();
	if (data[0] & 1) {
		host_unpack(data + 1, size - 1);
	} else {
		for (data++, size--; (n = host_fuzz_op(data, size)); data += n, size -= n)
			;
	}
	host_fuzz_end();
	return 0;
}
